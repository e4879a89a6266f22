"""Match topics against revisions and decide which matches become alerts."""

"""Check, back up, export and redact archives; list pages for re-extraction."""

"""The remaining fields: title, metadata, access (paywall, bot wall, consent wall), selectors of a source."""

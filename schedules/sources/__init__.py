"""Select sources by name or due time, probe their seeds, report their state, import OPML."""

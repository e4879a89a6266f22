"""The parsed page: document tree, JSON-LD, and the flow of text blocks."""

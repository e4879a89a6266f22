"""Open and migrate the archive, and maintain its full-text index."""

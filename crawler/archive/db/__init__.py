"""Open and migrate the archive, and maintain its full-text index.

May import crawler.archive.schema and crawler.sqlite.
"""

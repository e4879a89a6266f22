"""The writing end: one writer thread, one transaction per group, WARC files beside the database.

May import crawler.archive.db and crawler.sqlite.
"""

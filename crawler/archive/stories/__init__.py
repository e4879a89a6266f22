"""Assign articles to stories, find near-copies by LSH, record near misses.

May import crawler.archive.db, crawler.stories and crawler.sqlite.
"""

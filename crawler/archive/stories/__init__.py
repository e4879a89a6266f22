"""Assign articles to stories, find near-copies by LSH, record near misses."""

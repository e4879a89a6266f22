"""Assign stories to events, find stories that may report the same event, read events.

May import crawler.archive.db, crawler.events and crawler.sqlite.
"""

"""Select sources by name or due time, probe their seeds, report their state, import OPML.

May import spiders, schedules.cli and crawler.
"""

"""Find published and modified times: metadata, visible dates, zones, calendars.

May import pipelines.html and crawler.
"""

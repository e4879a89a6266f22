"""Topic versions, alerts, judgements, match retries.

May import crawler.archive.db and crawler.sqlite.
"""

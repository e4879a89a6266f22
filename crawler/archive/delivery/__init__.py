"""The outbox, recipients, deliveries, and the queries that collect a digest.

May import crawler.archive.db and crawler.sqlite.
"""

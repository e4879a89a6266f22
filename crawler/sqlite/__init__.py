"""SQLite connections, transactions and value conversion, independent of the schema.

May import crawler.exceptions and crawler.timestamps.
"""

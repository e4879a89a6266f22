"""Problems of sources and runs of monitor jobs.

May import crawler.archive.db and crawler.sqlite.
"""

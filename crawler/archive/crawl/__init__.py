"""What a crawl reads and writes: seeds, polls, links, the queue, hosts, runs, coverage.

May import crawler.archive.db, crawler.polling and crawler.sqlite.
"""

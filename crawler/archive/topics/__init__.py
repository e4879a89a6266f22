"""Topic versions, matches, alerts, judgements and match retries.

May import crawler.archive.stories, crawler.config, crawler.topics, crawler.stories and crawler.sqlite.
"""

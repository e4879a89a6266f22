"""Read and validate the settings, sources.toml, topics.toml, digests.toml and OPML.

May import crawler.search, crawler.topics and crawler.text.
"""

"""Record fetches as articles, revisions and pages; resolve URL identity.

May import crawler.archive.storage, crawler.archive.db, crawler.archive.crawl and crawler.archive.stories.
"""

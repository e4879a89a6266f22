"""Match topics against revisions and decide which matches become alerts.

May import crawler.search, crawler.stories and crawler.text.
"""

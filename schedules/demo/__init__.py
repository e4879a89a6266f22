"""The site of `scrapy demo`: four fictional outlets on loopback that publish, edit and syndicate stories.

`server.py` serves it. `content/` contains the stories and their changes in each edition. `pages.py` and
`feeds.py` render them as HTML, feeds and sitemaps.
All outlets, persons and events are invented.
"""

"""The site of `scrapy demo`: four fictional outlets on loopback that publish, edit and syndicate stories.

`server.py` serves it. `content/` contains the stories and their changes in each edition. `pages.py` renders
them as HTML, feeds and sitemaps, from `templates/`.
All outlets, persons and events are invented.
"""

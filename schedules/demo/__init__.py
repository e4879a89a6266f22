"""The bundled news web of `scrapy demo`: four invented outlets on loopback that publish, edit and syndicate stories.

`site.py` serves it, `story.py` says what a story is and how editions change it, `ledger.py`, `wire.py`, `gazette.py`
and `lantern.py` hold the words, `pages.py`, `frontpages.py` and `documents.py` turn them into HTML, feeds and sitemaps.
Every outlet, person and event in it is invented.
"""

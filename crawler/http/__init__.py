"""HTTP policy: robots.txt, Retry-After, private networks, failure reasons, the browser.

May import crawler.models; only adapters import scrapy.
"""

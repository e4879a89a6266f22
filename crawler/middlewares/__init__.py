"""Scrapy middlewares: Retry-After, robots.txt, private networks, strict decompression, exceptions of spiders.

Adapters between Scrapy and the policy in `crawler.http`. `crawler/settings.py` lists them in their order.
"""

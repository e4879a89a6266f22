"""Scrapy downloader middlewares: Retry-After, robots.txt, private networks, strict decompression.

Adapters between Scrapy and the policy in `crawler.http`. `crawler/settings.py` lists them in their order.
"""

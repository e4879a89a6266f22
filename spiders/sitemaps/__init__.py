"""Parse sitemaps, sitemap indexes and news sitemaps into links.

May import spiders.markup and crawler.
"""

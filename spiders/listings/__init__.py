"""Find article links and the next page on an HTML listing.

May import spiders.markup and crawler.
"""

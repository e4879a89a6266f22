"""Downloader middleware: cookies for sources with `cookies = true`, in a jar of their own that ends with the crawl.

`request_meta` in `spiders/responses.py` sets the jar, and excludes all other sources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import NotConfigured

from crawler import scrapy_internals

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.downloadermiddlewares.cookies import CookiesMiddleware


class SourceCookiesMiddleware:
    """Makes Scrapy's middleware with the suffix list of the installed package: Scrapy's would download a newer one."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CookiesMiddleware:
        """Create Scrapy's middleware. Raises NotConfigured if no source wants cookies."""
        if not crawler.settings.getbool("COOKIES_ENABLED"):
            raise NotConfigured
        from scrapy.downloadermiddlewares import cookies  # takes a twentieth of the CPU time of a poll to import

        scrapy_internals.use_bundled_suffix_list()
        return cookies.CookiesMiddleware.from_crawler(crawler)

"""Downloader middleware: cookies for sources with `cookies = true`, in a jar of their own that ends with the crawl.

`request_meta` in `spiders/responses.py` sets the jar, and excludes all other sources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.cookies import CookiesMiddleware

from crawler import scrapy_internals

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self


class SourceCookiesMiddleware(CookiesMiddleware):
    """Scrapy's middleware with the suffix list of the installed package: Scrapy's would download a newer one."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware. Raises NotConfigured if no source wants cookies."""
        scrapy_internals.use_bundled_suffix_list()
        return super().from_crawler(crawler)

"""Downloader middleware: treats pages that only send their reader elsewhere as the HTTP redirects that they stand for."""

from __future__ import annotations

import logging

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from crawler.encodings.charset import decode
from crawler.http.page_redirects import MAX_PAGE, redirect_in_page

logger = logging.getLogger(__name__)


class PageRedirectMiddleware:
    """Replaces a page that only redirects by a response with status 302, which Scrapy's RedirectMiddleware follows.

    Otherwise the article behind a shortened link would be stored as a page without text.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response, or the redirect that it stands for."""
        refresh = response.headers.get("Refresh")
        may_redirect = isinstance(response, HtmlResponse) or (refresh and not response.body.strip())
        if not may_redirect or response.status >= 300 or len(response.body) > MAX_PAGE:
            return response
        target = redirect_in_page(decode(response.body), response.url, refresh.decode("latin-1") if refresh else None)
        if target is None:
            return response
        logger.debug("the page %s redirects to %s", request.url, target)
        return Response(response.url, status=302, headers={"Location": target}, request=response.request)

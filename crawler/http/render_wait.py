"""How long to wait for the content of a rendered page: single-page apps fetch their text after the load event."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from playwright.async_api import Page as BrowserPage

PAUSE = 0.2
"""Seconds between two measurements."""
STEADY = 0.4
"""Seconds without a change after which text is complete."""
ARTICLE_LETTERS = 250
"""Characters in paragraphs of an article; navigation and footers have fewer."""
LISTING_LEAST, LISTING_STEADY = 2.5, 1.0
"""Seconds for which a listing is watched, and without a change: its navigation has links too, so links prove nothing."""
_MEASURE = """selector => {
  let found = null;
  if (selector) { try { found = document.querySelector(selector) !== null; } catch { found = null; } }
  let letters = 0;
  for (const paragraph of document.querySelectorAll('p')) letters += paragraph.textContent.trim().length;
  return [found, letters, document.querySelectorAll('a[href]').length];
}"""
_PSEUDO_ELEMENT = re.compile(r"::[a-z-]{1,20}(\([^)]{0,100}\))?")


class PageContent(NamedTuple):
    """What is in a page at one moment."""

    found: bool | None
    """Whether an element of the selector is there; None without a selector that browsers understand."""
    letters: int
    """Characters in paragraphs."""
    links: int


def is_ready(content: PageContent, *, is_listing: bool, elapsed: float, steady: float) -> bool:
    """Return whether to stop waiting. `elapsed`: seconds since the load event; `steady`: since the last change. Pure."""
    if content.found is not None:
        return content.found and steady >= STEADY
    if is_listing:
        return elapsed >= LISTING_LEAST and steady >= LISTING_STEADY
    return content.letters >= ARTICLE_LETTERS and steady >= STEADY


async def wait_for_content(page: BrowserPage, selector: str | None, is_listing: bool, seconds: float) -> None:
    """Return when the content is there, after `seconds` at the latest. Never raises."""
    loop = asyncio.get_running_loop()
    began = changed = loop.time()
    before: PageContent | None = None
    while (now := loop.time()) - began < seconds:
        content = await _measure(page, selector, seconds)
        if content is None or content != before:
            before, changed = content, now
        elif is_ready(content, is_listing=is_listing, elapsed=now - began, steady=now - changed):
            return
        await asyncio.sleep(PAUSE)


def render_meta(*, selector: str | None, is_listing: bool, seconds: float) -> dict[str, Any]:
    """Return the `meta` of a request that Chromium renders. `selector` may have Scrapy's pseudo-elements."""
    from scrapy_playwright.page import PageMethod

    plain = _PSEUDO_ELEMENT.sub("", selector) if selector else None
    return {"playwright": True, "playwright_page_methods": [PageMethod(wait_for_content, plain, is_listing, seconds)]}


async def _measure(page: BrowserPage, selector: str | None, seconds: float) -> PageContent | None:
    """None while the page navigates, or if its scripts block it."""
    try:
        return PageContent(*await asyncio.wait_for(page.evaluate(_MEASURE, selector), seconds))
    except Exception:  # Playwright has one class for all errors; the page is read as it is
        return None

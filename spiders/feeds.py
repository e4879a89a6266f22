"""Feeds of every kind: bytes to links. Pure; runs in a child.

RSS and Atom are read as XML (`feed_xml.py`); where the document is broken and holds more items than could be read so,
by feedparser (`feed_loose.py`); JSON Feed by `json_feed.py`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from crawler.errors import UnreadableError
from crawler.instants import zone_of
from spiders.feed_loose import read_loosely
from spiders.feed_parts import MAX_ITEMS, Feed, Reading, without_shared_guids
from spiders.feed_xml import read_tree
from spiders.json_feed import read_json
from spiders.xmltext import begins_with, root_of, text_of, tidy, tree_of, unpacked

FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)


def parse_feed(body: bytes, *, url: str, content_type: str | None, fetched_at: datetime, timezone: str) -> Feed:
    """The links of a feed. Raises UnreadableError, and nothing else, for what is none."""
    body, cut = unpacked(body, url)
    text = text_of(body, content_type, url)
    reading = Reading(url=url, fetched_at=fetched_at, zone=zone_of(timezone))
    feed = read_json(text, reading) if text[0] in "{[" else _read_xml(text, reading)
    return replace(feed, links=without_shared_guids(feed.links), note=cut or feed.note)


def _read_xml(text: str, reading: Reading) -> Feed:
    root, start = root_of(text)
    if root in ("urlset", "sitemapindex"):
        raise UnreadableError(reading.url, "a sitemap, not a feed; name it under sitemaps")
    if root == "html":
        raise UnreadableError(reading.url, "an HTML page, not a feed; was it moved, or is this a bot wall?")
    if root not in FEED_ROOTS:
        raise UnreadableError(reading.url, f"not a feed ({begins_with(text)})")
    text = text[start:]
    tree, note = tree_of(text, reading.url)
    feed = read_tree(tree, reading)
    if note and len(feed.links) < min(MAX_ITEMS, len(_ITEM.findall(text))):
        loose = read_loosely(tidy(text), reading)
        if len(loose) > len(feed.links):
            feed = replace(feed, links=loose)
    return replace(feed, note=note)

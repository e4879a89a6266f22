"""Feeds of every kind: bytes to links. Pure; runs in a child.

RSS and Atom are read as XML (`feed_xml.py`); where the document is broken and holds more items than could be read so,
by feedparser (`feed_loose.py`); JSON Feed by `json_feed.py`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from crawler.exceptions import ParseError
from crawler.reasons import ReasonCode
from crawler.timestamps import zone_of
from spiders.feeds.common import MAX_ITEMS, Feed, FeedContext, without_shared_guids
from spiders.feeds.json_feed import read_json
from spiders.feeds.lenient import parse_lenient
from spiders.feeds.rss_atom import read_tree
from spiders.markup.xml import begins_with, decode_xml, root_of, tidy, tree_of, unpack_body

FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)


def parse_feed(body: bytes, *, url: str, content_type: str | None, fetched_at: datetime, timezone: str) -> Feed:
    """The links of a feed. Raises UnreadableError, and nothing else, for what is none."""
    body, cut = unpack_body(body, url)
    text = decode_xml(body, content_type, url)
    reading = FeedContext(url=url, fetched_at=fetched_at, zone=zone_of(timezone))
    feed = read_json(text, reading) if text[0] in "{[" else _read_xml(text, reading)
    return replace(feed, links=without_shared_guids(feed.links), note=cut or feed.note)


def _read_xml(text: str, reading: FeedContext) -> Feed:
    root, start = root_of(text)
    if root in ("urlset", "sitemapindex"):
        raise ParseError(reading.url, "a sitemap, not a feed; name it under sitemaps", ReasonCode.NOT_A_FEED)
    if root == "html":
        raise ParseError(
            reading.url, "an HTML page, not a feed; was it moved, or is this a bot wall?", ReasonCode.NOT_A_FEED
        )
    if root not in FEED_ROOTS:
        raise ParseError(reading.url, f"not a feed ({begins_with(text)})", ReasonCode.NOT_A_FEED)
    text = text[start:]
    tree, note = tree_of(text, reading.url)
    feed = read_tree(tree, reading)
    if note and len(feed.links) < min(MAX_ITEMS, len(_ITEM.findall(text))):
        loose = parse_lenient(tidy(text), reading)
        if len(loose) > len(feed.links):
            feed = replace(feed, links=loose)
    return replace(feed, note=note)

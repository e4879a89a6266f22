"""Parse a feed of any format into links. Pure; runs in a child process.

RSS and Atom are parsed as XML (`rss_atom.py`). If the document is broken and the XML parser loses items, feedparser
parses it again (`lenient.py`). JSON Feed has its own parser (`json_feed.py`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from crawler.encodings.script_data import json_document
from crawler.exceptions import ParseError
from crawler.models import LeftOut
from crawler.reasons import Reason, ReasonCode
from crawler.timestamps import zone_of
from spiders.feeds.common import MAX_ITEMS, FeedContext, without_shared_guids
from spiders.feeds.json_feed import read_json
from spiders.feeds.lenient import parse_lenient
from spiders.feeds.rss_atom import read_tree
from spiders.markup.parsed_document import ParsedDocument
from spiders.markup.xml import begins_with, decode_xml, root_of, tidy, tree_of, unpack_body

FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel", "item", "entry"})
_CDATA = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)  # one that is not closed reaches to the end: linear time
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)


def parse_feed(
    body: bytes, *, url: str, content_type: str | None, fetched_at: datetime, timezone: str
) -> ParsedDocument:
    """The links of a feed. Raises ParseError, and no other error, if the body is not a feed."""
    body, cut = unpack_body(body, url)
    text = decode_xml(body, content_type, url)
    context = FeedContext(url=url, fetched_at=fetched_at, zone=zone_of(timezone))
    is_json = text[0] in "{[" or (text[0] != "<" and json_document(text) is not None)
    feed = read_json(text, context) if is_json else _read_xml(text, context)
    return replace(feed, links=without_shared_guids(feed.links), note=cut or feed.note)


def _read_xml(text: str, context: FeedContext) -> ParsedDocument:
    root, start = root_of(text)
    if root not in FEED_ROOTS:
        reason = f"not a feed ({begins_with(text)})"
        if root in ("urlset", "sitemapindex"):
            reason = "a sitemap, not a feed; list it under sitemaps"
        elif root == "html":
            reason = "an HTML page, not a feed; the feed has moved, or this is a bot wall"
        raise ParseError(context.url, reason, ReasonCode.NOT_A_FEED)
    text = text[start:]
    ended = _with_ended_cdata(text)
    tree, note = tree_of(ended, context.url)
    if ended is not text:
        text, note = ended, note or Reason(ReasonCode.MALFORMED, "not well-formed: CDATA section not finished")
    feed = read_tree(tree, context)
    if note is None:
        return feed
    written = len(_ITEM.findall(_CDATA.sub("", text)))
    if len(feed.links) < min(MAX_ITEMS, written):
        lenient = parse_lenient(tidy(text), context)
        if len(lenient.links) > len(feed.links):
            feed = replace(feed, links=lenient.links, left_out=lenient.left_out)
    lost = written - len(feed.links) - sum(one.count for one in feed.left_out)
    if lost > 0:
        feed = replace(feed, left_out=(*feed.left_out, LeftOut(code=ReasonCode.UNREADABLE_ENTRY, count=lost)))
    return replace(feed, note=note)


def _with_ended_cdata(text: str) -> str:
    """The text with an end for each CDATA section that would swallow further items."""
    if text.count("<![CDATA[") == text.count("]]>"):
        return text
    first, *sections = text.split("<![CDATA[")
    ended = [
        section if "]]>" in section or not _ITEM.search(section) else section.replace("</", "]]></", 1)
        for section in sections
    ]
    return "<![CDATA[".join([first, *ended]) if ended != sections else text

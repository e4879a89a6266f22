"""An HTML page that lists articles -> its article links, each with what the page says of it.

The links are told by a CSS selector, by a regular expression on the address, by both, or by neither: then by
`spiders/listings/link_classifier.py`, together with the row in which a link stands, since a list is a row of equals.
Runs in a child process; `docs/explanation/discovery.md` says what is taken and what is not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.encodings.charset import decode
from crawler.exceptions import ParseError
from crawler.models import Link
from crawler.reasons import Reason, ReasonCode
from crawler.urls import absolute, host_of, registered_domain, url_key
from spiders.listings.cards import Anchor, LinkCard, box_of, describe, own_text, place_of
from spiders.listings.link_classifier import score
from spiders.listings.pagination import next_page

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_ANCHORS = 5_000
"""Links looked at in one page; the largest of 614 real news pages has 1,025."""
ROW_LEAST = 4
"""Links that make a row: fewer may look alike by chance."""
ROW_SHARE = 0.5
"""Of a row's mean score, added to each of its links: enough to carry a doubtful one, not to turn a clear one."""
ROW_MOST = 1.5
"""Log-odds that a row gives or takes at most."""
_DROPPED = ("script", "style", "template", "svg", "noscript", "iframe", "select")
_PROLOG = re.compile(r"\s*<\?xml[^>]*>|\s*<!--.*?-->", re.DOTALL)
_FEEDISH = re.compile(r"\s*<(rss|feed|rdf:RDF|urlset|sitemapindex)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one page of a listing gave."""

    links: tuple[Link, ...]
    """One for each article, in the page's order."""
    next_url: str | None = None
    """The page with the older ones."""
    note: Reason | None = None
    """What a person should know although the page could be read."""


def read_listing(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    fetched_at: datetime,
    selector: str | None,
    pattern: str | None,
) -> Listing:
    """The article links of a page that came from `url`. Raises UnreadableError where there are none."""
    root, base = parse_page(body, url=url, content_type=content_type)
    found = list(_anchors(_marked(root, selector, url), base))
    left = {url_key(url)} | {anchor.key for anchor in found if "sponsored" in (anchor.element.get("rel") or "").lower()}
    anchors = [anchor for anchor in found if anchor.key not in left and urlsplit(anchor.url).path.strip("/")]
    chosen = _chosen(anchors, url=url, selector=selector, pattern=pattern)
    if not chosen:
        raise ParseError(url, *_why_none(root, anchors, selector, pattern))
    cards = describe(chosen, fetched_at=fetched_at, base=base)
    links = tuple(_link(card, url, position) for position, card in enumerate(cards))
    return Listing(links=links, next_url=next_page(root, base=base, url=url), note=_note(links))


def parse_page(body: bytes, *, url: str, content_type: str | None) -> tuple[HtmlElement, str]:
    """The page as a tree without scripts, and the address that its relative links start from."""
    from lxml import etree, html

    text = decode(body, content_type).replace("\x00", "")
    kind = _FEEDISH.match(text, _prolog_end(text))
    if kind is not None:
        relevant = "sitemaps" if kind[1] in {"urlset", "sitemapindex"} else "feeds"
        raise ParseError(url, f"is no HTML page but <{kind[1]}>: name it under {relevant}", ReasonCode.NOT_HTML)
    if "<" not in text:
        empty = not text.strip()
        reason, code = ("is empty", ReasonCode.EMPTY_RESPONSE) if empty else ("is no HTML page", ReasonCode.NOT_HTML)
        raise ParseError(url, reason, code)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(url, f"is no HTML page ({error})", ReasonCode.NOT_HTML) from error
    written = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    base = (absolute(url, written) if written else None) or url
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    return root, base


def _prolog_end(text: str) -> int:
    """Where the declaration and the comments above the root element end. Each is passed once: they may be hundreds."""
    end = 0
    while part := _PROLOG.match(text, end):
        end = part.end()
    return end


def _marked(root: HtmlElement, selector: str | None, url: str) -> Iterator[HtmlElement]:
    """The `a` elements that a selector names or holds; all of them without one. Each once, in the page's order."""
    if selector is None:
        yield from root.iter("a")
        return
    from lxml import etree
    from parsel.csstranslator import HTMLTranslator

    try:
        found = root.xpath(HTMLTranslator().css_to_xpath(selector))
    except (etree.XPathError, ValueError) as error:
        raise ParseError(url, f"selector {selector!r} cannot be used: {error}", ReasonCode.BAD_SELECTOR) from error
    relevant: set[HtmlElement] = set()
    for node in found if isinstance(found, list) else []:
        element = node if etree.iselement(node) else node.getparent()  # `::attr(href)` gives strings
        if element is not None:
            inside = set(element.iter("a"))
            relevant |= inside or set(element.iterancestors("a"))
    yield from (element for element in root.iter("a") if element in relevant)


def _anchors(elements: Iterable[HtmlElement], base: str) -> Iterator[Anchor]:
    for number, element in enumerate(elements):
        if number == MAX_ANCHORS:
            return
        written = (element.get("href") or "").strip()
        address = absolute(base, written) if written and not written.startswith("#") else None
        if address is not None:
            yield Anchor(element=element, url=address, key=url_key(address), text=own_text(element))


def _chosen(anchors: Sequence[Anchor], *, url: str, selector: str | None, pattern: str | None) -> list[Anchor]:
    if pattern is not None:
        return _matching(anchors, pattern, None if selector else url)
    if selector is not None:
        return _selected(anchors)
    home = registered_domain(host_of(url))
    return _classified([anchor for anchor in anchors if registered_domain(host_of(anchor.url)) == home])


def _matching(anchors: Sequence[Anchor], pattern: str, url: str | None) -> list[Anchor]:
    """Those whose path and query match; the whole address where the pattern begins with http."""
    if pattern.lstrip("^").startswith("http"):
        return [anchor for anchor in anchors if re.search(pattern, anchor.url)]
    home = registered_domain(host_of(url)) if url else None
    return [
        anchor
        for anchor in anchors
        if (home is None or registered_domain(host_of(anchor.url)) == home)
        and re.search(pattern, re.sub(r"^https?://[^/?]*", "", anchor.url) or "/")
    ]


def _selected(anchors: Sequence[Anchor]) -> list[Anchor]:
    """All that a selector named; of a card that holds several addresses, those that look like a story's.

    A selector of links is believed. One of cards takes in their author's and section's links too, and those are told
    by the heuristic, unless it would leave the card without any.
    """
    keys_of: dict[HtmlElement, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        keys_of[_card_element(anchor)].append(anchor)
    chosen: list[Anchor] = []
    for group in keys_of.values():
        stories = [anchor for anchor in group if score(anchor.url, anchor.text, None, place_of(anchor)) > 0]
        chosen += stories if len({anchor.key for anchor in group}) > 1 and stories else group
    order = {id(anchor): index for index, anchor in enumerate(anchors)}
    return sorted(chosen, key=lambda anchor: order[id(anchor)])


def _card_element(anchor: Anchor) -> HtmlElement:
    box = box_of(anchor.element)
    return anchor.element if box is None else box


def _classified(anchors: Sequence[Anchor]) -> list[Anchor]:
    """Those that the heuristic takes for stories; the forms of one address are judged by the best of them."""
    own = [score(anchor.url, anchor.text, None, place_of(anchor)) for anchor in anchors]
    rows: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for anchor, points in zip(anchors, own, strict=True):
        row = rows[_row(anchor.element)]
        row[anchor.key] = max(points, row.get(anchor.key, points))
    best: dict[str, float] = {}
    for anchor, points in zip(anchors, own, strict=True):
        row = rows[_row(anchor.element)]
        mean = sum(row.values()) / len(row) if len(row) >= ROW_LEAST else 0.0
        bonus = max(-ROW_MOST, min(ROW_MOST, ROW_SHARE * mean))
        best[anchor.key] = max(best.get(anchor.key, points + bonus), points + bonus)
    return [anchor for anchor in anchors if best[anchor.key] > 0]


def _row(element: HtmlElement) -> tuple[str, ...]:
    """What equal items of a list have in common: names and classes of the link and what it stands in."""
    line = [element]
    for ancestor in element.iterancestors():
        line.append(ancestor)
        if len(line) == 4:
            break
    return tuple(f"{one.tag}.{re.sub('[0-9]+', '', one.get('class') or '')}" for one in line)


def _link(card: LinkCard, via: str, position: int) -> Link:
    return Link(
        url=card.url,
        kind="listing",
        via=via,
        position=position,
        title=card.title,
        summary=card.summary,
        published=card.published,
        published_raw=card.published_raw,
        image=card.image,
    )


def _why_none(
    root: HtmlElement, anchors: Sequence[Anchor], selector: str | None, pattern: str | None
) -> tuple[str, ReasonCode]:
    """What a person can do about a listing without article links."""
    if next(root.iter("a"), None) is None:
        return "holds no links; if its page needs scripts, write render = true", ReasonCode.NO_LINKS
    if selector is not None and not anchors:
        return f"selector {selector!r} finds no link; the page was redesigned, or is a wall", ReasonCode.BAD_SELECTOR
    if pattern is not None:
        return f"pattern {pattern!r} matches none of {len(anchors)} links", ReasonCode.BAD_SELECTOR
    return f"none of {len(anchors)} links looks like an article; give a selector or a pattern", ReasonCode.NO_LINKS


def _note(links: Sequence[Link]) -> Reason | None:
    untitled = sum(link.title is None for link in links)
    text = f"{untitled} of {len(links)} links have no text"
    return Reason(ReasonCode.UNTITLED_LINKS, text) if untitled else None

"""Describe a link by its surroundings: its position in the page, and the title, time, summary and image of its card."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from crawler.models import Timestamp
from crawler.timestamps import is_plausible, parse_timestamp
from crawler.urls import absolute
from spiders.listings.link_classifier import LinkPosition
from spiders.listings.vocabulary import CALLS_TO_ACTION

if TYPE_CHECKING:
    from lxml.etree import _Element

TITLE_MOST = 500
"""Characters of a title that are kept; the longest of 27,000 real headlines has under 300."""
SUMMARY_LEAST, SUMMARY_MOST = 40, 2_000
"""Characters. Shorter paragraphs in a card are labels, longer ones are the article itself."""
_HEADLINE_WORDS = 5
"""Words of the text of a link that is probably a headline, whatever its address."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = frozenset("a abbr b bdi cite code em font i mark q s small strong sub sup u wbr".split())
_FURNITURE_TAGS = frozenset({"nav", "footer", "aside"})
_FURNITURE_ROLES = frozenset({"navigation", "contentinfo", "complementary", "menu", "menubar", "search"})
_FURNITURE_WORDS = frozenset(
    """nav navbar navigation menu submenu footer breadcrumb breadcrumbs social share sharing tags taglist byline author
    authors pagination pager cookie sidebar newsletter toolbar dropdown offcanvas topbar""".split()
)
_CARD_WORDS = frozenset("card teaser story post article entry headline item tile listing promo".split())
_TITLE_WORDS = frozenset("title headline heading hed".split())
_BOXES = frozenset({"article", "li", "tr", "dd", "section"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anchor:
    """An `a` element of a page."""

    element: _Element
    url: str
    """Absolute."""
    key: str
    """`url_key`: the same for all forms of the address."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """The information in a listing about one article."""

    url: str
    title: str | None
    summary: str | None
    published: Timestamp | None
    published_raw: str | None
    image: str | None


@dataclass(slots=True)
class _Card:
    """The titles and boxes of all anchors of one article."""

    url: str
    titles: list[tuple[int, int, str]] = field(default_factory=list)
    boxes: list[_Element] = field(default_factory=list)


def own_text(element: _Element) -> str:
    """The words of an element, blocks separated by spaces; without words, its label or the description of its image."""
    text = _words(element)
    if text:
        return text
    described = element.get("aria-label") or element.get("title")
    if not described:
        described = next((image.get("alt") for image in element.iter("img") if image.get("alt")), None)
    return " ".join((described or "").split())


def is_headline(text: str) -> bool:
    """Whether a text has the length of a headline; in languages without spaces between words, the letters count."""
    return len(text.split()) >= _HEADLINE_WORDS or (len(text) >= 3 * _HEADLINE_WORDS and not text.isascii())


def position_of(anchor: Anchor) -> LinkPosition:
    """The position of a link in its page."""
    element = anchor.element
    box = box_of(element)
    return LinkPosition(
        furniture=is_furniture(element),
        heading=_heading(element) is not None,
        card=box is not None,
        dated=box is not None and next(_times(box), None) is not None,
    )


def box_of(element: _Element) -> _Element | None:
    """The nearest article, list item or card that contains a link (or is the link); None if there is none."""
    for steps, one in enumerate((element, *element.iterancestors())):
        if steps > 6 or one.tag in {"body", "main", "nav"}:
            return None
        if one.tag in {"article", "li", "tr"} or (one is not element and not _CARD_WORDS.isdisjoint(_tokens(one))):
            return one
    return None


def describe(anchors: Sequence[Anchor], *, fetched_at: datetime, base: str) -> Iterator[LinkCard]:
    """One card for each key, in the order of the page."""
    cards: dict[str, _Card] = {}
    owner = _owners(anchors)
    for anchor in anchors:
        card = cards.setdefault(anchor.key, _Card(url=anchor.url))
        card.url = min(card.url, anchor.url, key=_plainness)
        box = _own_box(anchor, owner)
        card.boxes.append(box)
        card.titles.extend(_titles(anchor, box))
    for card in cards.values():
        title = max(card.titles)[2][:TITLE_MOST] if card.titles else None
        published, raw = _published(card.boxes, fetched_at)
        yield LinkCard(
            url=card.url,
            title=title,
            summary=_first(_summary(box, title) for box in card.boxes),
            published=published,
            published_raw=raw,
            image=_first(_image(box, base) for box in card.boxes),
        )


def _plainness(url: str) -> tuple[bool, int]:
    """Sort key for several forms of one address: https before http, then the shortest."""
    return not url.startswith("https:"), len(url)


def _owners(anchors: Sequence[Anchor]) -> dict[_Element, str | None]:
    """For each element that contains article links: their key, or None if there are several."""
    owner: dict[_Element, str | None] = {}
    for anchor in anchors:
        for element in (anchor.element, *anchor.element.iterancestors()):
            known = owner.setdefault(element, anchor.key)
            if known is None:
                break  # its ancestors contain several, too
            if known != anchor.key:
                owner[element] = None
    return owner


def _own_box(anchor: Anchor, owner: dict[_Element, str | None]) -> _Element:
    """The largest element that contains links of this article only."""
    box = anchor.element
    for ancestor in anchor.element.iterancestors():
        if owner.get(ancestor) != anchor.key or ancestor.tag in {"body", "main", "html"}:
            break
        box = ancestor
        if ancestor.tag in _BOXES:
            break
    return box


def _titles(anchor: Anchor, box: _Element) -> Iterator[tuple[int, int, str]]:
    """Candidates as (rank, length, text): headings rank above the link's words, these above its label."""
    heading = _heading(anchor.element)
    if heading is not None:
        yield from _candidate(3, _words(heading))
    by_class = next((one for one in anchor.element.iter() if not _TITLE_WORDS.isdisjoint(_tokens(one))), None)
    if by_class is not None:
        yield from _candidate(2, _words(by_class))
    words = _words(anchor.element)
    yield from _candidate(1, words)
    if not words:
        yield from _candidate(0, anchor.text)
    in_box = next(box.iter(*_HEADINGS), None)
    if in_box is not None:
        yield from _candidate(2, _words(in_box))


def _candidate(rank: int, text: str) -> Iterator[tuple[int, int, str]]:
    bare = re.sub(r"[\W_]+", " ", text).strip().lower()
    if bare and bare not in CALLS_TO_ACTION and not bare.replace(" ", "").isdigit():
        yield rank, len(text), text


def _heading(element: _Element) -> _Element | None:
    inside = next(element.iter(*_HEADINGS), None)
    if inside is not None:
        return inside
    for steps, ancestor in enumerate(element.iterancestors()):
        if ancestor.tag in _HEADINGS or ancestor.get("role") == "heading":
            # The heading may also contain "Politics |", so the link's own words are the title.
            return element
        if steps == 2:
            break
    return None


def is_furniture(element: _Element) -> bool:
    """Whether an element belongs to the navigation or the footer of its page, or to other parts around its content."""
    for ancestor in (element, *element.iterancestors()):
        if ancestor.tag in {"body", "html"}:
            return False
        if ancestor.tag in _FURNITURE_TAGS or ancestor.get("role") in _FURNITURE_ROLES:
            return True
        if ancestor.tag not in {"main", "article"} and not _FURNITURE_WORDS.isdisjoint(_tokens(ancestor)):
            return True
    return False


def _tokens(element: _Element) -> frozenset[str]:
    return _split(f"{element.get('class') or ''} {element.get('id') or ''}") if isinstance(element.tag, str) else _NONE


_NONE: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=4096)
def _split(names: str) -> frozenset[str]:
    return frozenset(
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", names)[:400].lower().replace("-", " ").replace("_", " ").split()
    )


def _words(element: _Element) -> str:
    from lxml import etree

    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node.tag not in _INLINE and node is not element:
            parts.append(" ")
        piece: Any = node.text if event == "start" else (node.tail if node is not element else None)
        if piece and not (event == "start" and node.tag == "time"):
            parts.append(piece)
    return " ".join("".join(parts).split())


def _times(box: _Element) -> Iterator[str]:
    """The machine-readable times in a box, as written; the first is the publication time."""
    for one in _dated_elements()(box):
        raw = one.get("datetime") if one.tag in {"time", "relative-time", "time-ago"} else None
        if raw is None and one.get("itemprop") in {"datePublished", "dateCreated"}:
            raw = one.get("content") or one.get("datetime")
        for name in _TIME_ATTRIBUTES:
            raw = raw or one.get(name)
        if raw and any(char.isdigit() for char in raw):
            yield " ".join(raw.split())[:100]


_TIME_ATTRIBUTES = ("data-timestamp", "data-datetime", "data-published", "data-pubdate", "data-date")


@functools.cache
def _dated_elements() -> Any:
    from lxml import etree

    return etree.XPath(f"descendant-or-self::*[@{' or @'.join(('datetime', 'itemprop', *_TIME_ATTRIBUTES))}]")


def _published(boxes: Sequence[_Element], fetched_at: datetime) -> tuple[Timestamp | None, str | None]:
    """The first plausible time and its text; if there is none, None and the first text."""
    times = [raw for box in boxes for raw in _times(box)]
    for raw in times:
        timestamp = is_plausible(parse_timestamp(raw, timezone.utc, "listing"), fetched_at)
        # A listing's times may be in any zone: a time without an offset is not used.
        if timestamp is not None and timestamp.offset_minutes is not None:
            return timestamp, raw
    return None, times[0] if times else None


def _summary(box: _Element, title: str | None) -> str | None:
    for paragraph in box.iter("p"):
        text = _words(paragraph)
        if SUMMARY_LEAST <= len(text) <= SUMMARY_MOST and text != title:
            return text
    return None


def _image(box: _Element, base: str) -> str | None:
    for image in box.iter("img"):
        for name in ("src", "data-src", "data-lazy-src", "data-original"):
            source = image.get(name)
            address = absolute(base, source) if source and not source.startswith("data:") else None
            if address is not None:
                return address
    return None


def _first(values: Iterator[str | None]) -> str | None:
    return next((value for value in values if value), None)

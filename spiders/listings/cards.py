"""What stands around a link in its page: where it is, and the title, time, summary and image that its box gives."""

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
    from lxml.html import HtmlElement

TITLE_MOST = 500
"""Characters of a title that is kept; the longest of 27,000 real headlines that this was tried on has under 300."""
SUMMARY_LEAST, SUMMARY_MOST = 40, 2_000
"""Characters: shorter paragraphs in a card are labels, longer ones are the article itself."""

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
    """One `a` element of a page."""

    element: HtmlElement
    url: str
    """Absolute."""
    key: str
    """The same for all forms of the address."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """What a listing says of one article."""

    url: str
    title: str | None
    summary: str | None
    published: Timestamp | None
    published_raw: str | None
    image: str | None


@dataclass(slots=True)
class _Gathered:
    """The anchors of one article, while they are gathered."""

    url: str
    titles: list[tuple[int, int, str]] = field(default_factory=list)
    boxes: list[HtmlElement] = field(default_factory=list)


def own_text(element: HtmlElement) -> str:
    """The words in an element, block from block set apart; the label or the image's description where it has none."""
    text = _words(element)
    if text:
        return text
    described = element.get("aria-label") or element.get("title")
    if not described:
        described = next((image.get("alt") for image in element.iter("img") if image.get("alt")), None)
    return " ".join((described or "").split())


def place_of(anchor: Anchor) -> LinkPosition:
    """Where a link stands."""
    element = anchor.element
    box = box_of(element)
    return LinkPosition(
        furniture=_is_furniture(element),
        heading=_heading(element) is not None,
        card=box is not None,
        dated=box is not None and next(_times(box), None) is not None,
    )


def box_of(element: HtmlElement) -> HtmlElement | None:
    """The nearest element around (or of) a link that its page calls an article, an item or a card."""
    for steps, one in enumerate((element, *element.iterancestors())):
        if steps > 6 or one.tag in {"body", "main", "nav"}:
            return None
        if one.tag in {"article", "li", "tr"} or (one is not element and not _CARD_WORDS.isdisjoint(_tokens(one))):
            return one
    return None


def describe(anchors: Sequence[Anchor], *, fetched_at: datetime, base: str) -> Iterator[LinkCard]:
    """One card for each key, in the order in which the keys first stand in the page."""
    gathered: dict[str, _Gathered] = {}
    owner = _owners(anchors)
    for anchor in anchors:
        entry = gathered.setdefault(anchor.key, _Gathered(url=anchor.url))
        entry.url = min(entry.url, anchor.url, key=_plainness)
        box = _own_box(anchor, owner)
        entry.boxes.append(box)
        entry.titles.extend(_titles(anchor, box))
    for entry in gathered.values():
        title = max(entry.titles)[2][:TITLE_MOST] if entry.titles else None
        published, raw = _published(entry.boxes, fetched_at)
        yield LinkCard(
            url=entry.url,
            title=title,
            summary=_first(_summary(box, title) for box in entry.boxes),
            published=published,
            published_raw=raw,
            image=_first(_image(box, base) for box in entry.boxes),
        )


def _plainness(url: str) -> tuple[bool, int]:
    """Of several forms of one address, the one to ask for: https, and without what was hung on it."""
    return not url.startswith("https:"), len(url)


def _owners(anchors: Sequence[Anchor]) -> dict[HtmlElement, str | None]:
    """For each element that holds article links: the one key in it, or None where there are several."""
    owner: dict[HtmlElement, str | None] = {}
    for anchor in anchors:
        for element in (anchor.element, *anchor.element.iterancestors()):
            known = owner.setdefault(element, anchor.key)
            if known is None:
                break  # what holds this holds several, too
            if known != anchor.key:
                owner[element] = None
    return owner


def _own_box(anchor: Anchor, owner: dict[HtmlElement, str | None]) -> HtmlElement:
    """The largest element that speaks of this article alone."""
    box = anchor.element
    for ancestor in anchor.element.iterancestors():
        if owner.get(ancestor) != anchor.key or ancestor.tag in {"body", "main", "html"}:
            break
        box = ancestor
        if ancestor.tag in _BOXES:
            break
    return box


def _titles(anchor: Anchor, box: HtmlElement) -> Iterator[tuple[int, int, str]]:
    """Candidates as (rank, length, text): a heading beats the link's words, and these what only describes it."""
    heading = _heading(anchor.element)
    if heading is not None:
        yield from _candidate(3, _words(heading))
    marked = next((one for one in anchor.element.iter() if not _TITLE_WORDS.isdisjoint(_tokens(one))), None)
    if marked is not None:
        yield from _candidate(2, _words(marked))
    words = _words(anchor.element)
    yield from _candidate(1, words)
    if not words:
        yield from _candidate(0, anchor.text)
    beside = next((one for one in box.iter(*_HEADINGS)), None)
    if beside is not None:
        yield from _candidate(2, _words(beside))


def _candidate(rank: int, text: str) -> Iterator[tuple[int, int, str]]:
    bare = re.sub(r"[\W_]+", " ", text).strip().lower()
    if bare and bare not in CALLS_TO_ACTION and not bare.replace(" ", "").isdigit():
        yield rank, len(text), text


def _heading(element: HtmlElement) -> HtmlElement | None:
    inside = next(element.iter(*_HEADINGS), None)
    if inside is not None:
        return inside
    for steps, ancestor in enumerate(element.iterancestors()):
        if ancestor.tag in _HEADINGS or ancestor.get("role") == "heading":
            # Of a heading that also holds "Politics |", the link's own words are the title.
            return element
        if steps == 2:
            break
    return None


def _is_furniture(element: HtmlElement) -> bool:
    for ancestor in (element, *element.iterancestors()):
        if ancestor.tag in {"body", "html"}:
            return False
        if ancestor.tag in _FURNITURE_TAGS or ancestor.get("role") in _FURNITURE_ROLES:
            return True
        if ancestor.tag not in {"main", "article"} and not _FURNITURE_WORDS.isdisjoint(_tokens(ancestor)):
            return True
    return False


def _tokens(element: HtmlElement) -> frozenset[str]:
    return _split(f"{element.get('class') or ''} {element.get('id') or ''}") if isinstance(element.tag, str) else _NONE


_NONE: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=4096)
def _split(names: str) -> frozenset[str]:
    return frozenset(
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", names)[:400].lower().replace("-", " ").replace("_", " ").split()
    )


def _words(element: HtmlElement) -> str:
    from lxml import etree

    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node.tag not in _INLINE and node is not element:
            parts.append(" ")
        piece: Any = node.text if event == "start" else (node.tail if node is not element else None)
        if piece and not (event == "start" and node.tag == "time"):
            parts.append(piece)
    return " ".join("".join(parts).split())


def _times(box: HtmlElement) -> Iterator[str]:
    """Times of the box as machines read them: as written, the first one is the publication's."""
    for one in box.iter():
        if not isinstance(one.tag, str):
            continue
        written = one.get("datetime") if one.tag in {"time", "relative-time", "time-ago"} else None
        if written is None and one.get("itemprop") in {"datePublished", "dateCreated"}:
            written = one.get("content") or one.get("datetime")
        for name in ("data-timestamp", "data-datetime", "data-published", "data-pubdate", "data-date"):
            written = written or one.get(name)
        if written and any(char.isdigit() for char in written):
            yield " ".join(written.split())[:100]


def _published(boxes: Sequence[HtmlElement], fetched_at: datetime) -> tuple[Timestamp | None, str | None]:
    """The first time that can be read and can be true; as written also where none can."""
    raw = [written for box in boxes for written in _times(box)]
    for written in raw:
        timestamp = is_plausible(read_time(written), fetched_at)
        if timestamp is not None:
            return timestamp, written
    return None, raw[0] if raw else None


def read_time(written: str) -> Timestamp | None:
    """As an instant, where it names one by itself: a time without an offset would need the outlet's timezone."""
    timestamp = parse_timestamp(written, timezone.utc, "listing")
    return timestamp if timestamp is not None and timestamp.offset_minutes is not None else None


def _summary(box: HtmlElement, title: str | None) -> str | None:
    for paragraph in box.iter("p"):
        text = _words(paragraph)
        if SUMMARY_LEAST <= len(text) <= SUMMARY_MOST and text != title:
            return text
    return None


def _image(box: HtmlElement, base: str) -> str | None:
    for image in box.iter("img"):
        for name in ("src", "data-src", "data-lazy-src", "data-original"):
            written = image.get(name)
            address = absolute(base, written) if written and not written.startswith("data:") else None
            if address is not None:
                return address
    return None


def _first(values: Iterator[str | None]) -> str | None:
    return next((value for value in values if value), None)

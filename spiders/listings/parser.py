"""Parse an HTML page that lists articles into article links. Pure; runs in a child process.

A CSS selector, a regular expression for the URL, or both choose the links. Without them, `link_classifier.py` scores
each link, together with the other links of its row. `docs/explanation/discovery.md` describes the rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.exceptions import ParseError
from crawler.models import LeftOut, Link
from crawler.reasons import Reason, ReasonCode
from crawler.urls import absolute, host_of, registered_domain, url_key
from spiders.listings.cards import Anchor, LinkCard, box_of, describe, own_text, position_of
from spiders.listings.link_classifier import score
from spiders.listings.page import parse_page
from spiders.listings.pagination import next_page
from spiders.listings.script_entries import ScriptEntries, script_entries
from spiders.markup.entries import MAX_WHAT, beyond_limit, code_of_bad_url, within_limit

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_ANCHORS = 5_000
"""Links examined per page; the largest of 614 real news pages has 1,025."""
ROW_LEAST = 4
"""Links that make a row; fewer may look alike by chance."""
ROW_SHARE = 0.5
"""Share of a row's mean score that is added to each of its links: decides doubtful links, not clear ones."""
ROW_MOST = 1.5
"""Maximum log-odds that a row adds or subtracts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The content of one page of a listing."""

    links: tuple[Link, ...] = ()
    """One for each article, in the order of the page."""
    left_out: tuple[LeftOut, ...] = ()
    """The other addresses that the page links to, each once."""
    next_url: str | None = None
    """The page with older articles."""
    note: Reason | None = None
    """A fault of the page that did not prevent parsing; why there are no links, if there are none."""


def parse_listing(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    fetched_at: datetime,
    selector: str | None,
    pattern: str | None,
) -> Listing:
    """The article links of the page at `url`. Raises ParseError if it is not HTML or the selector is invalid."""
    page = parse_page(body, url=url, content_type=content_type)
    root, base = page.root, page.base
    elements = list(_candidates(root, selector, url))
    found, left_out = _anchors(within_limit(elements, MAX_ANCHORS), base)
    left_out += beyond_limit(len(elements) - MAX_ANCHORS)
    chosen = _articles(found, url=url, selector=selector, pattern=pattern)
    drawn = script_entries(page.scripts, base) if selector is None else ScriptEntries()
    in_scripts, unusable = _anchors(within_limit(drawn.anchors, MAX_ANCHORS), base)
    from_scripts = _articles(in_scripts, url=url, selector=None, pattern=pattern)
    if len({one.key for one in from_scripts}) > len({one.key for one in chosen}):  # a script draws the list
        found, chosen = [*found, *in_scripts], [*chosen, *from_scripts]
        left_out += (*unusable, *drawn.left_out, *beyond_limit(len(drawn.anchors) - MAX_ANCHORS))
    links = tuple(
        _link(card, url, position) for position, card in enumerate(describe(chosen, fetched_at=fetched_at, base=base))
    )
    left_out += _not_chosen(found, chosen, url=url, selector=selector, pattern=pattern)
    note = _note(links) if links else _why_no_links(root, found, drawn, selector, pattern)
    return Listing(links=links, left_out=left_out, next_url=next_page(root, base=base, url=url), note=note)


def _articles(found: Sequence[Anchor], *, url: str, selector: str | None, pattern: str | None) -> list[Anchor]:
    """The anchors that lead to articles."""
    sponsored, own = _sponsored(found), url_key(url)
    anchors = [
        one for one in found if one.key != own and one.key not in sponsored and urlsplit(one.url).path.strip("/")
    ]
    return _chosen(anchors, url=url, selector=selector, pattern=pattern)


def _sponsored(found: Sequence[Anchor]) -> set[str]:
    return {one.key for one in found if "sponsored" in (one.element.get("rel") or "").lower()}


def _not_chosen(
    found: Sequence[Anchor],
    chosen: Sequence[Anchor],
    *,
    url: str,
    selector: str | None,
    pattern: str | None,
) -> tuple[LeftOut, ...]:
    """The addresses of the page that are not article links, each once with the reason."""
    keys, sponsored = {anchor.key for anchor in chosen}, _sponsored(found)
    home = registered_domain(host_of(url))
    left_out: dict[str, LeftOut] = {}
    for anchor in found:
        if anchor.key in keys or anchor.key in left_out:
            continue
        code = ReasonCode.NOT_AN_ARTICLE
        if anchor.key in sponsored:
            code = ReasonCode.SPONSORED
        elif selector is None and registered_domain(host_of(anchor.url)) != home:
            code = ReasonCode.OFF_SITE
        elif pattern is not None and anchor.key != url_key(url) and urlsplit(anchor.url).path.strip("/"):
            code = ReasonCode.PATTERN_MISMATCH
        left_out[anchor.key] = LeftOut(code=code, what=anchor.url[:MAX_WHAT])
    return tuple(left_out.values())


def _candidates(root: HtmlElement, selector: str | None, url: str) -> Iterator[HtmlElement]:
    """The `a` elements that match the selector or are inside a match, in the order of the page; all without one."""
    if selector is None:
        yield from root.iter("a")
        return
    from lxml import etree
    from parsel.csstranslator import HTMLTranslator

    try:
        found = root.xpath(HTMLTranslator().css_to_xpath(selector))
    except (etree.XPathError, ValueError) as error:
        raise ParseError(url, f"invalid selector {selector!r}: {error}", ReasonCode.BAD_SELECTOR) from error
    matching: set[HtmlElement] = set()
    for node in found if isinstance(found, list) else []:
        element = node if etree.iselement(node) else node.getparent()  # `::attr(href)` returns strings
        if element is not None:
            matching |= set(element.iter("a")) or set(element.iterancestors("a"))
    yield from (element for element in root.iter("a") if element in matching)


def _anchors(elements: Iterable[HtmlElement], base: str) -> tuple[list[Anchor], tuple[LeftOut, ...]]:
    """The elements with an address, and the addresses that cannot be links. `#top` is not an address."""
    anchors: list[Anchor] = []
    left_out: dict[str, LeftOut] = {}
    for element in elements:
        href = (element.get("href") or "").strip()
        if not href or href.startswith("#"):
            continue
        address = absolute(base, href)
        if address is None:
            left_out.setdefault(href, LeftOut(code=code_of_bad_url(href), what=href[:MAX_WHAT]))
        else:
            anchors.append(Anchor(element=element, url=address, key=url_key(address), text=own_text(element)))
    return anchors, tuple(left_out.values())


def _chosen(anchors: Sequence[Anchor], *, url: str, selector: str | None, pattern: str | None) -> list[Anchor]:
    if pattern is not None:
        return _matching(anchors, pattern, None if selector else url)
    if selector is not None:
        return _selected(anchors)
    home = registered_domain(host_of(url))
    return _classified([anchor for anchor in anchors if registered_domain(host_of(anchor.url)) == home])


def _matching(anchors: Sequence[Anchor], pattern: str, url: str | None) -> list[Anchor]:
    """The anchors whose path and query match the pattern, or whose URL matches a pattern that begins with http."""
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
    """The selected anchors; of a card with several addresses, only those that the classifier accepts.

    A selector of cards also selects the links to their author and section. If the classifier accepts no link of a
    card, all are kept.
    """
    keys_of: dict[HtmlElement, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        keys_of[_card_element(anchor)].append(anchor)
    chosen: list[Anchor] = []
    for group in keys_of.values():
        articles = [anchor for anchor in group if score(anchor.url, anchor.text, None, position_of(anchor)) > 0]
        chosen += articles if len({anchor.key for anchor in group}) > 1 and articles else group
    order = {id(anchor): index for index, anchor in enumerate(anchors)}
    return sorted(chosen, key=lambda anchor: order[id(anchor)])


def _card_element(anchor: Anchor) -> HtmlElement:
    box = box_of(anchor.element)
    return anchor.element if box is None else box


def _classified(anchors: Sequence[Anchor]) -> list[Anchor]:
    """The anchors that the classifier accepts; of several anchors with one key, the best score counts."""
    own = [score(anchor.url, anchor.text, None, position_of(anchor)) for anchor in anchors]
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
    """Tags and classes of a link and its next ancestors: the same for all items of a list."""
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


def _why_no_links(
    root: HtmlElement, anchors: Sequence[Anchor], drawn: ScriptEntries, selector: str | None, pattern: str | None
) -> Reason:
    """Why a listing has no article links, and what to do."""
    if drawn.left_out:
        text = f"{len(drawn.left_out)} headlines in the data of scripts have no address; set render = true"
        return Reason(ReasonCode.NO_LINKS, text)
    if next(root.iter("a"), None) is None:
        return Reason(ReasonCode.NO_LINKS, "no links in the page; if it needs JavaScript, set render = true")
    if selector is not None and not anchors:
        text = f"selector {selector!r} matches no link; the page was redesigned, or is a bot wall"
        return Reason(ReasonCode.BAD_SELECTOR, text)
    if pattern is not None:
        return Reason(ReasonCode.BAD_SELECTOR, f"pattern {pattern!r} matches 0 of {len(anchors)} links")
    text = f"0 of {len(anchors)} links look like articles; set a selector or a pattern"
    return Reason(ReasonCode.NO_LINKS, text)


def _note(links: Sequence[Link]) -> Reason | None:
    untitled = sum(link.title is None for link in links)
    text = f"{untitled} of {len(links)} links have no text"
    return Reason(ReasonCode.UNTITLED_LINKS, text) if untitled else None

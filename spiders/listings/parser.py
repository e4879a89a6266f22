"""Parse an HTML page that lists articles into article links. Pure; runs in a child process.

A CSS selector, a regular expression for the URL, or both choose the links. Without them, `link_classifier.py` scores
each link, together with the other links of its row. `docs/explanation/discovery.md` describes the rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.exceptions import ParseError
from crawler.models import LeftOut, Link
from crawler.reasons import Reason, ReasonCode
from crawler.urls import absolute, host_of, is_hash_route, registered_domain, url_key
from spiders.listings.cards import Anchor, LinkCard, describe, is_furniture, is_headline, own_text
from spiders.listings.choice import ROW_LEAST, chosen_anchors, row_of
from spiders.listings.page import parse_page
from spiders.listings.pagination import next_page
from spiders.listings.script_entries import ScriptEntries, script_entries
from spiders.listings.scripted_links import is_scripted
from spiders.markup.entries import (
    HASH_ROUTED,
    MAX_WHAT,
    OTHER_SEEDS,
    beyond_limit,
    code_of_bad_url,
    within_limit,
)
from spiders.markup.parsed_document import ParsedDocument

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_ANCHORS = 5_000
"""Links examined per page; the largest of 614 real news pages has 1,025."""
_VIEWS = frozenset("print printable comments comment email share pdf".split())


def parse_listing(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    fetched_at: datetime,
    selector: str | None,
    pattern: str | None,
    rendered: bool = False,
) -> ParsedDocument:
    """The article links of the page at `url`. Raises ParseError if it is not HTML or the selector is invalid.

    `rendered`: articles at fragments of a page are links, because a browser can show them.
    """
    page = parse_page(body, url=url, content_type=content_type)
    root, base = page.root, page.base
    elements = list(_candidates(root, selector, url))
    read = within_limit(elements, MAX_ANCHORS)
    found, left_out = _anchors(read, base)
    routes, routed = _routed(read, base, url=url, selector=selector, pattern=pattern)
    opened = _opened(read)
    chosen = _articles(found, url=url, selector=selector, pattern=pattern)
    if rendered:
        chosen += routes
    else:
        routed += tuple(LeftOut(code=ReasonCode.HASH_ROUTE, what=route.url[:MAX_WHAT]) for route in routes)
    left_out += (*routed, *opened, *beyond_limit(len(elements) - MAX_ANCHORS))
    drawn = script_entries(page.scripts, base, page.markup) if selector is None else ScriptEntries()
    in_scripts, unusable = _anchors(within_limit(drawn.anchors, MAX_ANCHORS), base)
    from_scripts = _articles(in_scripts, url=url, selector=None, pattern=pattern)
    if len({one.key for one in from_scripts}) > len({one.key for one in chosen}):  # a script draws the list
        found, chosen = [*found, *in_scripts], [*chosen, *from_scripts]
        left_out += (*unusable, *drawn.left_out, *beyond_limit(len(drawn.anchors) - MAX_ANCHORS))
    links = tuple(
        _link(card, url, position) for position, card in enumerate(describe(chosen, fetched_at=fetched_at, base=base))
    )
    left_out += _not_chosen(found, chosen, url=url, selector=selector, pattern=pattern)
    note = _note(links, routed, opened) or (None if links else _why_no_links(root, found, drawn, selector, pattern))
    older, fault = next_page(root, base=base, url=url), None if links else note
    return ParsedDocument(links=links, left_out=left_out, next_url=older, note=note, fault=fault)


def _articles(found: Sequence[Anchor], *, url: str, selector: str | None, pattern: str | None) -> list[Anchor]:
    """The anchors that lead to articles."""
    others = {url_key(url), *_sponsored(found), *_variants(found)}
    anchors = [one for one in found if one.key not in others and urlsplit(one.url).path.strip("/")]
    return chosen_anchors(anchors, url=url, selector=selector, pattern=pattern)


def _sponsored(found: Sequence[Anchor]) -> set[str]:
    return {one.key for one in found if "sponsored" in (one.element.get("rel") or "").lower()}


def _variants(found: Sequence[Anchor]) -> set[str]:
    """The keys of other views of articles that are linked, too: "/news/pier-closed/print"."""
    keys = {one.key for one in found}
    return {key for key in keys if (parts := key.rpartition("/"))[2] in _VIEWS and parts[0] in keys}


def _not_chosen(
    found: Sequence[Anchor],
    chosen: Sequence[Anchor],
    *,
    url: str,
    selector: str | None,
    pattern: str | None,
) -> tuple[LeftOut, ...]:
    """The addresses of the page that are not article links, each once with the reason."""
    keys, sponsored, variants = {anchor.key for anchor in chosen}, _sponsored(found), _variants(found)
    home = registered_domain(host_of(url))
    left_out: dict[str, LeftOut] = {}
    for anchor in found:
        if anchor.key in keys or anchor.key in left_out:
            continue
        code = ReasonCode.NOT_AN_ARTICLE
        if anchor.key in sponsored:
            code = ReasonCode.SPONSORED
        elif anchor.key in variants:
            code = ReasonCode.DUPLICATE
        elif selector is None and registered_domain(host_of(anchor.url)) != home:
            code = ReasonCode.OFF_SITE
        elif pattern is not None and anchor.key != url_key(url) and urlsplit(anchor.url).path.strip("/"):
            code = ReasonCode.PATTERN_MISMATCH
        left_out[anchor.key] = LeftOut(code=code, what=anchor.url[:MAX_WHAT])
    return tuple(left_out.values())


def _candidates(root: _Element, selector: str | None, url: str) -> Iterator[_Element]:
    """The `a` elements that match the selector or are inside a match, in the order of the page; all without one."""
    if selector is None:
        yield from root.iter("a")
        return
    from lxml import etree
    from parsel.csstranslator import HTMLTranslator

    try:
        found: Any = root.xpath(HTMLTranslator().css_to_xpath(selector))
    except (etree.XPathError, ValueError) as error:
        raise ParseError(url, f"invalid selector {selector!r}: {error}", ReasonCode.BAD_SELECTOR) from error
    matching: set[_Element] = set()
    for node in found if isinstance(found, list) else []:
        element = node if etree.iselement(node) else node.getparent()  # `::attr(href)` returns strings
        if element is not None:
            matching |= set(element.iter("a")) or set(element.iterancestors("a"))
    yield from (element for element in root.iter("a") if element in matching)


def _anchors(elements: Iterable[_Element], base: str) -> tuple[list[Anchor], tuple[LeftOut, ...]]:
    """The elements with an address, and those that cannot be links. `#top` is not an address."""
    anchors: list[Anchor] = []
    left_out: dict[str, LeftOut] = {}
    for element in elements:
        href = (element.get("href") or "").strip()
        if not href or href.startswith("#") or is_hash_route(href):
            continue
        address = absolute(base, href)
        if address is None:
            left_out.setdefault(href, LeftOut(code=code_of_bad_url(href), what=href[:MAX_WHAT]))
        else:
            anchors.append(Anchor(element=element, url=address, key=url_key(address), text=own_text(element)))
    return anchors, tuple(left_out.values())


def _opened(elements: Iterable[_Element]) -> tuple[LeftOut, ...]:
    """The headlines that a script opens, without an address, each once. Single ones are buttons."""
    rows: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for element in elements:
        if is_scripted((element.get("href") or "").strip()) and not is_furniture(element):
            text = own_text(element)
            if is_headline(text):
                rows[row_of(element)][text] = None
    found = dict.fromkeys(text for row in rows.values() if len(row) >= ROW_LEAST for text in row)
    return tuple(LeftOut(code=ReasonCode.NO_URL, what=text[:MAX_WHAT]) for text in found)


def _routed(
    elements: Iterable[_Element], base: str, *, url: str, selector: str | None, pattern: str | None
) -> tuple[list[Anchor], tuple[LeftOut, ...]]:
    """The articles that a script shows at fragments of a page, each once, and its other views at fragments."""
    written: dict[str, str] = {}
    anchors: list[Anchor] = []
    for element in elements:
        href = (element.get("href") or "").strip()
        page, _, route = href.partition("#")
        if (
            is_hash_route(href)
            and (home := absolute(base, page))
            and (address := absolute(home, f"/{route.lstrip('!/')}"))
        ):
            anchors.append(Anchor(element=element, url=address, key=url_key(address), text=own_text(element)))
            written.setdefault(anchors[-1].key, f"{home}#{route}")
    chosen = {one.key: one for one in _articles(anchors, url=url, selector=selector, pattern=pattern)}
    routes = [replace(one, url=written[key], key=url_key(written[key])) for key, one in chosen.items()]
    others = (address for key, address in written.items() if key not in chosen)
    return routes, tuple(LeftOut(code=ReasonCode.NOT_AN_ARTICLE, what=address[:MAX_WHAT]) for address in others)


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
    root: _Element, anchors: Sequence[Anchor], drawn: ScriptEntries, selector: str | None, pattern: str | None
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


def _note(links: Sequence[Link], routed: Sequence[LeftOut], opened: Sequence[LeftOut]) -> Reason | None:
    """What is wrong with the links of a page: a script opens most of its articles, or some have no text."""
    articles = sum(one.code is ReasonCode.HASH_ROUTE for one in routed)
    if articles > len(links):
        return Reason(ReasonCode.HASH_ROUTE, f"{articles} articles {HASH_ROUTED}, or set render = true")
    if len(opened) > len(links):
        text = f"{len(opened)} headlines have no address because a script opens them; {OTHER_SEEDS}"
        return Reason(ReasonCode.ENTRIES_LEFT_OUT if links else ReasonCode.NO_LINKS, text)
    untitled = sum(link.title is None for link in links)
    text = f"{untitled} of {len(links)} links have no text"
    return Reason(ReasonCode.UNTITLED_LINKS, text) if untitled else None

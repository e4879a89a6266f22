"""Parse the HTML of a page that lists articles: its elements, its base URL, and the data in its scripts.

A list may also be JSON, as endpoints behind "Load more" send it: its HTML is the page, and its values are the data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.encodings.charset import decode
from crawler.encodings.script_data import json_document
from crawler.exceptions import ParseError
from crawler.reasons import ReasonCode
from crawler.urls import absolute
from spiders.listings.scripted_links import elements_at, has_links, link_scripted_elements, markup_of_scripts

if TYPE_CHECKING:
    from lxml.etree import _Element

MIN_DATA = 200
"""Characters of an attribute that may hold the data of a list."""
MAX_JSON_DEPTH = 60
_DROPPED = ("script", "style", "template", "svg", "noscript", "iframe", "select")
_PROLOG = re.compile(r"\s*<\?xml[^>]*>|\s*<!--.*?-->", re.DOTALL)
_FEEDISH = re.compile(r"\s*<(rss|feed|rdf:RDF|urlset|sitemapindex)\b")
_DATA = re.compile(r"\s*(?:[{\[]|%7B|%5B|e[w-z]|W[w-z])", re.IGNORECASE)
_NEXT_NAME = re.compile(r"(?:load_?more|next)(?:_?(?:page|url|link|href))*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPage:
    """A page, parsed once."""

    root: _Element
    """Without scripts. A declarative shadow root is part of the page, as in a browser."""
    base: str
    """The base URL of relative links."""
    scripts: tuple[str, ...]
    """The texts of its scripts, and attributes that hold data."""
    markup: tuple[str, ...] = ()
    """HTML with links that scripts may put into the page."""


def parse_page(body: bytes, *, url: str, content_type: str | None) -> ListingPage:
    """The page. Raises ParseError if it is neither HTML nor JSON."""
    text = decode(body, content_type).replace("\x00", "").lstrip("\ufeff")
    data = json_document(text)
    if isinstance(data, (dict, list, str)):
        pieces = "".join(f"<div>{piece}</div>" for piece in _strings(data, 0))
        root = parse_markup(f"{pieces}<link rel='next'>", url)
        _set_next(root, data)
        return ListingPage(root=root, base=url, scripts=(text,))
    kind = _FEEDISH.match(text, _prolog_end(text))
    if kind is not None:
        key = "sitemaps" if kind[1] in {"urlset", "sitemapindex"} else "feeds"
        raise ParseError(url, f"not an HTML page (root element <{kind[1]}>); list it under {key}", ReasonCode.NOT_HTML)
    if not text.strip():
        raise ParseError(url, "empty document", ReasonCode.EMPTY_RESPONSE)
    if "<" not in text:
        raise ParseError(url, "not an HTML page", ReasonCode.NOT_HTML)
    root = parse_markup(text, url)
    href = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    base = (absolute(url, href) if href else None) or url
    scripts = [element.text for element in root.iter("script") if element.text and not element.get("src")]
    values = map(str, root.xpath(f"//@*[string-length(.) > {MIN_DATA}]"))  # type: ignore[arg-type]  # texts, by the expression
    scripts += [value for value in values if _DATA.match(value)]
    markup = tuple(filter(has_links, markup_of_scripts(root)))
    prepare_links(root)
    return ListingPage(root=root, base=base, scripts=tuple(scripts), markup=markup)


def parse_markup(text: str, url: str) -> _Element:
    """The root element of a page or a piece of HTML. Raises ParseError if it is not HTML."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(url, f"not an HTML page ({error})", ReasonCode.NOT_HTML) from error
    if root is None:
        raise ParseError(url, "not an HTML page", ReasonCode.NOT_HTML)
    return root


def prepare_links(root: _Element) -> None:
    """Make links of everything that a browser shows as a link, and remove what it does not show."""
    from lxml import etree

    for element in root.iter("area"):
        element.tag, element.text = "a", element.get("alt")
    for element in elements_at(root, "//*[@shadowrootmode or @shadowroot] | //noscript[.//a] | //svg[.//a]"):
        element.tag = "div"
    link_scripted_elements(root)
    etree.strip_elements(root, *_DROPPED, with_tail=False)


def _strings(value: Any, depth: int) -> Iterator[str]:
    """The HTML with links in JSON."""
    if isinstance(value, str):
        if has_links(value):
            yield value
    elif depth < MAX_JSON_DEPTH:
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for child in children:
            yield from _strings(child, depth + 1)


def _set_next(root: _Element, data: Any) -> None:
    """Set the address of the `link` element to the next page that JSON names."""
    link = next(root.iter("link"))
    places = [data]
    while places:
        place = places.pop(0)
        for name, value in place.items() if isinstance(place, dict) else ():
            address = value.get("href") or value.get("url") if isinstance(value, dict) else value
            if isinstance(address, str) and re.search("[/?]", address) and _NEXT_NAME.match(name):
                link.set("href", address)
                return
        places += [child for child in place.values() if isinstance(child, dict)] if isinstance(place, dict) else []


def _prolog_end(text: str) -> int:
    """Where the XML declaration and the comments before the root element end. Linear: there may be hundreds."""
    end = 0
    while part := _PROLOG.match(text, end):
        end = part.end()
    return end

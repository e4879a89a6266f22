"""Parse the HTML of a page that lists articles: its elements, its base URL, and the data in its scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.encodings.charset import decode
from crawler.exceptions import ParseError
from crawler.reasons import ReasonCode
from crawler.urls import absolute

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MIN_DATA = 200
"""Characters of an attribute that may hold the data of a list."""
_DROPPED = ("script", "style", "template", "svg", "noscript", "iframe", "select")
_PROLOG = re.compile(r"\s*<\?xml[^>]*>|\s*<!--.*?-->", re.DOTALL)
_FEEDISH = re.compile(r"\s*<(rss|feed|rdf:RDF|urlset|sitemapindex)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPage:
    """A page, parsed once."""

    root: HtmlElement
    """Without scripts. A declarative shadow root is part of the page, as in a browser."""
    base: str
    """The base URL of relative links."""
    scripts: tuple[str, ...]
    """The texts of its scripts, and attributes that hold data."""


def parse_page(body: bytes, *, url: str, content_type: str | None) -> ListingPage:
    """The page. Raises ParseError if it is not HTML."""
    from lxml import etree, html

    text = decode(body, content_type).replace("\x00", "")
    kind = _FEEDISH.match(text, _prolog_end(text))
    if kind is not None:
        key = "sitemaps" if kind[1] in {"urlset", "sitemapindex"} else "feeds"
        raise ParseError(url, f"not an HTML page (root element <{kind[1]}>); list it under {key}", ReasonCode.NOT_HTML)
    if not text.strip():
        raise ParseError(url, "empty document", ReasonCode.EMPTY_RESPONSE)
    if "<" not in text:
        raise ParseError(url, "not an HTML page", ReasonCode.NOT_HTML)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(url, f"not an HTML page ({error})", ReasonCode.NOT_HTML) from error
    href = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    base = (absolute(url, href) if href else None) or url
    scripts = [element.text for element in root.iter("script") if element.text and not element.get("src")]
    values = (str(value) for element in root.iter() for value in element.attrib.values() if len(value) > MIN_DATA)
    scripts += [value for value in values if value.lstrip().startswith(("{", "["))]
    for element in list(root.iter()):
        address = element.get("data-href")
        if element.tag == "area":
            element.tag, element.text = "a", element.get("alt")
        elif element.get("shadowrootmode") or element.get("shadowroot") or _lists_without_script(element):
            element.tag = "div"
        elif address and not element.get("href"):  # a card that a script makes a link
            element.tag = "a"
            element.set("href", address)
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    return ListingPage(root=root, base=base, scripts=tuple(scripts))


def _lists_without_script(element: HtmlElement) -> bool:
    """Whether a `noscript` holds links for browsers without scripts."""
    return element.tag == "noscript" and next(element.iter("a"), None) is not None


def _prolog_end(text: str) -> int:
    """Where the XML declaration and the comments before the root element end. Linear: there may be hundreds."""
    end = 0
    while part := _PROLOG.match(text, end):
        end = part.end()
    return end

"""Read and write OPML, the format in which feed readers exchange lists of feeds."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.encodings.charset import decode
from crawler.exceptions import ParseError
from crawler.urls import absolute

if TYPE_CHECKING:
    from lxml.etree import _Element

    from crawler.config.sources import Source

MAX_DEPTH = 50
"""Nested folders that are read; feed readers write two or three levels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One outlet of an OPML file with all its feeds."""

    name: str
    home: str
    feeds: tuple[str, ...]
    folders: tuple[str, ...] = ()
    """Names of the folders that contain it, the outer ones first."""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The content of an OPML file."""

    subscriptions: tuple[Subscription, ...]
    left_out: tuple[str, ...] = ()
    """One line for each outline that cannot be used."""


def read_opml(path: Path) -> Imported:
    """The feeds of a file, grouped by home page. Raises ParseError."""
    try:
        return parse_opml(path.read_bytes(), what=str(path))
    except FileNotFoundError:
        raise ParseError(str(path), "no such file") from None
    except OSError as error:
        raise ParseError(str(path), f"cannot be read: {error.strerror}") from error


def parse_opml(body: bytes, *, what: str) -> Imported:
    """The feeds of an OPML document. `what` names the file in messages. Raises ParseError."""
    from lxml import etree

    root, fault = _tree(body, what)
    if root is None or etree.QName(root).localname.lower() != "opml":
        found = "" if root is None else f" (root element <{etree.QName(root).localname}>)"
        raise ParseError(what, f"not OPML{found}; export the list from your feed reader as OPML")
    outlets: dict[str, Subscription] = {}
    left_out: list[str] = []
    # In a damaged file, an outline without an address is one whose address could not be read: it is counted below.
    outlines = [one for one in _outlines(root, ()) if fault is None or one[0].get("xmlurl")]
    for attributes, folders in outlines:
        subscription = _subscription(attributes, folders)
        if isinstance(subscription, str):
            left_out.append(subscription)
            continue
        # Hosts such as FeedBurner have feeds of many outlets; only the home page shows which feeds belong together.
        outlet = subscription.home if attributes.get("htmlurl") else subscription.feeds[0]
        known = outlets.get(outlet)
        outlets[outlet] = subscription if known is None else _joined(known, subscription)
    text = decode(body) if fault else ""
    lost = len(_FEED_ATTRIBUTE.findall(text)) - len(outlines)
    if fault and lost > 0:
        left_out.append(f"{lost} of its feeds could not be read because the file is damaged: {fault}")
    elif fault and "</opml" not in text.lower():
        left_out.append(f"the file is cut off after its first {len(outlines)} feeds; export it again")
    return Imported(subscriptions=tuple(outlets.values()), left_out=tuple(left_out))


_FEED_ATTRIBUTE = re.compile(r"[\s\"']xmlurl\s*=", re.IGNORECASE)
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);)", re.IGNORECASE)
_HTML_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[a-z]\w{1,30};", re.IGNORECASE)
_OUTLINE = re.compile(r"<outline(?=\s)([^<]*?)(/?)>(?=\s*(?:<|$))", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s*([\w:-]+)\s*=\s*(["'])(.*?)\2(?=\s*[\w:-]+\s*=\s*["']|\s*$)""", re.DOTALL)


def _tree(body: bytes, what: str) -> tuple[_Element | None, str | None]:
    """Return the tree of a document, repaired if it is not well-formed, and the error in the original."""
    from lxml import etree

    def parse(document: bytes, *, recover: bool) -> _Element | None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=recover, remove_comments=True)
        return etree.fromstring(document, parser)

    try:
        return parse(body, recover=False), None
    except (etree.XMLSyntaxError, ValueError) as error:
        fault = " ".join(str(error).partition(" (<string>")[0].split())
    text = decode(body)
    text = re.sub(r"^[\ufeff\s]*<\?xml[^>]*\?>", "", text)
    repaired = _OUTLINE.sub(
        _repaired_outline, _BARE_AMPERSAND.sub("&amp;", _HTML_ENTITY.sub(lambda one: html.unescape(one[0]), text))
    )
    try:
        return parse(_xml(repaired).encode(), recover=True), fault
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(what, f"invalid XML: {fault}") from error


def _repaired_outline(tag: re.Match[str]) -> str:
    """The tag with the quotation marks in its attribute values escaped."""
    attributes = {name: value for name, _, value in _ATTRIBUTE.findall(tag[1])}
    escaped = (f' {name}="{value.replace(chr(34), "&quot;")}"' for name, value in attributes.items())
    return f"<outline{''.join(escaped)}{tag[2]}>"


def to_opml(sources: Sequence[Source], *, title: str, now: datetime) -> bytes:
    """All feeds of the sources; several feeds of one source are in a folder with its name."""
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = now.strftime("%a, %d %b %Y %H:%M:%S +0000")
    body = etree.SubElement(root, "body")
    for source in sources:
        name = _xml(source.name)
        folder = body if len(source.feeds) < 2 else etree.SubElement(body, "outline", text=name, title=name)
        for seed in source.feeds:
            outline = etree.SubElement(
                folder, "outline", text=name, title=name, type="rss", xmlUrl=_xml(seed.url), htmlUrl=_xml(source.home)
            )
            if source.language:
                outline.set("language", source.language)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _outlines(element: _Element, folders: tuple[str, ...]) -> Iterator[tuple[dict[str, str], tuple[str, ...]]]:
    """The attributes of each outline that is no folder, and the folders that contain it."""
    for child in element:
        attributes = {str(name).lower(): _once_escaped(str(value).strip()) for name, value in child.attrib.items()}
        label = attributes.get("text") or attributes.get("title") or ""
        if attributes.get("type", "").lower() in {"rss", "atom"}:  # OPML 1 had the address in `url`
            attributes["xmlurl"] = attributes.get("xmlurl") or attributes.get("url", "")
        is_folder = len(child) > 0 or str(child.tag).lower() != "outline"
        if attributes.get("xmlurl") or not is_folder:
            yield attributes, (*folders, *_categories(attributes.get("category", "")))
        if len(folders) < MAX_DEPTH:
            yield from _outlines(child, (*folders, label) if label and not attributes.get("xmlurl") else folders)


def _once_escaped(value: str) -> str:
    """The value of an attribute that a program escaped twice."""
    return value.replace("&amp;", "&")


def _categories(written: str) -> Iterator[str]:
    """The parts of OPML 2's `category`: "/War/Ukraine,/Politics"."""
    yield from (part.strip() for part in re.split("[/,]", written) if part.strip())


def _subscription(attributes: dict[str, str], folders: tuple[str, ...]) -> Subscription | str:
    address = re.sub(r"^feed:(?://)?(?=https?:)|^feed:(?=//)", "", attributes.get("xmlurl", ""))
    feed = absolute("https:", address) if "//" in address else None
    name = _without_login(" ".join((attributes.get("title") or attributes.get("text") or "").split()))
    if not address:
        return f"{name or 'an outline'}: no address of a feed (xmlUrl)"
    if "@" in urlsplit(feed or "").netloc or (feed is None and "@" in address):
        return f"{name or 'an outline'}: the address has a user name or password; Wirewatch does not send them"
    if feed is None:
        return f"{name or 'an outline'}: {address[:200]!r} is not an http(s) address"
    home = absolute(feed, _without_login(attributes.get("htmlurl") or "/")) or urljoin(feed, "/")
    language = attributes.get("language", "")[:2].lower()
    return Subscription(
        name=name or home,
        home=home,
        feeds=(feed,),
        folders=folders,
        language=language if re.fullmatch("[a-z]{2}", language) else None,
    )


def _without_login(text: str) -> str:
    """The text without user names and passwords in addresses."""
    return re.sub(r"(?<=//)[^/\s@]*(?:@[^/\s@]*)*@|(?<!\S)[^/\s@:]+:(?!//)[^\s@]+@", "", text)


def _joined(known: Subscription, further: Subscription) -> Subscription:
    return replace(
        known,
        feeds=tuple(dict.fromkeys((*known.feeds, *further.feeds))),
        folders=tuple(dict.fromkeys((*known.folders, *further.folders))),
        language=known.language or further.language,
    )


def _xml(text: str) -> str:
    """The text without characters that are invalid in XML."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)

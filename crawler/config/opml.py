"""Read and write OPML, the format in which feed readers exchange lists of feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

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
    folder: str | None = None
    """Names of its folders, joined by " / "."""
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

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(what, f"invalid XML: {error}") from error
    if root is None or etree.QName(root).localname.lower() != "opml":
        found = "" if root is None else f" (root element <{etree.QName(root).localname}>)"
        raise ParseError(what, f"not OPML{found}; export the list from your feed reader as OPML")
    by_home: dict[str, Subscription] = {}
    left_out: list[str] = []
    for attributes, folders in _outlines(root, ()):
        subscription = _subscription(attributes, folders)
        if isinstance(subscription, str):
            left_out.append(subscription)
            continue
        known = by_home.get(subscription.home)
        by_home[subscription.home] = subscription if known is None else _joined(known, subscription)
    return Imported(subscriptions=tuple(by_home.values()), left_out=tuple(left_out))


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
    """The attributes of each outline with a feed, and the folders that contain it."""
    for child in element:
        attributes = {str(name).lower(): str(value).strip() for name, value in child.attrib.items()}
        label = attributes.get("text") or attributes.get("title") or ""
        if attributes.get("xmlurl"):
            yield attributes, folders
        if len(folders) < MAX_DEPTH:
            yield from _outlines(child, (*folders, label) if label and not attributes.get("xmlurl") else folders)


def _subscription(attributes: dict[str, str], folders: tuple[str, ...]) -> Subscription | str:
    written = re.sub(r"^feed:(?://)?(?=https?:)|^feed:(?=//)", "", attributes["xmlurl"])
    feed = absolute("https:", written) if "//" in written else None
    name = " ".join((attributes.get("title") or attributes.get("text") or "").split())
    if feed is None:
        return f"{name or 'an outline'}: {attributes['xmlurl'][:200]!r} is not an http(s) address"
    home = absolute(feed, attributes.get("htmlurl") or "/") or urljoin(feed, "/")
    language = attributes.get("language", "")[:2].lower()
    return Subscription(
        name=name or home,
        home=home,
        feeds=(feed,),
        folder=" / ".join(folders) or None,
        language=language if re.fullmatch("[a-z]{2}", language) else None,
    )


def _joined(known: Subscription, further: Subscription) -> Subscription:
    return Subscription(
        name=known.name,
        home=known.home,
        feeds=tuple(dict.fromkeys((*known.feeds, *further.feeds))),
        folder=known.folder,
        language=known.language or further.language,
    )


def _xml(text: str) -> str:
    """The text without characters that are invalid in XML."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)

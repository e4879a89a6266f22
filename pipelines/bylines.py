"""Who wrote it: a list of people and organisations, agencies told apart, and the witness that was believed.

People are believed before organisations whoever names them: content systems fill the author with the outlet's name by
default, so "the outlet" is what remains when no witness names a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from crawler.model import Byline, BylineKind
from pipelines import jsonld
from pipelines.document import Document, text_of
from pipelines.names import fold, read_names

Candidate = tuple[str, tuple[Byline, ...]]

_META = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "byline", "authors",
    "article.author", "citation_author", "cxenseparse:author", "twitter:creator:name", "article:author_name", "og:article:author",
    "og:author", "creator", "rnews:author", "dcsext.author", "autor", "article:authors", "mediator_author", "vr:author",
)  # fmt: skip
_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?line|author|autor|autoren|auteur|autore|redakteur|signature|firma|writer|creator|journalist|"
    r"contributor|reporter)s?(?:[\s_-]|$)|(?:by-?line|author-?name|authorname)|byLine|articleAuthor|ArticleAuthor",
    re.IGNORECASE,
)
_NOT_BYLINE = re.compile(r"comment|related|teaser|recommend|promo|card|bio\b|image|photo|caption|avatar|social|share|follow|newsletter", re.IGNORECASE)
_ELSEWHERE_TAGS = frozenset({"aside", "footer", "nav", "figure", "figcaption", "form", "blockquote"})
MAX_LENGTH = 140


def read_bylines(document: Document, own_names: Iterable[str], feed: Iterable[str] = ()) -> Candidate:
    """(witness, bylines); ("", ()) where nobody names anyone. `own_names`: names of the outlet itself."""
    own = frozenset(fold(name) for name in own_names if name)
    fallback: Candidate = ("", ())
    for witness, bylines in _candidates(document, own, tuple(feed)):
        if any(byline.kind == "person" for byline in bylines):
            return witness, bylines
        if bylines and not fallback[1]:
            fallback = (witness, bylines)
    return fallback


def _candidates(document: Document, own: frozenset[str], feed: tuple[str, ...]) -> Iterator[Candidate]:
    yield "json-ld", _unique(_from_jsonld(document.article, own))
    for name in _META:
        values = document.meta.get(name, ())
        yield f"meta {name}", _unique(found for value in values if not _is_address(value) for found in read_names(value, own=own))
    yield "visible", _unique(_visible(document, own))
    yield "feed", _unique(found for value in feed for found in read_names(value, own=own))


def _from_jsonld(article: Mapping[str, Any], own: frozenset[str]) -> Iterator[Byline]:
    for key in ("author", "creator"):
        value = article.get(key)
        found = [name for item in (value if isinstance(value, list) else [value]) for name in _one(item, own)]
        if found:
            yield from found
            return


def _one(item: object, own: frozenset[str]) -> Iterator[Byline]:
    kind: BylineKind | None = None
    if isinstance(item, Mapping):
        if "Organization" in jsonld.types(item) or "NewsMediaOrganization" in jsonld.types(item):
            kind = "organisation"
        name = item.get("name")
        if isinstance(name, list):
            for single in name:
                yield from _one(single, own)
            return
    text = jsonld.text(item)
    if text and not _is_address(text):
        yield from read_names(text, kind=kind, own=own)


def _visible(document: Document, own: frozenset[str]) -> Iterator[Byline]:
    """The first byline that stands in the page, those marked rel=author or by microdata first."""
    groups: dict[int, list[etree._Element]] = {0: [], 1: [], 2: []}
    for element in document.root.iter("a", "span", "div", "p", "address", "li", "h3", "h4", "cite", "em", "strong", "b", "section"):
        itemprop = element.get("itemprop") or ""
        if itemprop in {"author", "creator"}:
            groups[0].append(element)
        elif "author" in (element.get("rel") or ""):
            groups[1].append(element)
        else:
            told = f"{element.get('class') or ''} {element.get('id') or ''}"
            if len(told) > 1 and _BYLINE_CLASS.search(told) and not _NOT_BYLINE.search(told):
                groups[2].append(element)
    for group in groups.values():
        found: list[Byline] = []
        first_parent: etree._Element | None = None
        for element in group:
            if _is_elsewhere(element):
                continue
            names = list(read_names(_short(element), own=own))
            if not names:
                continue
            parent = element.getparent()
            if first_parent is not None and parent is not first_parent and (parent is None or parent.getparent() is not first_parent.getparent()):
                break
            first_parent = parent
            found += names
        if found:
            yield from found
            return


def _short(element: etree._Element) -> str:
    named = element.find(".//*[@itemprop='name']")
    text = text_of(named if named is not None else element)
    return text if len(text) <= MAX_LENGTH else ""


def _is_elsewhere(element: etree._Element) -> bool:
    return any(
        parent.tag in _ELSEWHERE_TAGS or _NOT_BYLINE.search(parent.get("class") or "")
        for depth, parent in enumerate(element.iterancestors())
        if depth < 8 and parent.tag not in {"body", "html", "main"}
    )


def _unique(bylines: Iterable[Byline]) -> tuple[Byline, ...]:
    seen: dict[str, Byline] = {}
    for byline in bylines:
        seen.setdefault(fold(byline.name), byline)
    return tuple(seen.values())


def _is_address(value: str) -> bool:
    try:
        return bool(urlsplit(value).scheme in {"http", "https"} or value.startswith("//"))
    except ValueError:
        return True

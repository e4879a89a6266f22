"""Choose the byline of a page: people, organisations and agencies, with the provenance.

People win over organisations in every source of bylines, because content systems fill in the outlet's name by default.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from crawler.models import Byline, BylineKind
from pipelines.bylines import visible
from pipelines.bylines.names import fold_name, is_own, is_plausible_name, read_names
from pipelines.html import jsonld
from pipelines.html.document import Document

BylineCandidate = tuple[str, tuple[Byline, ...]]

_META = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "byline",
    "authors", "citation_author", "cxenseparse:author", "twitter:creator:name", "article:author_name",
    "og:article:author", "og:author", "creator", "rnews:author", "written by", "dcsext.author", "autor",
    "article:authors", "mediator_author", "vr:author", "content-author", "story_author", "authorname",
)  # fmt: skip


_MARKUP = re.compile(r"<[^<>]{0,500}>")


def read_bylines(document: Document, own_names: Iterable[str], feed: Iterable[str] = ()) -> BylineCandidate:
    """(provenance, bylines); ("", ()) if there is no byline. `own_names`: names of the outlet itself.

    The first candidate with a person wins; then the first with an agency or another organisation; then the outlet itself;
    then the initials of an editor ("amw").
    """
    own = frozenset(fold_name(name) for name in own_names if name)
    best: BylineCandidate = ("", ())
    best_rank = 0
    for provenance, bylines in _candidates(document, own, tuple(feed)):
        # Names far from the headline are often authors of other articles.
        if provenance == _FAR and best_rank:
            continue
        rank = max(map(_rank, bylines), default=0)
        if rank == _PERSON:
            chosen, names = _completed(document, own, bylines) if provenance == "json-ld" else (provenance, bylines)
            return chosen.removesuffix(_FAR_MARK), tuple(name for name in names if not _is_label(name, chosen, own))
        if rank > best_rank:
            best, best_rank = (provenance.removesuffix(_FAR_MARK), bylines), rank
    return best


def _is_label(byline: Byline, provenance: str, own: frozenset[str]) -> bool:
    """Whether a name next to a person is not an author: the outlet's own name, or the label of a section on the page."""
    if byline.kind == "organisation":
        return is_own(byline.name, own)
    return provenance.startswith("visible") and _rank(byline) == _INITIALS


_FAR_MARK = " (far)"
_FAR = f"visible{_FAR_MARK}"
_INITIALS, _OUTLET, _OTHERS, _PERSON = 1, 2, 3, 4
_UNNAMED = re.compile(r"\b(?:reporters?|writers?|correspondents?)$", re.IGNORECASE)


def _rank(byline: Byline) -> int:
    if byline.kind != "person":
        # A "staff reporter" is an unnamed person, not the default name of the outlet.
        return _OTHERS if byline.kind == "agency" or _UNNAMED.search(byline.name) else _OUTLET
    return _INITIALS if byline.name.islower() and " " not in byline.name else _PERSON


def _completed(document: Document, own: frozenset[str], bylines: tuple[Byline, ...]) -> BylineCandidate:
    """("json-ld", bylines), or the visible byline if it has these names and more: some systems export only one author."""
    if len(bylines) > 1:
        return "json-ld", bylines
    seen = visible.find_bylines(document, own, only_near=True)
    if seen.near and _names_another(seen.names, bylines) and visible.is_labelled_editor(document, bylines[0].name):
        return "visible", seen.names
    known = {fold_name(byline.name) for byline in bylines}
    more = [byline for byline in seen.names if fold_name(byline.name) not in known]
    plausible = all(byline.kind == "person" and is_plausible_name(byline) for byline in more)
    if (
        more
        and plausible
        and seen.near
        and len(more) <= 3
        and known < {fold_name(byline.name) for byline in seen.names}
    ):
        return "visible", seen.names
    return "json-ld", bylines


def _names_another(seen: tuple[Byline, ...], bylines: tuple[Byline, ...]) -> bool:
    """Whether the visible byline consists of other people."""
    names = {fold_name(byline.name) for byline in bylines}
    return bool(seen) and all(_rank(byline) == _PERSON and fold_name(byline.name) not in names for byline in seen)


def is_person(byline: Byline) -> bool:
    """Whether a byline is a person's name and not initials or an organisation."""
    return _rank(byline) == _PERSON


def _candidates(document: Document, own: frozenset[str], feed: tuple[str, ...]) -> Iterator[BylineCandidate]:
    yield "json-ld", _unique(_from_jsonld(document.article, own))
    for name in _META:
        values = [value for value in document.all(name) if not _is_address(value)]
        if values:
            plain = (html.unescape(_MARKUP.sub(" ", value)) for value in values)
            yield f"meta {name}", _unique(found for value in plain for found in read_names(value, own=own))
    seen = visible.find_bylines(document, own)
    yield "visible" if seen.near else _FAR, _unique(seen.names)
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
        if not name:
            parts = map(jsonld.text, (item.get("givenName"), item.get("familyName")))
            item = " ".join(filter(None, parts)) or item
        if isinstance(name, list):
            for single in name:
                yield from _one(single, own)
            return
    text = jsonld.text(item)
    if text and not _is_address(text):
        yield from read_names(text, kind=kind, own=own)


def _unique(bylines: Iterable[Byline]) -> tuple[Byline, ...]:
    seen: dict[str, Byline] = {}
    for byline in bylines:
        seen.setdefault(fold_name(byline.name), byline)
    return tuple(seen.values())


def _is_address(value: str) -> bool:
    try:
        return bool(urlsplit(value).scheme in {"http", "https"} or value.startswith("//"))
    except ValueError:
        return True

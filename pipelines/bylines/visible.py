"""Find the visible byline: microdata, rel=author, links to author pages, class names, and lines that begin with "By".

A page names many people. Names in teasers, comments and pictures are skipped, and names near the headline are preferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from lxml import etree

from crawler.models import Byline
from pipelines.bylines.beside_dates import may_be_date, names_beside_date
from pipelines.bylines.elements import (
    MAX_BYLINE_LENGTH,
    is_credited_otherwise,
    is_label_alone,
    labelled_names,
    parts,
)
from pipelines.bylines.labels import PREPOSITION, begins_with_label, is_editor_label
from pipelines.bylines.names import fold_name, is_plausible_name, read_names
from pipelines.dates import datelines
from pipelines.html.class_names import class_words
from pipelines.html.document import Document, element_text, fold_text
from pipelines.html.page_regions import OTHER_CONTENT, PICTURES, is_outside_article
from pipelines.html.text_flow import OUTERMOST

_AUTHOR = frozenset(
    """byline bylines author authors authorname autor autoren autorin auteur auteurs autore autori redakteur signature firma
    writer writers creator journalist journalists contributor contributors reporter reporters username poster postedby författare
    forfatter publisher""".split()
)
"""Words in class and id of byline elements."""
_AUTHOR_FOLDERS = frozenset(
    """author authors autor autoren autores autori autorin auteur auteurs autore redakteur redakteure redaktion journalist
    journalists journaliste contributor contributors reporter reporters staff writer writers by profil profile profils
    profiles people user users team expert experts""".split()
)
"""Folders of addresses of author pages."""
NEAR_BEFORE, NEAR_AFTER = 300, 1_500
"""Characters before and after the headline in which a byline is near. Standfirst, date and share buttons have a few hundred."""
TOGETHER = 250
"""Largest distance in characters between two names of one byline, which may include roles and times."""
MAX_NAMES = 12
"""Names in a visible byline; a longer list is a menu or a list of staff."""
MAX_HEADINGS, MAX_PLACES = 30, 300
"""Headlines and possible bylines that are checked. Real pages have a third of that, hostile pages a million."""


class VisibleByline(NamedTuple):
    """A byline found on the page."""

    names: tuple[Byline, ...]
    near: bool
    """Near the headline, or the only one of its kind on the page, so it does not belong to a teaser."""


class _Place(NamedTuple):
    element: etree._Element
    offset: int


_LABELLED, _EDITORS, _DATES = 4, 5, 6
"""Kinds of labelled places: of authors, and of editors. Names beside a date come last."""


def find_bylines(document: Document, own: frozenset[str], *, only_near: bool = False) -> VisibleByline:
    """The visible byline; without names if there is none. `only_near`: look near the headline only."""
    titles = _headings(document)
    article = {up for title in titles for up in title.iterancestors()}
    every = _with_offsets(document.root)
    first, headings = _until_near_headlines(every, titles)
    for kind, group in enumerate(_groups(place for place in first if _is_near(place, headings))):
        if kind == _DATES:
            names = _beside_date(document, group, own, article)
        else:
            names = _first_together(group, own, article, label=kind >= _LABELLED, near=True)
        if names:
            return VisibleByline(names, near=True)
    for kind, group in enumerate([] if only_near else _groups(chain(first, every))[:_DATES]):
        label = kind >= _LABELLED
        if names := _first_together(group, own, article, label=label, near=False):
            return VisibleByline(names, near=_is_only(group, names, own, label=label))
    return VisibleByline((), near=False)


def _with_offsets(root: etree._Element) -> Iterator[_Place]:
    offset = 0
    for element in root.iter(etree.Element):
        yield _Place(element, offset)
        offset += len(element.text or "") + len(element.tail or "")


def _until_near_headlines(every: Iterator[_Place], titles: Sequence[etree._Element]) -> tuple[list[_Place], list[int]]:
    """Return the elements up to the end of the area near the last headline, and the offsets of the headlines."""
    first: list[_Place] = []
    headings: list[int] = []
    for place in every:
        first.append(place)
        if len(headings) < len(titles):
            if place.element is titles[len(headings)]:
                headings.append(place.offset)
        elif not headings or place.offset > headings[-1] + NEAR_AFTER:
            break
    return first, headings


def _groups(places: Iterable[_Place]) -> tuple[list[_Place], ...]:
    """The elements that may hold a byline, the most reliable kind first."""
    groups: tuple[list[_Place], ...] = ([], [], [], [], [], [], [])
    for place in places:
        kind = _kind(place.element, place.element.text)
        if kind is not None and len(groups[kind]) < MAX_PLACES:
            groups[kind].append(place)
    return groups


def _headings(document: Document) -> list[etree._Element]:
    """The headings that repeat the title; all h1 elements if none does."""
    titles = fold_text(" ".join((document.first("og:title") or "", document.title_tag)))
    repeated: list[etree._Element] = []
    others: list[etree._Element] = []
    for element in document.root.iter("h1", "h2"):
        if len(repeated) + len(others) >= MAX_HEADINGS:
            break
        if _is_title(element, titles):
            repeated.append(element)
        elif element.tag == "h1":
            others.append(element)
    return repeated or others


def _kind(element: etree._Element, text: str | None) -> int | None:
    tag = element.tag
    if names := element.keys():  # most elements of a text have no attributes
        get = element.get
        if "itemprop" in names and not {"author", "creator"}.isdisjoint(get("itemprop", "").split()):
            return 0
        if "rel" in names and "author" in get("rel", ""):
            return 1
        # The class of an article may contain its author's name: "post author-jane".
        classes, identifier = ("", "") if tag in OUTERMOST else (get("class", ""), get("id") or get("data-testid", ""))
        if (classes or identifier) and _has_byline_class(classes, identifier) and not is_label_alone(element):
            return 2
        if tag == "a" and (folder := _author_folder(get("href", ""))):
            # "/people/" and "/team/" have other pages too, so the text must have two words.
            return 3 if folder.startswith(("aut", "redakteur")) or " " in (text or "").strip() else None
    if tag == "byline":
        return 2
    if tag == "br":
        text = element.tail  # old content systems separate lines only by <br>
    if not text or text.isspace() or len(text) >= MAX_BYLINE_LENGTH:
        return None
    if begins_with_label(text):
        return _EDITORS if is_editor_label(text) else _LABELLED
    return _DATES if may_be_date(element, text) else None


def _author_folder(address: str) -> str | None:
    """The folder of an address of an author page; None if it is another address."""
    parts = address.lower().split("/")
    if _ACCOUNT.fullmatch(parts[-1]):
        return parts[-1]
    if _AUTHOR_FOLDERS.isdisjoint(parts):
        return None
    for folder, page in pairwise(parts[1:]):
        if folder in _AUTHOR_FOLDERS and len(_QUERY.split(page, maxsplit=1)[0]) >= 3:
            return folder
    return None


_ACCOUNT = re.compile(r"@[\w.-]{3,}(?:\?.*)?")
"""The last part of an address of an account: "/@jane"."""
_QUERY = re.compile("[?#]")


@lru_cache(maxsize=20_000)
def _has_byline_class(classes: str, identifier: str) -> bool:
    words = class_words(classes, identifier)
    return not _AUTHOR.isdisjoint(words) and words.isdisjoint(OTHER_CONTENT | PICTURES)


def _is_near(place: _Place, headings: Sequence[int]) -> bool:
    return any(heading - NEAR_BEFORE <= place.offset <= heading + NEAR_AFTER for heading in headings)


def _is_title(element: etree._Element, titles: str) -> bool:
    text = fold_text(element_text(element))
    return len(text) > 15 and text in titles


def _first_together(
    group: Sequence[_Place], own: frozenset[str], article: Set[etree._Element], *, label: bool, near: bool
) -> tuple[Byline, ...]:
    """Names in the first element of a group that has any, and in the elements close to it."""
    found: dict[str, Byline] = {}
    last, line = 0, None
    for element, offset in group:
        if found and (offset - last > TOGETHER or (not near and element.getparent() is not line)):
            break
        if is_outside_article(element, _AUTHOR, pictures=True, article=article):
            continue
        if not label and element.get("itemprop") is None and is_credited_otherwise(element):
            continue
        names = _names(element, own, label=label)
        if label and not near and PREPOSITION.match(element.text or element.tail or ""):
            continue  # far from the headline "By Jane Doe" belongs to a teaser; "Author: Jane Doe" may follow the text
        if names:
            last, line = offset, element.getparent()
            found.update((byline.name.lower(), byline) for byline in names if byline.name.lower() not in found)
            if label:
                break
    return tuple(found.values()) if len(found) <= MAX_NAMES else ()


def _is_only(group: Sequence[_Place], names: tuple[Byline, ...], own: frozenset[str], *, label: bool) -> bool:
    """Whether no other element of that kind has another name, as the teasers of other articles would."""
    known = {byline.name for byline in names}
    return all(byline.name in known for place in group for byline in _names(place.element, own, label=label))


def _names(element: etree._Element, own: frozenset[str], *, label: bool) -> list[Byline]:
    if label:
        line = labelled_names(element)
        names = list(read_names(line, own=own)) if line else []
        names = [byline for byline in names if len(names) == 1 or not _CODE.fullmatch(byline.name)]
        return names if all(is_plausible_name(byline) for byline in names) else []
    return [name for part in parts(element) for name in read_names(part, own=own) if _may_be_name(name)]


_CODE = re.compile(r"[A-Z]{2,5}(?:-[A-Z]{1,3})?")
"""A service or an editor behind a name: "Jane Doe/SP-X"."""


def _beside_date(
    document: Document, group: Sequence[_Place], own: frozenset[str], article: Set[etree._Element]
) -> tuple[Byline, ...]:
    for place in group:
        outside = is_outside_article(place.element, datelines.NAMES, article=article)
        if not outside and (names := names_beside_date(document, place.element, own)):
            return tuple(names)
    return ()


def _may_be_name(byline: Byline) -> bool:
    """Whether this may be a name and not a button in a byline element: several words must be capitalised."""
    return " " not in byline.name or is_plausible_name(byline)


_EDITOR_BEFORE = re.compile(
    r"\W*(?:editors?|edited by|redakt\w+|редактор\w*|éditeur|editora?|编辑|責編)\s*[:：]?\s*", re.IGNORECASE
)


def is_labelled_editor(document: Document, name: str) -> bool:
    """Whether the page labels a person as the editor: "Editor: Jane Doe"."""
    key = fold_name(name)
    for element in document.root.iter("a", "span", "b", "strong", "em", "div", "p"):
        if len(element) > 1 or (len(element) == 0 and not element.text):
            continue
        text = fold_name(element_text(element))
        parent = element.getparent()
        line = fold_name(element_text(parent)[:MAX_BYLINE_LENGTH]) if text == key and parent is not None else text
        before, found, _ = line.partition(key)
        if found and before and _EDITOR_BEFORE.fullmatch(before):
            return True
    return False

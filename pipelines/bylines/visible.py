"""The byline that a reader sees: found by microdata, rel=author, links to authors' pages, class names and "By ...".

A page names many people: those of teasers, comments and pictures stand in elements that say so, or far from the
headline. So what stands near the headline is preferred, and `near` tells the caller which it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from lxml import etree

from crawler.models import Byline
from pipelines.bylines.elements import MAX_BYLINE_LENGTH, labelled_names, parts
from pipelines.bylines.labels import PREPOSITION, begins_with_label, is_editors
from pipelines.bylines.names import is_plausible, read_names
from pipelines.html.document import Document, element_text
from pipelines.html.text_flow import OUTERMOST, class_words

_AUTHOR = frozenset(
    """byline bylines author authors authorname autor autoren autorin auteur auteurs autore autori redakteur signature firma
    writer writers creator journalist journalists contributor contributors reporter reporters username poster postedby författare
    forfatter publisher""".split()
)
"""Words of class and id that name the place of a byline."""
_ELSEWHERE = frozenset(
    """comment comments commentlist comentarios kommentar kommentare respond related relateds teaser teasers recommend recommended
    recommendations promo promos card cards image images photo photos caption captions figcaption avatar social share sharing
    follow newsletter sidebar widget popular trending mostread bio bios description nav menu quote picture gallery
    sponsor""".split()
)
"""Words that say that the names below are not the article's authors."""
_BESIDE_NAMES = frozenset("avatar image photo share sharing social follow".split())
"""Those that a byline's own box may have too: "author-share-box", "writer-no-avatar"."""
_ELSEWHERE_TAGS = frozenset({"aside", "nav", "figure", "figcaption", "form", "blockquote"})
_AUTHOR_FOLDERS = frozenset(
    """author authors autor autoren autores autori autorin auteur auteurs autore redakteur redakteure redaktion journalist
    journalists journaliste contributor contributors reporter reporters staff writer writers by profil profile profils
    profiles people user users team expert experts""".split()
)
"""Folders of an address that hold the pages of people."""
NEAR_BEFORE, NEAR_AFTER = 300, 1_500
"""Characters before and after the headline within which a byline stands: standfirst, date and share buttons are a few
hundred."""
TOGETHER = 250
"""Characters between two names of one byline, roles and times among them."""
MAX_NAMES = 12
"""Names in a visible byline; a longer list is a menu, or the staff."""
MAX_HEADINGS, MAX_PLACES = 30, 300
"""Headlines and possible bylines that are looked at; real pages have a third of it, hostile ones a million."""
MAX_BYLINE_ANCESTORS = 8
"""Ancestors that are asked whether they are teasers or comments; pages' outermost boxes have all kinds of names."""


class VisibleByline(NamedTuple):
    """A byline as it stands on the page."""

    names: tuple[Byline, ...]
    near: bool
    """Near the headline, or the only one of its kind on the page: that of no teaser."""


class _Place(NamedTuple):
    element: etree._Element
    offset: int


_Groups = tuple[list[_Place], ...]
_LABELLED, _EDITORS = 4, 5
"""The kinds of places that a label tells: those of authors, and of editors, who are asked last."""


def find_bylines(document: Document, own: frozenset[str]) -> VisibleByline:
    """The byline that stands on the page; no names where there is none."""
    titles = _headings(document)
    article = {up for title in titles for up in title.iterancestors()}
    places = _places(document, titles)
    groups, headings = next(places)
    nearby = [[place for place in group if _is_near(place, headings)] for group in groups]
    for kind, group in enumerate(nearby):
        if names := _first_together(group, own, article, label=kind >= _LABELLED, near=True):
            return VisibleByline(names, near=True)
    groups, _ = next(places)
    for kind, group in enumerate(groups):
        label = kind >= _LABELLED
        if names := _first_together(group, own, article, label=label, near=False):
            return VisibleByline(names, near=_is_only(group, names, own, label=label))
    return VisibleByline((), near=False)


def _places(document: Document, titles: Sequence[etree._Element]) -> Iterator[tuple[_Groups, list[int]]]:
    """Elements that may hold a byline, the surest kind first, and where the headline stands.

    Told twice: when all that is near the headline was seen, which mostly is enough, and for the whole page.
    """
    groups: _Groups = ([], [], [], [], [], [])
    headings: list[int] = []
    awaited = list(titles)
    reported, offset = False, 0
    for element in document.root.iter(etree.Element):
        if awaited:
            if element is awaited[0]:
                headings.append(offset)
                del awaited[0]
        elif not reported and (not headings or offset > headings[-1] + NEAR_AFTER):
            reported = True
            yield groups, headings
        text = element.text
        if (kind := _kind(element, text)) is not None and len(groups[kind]) < MAX_PLACES:
            groups[kind].append(_Place(element, offset))
        offset += len(text or "") + len(element.tail or "")
    if not reported:
        yield groups, headings
    yield groups, headings


def _headings(document: Document) -> list[etree._Element]:
    """The elements that show the title; where none does, all that are headlines of a page."""
    titles = _comparable(" ".join((document.first("og:title") or "", document.title_tag)))
    comparable: list[etree._Element] = []
    others: list[etree._Element] = []
    for element in document.root.iter("h1", "h2"):
        if len(comparable) + len(others) >= MAX_HEADINGS:
            break
        if _is_title(element, titles):
            comparable.append(element)
        elif element.tag == "h1":
            others.append(element)
    return comparable or others


def _kind(element: etree._Element, text: str | None) -> int | None:
    get = element.get
    itemprop = get("itemprop")
    if itemprop and not {"author", "creator"}.isdisjoint(itemprop.split()):
        return 0
    if "author" in get("rel", ""):
        return 1
    # An article's own class may hold its author's name: "post author-jane".
    classes, identifier = (
        ("", "") if element.tag in OUTERMOST else (get("class", ""), get("id") or get("data-testid", ""))
    )
    if identifier and _is_caption(element, identifier):
        return None
    if (classes or identifier) and _says_byline(classes, identifier):
        return 2
    if element.tag == "a" and (folder := _author_folder(get("href", ""))):
        # "/people/" and "/team/" lead to other things too: there the text must be a whole name.
        return 3 if folder.startswith(("aut", "redakteur")) or " " in (text or "").strip() else None
    if element.tag == "byline":
        return 2
    if element.tag == "br":
        text = element.tail  # lines of old content systems are kept apart by nothing else
    if not text or len(text) >= MAX_BYLINE_LENGTH or not begins_with_label(text):
        return None
    return _EDITORS if is_editors(text) else _LABELLED


def _is_caption(element: etree._Element, identifier: str) -> bool:
    """Whether the element is what a section is called ("Article information"), for those who hear the page."""
    parent = element.getparent()
    return parent is not None and parent.get("aria-labelledby") == identifier


def _author_folder(address: str) -> str | None:
    """The folder that the address has a page of a person in; None where it has none."""
    parts = address.lower().split("/")
    if _AUTHOR_FOLDERS.isdisjoint(parts):
        return None
    for folder, page in pairwise(parts[1:]):
        if folder in _AUTHOR_FOLDERS and len(_QUERY.split(page, maxsplit=1)[0]) >= 3:
            return folder
    return None


_QUERY = re.compile("[?#]")


@lru_cache(maxsize=20_000)
def _says_byline(classes: str, identifier: str) -> bool:
    words = class_words(classes, identifier)
    return not _AUTHOR.isdisjoint(words) and _ELSEWHERE.isdisjoint(words)


def _is_near(place: _Place, headings: Sequence[int]) -> bool:
    return any(heading - NEAR_BEFORE <= place.offset <= heading + NEAR_AFTER for heading in headings)


def _is_title(element: etree._Element, titles: str) -> bool:
    text = _comparable(element_text(element))
    return len(text) > 15 and text in titles


def _comparable(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def _first_together(
    group: Sequence[_Place], own: frozenset[str], article: Set[etree._Element], *, label: bool, near: bool
) -> tuple[Byline, ...]:
    """The names of the first element of a group that holds any, and of those that stand beside it."""
    found: dict[str, Byline] = {}
    last = 0
    for element, offset in group:
        if found and offset - last > TOGETHER:
            break
        if _is_elsewhere(element, article):
            continue
        names = _names(element, own, label=label)
        if label and not near and PREPOSITION.match(element.text or element.tail or ""):
            continue  # "By Jane Doe" far from the headline is a teaser's; "Author: Jane Doe" may stand below the text
        if names:
            last = offset
            found.update((byline.name.lower(), byline) for byline in names if byline.name.lower() not in found)
            if label:
                break
    return tuple(found.values()) if len(found) <= MAX_NAMES else ()


def _is_only(group: Sequence[_Place], names: tuple[Byline, ...], own: frozenset[str], *, label: bool) -> bool:
    """Whether no other element of the kind names anyone else: teasers of other articles would."""
    known = {byline.name for byline in names}
    return all(byline.name in known for place in group for byline in _names(place.element, own, label=label))


def _names(element: etree._Element, own: frozenset[str], *, label: bool) -> list[Byline]:
    if label:
        line = labelled_names(element)
        names = list(read_names(line, own=own)) if line else []
        return names if all(is_plausible(byline) for byline in names) else []
    return [name for part in parts(element) for name in read_names(part, own=own) if _may_be(name)]


def _may_be(byline: Byline) -> bool:
    """Buttons and menus stand in byline elements too: what has several words must be capitalised as names are."""
    return " " not in byline.name or is_plausible(byline)


def _is_elsewhere(element: etree._Element, article: Set[etree._Element]) -> bool:
    """Whether names here are those of teasers, comments, pictures. `article`: what the headline stands in, which is none of
    these whatever it is called ("share-container")."""
    for depth, parent in enumerate(element.iterancestors()):
        if depth >= MAX_BYLINE_ANCESTORS or parent.tag in OUTERMOST or parent in article:
            return False
        if parent.tag == "footer" and next(parent.iterancestors("article"), None) is None:
            return True
        if parent.tag in _ELSEWHERE_TAGS or _says_elsewhere(parent.get("class") or "", parent.get("id") or ""):
            return True
    return False


@lru_cache(maxsize=20_000)
def _says_elsewhere(classes: str, identifier: str) -> bool:
    if not classes and not identifier:
        return False
    words = class_words(classes, identifier)
    found = words & _ELSEWHERE
    return bool(found if _AUTHOR.isdisjoint(words) else found - _BESIDE_NAMES)

"""Where on a page the date stands that a reader sees: near the headline, by itself, in no teaser, comment or menu.

A page shows many dates: today's, those of comments and of other articles, those that the text tells of. So a dateline
is a short line that is mostly date, or whose markup says so, and those around the headline are asked first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, cast

from lxml import etree

from crawler.models import Timestamp
from crawler.timestamps import day_of
from pipelines.dates.date_parser import parse_date
from pipelines.html.document import Document, collapse_whitespace
from pipelines.html.text_flow import class_words

_NAMED = re.compile(r"date|time|publish|byline|meta|posted|dateline|datum|fecha|info|header", re.IGNORECASE)
_UPDATED = re.compile(
    r"^\W*(?:last |zuletzt |article |artikel )?(?:updated|modified|edited|revised|aktualisiert|geändert|bearbeitet|mis à jour|"
    r"modifié|actualizad[oa]|aggiornat[oa]|atualizad[oa]|oppdatert|uppdaterad|opdateret|bijgewerkt|päivitetty|zaktualizowano|"
    r"aktualizacja|оновлено|обновлено|güncelle\w*|更新|업데이트)",
    re.IGNORECASE,
)
_ELSEWHERE = frozenset(
    """comment comments commentlist comentarios kommentar kommentare commentaires respond related relateds teaser teasers
    recommend recommended recommendations promo promos sidebar popular trending mostread latest newest upcoming event
    events veranstaltung veranstaltungen kalender calendar menu nav navigation breadcrumb ticker weather joined""".split()
)
"""Words of class and id of what holds other dates than the article's."""
_ELSEWHERE_TAGS = frozenset({"aside", "nav", "form", "blockquote", "figure", "figcaption"})
_INLINE = frozenset({"a", "em", "i", "b", "strong", "span", "small"})
_LAYOUT = frozenset({"div", "section", "header", "article", "td"})
"""Elements in which a line may stand between others without an element of its own."""
_TAGS = frozenset("h2 h3 h4 time span div p li small a em i td dd b strong address abbr".split())
_FIGURES = re.compile(r"\d{4}|\d[./-]\d\d?[./-]\d\d")
"""What every date that can be read has in it: a year, or figures with points between."""
AROUND = 3
"""Elements around a date's figures that may be the dateline: it, and two that enclose it."""
MAX_DATELINE_LENGTH = 160
"""Characters of an element that is a dateline; a longer one is running text, whose dates are those of the events."""
MOSTLY = 0.3
"""Share of a line that its date takes up, from which the line is there for the date: "by Jane Doe on 14 February 2025"."""
NEAR_BEFORE, NEAR_AFTER = 300, 1_000
"""Characters before and after the headline within which the date stands."""
MAX_DATELINE_ANCESTORS = 6
"""Ancestors that are asked whether they are teasers or comments; pages' outermost boxes have all kinds of names."""
MAX_CANDIDATES, MAX_DATED = 60, 3_000
"""Lines that are read, and places with a date's figures that are looked at; real pages have a tenth of it."""


class _Line(NamedTuple):
    element: etree._Element
    text: str
    offset: int


def find_datelines(document: Document, zone: tzinfo) -> Timestamp | None:
    """The date in the dateline, with the time of day where any dateline of that day has it."""
    language = _language(document)
    lines, headings = _lines(document)
    near = [line for line in lines if any(-NEAR_BEFORE <= line.offset - start <= NEAR_AFTER for start in headings)]
    for group in (near, [line for line in lines if line not in near]):
        reported = list(_told(group, zone, language))
        for dates in ([date for date, updated in reported if not updated], [date for date, _ in reported]):
            if dates:
                return _exact(dates, zone)
    return None


def _language(document: Document) -> str:
    """The page's language, with the country that it says or that its markup for sharing says: it decides what 05/06 means."""
    reported = (document.html_lang or "en").lower().replace("_", "-")
    shared = (document.first("og:locale") or "").lower().replace("_", "-")
    return shared if "-" not in reported and shared.startswith(f"{reported}-") else reported


def _exact(dates: Sequence[Timestamp], zone: tzinfo) -> Timestamp:
    """The first date; where it is a day alone, with the time that another line gives of that day."""
    first = dates[0]
    if first.precision != "day":
        return first
    day = day_of(first, zone)
    return next((date for date in dates if date.precision != "day" and day_of(date, zone) == day), first)


def _told(lines: Sequence[_Line], zone: tzinfo, language: str) -> Iterator[tuple[Timestamp, bool]]:
    """(date, whether the line says that it is of an update) of those lines that are datelines."""
    for line in lines[:MAX_CANDIDATES]:
        found = parse_date(line.text, zone, language)
        if found and (_says_date(line.element) or len(found.raw) >= MOSTLY * len(line.text)):
            yield found, bool(_UPDATED.match(line.text))


def _lines(document: Document) -> tuple[list[_Line], list[int]]:
    """Short lines with a date's figures in page order, those of teasers and the like left out; and where the headlines
    stand."""
    titles = _comparable(" ".join((document.first("og:title") or "", document.title_tag)))
    dated: dict[etree._Element, int] = {}
    loose: list[_Line] = []
    first: list[int] = []
    known: list[int] = []
    others: list[int] = []
    offset = 0
    for element in document.root.iter(etree.Element):
        text, tail, tag = element.text or "", element.tail or "", str(element.tag)
        if tag in {"h1", "h2", "h3"}:
            if len(key := _comparable(_short_text(element) or "")) > 15 and key in titles:
                (first if tag == "h1" else known).append(offset)
            elif tag == "h1":
                others.append(offset)
        looked_at = len(dated) + len(loose) < MAX_DATED
        if text and looked_at and _FIGURES.search(text):
            _note(element, offset, dated)
        offset += len(text)
        if tail and looked_at and _FIGURES.search(tail):
            parent = element.getparent()
            _note(parent, offset, dated)
            alone = collapse_whitespace(tail)
            if (
                parent is not None
                and parent.tag in _LAYOUT
                and len(alone) <= MAX_DATELINE_LENGTH
                and not _is_elsewhere(parent)
            ):
                loose.append(_Line(parent, alone, offset))
        offset += len(tail)
    lines = [
        _Line(element, line, start)
        for element, start in dated.items()
        if (line := _short_text(element)) and not _is_running(element) and not _is_elsewhere(element)
    ]
    lines = sorted([*lines, *loose], key=attrgetter("offset"))
    # A lower heading that repeats the headline may be a teaser of this page on itself.
    return lines, first or known[:1] or others


def _note(element: etree._Element | None, offset: int, dated: dict[etree._Element, int]) -> None:
    """The element and those around it, for the parts of a date may stand in elements of their own; the innermost first."""
    for _ in range(AROUND):
        if element is None or element.tag == "body":
            return
        if element.tag in _TAGS:
            dated.setdefault(element, offset)
        element = element.getparent()


def _comparable(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def _short_text(element: etree._Element) -> str | None:
    """The element's text in one line; None where it is no line. Stops reading where it can be none any more."""
    if len(element) > 12:
        return None
    pieces: list[str] = []
    total = 0
    for piece in cast("Iterator[str]", element.itertext()):
        pieces.append(piece)
        total += len(piece.strip())
        if total > MAX_DATELINE_LENGTH:
            return None
    text = collapse_whitespace("".join(pieces))
    return text if 6 <= len(text) <= MAX_DATELINE_LENGTH else None


def _says_date(element: etree._Element) -> bool:
    return element.tag == "time" or bool(
        _NAMED.search(f"{element.get('class')} {element.get('id')} {element.get('itemprop')}")
    )


def _is_running(element: etree._Element) -> bool:
    """Whether the element is a part of a longer paragraph: its dates are those of the events."""
    parent = element.getparent()
    return (
        element.tag in _INLINE
        and parent is not None
        and parent.tag in {"p", "li"}
        and not _says_date(element)
        and _short_text(parent) is None
    )


def _is_elsewhere(element: etree._Element) -> bool:
    for depth, up in enumerate((element, *element.iterancestors())):
        if depth > MAX_DATELINE_ANCESTORS or up.tag in {"body", "main", "article"}:
            return False
        if up.tag in _ELSEWHERE_TAGS or _says_elsewhere(up.get("class") or "", up.get("id") or ""):
            return True
        if up.tag == "footer" and next(up.iterancestors("article"), None) is None:
            return True
    return False


@lru_cache(maxsize=20_000)
def _says_elsewhere(classes: str, identifier: str) -> bool:
    return bool(classes or identifier) and not _ELSEWHERE.isdisjoint(class_words(classes, identifier))

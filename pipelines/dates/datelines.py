"""Find the visible date of an article: a dateline near the headline and outside teasers, comments and menus.

A page shows many dates: today's, those of comments and other articles, and those of events in the text. A dateline is
a short line that consists mostly of a date or whose markup names a date. Lines near the headline come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from operator import attrgetter
from typing import NamedTuple, cast

from lxml import etree

from crawler.models import Timestamp
from crawler.timestamps import day_of
from pipelines.dates.date_parser import parse_date
from pipelines.html.document import Document, collapse_whitespace, fold_text
from pipelines.html.page_regions import is_outside_article

_NAMED = re.compile(r"date|time|publish|byline|meta|posted|dateline|datum|fecha|info|header", re.IGNORECASE)
_UPDATED = re.compile(
    r"^\W*(?:last |zuletzt |article |artikel )?(?:updated|modified|edited|revised|aktualisiert|geändert|bearbeitet|mis à jour|"
    r"modifié|actualizad[oa]|aggiornat[oa]|atualizad[oa]|oppdatert|uppdaterad|opdateret|bijgewerkt|päivitetty|zaktualizowano|"
    r"aktualizacja|оновлено|обновлено|güncelle\w*|更新|업데이트)",
    re.IGNORECASE,
)
DATE_LABEL = re.compile(
    r"\b(?:date|(?:first |last )?(?:posted|published|updated|modified)|created|datum|stand|aktualisiert|veröffentlicht|publié|"
    r"mis à jour|publicad[oa]|actualizad[oa]|pubblicato|aggiornato|atualizad[oa]|publisert|oppdatert|publicerad|uppdaterad|"
    r"gepubliceerd|bijgewerkt|giriş|güncelleme)\b",
    re.IGNORECASE,
)
"""Words before a date that say what happened then."""
NAMES = frozenset("date dates time dateline byline meta posted published publish datum fecha info".split())
"""Words in class and id of datelines, whose element may have other names as well ("nav meta")."""
_INLINE = frozenset({"a", "em", "i", "b", "strong", "span", "small"})
_LAYOUT = frozenset({"div", "section", "header", "article", "td"})
"""Elements that may contain a line without an element of its own."""
_TAGS = frozenset("h2 h3 h4 time span div p li small a em i td dd b strong address abbr".split())
_FIGURES = re.compile(r"\d{4}|\d[./-]\d\d?[./-]\d\d")
"""Part of every date that `parse_date` reads: a year, or numbers with separators."""
AROUND = 3
"""Elements around a date that may be the dateline: its element and two ancestors."""
MAX_DATELINE_LENGTH = 160
"""Characters of a dateline; a longer element is running text, whose dates are those of events."""
MOSTLY = 0.3
"""Smallest share of the date in a line whose markup does not name a date: "by Jane Doe on 14 February 2025"."""
NEAR_BEFORE, NEAR_AFTER = 300, 1_000
"""Characters before and after the headline in which a date is near."""
MAX_CANDIDATES, MAX_DATED = 60, 3_000
"""Lines that are parsed, and elements with numbers of a date that are checked. Real pages have a tenth of that."""


class _Line(NamedTuple):
    element: etree._Element
    text: str
    offset: int


def find_datelines(document: Document, zone: tzinfo) -> Timestamp | None:
    """The date of the dateline, with the time of day if any dateline of that day has one; None without a dateline."""
    language = _language(document)
    lines, headings = _lines(document)
    near = [line for line in lines if any(-NEAR_BEFORE <= line.offset - start <= NEAR_AFTER for start in headings)]
    for group in (near, [line for line in lines if line not in near]):
        found = list(_dates_of(group, zone, language))
        for dates in ([date for date, updated in found if not updated], [date for date, _ in found]):
            if dates:
                return _exact(dates, zone)
    return None


def _language(document: Document) -> str:
    """Language tag of the page, with the country if `lang` or og:locale has one. It decides the meaning of 05/06."""
    declared = (document.html_lang or "en").lower().replace("_", "-")
    shared = (document.first("og:locale") or "").lower().replace("_", "-")
    return shared if "-" not in declared and shared.startswith(f"{declared}-") else declared


def _exact(dates: Sequence[Timestamp], zone: tzinfo) -> Timestamp:
    """The first date; if it has no time of day, another date of the same day that has one."""
    first = dates[0]
    if first.precision != "day":
        return first
    day = day_of(first, zone)
    return next((date for date in dates if date.precision != "day" and day_of(date, zone) == day), first)


def _dates_of(lines: Sequence[_Line], zone: tzinfo, language: str) -> Iterator[tuple[Timestamp, bool]]:
    """(date, whether it is the date of an update) of each line that is a dateline."""
    for line in lines[:MAX_CANDIDATES]:
        found = parse_date(line.text, zone, language)
        if found and (_is_named_date(line.element) or len(found.raw) >= MOSTLY * len(line.text)):
            yield found, bool(_UPDATED.match(line.text))


def _lines(document: Document) -> tuple[list[_Line], list[int]]:
    """(short lines with numbers of a date, in page order and within the article; offsets of the headlines)."""
    titles = fold_text(" ".join((document.first("og:title") or "", document.title_tag)))
    dated: dict[etree._Element, int] = {}
    loose: list[_Line] = []
    first: list[int] = []
    known: list[int] = []
    others: list[int] = []
    offset = 0
    for element in document.root.iter(etree.Element):
        text, tail, tag = element.text or "", element.tail or "", str(element.tag)
        if tag in {"h1", "h2", "h3"}:
            if len(key := fold_text(_short_text(element) or "")) > 15 and key in titles:
                (first if tag == "h1" else known).append(offset)
            elif tag == "h1":
                others.append(offset)
        looked_at = len(dated) + len(loose) < MAX_DATED
        if text and looked_at and not text.isspace() and _FIGURES.search(text):
            _note(element, offset, dated)
        offset += len(text)
        if tail and looked_at and not tail.isspace() and _FIGURES.search(tail):
            parent = element.getparent()
            _note(parent, offset, dated)
            alone = collapse_whitespace(tail)
            if (
                parent is not None
                and parent.tag in _LAYOUT
                and len(alone) <= MAX_DATELINE_LENGTH
                and not is_outside_article(parent, NAMES)
            ):
                loose.append(_Line(parent, alone, offset))
        offset += len(tail)
    lines = [
        _Line(element, line, start)
        for element, start in dated.items()
        if (line := _short_text(element)) and not _is_running(element) and not is_outside_article(element, NAMES)
    ]
    lines = sorted([*lines, *loose], key=attrgetter("offset"))
    # A lower heading that repeats the headline may be a teaser for this page.
    return lines, first or known[:1] or others


def _note(element: etree._Element | None, offset: int, dated: dict[etree._Element, int]) -> None:
    """Note an element and its ancestors, the innermost first: parts of a date may have elements of their own."""
    for _ in range(AROUND):
        if element is None or element.tag == "body":
            return
        if element.tag in _TAGS:
            dated.setdefault(element, offset)
        element = element.getparent()


def _short_text(element: etree._Element) -> str | None:
    """Text of an element that is a short line; None if it is not. Stops as soon as the text is too long."""
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


def _is_named_date(element: etree._Element) -> bool:
    return element.tag == "time" or bool(
        _NAMED.search(f"{element.get('class')} {element.get('id')} {element.get('itemprop')}")
    )


def _is_running(element: etree._Element) -> bool:
    """Whether the element is part of a longer paragraph, whose dates are those of events."""
    parent = element.getparent()
    return (
        element.tag in _INLINE
        and parent is not None
        and parent.tag in {"p", "li"}
        and not _is_named_date(element)
        and _short_text(parent) is None
    )

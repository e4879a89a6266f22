"""Read a name that stands beside the date below the headline: "Jane Doe | 14 February 2026"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone

from lxml import etree

from crawler.models import Byline
from pipelines.bylines.names import DESK, fold_name, is_plausible_name, read_names
from pipelines.dates import date_parser
from pipelines.dates.datelines import DATE_LABEL
from pipelines.dates.relative import parse_relative
from pipelines.html.document import Document, element_text

MAX_DATED_NAMES, MAX_AMOUNT = 100, 30
"""Characters of a line with a name and a date, and of one with a relative date."""
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d[./]\d\d?[./]\d\d(?!\d)")
# A comma is no separator: "Port Ellen, 14 February 2026" names a place.
_AMOUNT = re.compile(r"(?:\w+ ){0,2}\d{1,2} \w+(?: \w+)?")
"""A line that may be "2 hours ago" or "vor 2 Stunden"."""
_SEPARATOR = re.compile(r"\s*[|•·/]\s*|\s+[–—-]\s+|\s{2,}|\n")
_CLOCK = re.compile(r"\W*\d{1,2}[:.]\d\d\s*(?:[ap]\.?m\.?|uhr|h)?\W*", re.IGNORECASE)
_COUNT = re.compile(r"[\d.,]+ ?[^\W\d_]+(?: [^\W\d_]+)?")
"""A count or a reading time: "3 min read", "12 comments"."""


def may_be_date(element: etree._Element, text: str | None) -> bool:
    """Whether an element may hold the date of the article."""
    if element.tag == "time" or not text or len(text) > MAX_DATED_NAMES:
        return element.tag == "time"
    return _YEAR.search(text) is not None or (len(text) <= MAX_AMOUNT and _AMOUNT.fullmatch(text.strip()) is not None)


def names_beside_date(document: Document, element: etree._Element, own: frozenset[str]) -> list[Byline]:
    """The names in the line of a date; none if the line has other text or the name may be that of a section."""
    language = (document.html_lang or "en")[:2].lower()
    for line in (element, element.getparent()):
        if line is None or line.tag in {"body", "article", "main"} or len(line) > MAX_PARTS:
            found = _in_line_above(element, own)
        else:
            found = _names(line, language, own)
        if found:
            return found if not any(_names_subject(document, byline.name) for byline in found) else []
    return []


def _in_line_above(date: etree._Element, own: frozenset[str]) -> list[Byline]:
    """The names in an element of their own between the headline and the date."""
    line = date.getprevious()
    heading = line.getprevious() if line is not None else None
    if (
        line is None
        or heading is None
        or next(heading.iter("h1"), None) is None
        or next(line.iter("a"), None) is not None
    ):
        return []  # a link leads to a section
    names = list(read_names(element_text(line), own=own))
    return names if all(byline.kind == "person" and is_plausible_name(byline) for byline in names) else []


_ANY_TIME = datetime(2000, 1, 2, tzinfo=timezone.utc)
"""The time to which relative dates refer; only whether a line is a date counts here."""
MAX_PARTS = 6
"""Elements in a line."""


def _names(line: etree._Element, language: str, own: frozenset[str]) -> list[Byline]:
    if len(element_text(line)) > MAX_DATED_NAMES:
        return []
    names: list[Byline] = []
    times = set(map(element_text, line.iter("time")))
    dated = bool(times)
    for part in _parts(line):
        if part in times:
            continue
        if _CLOCK.fullmatch(part) or date_parser.is_any_weekday(part) or (names and DESK.match(part)):
            continue
        found = date_parser.parse_date(part, timezone.utc, language) or parse_relative(
            part, timezone.utc, language, _ANY_TIME
        )
        if found is not None or (not dated and _YEAR.search(part)):
            if found is None or len(found.raw) < 0.8 * len(part):
                return []
            dated = True
            continue
        if _COUNT.fullmatch(part):
            continue
        people = [] if DATE_LABEL.search(part) else list(read_names(part, own=own))
        if not people or not all(byline.kind == "person" and is_plausible_name(byline) for byline in people):
            return []
        names += people
    return names if dated else []


def _parts(line: etree._Element) -> Iterator[str]:
    """The parts of a line: texts of its elements, divided at separators."""
    for text in line.itertext():
        for part in _SEPARATOR.split(str(text).strip()):
            if part.strip(" ,|•·/–—-"):
                yield part.strip(" ,|•·/–—-")


def _names_subject(document: Document, name: str) -> bool:
    """Whether a name is that of a section, a place or a subject: the page has it elsewhere, or its words in small letters."""
    whole = f" {document.title_tag} {element_text(document.root)} "
    again = fold_name(name) in fold_name(whole).replace(fold_name(name), "", 1)
    return again or any(f" {word.lower()} " in whole for word in name.split())

"""Read dates relative to the time of the fetch: "2 hours ago", "2 години тому", "Сьогодні, 09:35".

The words come from dateparser's tables for the page's language and English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import islice

from lxml import etree

from crawler.models import Timestamp, TimestampPrecision
from crawler.text.date_names import language_tables
from crawler.timestamps import CLOCK_SKEW
from pipelines.dates import date_parser, datelines
from pipelines.html.class_names import class_words
from pipelines.html.document import Document, element_text
from pipelines.html.page_regions import is_outside_article

MAX_RELATIVE_LENGTH = 60
"""Characters of a line with a relative date."""
MAX_RELATIVE_CANDIDATES = 40
"""Elements with the name of a date that are read."""
_UNITS = {
    "second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1),
    "day": timedelta(days=1), "week": timedelta(days=7),
}  # fmt: skip
"""Longer units are too coarse to be a date."""
_NUMBER = r"(\d{1,3})"
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.h]([0-5]\d)(?!\d)\s*([ap])?\.?(?:m\b)?", re.IGNORECASE)
_PLURAL = re.compile(r"\b(min|hr|sec)s(?=\.? ago)")
_ARTICLE = re.compile(r"\ban? (?=(?:second|minute|min|hour|day|week) ago)")
_ONE = re.compile(
    r"(?<![\d ] )(?<!\d)\b(?:second|minute|min|hour|day|week|годину|хвилину|час|минуту|godzinę|minutę)"
    r"\b(?= (?:ago|тому|назад|temu))"
)
"""Forms that are in no table: "5 mins ago", "an hour ago", "годину тому"."""
_NOW = re.compile(
    r"(?:just|right) now|gerade eben|à l['’]instant|ahora mismo|agora mesmo|proprio ora|zojuist|just nu|щойно|только что|"
    r"przed chwilą|الآن|刚刚|剛剛|たった今|방금(?: 전)?|şimdi|az önce",
)
"""Less than a minute ago; dateparser's tables have only "now"."""
_NAMES = datelines.NAMES | {"timestamp", "ago"}


def find_relative_date(document: Document, zone: tzinfo, fetched_at: datetime) -> Timestamp | None:
    """The first relative date in an element that is named as a date; None if there is none."""
    language = (document.html_lang or "en")[:2].lower()
    read = 0
    below = set(_below_headline(document))
    for element in document.root.iter("time", "span", "div", "p", "li", "small", "em", "abbr"):
        if len(element) > 3 or not (element.tag == "time" or element in below or _is_named(element)):
            continue
        text = element_text(element)
        if not 3 <= len(text) <= MAX_RELATIVE_LENGTH or is_outside_article(element, _NAMES):
            continue
        found = parse_relative(text, zone, language, fetched_at)
        if found and found.at <= fetched_at + CLOCK_SKEW:
            return found
        read += 1
        if read >= MAX_RELATIVE_CANDIDATES:
            break
    return None


def parse_relative(text: str, zone: tzinfo, language: str, fetched_at: datetime) -> Timestamp | None:
    """The time that a line states relative to `fetched_at`; None if it states none.

    Minutes and hours give a time of precision "minute", days and weeks give a day.
    """
    plain = text.lower().translate(date_parser.DIGITS).replace("منذ ", "قبل ").replace("שעתיים", "2 שעות")
    line = _ONE.sub(r"1 \g<0>", _ARTICLE.sub("", _PLURAL.sub(r"\1", " ".join(plain.split()))))
    if _NOW.fullmatch(line):
        return _timestamp(fetched_at, "minute", text, zone)
    amounts, days = _expressions(language)
    for pattern, unit in amounts.items():
        if found := pattern.search(line):
            at = fetched_at - int(found[1]) * _UNITS[unit]
            precise = _UNITS[unit] < timedelta(days=1)
            return _timestamp(at, "minute" if precise else "day", text, zone)
    for pattern, back in days.items():
        if pattern.search(line):
            day = (fetched_at.astimezone(zone) - timedelta(days=back)).date()
            clock = _CLOCK.search(line)
            moment = datetime.combine(day, _time_of(clock) if clock else time(), zone)
            return _timestamp(moment, "minute" if clock else "day", text, zone)
    return _without_year(line, text, zone, language, fetched_at)


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DAY_AND_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.)?\s(?:de )?([^\W\d_]{3,})\.?|([^\W\d_]{3,})\.?\s(\d{1,2})(?![\d:.])|"
    r"(\d{1,2})[月월]\s?(\d{1,2})[日일]"
)


def _without_year(line: str, raw: str, zone: tzinfo, language: str, fetched_at: datetime) -> Timestamp | None:
    """The latest past day of a line with a day and a month: "23 November, 18:40". Outlets leave out the current year."""
    if _YEAR.search(line):
        return None
    for match in _DAY_AND_MONTH.finditer(line):
        month = int(match[5]) if match[5] else date_parser.month_number(match[2] or match[3], language)
        if not month:
            continue
        year = fetched_at.astimezone(zone).year
        clock = _CLOCK.search(line, match.end()) or _CLOCK.search(line[: match.start()])
        for each in (year, year - 1):
            try:
                moment = datetime(each, month, int(match[1] or match[4] or match[6]), tzinfo=zone)
            except ValueError:
                continue
            if clock:
                moment = datetime.combine(moment, _time_of(clock), zone)
            if moment <= fetched_at + CLOCK_SKEW:
                return _timestamp(moment, "minute" if clock else "day", raw, zone)
    return None


def _below_headline(document: Document) -> Iterator[etree._Element]:
    """The elements directly below each h1, and the parts of them."""
    for heading in islice(document.root.iter("h1"), MAX_RELATIVE_CANDIDATES):
        for above in (heading, heading.getparent()):
            following = above.getnext() if above is not None else None
            if following is not None and len(following) <= 3:
                yield from following.iter(etree.Element)


def _is_named(element: object) -> bool:
    get = element.get  # type: ignore[attr-defined]  # an lxml element
    classes, identifier = get("class"), get("id")
    return bool(classes or identifier) and not _NAMES.isdisjoint(class_words(classes, identifier))


def _time_of(clock: re.Match[str]) -> time:
    hour = int(clock[1])
    if clock[3]:
        hour = hour % 12 + (12 if clock[3].lower() == "p" else 0)
    return time(hour, int(clock[2]))


def _timestamp(at: datetime, precision: TimestampPrecision, raw: str, zone: tzinfo) -> Timestamp:
    if precision == "day":
        at = datetime.combine(at.astimezone(zone).date(), time(), zone)
    at = at.astimezone(timezone.utc).replace(second=0, microsecond=0)
    return Timestamp(at=at, offset_minutes=None, precision=precision, raw=raw, provenance="visible (relative)")


@lru_cache(maxsize=64)
def _expressions(language: str) -> tuple[Mapping[re.Pattern[str], str], Mapping[re.Pattern[str], int]]:
    """(pattern of an amount -> unit, pattern of a day -> days ago)."""
    amounts: dict[re.Pattern[str], str] = {}
    days: dict[re.Pattern[str], int] = {}
    for table in language_tables(language):
        for name, forms in table.get("relative-type-regex", {}).items():
            unit = name.removeprefix("\\1 ").removesuffix(" ago")
            for form in forms if unit in _UNITS and name.endswith(" ago") else ():
                pattern = re.sub(r"\(\\d\+\+?[^)]*\)", lambda _: _NUMBER, form)
                amounts[re.compile(rf"(?<!\w){pattern}(?!\w)")] = unit
        for name, back in (("0 day ago", 0), ("1 day ago", 1)):
            for word in table.get("relative-type", {}).get(name, ()):
                days[re.compile(rf"(?<!\w){re.escape(word.lower())}(?!\w)")] = back
    return amounts, days

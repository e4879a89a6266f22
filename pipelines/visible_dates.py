"""Dates that only people were meant to read: "February 14, 2025 1:11 PM", "14. Februar 2025, 13:11 Uhr".

Month names come from dateparser's tables for the page's language and English, loaded when a page needs them. Numbers
alone are read day first, except in English with a 12-hour clock: that is how the two conventions go together.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from crawler.model import Instant

_CLOCK = (
    r"(?P<before>오전|오후|上午|下午|午前|午後)?\s*(?P<hour>[012]?\d)(?:[:.時时]|\s?h\s?|시\s?)(?P<minute>[0-5]\d)[分분]?"
    r"(?:[:.][0-5]\d)?\s*(?P<half>[ap]\.?\s?m\b\.?)?"
)
_BETWEEN = r"[\s,|·•/\-–—]*(?:at|um|à|a las|klo|kl\.?|о|в|alle|ore|às|o godz\.)?[\s,|·•\-–—:]*"
_YEAR = r"(?P<year>20\d\d|19\d\d|25[5-9]\d)"
"""The last form is the Buddhist year, which Thai pages give."""
_MONTH = r"(?P<month>tháng\s\d\d?|[^\W\d_][^\s\d.,;:|/()\-]{2,})\.?"
_WORDED = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|º|er)?[\s-]*(?:de\s+)?{_MONTH},?[\s-]*(?:de\s+|del\s+)?{_YEAR}"
    rf"(?:\s?(?:року|г|р)\b\.?)?(?:{_BETWEEN}{_CLOCK})?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}(?:{_BETWEEN}{_CLOCK})?", re.IGNORECASE
)
_NUMBERS = re.compile(
    rf"(?<!\d)(?P<a>\d{{1,2}})(?:[./-]|\.\s)(?P<b>\d{{1,2}})(?:[./-]|\.\s)(?P<year>20\d\d|(?<=\d\.)\d\d)(?!\d)(?:{_BETWEEN}{_CLOCK})?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>20\d\d)\s?[-./年년]\s?(?P<month>\d{{1,2}})\s?[-./月월]\s?(?P<day>\d{{1,2}})[日일]?(?:T|{_BETWEEN}{_CLOCK})?"
)
_YEAR_THEN_WORD = re.compile(
    rf"(?P<year>20\d\d)(?:\.|\sm\.)?\s{_MONTH}\s(?P<day>\d{{1,2}})(?!\d)(?:\.|\sd\.)?(?:{_BETWEEN}{_CLOCK})?",
    re.IGNORECASE,
)
_YEAR_THEN_DAY = re.compile(
    rf"(?P<year>20\d\d)\.\sgada\s(?P<day>\d{{1,2}})\.\s{_MONTH}(?:{_BETWEEN}{_CLOCK})?", re.IGNORECASE
)
"""Hungarian and Lithuanian; Latvian."""
_DIGITS = {start + value: str(value) for start in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50) for value in range(10)}
"""Arabic, Persian, Devanagari, Bengali and Thai figures."""
_CLOCK_FIRST = re.compile(rf"{_CLOCK}{_BETWEEN}(?=\d|[^\W\d_])", re.IGNORECASE)


def read(text: str, zone: tzinfo, language: str = "en", witness: str = "visible") -> Instant | None:
    """The first date in a line of text, with its time of day where one stands beside it."""
    plain = text if text.isascii() else text.translate(_DIGITS)
    for pattern in (_YEAR_FIRST, _MONTH_FIRST, _WORDED, _NUMBERS, _YEAR_THEN_WORD, _YEAR_THEN_DAY):
        for match in pattern.finditer(plain):
            moment = _moment(match, plain, language)
            if moment is None:
                continue
            exact = moment[1]
            at = moment[0].replace(tzinfo=zone).astimezone(timezone.utc)
            return Instant(
                at=at,
                precision="minute" if exact else "day",
                raw=text[match.start() : match.end()].strip(),
                witness=witness,
            )
    return None


_HALVES = {"오전": "am", "上午": "am", "午前": "am", "오후": "pm", "下午": "pm", "午後": "pm"}
BUDDHIST = 543
"""Years by which the Thai calendar is ahead."""


def _moment(match: re.Match[str], text: str, language: str) -> tuple[datetime, bool] | None:
    parts = match.groupdict()
    clock = parts if parts.get("hour") else _clock_before(text, match.start())
    half = re.sub(r"\W", "", (clock or {}).get("half") or _HALVES.get((clock or {}).get("before") or "", "")).lower()
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        month_first = second > 12 or (language == "en" and bool(half) and first <= 12)
        month, day = (first, second) if month_first else (second, first)
    else:
        month = int(parts["month"]) if parts["month"].isdigit() else month_number(parts["month"], language)
        day = int(parts["day"])
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    year -= BUDDHIST if year > 2500 else 0
    hour = minute = 0
    if clock:
        hour, minute = int(clock["hour"] or 0), int(clock["minute"] or 0)
        if half:
            hour = hour % 12 + (12 if half.startswith("p") else 0)
    try:
        moment = datetime(year, month, day)  # noqa: DTZ001 - the caller gives the zone
    except ValueError:
        return None
    if hour > 23:
        return moment, False
    return moment + timedelta(hours=hour, minutes=minute), bool(clock)


def _clock_before(text: str, end: int) -> dict[str, str] | None:
    """ "13:11, 14 February 2025": the time of day before the day."""
    for match in _CLOCK_FIRST.finditer(text, 0, end + 1):
        if match.end() >= end - 12:
            return match.groupdict()
    return None


def month_number(name: str, language: str) -> int:
    """The number of a month; of any language where the page's own does not know it, for pages declare wrong ones."""
    return months(language).get(name.lower()) or next(
        (number for code in _LANGUAGES if (number := months(code).get(name.lower()))), 0
    )


_LANGUAGES = tuple("de fr es it pt nl pl ru uk sv nb da fi cs tr el ro hu ca hr sk bg lt lv et sl id vi".split())
"""Languages of which month names are tried: those whose names of months do not contradict one another here."""


@lru_cache(maxsize=64)
def months(language: str) -> dict[str, int]:
    """Month names and their abbreviations, in lower case, of a language and of English."""
    found: dict[str, int] = {}
    for info in _tables(language):
        for number, name in enumerate(_ENGLISH, start=1):
            found.update((word.lower().rstrip("."), number) for word in info.get(name, ()))
    return found


def is_weekday(word: str, language: str) -> bool:
    """Whether a word is the name of a day of the week, in a language or in English."""
    return word.lower().rstrip(".,") in _weekdays(language)


@lru_cache(maxsize=64)
def _weekdays(language: str) -> frozenset[str]:
    return frozenset(
        word.lower().rstrip(".") for info in _tables(language) for day in _DAYS for word in info.get(day, ())
    )


def _tables(language: str) -> Iterator[dict[str, list[str]]]:
    """dateparser's tables of English and of a language that it knows."""
    for code in ("en", language):
        try:
            yield importlib.import_module(f"dateparser.data.date_translation_data.{code}").info
        except (ImportError, ValueError):
            continue


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ENGLISH = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

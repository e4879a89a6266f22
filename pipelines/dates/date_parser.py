"""Parse visible dates: "February 14, 2025 1:11 PM", "14. Februar 2025, 13:11 Uhr (MEZ)".

Month names come from dateparser's tables for the page's language and English. Of two numbers the first is the day, unless
only the other order is possible or fits the day of the week in the line. American pages, and English pages with a
12-hour clock, write the month first.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

from crawler.models import Timestamp
from crawler.text.date_names import DATE_LANGUAGES, language_tables, month_of
from pipelines.dates import zone_parser
from pipelines.dates.calendars import BUDDHIST, OTHER_MONTHS, SOLAR_MONTHS, from_solar

_CLOCK = (
    r"(?P<before>오전|오후|上午|下午|午前|午後)?\s*(?P<hour>[012]?\d)(?:[:.時时点]\s?|\s?h\s?|시\s?)(?P<minute>[0-5]\d)(?!\d)[分분]?"
    r"(?:[:.][0-5]\d)?\s*(?P<half>[ap]\.?\s?m\b\.?|[πμ]\.?\s?μ\b\.?|[صم](?!\w)|[قب]\.ظ)?"
)
_SEPARATORS = r"[\s,،.|·•/\-–—:()（）]*"
_BETWEEN = rf"{_SEPARATORS}(?P<between>(?:[^\s\d,،.|·•/:()（）]{{1,12}}{_SEPARATORS}){{0,3}}?)"
"""Words between a day and its time, as few as possible; `_may_be_between` checks them."""
_THEN = r"[\s,|·•/\-–—]*(?:at|um|à|a las|klo|kl\.?|о|в|alle|ore|às|o godz\.)?[\s,|·•\-–—:]*"
_YEAR = r"(?P<year>20\d\d|19\d\d|25[5-9]\d|1[34]\d\d)"
"""The last two forms are the Buddhist year of Thai pages and the year of Iran."""
_MONTH = (
    r"(?P<month>tháng\s\d\d?|(?:تشرين|كانون)\s(?:الأول|الثاني)|آب|د[یي]|[ก-๙]{1,2}\.[ก-๙]|[^\W\d_][^\s\d.,;:|/()\-]{2,})\.?"
    r"(?:\s?/\s?[\u0621-\u064a]+(?:\s(?:الأول|الثاني))?)?"
)
"""Arabic pages write both names of a month: "يونيو/حزيران"."""
_WORDED = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|º|er)?[\s-]*(?:de\s+)?{_MONTH},?[\s-]*(?:de\s+|del\s+)?{_YEAR}"
    rf"(?:\s?(?:року|год[аі]?|roku|г|р)\b\.?)?(?:{_BETWEEN}{_CLOCK})?",
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
    r"(?<!\d)(?P<year>20\d\d|1[34]\d\d)\s?(?:[-/년年]|\.\s?)\s?(?P<month>\d{1,2})\s?(?:[-/월月]|\.\s?)\s?(?P<day>\d{1,2})(?!\d)[日일]?"
    rf"(?:(?:T|{_BETWEEN}){_CLOCK})?"
)
_YEAR_THEN_WORD = re.compile(
    rf"(?P<year>20\d\d)(?:\.|\sm\.)?\s{_MONTH}\s(?P<day>\d{{1,2}})(?!\d)(?:\.|\sd\.)?(?:{_BETWEEN}{_CLOCK})?",
    re.IGNORECASE,
)
_YEAR_THEN_DAY = re.compile(
    rf"(?P<year>20\d\d)(?:\.\sgada|\sж\.)\s(?P<day>\d{{1,2}})\.?\s{_MONTH}(?:{_BETWEEN}{_CLOCK})?", re.IGNORECASE
)
"""Hungarian and Lithuanian; Latvian and Kazakh."""
DIGITS = {start + value: str(value) for start in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50) for value in range(10)}
"""Arabic, Persian, Devanagari, Bengali and Thai digits."""
_CLOCK_FIRST = re.compile(rf"{_CLOCK}{_THEN}(?=\d|[^\W\d_])", re.IGNORECASE)
_AT = frozenset(
    """at um à a las la klo kl klockan о об в у ob om v u o alle ore ora às as godz godzina στις ve saat เวลา ساعت الساعة στη
    på den uhr pukul jam lúc г ч h time""".split()
)
"""Words before a time of day."""
_WEEKDAY_SIGN = re.compile("(?:星期|周|週|礼拜)[一二三四五六日天]|[月火水木金土日]曜?日?|[월화수목금토일](?:요일)?")

MAX_DATE_LINE = 1_000
"""Characters of a line in which a date is looked for. The expressions need quadratic time for one long word."""


class _Clock(NamedTuple):
    minutes: int
    """Since midnight."""
    after: int
    """Position of the time zone, if there is one."""


def parse_date(text: str, zone: tzinfo, language: str = "en", provenance: str = "visible") -> Timestamp | None:
    """The first date in a line of text, with its time of day and time zone; None if there is no date.

    `language`: the page's language tag, with the country if it is known ("en-US"). Only the first MAX_DATE_LINE characters
    are read.
    """
    text = text[:MAX_DATE_LINE]
    plain = text if text.isascii() else text.translate(DIGITS)
    code, _, country = language.lower().replace("_", "-").partition("-")
    for pattern in (_YEAR_FIRST, _MONTH_FIRST, _WORDED, _NUMBERS, _YEAR_THEN_WORD, _YEAR_THEN_DAY):
        for match in pattern.finditer(plain):
            if (day := _day(match, plain, code, country)) is not None:
                return _timestamp(match, text, plain, day, zone, code, provenance)
    return None


def _timestamp(
    match: re.Match[str], text: str, plain: str, day: date, zone: tzinfo, language: str, provenance: str
) -> Timestamp:
    after = _clock_after(match, language)
    clock = after or _clock_before(plain, match.start())
    moment = datetime.combine(day, time()) + timedelta(minutes=clock.minutes if clock else 0)
    named = zone_parser.parse_zone(plain, clock.after, moment, zone) if clock else None
    end = named[1] if named and after else match.end()
    raw = text[match.start() : end].strip()
    if match["hour"] is not None and not after:
        raw = text[match.start() : match.start("between")].rstrip(" ,،|·•/-–—:()（）")
    local = timezone(timedelta(minutes=named[0])) if named else zone
    return Timestamp(
        at=moment.replace(tzinfo=local).astimezone(timezone.utc),
        offset_minutes=named[0] if named else None,
        precision="minute" if clock else "day",
        raw=raw,
        provenance=provenance,
    )


def _day(match: re.Match[str], text: str, language: str, country: str) -> date | None:
    parts = match.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    year -= BUDDHIST if year > 2500 else 0
    try:
        if "a" in parts:
            return _of_numbers(match, text, year, language, country)
        word, day = parts["month"].lower(), int(parts["day"])
        if year < 1500:
            month = SOLAR_MONTHS.get(word.translate(_PERSIAN_LETTERS)) or (
                int(word) if word.isdigit() and language == "fa" else 0
            )
            return from_solar(year, month, day)
        return date(year, int(word) if word.isdigit() else month_number(word, language), day)
    except ValueError:
        return None


_PERSIAN_LETTERS = str.maketrans("يك", "یک")
"""Persian pages also write these letters in their Arabic form."""


def _of_numbers(match: re.Match[str], text: str, year: int, language: str, country: str) -> date | None:
    """The day of "05/06/2026". The rest of the line, the language and the country decide which number is the month."""
    first, second = int(match["a"]), int(match["b"])
    if first > 12 or second > 12:
        return date(year, second, first) if first > 12 else date(year, first, second)
    either = (date(year, second, first), date(year, first, second))
    named = _weekdays_in(text, language)
    fitting = [day for day in either if day.weekday() in named]
    if len(fitting) == 1:
        return fitting[0]
    american = (
        country in _AMERICAN if country else language == "en" and bool(match["half"] or _half_before(match, text))
    )
    return either[american]


_AMERICAN = frozenset({"us", "ph", "pr"})
"""Countries that write the month before the day."""


def _half_before(match: re.Match[str], text: str) -> bool:
    return any(found["half"] for found in _CLOCK_FIRST.finditer(text, 0, match.start() + 1))


def _clock_after(match: re.Match[str], language: str) -> _Clock | None:
    """The time of day after the day, if the words between them allow it."""
    if match["hour"] is None or not _may_be_between(match["between"] or "", language):
        return None
    return _clock(match, match.end())


def _may_be_between(between: str, language: str) -> bool:
    words = re.findall(r"[^\s,،.|·•/\-–—:()（）]+", between)
    whole = " ".join(words)
    return (
        is_weekday(whole, language)
        or bool(_WEEKDAY_SIGN.fullmatch(whole))
        or all(word.lower() in _AT or is_weekday(word, language) for word in words)
    )


_HALVES = dict.fromkeys("오전 上午 午前 ص قظ πμ".split(), "am") | dict.fromkeys("오후 下午 午後 م بظ μμ".split(), "pm")


def _clock(match: re.Match[str], after: int) -> _Clock | None:
    hour, minute = int(match["hour"]), int(match["minute"])
    half = re.sub(r"\W", "", match["half"] or match["before"] or "").lower()
    if half := _HALVES.get(half, half):
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return _Clock(hour * 60 + minute, after) if hour < 24 else None


def _clock_before(text: str, end: int) -> _Clock | None:
    """The time of day before the day: "13:11, 14 February 2025"."""
    for match in _CLOCK_FIRST.finditer(text, 0, end + 1):
        if match.end() >= end - 12:
            return _clock(match, match.end("half") if match["half"] else match.end("minute"))
    return None


def month_number(name: str, language: str) -> int:
    """Number of a month (0 if unknown), also in the calendars and spellings of `calendars.py`."""
    return month_of(name, language) or OTHER_MONTHS.get(name, 0)


def is_weekday(word: str, language: str) -> bool:
    """Whether a word names a day of the week in a language or in English."""
    return word.lower().rstrip(".,") in _weekdays(language)


def is_any_weekday(word: str) -> bool:
    """Whether a word names a day of the week in any known language."""
    return any(is_weekday(word, code) for code in (*DATE_LANGUAGES, "sr"))


def _weekdays_in(text: str, language: str) -> set[int]:
    """Days of the week in a line; Monday is 0."""
    known = _weekdays(language)
    return {known[word] for word in re.findall(r"[^\W\d_]{3,}", text.lower()) if word in known}


@lru_cache(maxsize=64)
def _weekdays(language: str) -> dict[str, int]:
    return {
        word.lower().rstrip("."): number
        for info in language_tables(language)
        for number, day in enumerate(_DAYS)
        for word in info.get(day, ())
    }


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

"""Parse dates in machine-readable places (JSON-LD, meta tags, feeds, sitemaps), in all the forms that publishers write."""

from __future__ import annotations

import contextlib
import html
import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.models import Timestamp, TimestampPrecision

EARLIEST = datetime(1993, 1, 1, tzinfo=timezone.utc)
"""Earlier dates are default values (1970, 0001) or errors: there were no news pages."""
CLOCK_SKEW = timedelta(minutes=15)
"""Tolerance for publishers' clocks; a date further in the future is a scheduled time or an error."""
MAX_LENGTH = 100
"""Characters; JavaScript's date text has up to 75."""


def is_plausible(timestamp: Timestamp | None, now: datetime) -> Timestamp | None:
    """The timestamp, or None if it is in the future or before EARLIEST."""
    return timestamp if timestamp is not None and EARLIEST <= timestamp.at <= now + CLOCK_SKEW else None


def parse_timestamp(raw: str, zone: tzinfo, provenance: str) -> Timestamp | None:
    """The timestamp that a text states; None if it is not a date. Without an offset, it is a time in `zone`."""
    text = raw.strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    plain, given = _without_zone(_DAY_WITH_ZONE.sub(r"\1", " ".join(_bare(text).split())))
    moment, precision = _parsed(plain)
    if moment is None:
        return None
    offset: int | None = None
    try:
        if given is not None and precision != "day" and moment.tzinfo is None:
            moment = moment.replace(tzinfo=given)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        else:
            offset = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
        at = moment.astimezone(timezone.utc)
    except (OverflowError, ValueError):
        return None
    return Timestamp(
        at=at.replace(microsecond=0), offset_minutes=offset, precision=precision, raw=text, provenance=provenance
    )


def day_of(timestamp: Timestamp, zone: tzinfo) -> date:
    """The day in the publisher's offset, or in `zone` if the timestamp has no offset."""
    given = timestamp.offset_minutes
    return timestamp.at.astimezone(zone if given is None else timezone(timedelta(minutes=given))).date()


def zone_of(name: str) -> tzinfo:
    """The timezone with an IANA name; UTC if the name is unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.utc


_DAY_WITH_ZONE = re.compile(r"^(.*[^\W\d]{3}\.? \d{4}|\d{4}-\d\d-\d\d) ?(?:Z|GMT|UTC?|[+-]\d\d:?\d\d)$", re.IGNORECASE)
"""A day with a zone but without a time: "Tue, 17 Jan 2006 GMT", XML Schema's "2006-01-17+02:00"."""
_HOURS = (
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{1,2}))?(?:[.,]\d+)?(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
_ZONE_NAME = r"(?![ap]\.?m\b)[A-Z]{2,5}"
_ZONE = re.compile(
    r"(?P<time>(?:\d[:.h]\d{1,2}(?:[.,]\d+)?|T\d{6}|\b\d{14})(?: ?[ap]\.?m\b\.?)?),? ?[\[(]?"
    rf"(?P<name>[A-Z]+(?:/[\w+-]+)+|Z|{_ZONE_NAME})?[\])]? ?"
    r"\(?(?:(?:GMT|UTC|UT)?(?P<sign>[+\u2212-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?)?\)? ?"
    rf"(?:Z|{_ZONE_NAME}|[\[(][^\[\]()]*[\])])?(?P<year> \d{{4}})?$",
    re.IGNORECASE,
)
"""A zone after a time: "GMT+2", "+5:30", "CEST 2023", "(UTC+2)", "[Europe/Paris]", "+0200 (Central European Summer Time)"."""
_OFFSETS_WRITTEN = """
    Z +0000 UT +0000 UTC +0000 GMT +0000 WET +0000 WEST +0100 BST +0100 CET +0100 MEZ +0100 CEST +0200 MESZ +0200
    EET +0200 EEST +0300 MSK +0300 TRT +0300 EAT +0300 CAT +0200 SAST +0200 WAT +0100 IRST +0330 PKT +0500 YEKT +0500
    NPT +0545 ICT +0700 WIB +0700 WITA +0800 WIT +0900 HKT +0800 SGT +0800 PHT +0800 JST +0900 KST +0900
    AEST +1000 AEDT +1100 NZST +1200 NZDT +1300 BRT -0300 ART -0300 CLT -0400
    EST -0500 EDT -0400 CST -0600 CDT -0500 MST -0700 MDT -0600 PST -0800 PDT -0700 AKST -0900 HST -1000
""".split()
OFFSETS = {
    name: (-60 if offset[0] == "-" else 60) * (60 * int(offset[1:3]) + int(offset[3:]))
    for name, offset in zip(_OFFSETS_WRITTEN[::2], _OFFSETS_WRITTEN[1::2], strict=True)
}
"""Zone names in dates, in seconds ahead of UTC, without ambiguous ones (IST)."""


_US_TIMES = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
"""Names without "standard" or "daylight"."""
_MARKUP = re.compile(r"<[^<>]*>")
_LABEL = re.compile(r"[^\W\d_]{3,20}(?: [^\W\d_]{1,10})?:\s+(?=\S)")
"""A label before a date: "Published: ", "Posted on: "."""
_SERIALISED = re.compile(r"\\?/Date\((1\d{9,12})(?:[+-]\d{4})?\)\\?/")
"""A date as .NET writes it in JSON: a number of milliseconds in UTC."""
_US_ZONE = re.compile(
    r"(?<=\s)\(?(E|C|M|P)(?:astern|entral|ountain|acific)(?: (?:Standard|Daylight))? Time\)?$", re.IGNORECASE
)


def _bare(text: str) -> str:
    """The text without markup, a label and the spellings of programs around its date."""
    if "<" in text or "&" in text:
        text = _MARKUP.sub(" ", html.unescape(html.unescape(text))).strip()
    if found := _SERIALISED.fullmatch(text):
        return found[1]
    return _US_ZONE.sub(lambda zone: f"{zone[1].upper()}T", _LABEL.sub("", text, count=1) if ": " in text else text)


def _without_zone(text: str) -> tuple[str, tzinfo | None]:
    """The text without the zone after its time, and that zone; None if there is none or its name is unknown."""
    found = _ZONE.search(text)
    if found is None:
        return text, None
    plain = text[: found.end("time")] + (found["year"] or "")
    name = found["name"] or ""
    if found["sign"]:
        seconds = 3600 * int(found["hours"]) + 60 * int(found["minutes"] or 0)
        if seconds >= 86_400:
            return text, None
        return plain, timezone(timedelta(seconds=seconds if found["sign"] == "+" else -seconds))
    if name.upper() in OFFSETS:
        return plain, timezone(timedelta(seconds=OFFSETS[name.upper()]))
    name = _US_TIMES.get(name.upper(), name)
    return plain, zone_of(name) if "/" in name and zone_of(name) != timezone.utc else None


_EPOCH = re.compile(r"^1\d{9}(?:\d{3}|\d{6}|\.\d{1,9})?$")
_ORDINAL = re.compile(r"^\d{4}-\d{3}$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?$")
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?(?:,\s*|\s+)|[^\W\d_]{2,14}\.?,\s*)", re.IGNORECASE
)
"""A weekday in English, or in any language if a comma follows."""
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_DAY = r"(?P<day>\d{1,2})"
_BEFORE_TIME = "at|um|kl|klo|om|alle|ore|godz|a las|às|as|à|о|об|в|u"
_THEN = rf"(?:\s?(?:года|г|року|р)\b\.?)?(?:(?:[\s.,|:–-]|T|\b(?:{_BEFORE_TIME})\b)+{_HOURS})?\.?$"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"^(?P<year>\d{{4}}) ?[-/.年] ?(?P<number>\d{{1,2}}) ?[-/.月] ?{_DAY}[日.]?{_THEN}",
        rf"^(?P<first>\d{{1,2}})(?P<between>[./-])(?P<other>\d{{1,2}})(?P=between)(?P<year>\d{{4}}){_THEN}",
        rf"^{_DAY}(?:st|nd|rd|th|er|º|\.)?(?: de)?[ /-]{_MONTH}(?: del?|,)?[ /-](?P<year>\d{{2,4}}){_THEN}",
        rf"^(?P<year>\d{{4}})[ /-]{_MONTH}[ /-]{_DAY}{_THEN}",
        rf"^{_MONTH} {_DAY}(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_THEN}",
        rf"^{_MONTH} {_DAY} {_HOURS} (?P<year>\d{{4}})$",
    )
]
"""ISO 8601; "29.11.2026"; RFC 822; the American order; C's and Java's."""


def _parsed(text: str) -> tuple[datetime | None, TimestampPrecision]:
    """A date without a zone, or with it if it is a number of seconds."""
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text[:10]), timezone.utc), "second"
    if compact := _COMPACT.match(text):
        numbers = [int(part) for part in compact.groups() if part]
        return _built(*numbers), "second" if len(numbers) > 5 else "minute" if len(numbers) > 3 else "day"
    if _ORDINAL.match(text):
        with contextlib.suppress(ValueError):
            return datetime.strptime(text, "%Y-%j"), "day"  # noqa: DTZ007 - the caller sets the zone
    plain = _WEEKDAY.sub("", text)
    for form in _FORMS:
        if (parts := form.match(plain)) is not None:
            return _from_parts(parts.groupdict())
    if text[:4].isdigit():
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(text), "minute" if re.search("[T:]", text) else "day"
    return (_parsed_loosely(text), "minute") if _HALF_DAY.match(text) else (None, "day")


_HALF_DAY = re.compile(r"(?=.*\b\d{4}\b).*\d\s*[ap]\.?m\b", re.IGNORECASE)


def _from_parts(parts: dict[str, str | None]) -> tuple[datetime | None, TimestampPrecision]:
    day, month = parts.get("day"), parts.get("number")
    if (first := parts.get("first")) and (other := parts["other"]):
        # With slashes, the order differs between countries: it is known if one number is no month, or with "PM".
        day_first = int(first) > 12 or (parts["between"] == "." and int(other) <= 12)
        if not day_first and int(other) <= 12 and not parts["half"]:
            return None, "day"
        day, month = (first, other) if day_first else (other, first)
    number = int(month) if month else _month(parts["month"] or "")
    date_only = _built(_full_year(parts["year"] or ""), number, int(day or 0))
    if date_only is None or parts["hour"] is None:
        return date_only, "day"
    hour, minute, second = int(parts["hour"]), int(parts["minute"] or 0), int(parts["second"] or 0)
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"] in "pP" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second):
        return None, "day"
    # 24:00 is the end of the day, in ISO 8601 and in some feeds; second 60 is a leap second.
    time = timedelta(hours=hour, minutes=minute, seconds=min(second, 59))
    return date_only + time, "second" if parts["second"] else "minute"


def _month(name: str) -> int:
    """The number of a month in English or, as some content systems write it, in another language; 0 if it is none."""
    if name[:3].lower() in _MONTHS and name.isascii():
        return _MONTHS.index(name[:3].lower()) + 1
    from crawler.text.date_names import month_of

    return month_of(name)


def _full_year(year: str) -> int:
    """Return the year with its century: RFC 822 has years of two digits."""
    return int(year) + (0 if len(year) > 2 else 2000 if int(year) < 70 else 1900)


def _parsed_loosely(text: str) -> datetime | None:
    """Read other dates with "PM"."""
    from dateutil import parser

    try:
        return parser.parse(text, tzinfos=lambda name, offset: OFFSETS.get(name or "", offset))
    except (ValueError, OverflowError, TypeError):
        return None


def _built(*parts: int) -> datetime | None:
    try:
        return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - year, month, day, ...: the caller sets the zone
    except ValueError:
        return None

"""Parse dates in machine-readable places (JSON-LD, meta tags, feeds, sitemaps), in all the forms that publishers write."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
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
    plain, named_zone = _without_zone_name(text)
    moment, precision = _parsed(_with_plain_offset(plain))
    if moment is None:
        return None
    offset: int | None = None
    try:
        if moment.tzinfo is None and named_zone is not None and precision != "day":
            moment = moment.replace(tzinfo=named_zone)
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


_ZONE_SUFFIX = re.compile(r"\s*\[([A-Za-z]+(?:/[A-Za-z0-9_+-]+)*)\]$|\s*\([^()]*\)$")
"""Java's "[Europe/Paris]", or JavaScript's "(Central European Summer Time)" after an offset."""
_OFFSET = re.compile(
    r"(?<=\d)(?P<space>\s*)(?:GMT|UTC|UT)?(?P<sign>[+\u2212-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?$"
)
"""An offset after a time: "+02:00", "GMT+2", "+5:30"."""
_TIME = re.compile(r"\d{1,2}:\d{2}")


def _without_zone_name(text: str) -> tuple[str, tzinfo | None]:
    """The text without the name of a zone at its end, and that zone if it is an IANA name."""
    suffix = _ZONE_SUFFIX.search(text) if text[-1] in "])" else None
    if suffix is None:
        return text, None
    return text[: suffix.start()], zone_of(suffix[1]) if suffix[1] and zone_of(suffix[1]) != timezone.utc else None


def _with_plain_offset(text: str) -> str:
    """The text with its offset, if it has one, as "+0200"."""
    if not text[-1:].isdigit() or ":" not in text or not any(sign in text[-7:] for sign in "+-\u2212"):
        return text
    offset = _OFFSET.search(text, max(0, len(text) - 16))
    if offset is None or not _TIME.search(text, 0, offset.start()):
        return text
    sign = "+" if offset["sign"] == "+" else "-"
    joined = "" if text[:4].isdigit() else " "  # ISO 8601 has no space before the offset, RFC 822 has one
    return f"{text[: offset.start()]}{joined}{sign}{int(offset['hours']):02}{offset['minutes'] or '00'}"


_DAY = re.compile(r"^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})$")
_ZULU = re.compile(r"\s*(?:UTC|GMT|Z|z)$")
_FRACTION = re.compile(r"[.,]\d+")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{4})?$")
_SHORT = re.compile(r"(\d:\d\d:|^\d{4}-\d\d-\d\d[T ])(\d)(?!\d)")
"""Hours and seconds of one digit: "9:15:00", "23:15:0Z"."""
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
_UNPADDED = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}):(\d{2})")
_HALF_DAY = re.compile(r"\d\s*[ap]\.?m\.?\b", re.IGNORECASE)


def _parsed(text: str) -> tuple[datetime | None, TimestampPrecision]:
    if day := _DAY.match(text):
        return _built(*map(int, day.groups())), "day"
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text[:10]), timezone.utc), "second"
    if compact := _COMPACT.match(text):
        text = "{}-{}-{}T{}:{}:{}{}".format(
            *(part or "" for part in compact.groups(default="00")[:5]), compact[6] or "00", compact[7] or ""
        )
        return _iso(text), "second" if compact[6] else "minute"
    if text[:4].isdigit() and (iso := _iso(_SHORT.sub(r"\g<1>0\2", text))):
        seconds = text.count(":", 0, 19) >= 2
        return iso, "second" if seconds else "minute"
    if _HALF_DAY.search(text):
        return _parsed_loosely(text), "minute"
    if text[:2].isalpha() or text[:2].strip().isdigit():
        return _parsed_rfc(text)
    return None, "day"


_ZONES = {
    "UT": "+0000", "BST": "+0100", "WET": "+0000", "WEST": "+0100", "CET": "+0100", "CEST": "+0200", "MEZ": "+0100",
    "MESZ": "+0200", "EET": "+0200", "EEST": "+0300", "MSK": "+0300", "JST": "+0900", "KST": "+0900", "HKT": "+0800",
    "SGT": "+0800", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300", "AKST": "-0900", "HST": "-1000",
}  # fmt: skip
"""Zone names in feeds that `email.utils` does not know, without ambiguous ones (IST)."""
_AMERICAN = {
    "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500",
    "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
}  # fmt: skip
"""Zone names that `email.utils` knows and dateutil does not."""
OFFSETS = {
    name: (-60 if offset[0] == "-" else 60) * (60 * int(offset[1:3]) + int(offset[3:]))
    for name, offset in (_ZONES | _AMERICAN).items()
}
"""All of them, in seconds ahead of UTC."""
_ZONE_NAME = re.compile(r"\b([A-Z]{2,4})\s*$")
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?(?:,\s*|\s+)|[^\W\d_]{2,14}\.?,\s*)", re.IGNORECASE
)
"""A weekday in English, or in any language if a comma follows."""
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_MIDNIGHT = re.compile(r"^24:00(?::00)?(?!\d|:)")
_LEAP_SECOND = re.compile(r"^(\d\d?:\d\d):60(?!\d)")
_RFC = re.compile(rf"^(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH},?[ -](?P<year>\d{{2,4}})(?:,?\s+(?P<rest>\S.*))?$")
_AMERICAN_ORDER = re.compile(
    rf"^{_MONTH} +(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? +(?P<year>\d{{4}})(?:,?\s+(?P<rest>\S.*))?$"
)
_UNIX_DATE = re.compile(rf"^{_MONTH} +(?P<day>\d{{1,2}}) (?P<rest>\d\d:\d\d:\d\d(?: [A-Z]{{2,5}})?) (?P<year>\d{{4}})$")
"""Java's "Fri Apr 28 19:20:36 CEST 2023", and C's without a zone."""


def _parsed_rfc(text: str) -> tuple[datetime | None, TimestampPrecision]:
    """A date with the name of its month: RFC 822 and what publishers write in its place."""
    plain = _WEEKDAY.sub("", " ".join(text.split()))
    parts = _RFC.match(plain) or _AMERICAN_ORDER.match(plain) or _UNIX_DATE.match(plain)
    number = _month(parts["month"]) if parts else 0
    if parts is None or not number:
        return None, "day"
    if not parts["rest"]:
        return _built(_full_year(parts["year"]), number, int(parts["day"])), "day"
    month = _MONTHS[number - 1]
    midnight = _MIDNIGHT.search(parts["rest"])  # the end of the day, in ISO 8601 and in some feeds
    time = _MIDNIGHT.sub("00:00:00", _LEAP_SECOND.sub(r"\1:59", parts["rest"])).replace("Z", "+0000")
    named = _ZONE_NAME.search(time)
    if named and named[1] in _ZONES:
        time = time[: named.start()] + _ZONES[named[1]]
    try:
        moment = parsedate_to_datetime(f"{parts['day']} {month} {_full_year(parts['year'])} {time}")
        return moment + timedelta(days=1) if midnight else moment, "second"
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, "day"


def _month(name: str) -> int:
    """The number of a month in English or, as some content systems write it, in another language; 0 if it is none."""
    if name[:3].lower() in _MONTHS and name.isascii():
        return _MONTHS.index(name[:3].lower()) + 1
    from crawler.text.month_names import month_of

    return month_of(name)


def _full_year(year: str) -> int:
    """RFC 822 has years of two digits."""
    return int(year) + (0 if len(year) > 2 else 2000 if int(year) < 70 else 1900)


def _parsed_loosely(text: str) -> datetime | None:
    """Dates with "PM", which `email.utils` ignores."""
    from dateutil import parser

    try:
        return parser.parse(text, tzinfos=OFFSETS)
    except (ValueError, OverflowError, TypeError):
        return None


def _iso(text: str) -> datetime | None:
    """ISO 8601, also in forms that Python 3.10 does not accept."""
    zulu = _ZULU.search(text)
    plain = _FRACTION.sub("", text[: zulu.start()] if zulu else text).replace("/", "-")
    if zulu:
        plain += "+00:00"
    elif len(plain) > 14 and plain[-5] in "+-":
        plain = f"{plain[:-2]}:{plain[-2:]}"
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        loose = _UNPADDED.match(text)
        return _built(*map(int, loose.groups())) if loose else None


def _built(*parts: int) -> datetime | None:
    try:
        return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - year, month, day, ...: the caller sets the zone
    except ValueError:
        return None

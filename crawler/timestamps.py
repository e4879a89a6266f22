"""Dates as publishers write them in machines' places (JSON-LD, meta tags, feeds, sitemaps): raw text to `Instant`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.models import Timestamp, TimestampPrecision

EARLIEST = datetime(1993, 1, 1, tzinfo=timezone.utc)
"""Before this there were no news pages: an older date is a default value (1970, 0001) or a fault."""
CLOCK_SKEW = timedelta(minutes=15)
"""How far a publisher's clock may run ahead of ours; beyond it a date is a plan or a fault, not a publication."""


def is_plausible(timestamp: Timestamp | None, now: datetime) -> Timestamp | None:
    """The instant, unless it lies in the future or before there were news pages."""
    return timestamp if timestamp is not None and EARLIEST <= timestamp.at <= now + CLOCK_SKEW else None


def parse_timestamp(raw: str, zone: tzinfo, provenance: str) -> Timestamp | None:
    """A machine-readable date; None where it is none. Without an offset it is read in `zone`."""
    text = raw.strip()
    if not text or len(text) > 60:
        return None
    moment, precision = _parsed(text)
    if moment is None:
        return None
    offset: int | None = None
    try:
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
    """The day on the publisher's clock, which is `zone` where the instant has no offset of its own."""
    given = timestamp.offset_minutes
    return timestamp.at.astimezone(zone if given is None else timezone(timedelta(minutes=given))).date()


def zone_of(name: str) -> tzinfo:
    """The timezone of that name; UTC where the system knows none such."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.utc


_DAY = re.compile(r"^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})$")
_OFFSET_SPACE = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)|\s*(?:UTC|GMT|Z)$")
_SHORT_OFFSET = re.compile(r"([+-]\d{2})$")
_FRACTION = re.compile(r"[.,]\d+")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})?$")
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
_UNPADDED = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}):(\d{2})")


def _parsed(text: str) -> tuple[datetime | None, TimestampPrecision]:
    if day := _DAY.match(text):
        return _built(*map(int, day.groups())), "day"
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text[:10]), timezone.utc), "second"
    if compact := _COMPACT.match(text):
        return _built(*(int(part or 0) for part in compact.groups())), "second" if compact[6] else "minute"
    if text[:4].isdigit() and (iso := _iso(text)):
        seconds = text.count(":", 0, 19) >= 2
        return iso, "second" if seconds else "minute"
    if java := _JAVA.match(text):
        return _parsed_rfc(f"{java[2]} {java[1]} {java[5]} {java[3]}"), "second"
    if _HALF_DAY.search(text):
        return _parsed_loosely(text), "minute"
    if text[:3].isalpha() or text[:2].strip().isdigit():
        return _parsed_rfc(_without_weekday_noise(text)), "second"
    return None, "day"


_JAVA = re.compile(r"^\w{3} (\w{3}) (\d{1,2}) (\d\d:\d\d:\d\d) ([A-Z]{2,5}) (\d{4})$")
"""Java's own way to write a date: "Fri Apr 28 19:20:36 CEST 2023". Its zone's letters are ambiguous: the source's
zone is used, which is what they nearly always stand for."""


_ZONES = {
    "UT": "+0000", "BST": "+0100", "WET": "+0000", "WEST": "+0100", "CET": "+0100", "CEST": "+0200", "MEZ": "+0100",
    "MESZ": "+0200", "EET": "+0200", "EEST": "+0300", "MSK": "+0300", "JST": "+0900", "KST": "+0900", "HKT": "+0800",
    "SGT": "+0800", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300", "AKST": "-0900", "HST": "-1000",
}  # fmt: skip
"""Names that feeds use and `email.utils` reads as no offset at all. Ambiguous ones (IST) are left out."""
_AMERICAN = {
    "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500",
    "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
}  # fmt: skip
"""Names that `email.utils` knows by itself and dateutil does not."""
OFFSETS = {
    name: (-60 if offset[0] == "-" else 60) * (60 * int(offset[1:3]) + int(offset[3:]))
    for name, offset in (_ZONES | _AMERICAN).items()
}
"""Both in seconds ahead of UTC."""
_ZONE_NAME = re.compile(r"\b([A-Z]{2,4})\s*$")


_HALF_DAY = re.compile(r"\d\s*[ap]\.?m\.?\b", re.IGNORECASE)


def _parsed_loosely(text: str) -> datetime | None:
    """Dates with "PM" in them, which `email.utils` reads as morning."""
    from dateutil import parser

    try:
        return parser.parse(text, tzinfos=OFFSETS)
    except (ValueError, OverflowError, TypeError):
        return None


def _parsed_rfc(text: str) -> datetime | None:
    named = _ZONE_NAME.search(text)
    if named and named[1] in _ZONES:
        text = text[: named.start()] + _ZONES[named[1]]
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    """ISO 8601 as Python 3.10 reads it, and as publishers write it."""
    zulu = text.endswith(("Z", "z", "UTC", "GMT"))
    plain = _FRACTION.sub("", _OFFSET_SPACE.sub("", text.rstrip("z"))).replace("/", "-")
    if zulu:
        plain += "+00:00"
    elif "T" in plain or " " in plain:
        plain = _SHORT_OFFSET.sub(r"\1:00", plain) if plain.count(":") < 3 and plain[-3] in "+-" else plain
        if len(plain) > 19 and plain[-5] in "+-":
            plain = f"{plain[:-2]}:{plain[-2:]}"
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        loose = _UNPADDED.match(text)
        return _built(*map(int, loose.groups())) if loose else None


def _built(*parts: int) -> datetime | None:
    try:
        return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - year, month, day, ...: the caller gives the zone
    except ValueError:
        return None


def _without_weekday_noise(text: str) -> str:
    return text.replace(" UTC", " +0000").replace("Z", "+0000") if text[:3].isalpha() else text

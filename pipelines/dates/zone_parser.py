"""Read the time zone after a time of day: "10:15 p.m. EDT", "10:15 (GMT+7)"."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from crawler.timestamps import OFFSETS

_MINUTES = {
    "UTC": 0, "GMT": 0, "Z": 0, "МСК": 180, "IST": 330, "IDT": 180, "PKT": 300, "NPT": 345, "ICT": 420, "WIB": 420, "WITA": 480,
    "WIT": 540, "PHT": 480, "MYT": 480, "AWST": 480, "ACST": 570, "ACDT": 630, "GST": 240, "TRT": 180, "EAT": 180, "CAT": 120,
    "SAST": 120, "WAT": 60, "BRT": -180, "ART": -180,
}  # fmt: skip
"""Minutes ahead of UTC of zone names that only appear in visible dates."""
_AMERICAN = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
"""Zone names that include daylight saving time."""
_ZONE = re.compile(
    r"[\s,]*(?:uhr|hrs?|h)?\.?[\s,(\[]*(?:(?P<based>(?:GMT|UTC)\s?[+-]\d\d?(?::?[0-5]\d)?)|(?P<bare>\+\d\d(?::?[0-5]\d)?)|"
    r"(?P<name>[A-ZА-Я]{1,4}))(?![\w:])[)\]]?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])(\d\d?):?(\d\d)?$")


def parse_zone(text: str, position: int, moment: datetime, zone: tzinfo) -> tuple[int, int] | None:
    """(minutes ahead of UTC, end position) of the zone name at a position; None if there is no zone name.

    `moment` (the publisher's local time) and the source's `zone` decide the meaning of ambiguous names (IST, CST).
    """
    found = _ZONE.match(text, position)
    if found is None:
        return None
    minutes = (
        _minutes(found["name"], moment, zone) if found["name"] else _offset_minutes(found["based"] or found["bare"])
    )
    return None if minutes is None else (minutes, found.end())


def _offset_minutes(written: str) -> int | None:
    found = _OFFSET.search(written)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return None if minutes > 14 * 60 else minutes if found[1] == "+" else -minutes


def _minutes(name: str, moment: datetime, zone: tzinfo) -> int | None:
    if not name.isupper():
        return None
    local = moment.replace(tzinfo=zone)
    if name in _AMERICAN:
        local = moment.replace(tzinfo=ZoneInfo(_AMERICAN[name]))
    elif local.tzname() != name:
        return OFFSETS[name] // 60 if name in OFFSETS else _MINUTES.get(name)
    offset = local.utcoffset()
    return None if offset is None else round(offset.total_seconds() / 60)

"""Plain text of mails and commands: text of outlets without control characters, wrapped, isolated if it is right-to-left;
times and spans.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.text.sanitize import strip_control_characters

LINE_WIDTH = 72
"""RFC 3676: lines that can be quoted a few times and still fit into 80 columns."""

_SPACES = re.compile(r"[\s\u0085\u2028\u2029]+")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def plain(text: str) -> str:
    """`text` without control characters and bidirectional overrides, with single spaces. It is not stripped."""
    return strip_control_characters(_SPACES.sub(" ", text))


def one_line(text: str | None, *, most: int) -> str:
    """Like `plain`, stripped, and shortened with an ellipsis to `most` characters."""
    line = plain(text or "").strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def count_phrase(number: int, one: str, many: str | None = None) -> str:
    """ "1 story", "2 stories"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def isolated(text: str) -> str:
    """`text` in isolate characters if it contains right-to-left letters, so that the text around it keeps its order."""
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"
    return text


def columns(text: str) -> int:
    """Width in a terminal: East Asian wide characters take two columns, marks and format characters none."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def wrap(text: str, *, first: str = "", rest: str | None = None, width: int = LINE_WIDTH) -> list[str]:
    """Lines of at most `width` columns; a longer word, such as a URL, gets its own line.

    Each line with right-to-left letters is isolated, because isolation ends at the end of a line.
    """
    indent = first if rest is None else rest
    lines: list[str] = []
    line, used = "", 0
    for piece, space in _pieces(text):
        room = width - columns(indent if lines else first)
        wide = columns(piece)
        if line and used + len(space) + wide > room:
            lines.append(line)
            line, used = piece, wide
        else:
            used += wide + (len(space) if line else 0)
            line += (space if line else "") + piece
    if line or not lines:
        lines.append(line)
    return [(indent if number else first) + isolated(line) for number, line in enumerate(_closed(lines))]


def _closed(lines: Iterable[str]) -> Iterator[str]:
    """Close isolates at the end of a line and open them again in the next line."""
    open_before = 0
    for line in lines:
        whole = FIRST_STRONG_ISOLATE * open_before + line
        open_before = whole.count(FIRST_STRONG_ISOLATE) - whole.count(POP_ISOLATE)
        yield whole + POP_ISOLATE * open_before


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """The parts that a line may be broken between, with the space before each: words, and characters of wide scripts."""
    for word in text.split(" "):
        space = " "
        start = 0
        for index in range(1, len(word)):
            if _may_break(word[index - 1], word[index]):
                yield word[start:index], space
                start, space = index, ""
        if word[start:]:
            yield word[start:], space


_NOT_AT_START = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】°′″℃ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ…*],.!?:;)"
)
"""Japanese line breaking (JIS X 4051): these do not begin a line. Highlight marks stay with their words."""
_NOT_AT_END = frozenset("‘“（〔［｛〈《「『【*[(")


def _may_break(one: str, other: str) -> bool:
    if other in _NOT_AT_START or one in _NOT_AT_END or _columns(other) == 0:
        return False
    return _columns(one) == 2 or _columns(other) == 2


MAX_HEADER = 160
"""Characters; phones show about 40, desktops about 80."""


def header_text(text: str) -> str:
    """One line without encoded words, because `=?utf-8?q?=0ABcc:...?=` could become a header of its own."""
    return one_line(text, most=MAX_HEADER).replace("=?", "= ?").replace("?=", "? =") or "Wirewatch"


def day(at: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> str:
    """ "Mon 23 Nov", with the year if it is not that of `now`."""
    local = at.astimezone(zone)
    year = f" {local.year}" if now is None or now.astimezone(zone).year != local.year else ""
    return f"{local:%a} {local.day} {local:%b}{year}"


def local_time(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """ "Mon 23 Nov, 14:05"."""
    local = at.astimezone(zone)
    return f"{day(at, zone, now=now)}, {local:%H:%M}"


def interval(start: datetime, end: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """ "Mon 23 Nov, 14:05 – 16:20": the day only once if it is the same."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    till = f"{last:%H:%M}" if first.date() == last.date() else local_time(end, zone, now=now)
    return f"{local_time(start, zone, now=now)} – {till}"


def minute_utc(at: datetime) -> str:
    """ "2026-11-23 14:05Z"."""
    return f"{at:%Y-%m-%d %H:%M}Z"


def lasting(span: timedelta) -> str:
    """ "3 days", "5 hours", "12 minutes"."""
    minutes = max(0, round(span.total_seconds() / 60))
    for size, name in ((1440, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return f"{minutes // size} {name}s"
    return count_phrase(minutes, "minute")


def delay(span: timedelta) -> str:
    """ "+23 min", "+2 h 5 min", "+1 d 3 h"; "+0 min" for less than a minute or a negative span."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"+{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"+{hours} h {minutes} min" if minutes else f"+{hours} h"
    days, hours = divmod(hours, 24)
    return f"+{days} d {hours} h" if hours else f"+{days} d"


def span_ago(at: datetime | None, now: datetime) -> str:
    """ "5 min ago", "in 2 h", "3 d ago"; "–" for None."""
    if at is None:
        return "–"
    seconds = (now - at).total_seconds()
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= length:
            span = f"{int(abs(seconds) // length)} {unit}"
            return f"{span} ago" if seconds > 0 else f"in {span}"
    return "now"

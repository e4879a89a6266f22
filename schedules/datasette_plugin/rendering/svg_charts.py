"""Charts as SVG that needs no script: colours are in the style sheet, values in <title>. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape

from markupsafe import Markup

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = 168
_WIDTH = 720


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An interval of a timeline."""

    start: datetime
    end: datetime
    state: str
    """A class of the style sheet: complete, open, repaired or unresolved."""
    words: str


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _svg(css: str, width: float, height: float, label: str, *parts: str, stretch: bool = False) -> Markup:
    ratio = ' preserveAspectRatio="none"' if stretch else ""
    return Markup(  # noqa: S704 -- numbers and escaped words
        f'<svg class="{css}" viewBox="0 0 {width} {height}"{ratio} role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def _rect(css: str, x: float, y: float, width: float, height: float, title: str = "") -> str:
    inner = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<rect class="{escape(css)}" x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}">{inner}</rect>'
    )


def _line(css: str, x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line class="{css}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1}" y2="{y2}"/>'


def _label(x: float, y: float, text: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y:.0f}">{escape(text)}</text>'


def bar_chart(counts: Sequence[tuple[date, int]], *, title: str, noun: str) -> Markup:
    """One bar per day, the oldest on the left, scaled to the highest."""
    if not counts:
        return Markup("")
    height, floor, step = 150, 120, _WIDTH / len(counts)
    top = max(1, *(count for _, count in counts))
    total = sum(count for _, count in counts)
    bars, ticks = [], []
    for number, (day, count) in enumerate(counts):
        x, tall = number * step, count / top * (floor - 18)
        if count:
            words = f"{day:%a} {day.day} {day:%b %Y}: {count:,} {noun if count == 1 else noun + 's'}"
            bars.append(_rect("bar", x + step * 0.1, floor - tall, step * 0.8, tall, words))
        if number % max(1, round(len(counts) / 6)) == 0 and number < len(counts) - len(counts) / 12:
            ticks += [_label(x + 2, height - 12, f"{day.day} {day:%b}"), _line("axis", x, x, floor, floor + 6)]
    spoken = f"{title}: {total:,} in {len(counts)} days, at most {top:,} on one day" if total else f"{title}: none"
    scale = [_label(2, 12, f"{top:,}"), _line("grid", 0, _WIDTH, 18, 18)]
    return _svg("chart", _WIDTH, height, spoken, *scale, *bars, _line("axis", 0, _WIDTH, floor, floor), *ticks)


def week_chart(rates: Sequence[float | None], *, title: str) -> Markup:
    """A cell per hour of the week: 168 articles per hour from Monday 00:00; None where no poll was made."""
    if len(rates) != _HOURS or not any(rates):
        return Markup("")
    top = max(rate for rate in rates if rate)
    size, left, head = 14, 34, 16
    cells = []
    for hour, rate in enumerate(rates):
        time = f"{_WEEKDAYS[hour // 24]} {hour % 24:02}:00"
        words = f"{time}: no poll yet" if rate is None else f"{time}: {rate:.2f} per hour"
        css = "unknown" if rate is None else f"heat{max(1, round(rate / top * 5)) if rate else 0}"
        cells.append(_rect(css, left + hour % 24 * size, head + hour // 24 * size, size - 1, size - 1, words))
    days = [_label(0, head + number * size + 11, day[:3]) for number, day in enumerate(_WEEKDAYS)]
    hours = [_label(left + hour * size, 11, f"{hour:02}") for hour in range(0, 24, 6)]
    return _svg("chart week", left + 24 * size, head + 7 * size, _peak(rates, title), *days, *hours, *cells)


def sparkline(rates: Sequence[float | None], *, title: str) -> Markup:
    """The same week as one line."""
    if len(rates) != _HOURS or not any(rates):
        return Markup("")
    top, height = max(rate for rate in rates if rate), 28
    points = " ".join(f"{hour * 2},{height - (rate or 0) / top * (height - 2):.1f}" for hour, rate in enumerate(rates))
    days = [_line("grid", day * 48, day * 48, 0, height) for day in range(1, 7)]
    line = f'<polyline class="line" points="{points}"/>'
    return _svg("chart spark", 2 * _HOURS - 2, height, _peak(rates, title), *days, line, stretch=True)


def _peak(rates: Sequence[float | None], title: str) -> str:
    known = [rate or 0 for rate in rates]
    peak = known.index(max(known))
    return f"{title}: most on {_WEEKDAYS[peak // 24]} at {peak % 24:02}:00, {known[peak]:.1f} articles per hour"


def timeline(stretches: Sequence[Stretch], *, start: datetime, end: datetime, title: str) -> Markup:
    """Complete intervals and gaps on one line. Gaps are drawn last and at least 3 units wide, so that they are visible."""
    span = (end - start).total_seconds()
    if span <= 0:
        return Markup("")
    rects = [_rect("unknown", 0, 2, _WIDTH, 18)]
    for stretch in sorted(stretches, key=lambda one: one.state != "complete"):
        left = max((stretch.start - start).total_seconds(), 0) / span * _WIDTH
        right = min((stretch.end - start).total_seconds(), span) / span * _WIDTH
        if right >= 0 and left <= _WIDTH:
            least = 0.5 if stretch.state == "complete" else 3
            rects.append(_rect(stretch.state, left, 2, max(right - left, least), 18, stretch.words))
    gaps = sum(one.state in ("open", "unresolved") for one in stretches)
    return _svg("chart timeline", _WIDTH, 22, f"{title}: {gaps} gap{'' if gaps == 1 else 's'}", *rects, stretch=True)

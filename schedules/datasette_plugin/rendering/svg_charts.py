"""Drawings as SVG, made here and readable without scripts: colours come from the style sheet, words from <title>. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape

from markupsafe import Markup

WEEKDAY_LABELS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a time line."""

    start: datetime
    end: datetime
    state: str
    """A class of the style sheet: complete, open, repaired or standing."""
    words: str


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def bar_chart(counts: Sequence[tuple[date, int]], *, title: str, noun: str) -> Markup:
    """A bar a day, oldest left. The height is drawn to the highest; the numbers stand in each bar's title."""
    if not counts:
        return Markup("")
    width, height, floor = 720, 150, 120
    step = width / len(counts)
    top = max([1, *(count for _, count in counts)])
    drawn = []
    for number, (day, count) in enumerate(counts):
        tall = count / top * (floor - 18)
        words = f"{day:%a} {day.day} {day:%b %Y}: {count:,} {noun if count == 1 else noun + 's'}"
        if count:
            drawn.append(
                f'<rect class="bar" x="{number * step + step * 0.1:.2f}" y="{floor - tall:.2f}"'
                f' width="{step * 0.8:.2f}" height="{tall:.2f}"><title>{escape(words)}</title></rect>'
            )
    marks = [
        f'<text class="tick" x="{number * step + 2:.1f}" y="{height - 12}">{day.day} {day:%b}</text>'
        f'<line class="axis" x1="{number * step:.1f}" x2="{number * step:.1f}" y1="{floor}" y2="{floor + 6}"/>'
        for number, (day, _) in enumerate(counts)
        if number % max(1, round(len(counts) / 6)) == 0 and number < len(counts) - len(counts) / 12
    ]
    total = sum(count for _, count in counts)
    spoken = f"{title}: {total:,} in {len(counts)} days, at most {top:,} on one day" if total else f"{title}: none"
    return Markup(  # noqa: S704 -- made of numbers and of escaped words
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(spoken)}">'
        f'<text class="tick" x="2" y="12">{top:,}</text>'
        f'<line class="grid" x1="0" x2="{width}" y1="18" y2="18"/>'
        f'{"".join(drawn)}<line class="axis" x1="0" x2="{width}" y1="{floor}" y2="{floor}"/>{"".join(marks)}</svg>'
    )


def week_chart(pace: Sequence[float | None], *, title: str) -> Markup:
    """Articles an hour through a week: 168 values from Monday 00:00, None where the hour was never watched."""
    if len(pace) != 168 or not any(pace):
        return Markup("")
    top = max(value for value in pace if value)
    size, left, head = 14, 34, 16
    cells = []
    for hour, value in enumerate(pace):
        x, y = left + (hour % 24) * size, head + (hour // 24) * size
        strength = 0 if not value else max(1, round(value / top * 5))
        when = f"{WEEKDAY_LABELS[hour // 24]} {hour % 24:02}:00"
        words = f"{when}: not watched yet" if value is None else f"{when}: {value:.2f} an hour"
        kind = "unknown" if value is None else f"heat{strength}"
        cells.append(
            f'<rect class="{kind}" x="{x}" y="{y}" width="{size - 1}" height="{size - 1}">'
            f"<title>{escape(words)}</title></rect>"
        )
    names = [
        f'<text class="tick" x="0" y="{head + number * size + 11}">{day[:3]}</text>'
        for number, day in enumerate(WEEKDAY_LABELS)
    ]
    hours = [f'<text class="tick" x="{left + hour * size}" y="11">{hour:02}</text>' for hour in range(0, 24, 6)]
    return Markup(  # noqa: S704 -- made of numbers and of escaped words
        f'<svg class="chart week" viewBox="0 0 {left + 24 * size} {head + 7 * size}" role="img"'
        f' aria-label="{escape(_spoken(pace, title))}">{"".join(names)}{"".join(hours)}{"".join(cells)}</svg>'
    )


def sparkline(pace: Sequence[float | None], *, title: str) -> Markup:
    """The same week as one line; hours that were never watched are drawn as none."""
    if len(pace) != 168 or not any(pace):
        return Markup("")
    top = max(value for value in pace if value)
    height = 28
    points = " ".join(f"{hour * 2},{height - (value or 0) / top * (height - 2):.1f}" for hour, value in enumerate(pace))
    days = "".join(f'<line class="grid" x1="{day * 48}" x2="{day * 48}" y1="0" y2="{height}"/>' for day in range(1, 7))
    return Markup(  # noqa: S704 -- made of numbers and of escaped words
        f'<svg class="chart spark" viewBox="0 0 334 {height}" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(_spoken(pace, title))}">{days}<polyline class="line" points="{points}"/></svg>'
    )


def _spoken(pace: Sequence[float | None], title: str) -> str:
    peak = max(range(168), key=lambda hour: pace[hour] or 0)
    return f"{title}: most on {WEEKDAY_LABELS[peak // 24]} at {peak % 24:02}:00, {pace[peak] or 0:.1f} articles an hour"


def timeline(stretches: Sequence[Stretch], *, start: datetime, end: datetime, title: str) -> Markup:
    """What is proven complete and where something may have been missed, on one line of time."""
    span = (end - start).total_seconds()
    if span <= 0:
        return Markup("")
    width, height = 720, 22
    drawn = []
    for stretch in sorted(_joined(stretches), key=lambda one: one.state != "complete"):
        left = max((stretch.start - start).total_seconds(), 0) / span * width
        right = min((stretch.end - start).total_seconds(), span) / span * width
        if right < 0 or left > width:
            continue
        least = 0.5 if stretch.state == "complete" else 3  # a short gap must be seen
        drawn.append(
            f'<rect class="{escape(stretch.state)}" x="{left:.2f}" y="2" width="{max(right - left, least):.2f}"'
            f' height="18"><title>{escape(stretch.words)}</title></rect>'
        )
    holes = [one for one in stretches if one.state in ("open", "unresolved")]
    spoken = f"{title}: {len(holes)} gap{'' if len(holes) == 1 else 's'}"
    return Markup(  # noqa: S704 -- made of numbers and of escaped words
        f'<svg class="chart timeline" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(spoken)}"><rect class="unknown" x="0" y="2" width="{width}" height="18"/>'
        f"{''.join(drawn)}</svg>"
    )


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Complete intervals that follow each other are one rectangle."""
    joined: list[Stretch] = []
    for one in stretches:
        last = joined[-1] if joined else None
        if last and one.state == last.state == "complete" and one.start <= last.end:
            words = last.words.split(" to ")[0] + " to " + one.words.split(" to ")[-1]
            joined[-1] = Stretch(start=last.start, end=max(last.end, one.end), state="complete", words=words)
        else:
            joined.append(one)
    return joined

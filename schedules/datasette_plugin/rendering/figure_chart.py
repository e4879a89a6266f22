"""A chart of claimed figures over time: one line per speaker, each point a link to its sentence. SVG without script. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import escape

from markupsafe import Markup

from crawler.figures.ledger import FigurePoint, FigureSeries, SpeakerLine, figure_text

LINE_COLOURS = 6
"""Colours `.s0` to `.s5` of the style sheet; each also has a shape of its own, so that colour is not needed."""
_WIDTH, _TOP, _FLOOR, _HEIGHT, _RIGHT = 720, 26, 200, 228, 700
_LEFT = 74
_ZOOM = 0.6
"""The axis begins at 0 unless all numbers are above this share of the largest."""
_SHAPES = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
    "M-4.5 -4.5h9v9h-9z",
    "M0 -6L5.5 4.5H-5.5z",
    "M0 -6.5L6.5 0L0 6.5L-6.5 0z",
    "M0 6L5.5 -4.5H-5.5z",
    "M-2 -6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
)
_SHAPE_WITHOUT_SPEAKER = "M-4 -4L4 4M-4 4L4 -4"


def speaker_key(number: int | None) -> Markup:
    """The mark of a line for the legend; None for claims without a speaker."""
    return Markup(f'<svg class="chart speaker-key" viewBox="-8 -8 16 16" aria-hidden="true">{_shape(number)}</svg>')  # noqa: S704 -- our own constants


def figure_chart(series: FigureSeries, link: Callable[[FigurePoint], str]) -> Markup:
    """The chart of one series; empty if it has fewer than two numbers. `link` returns the URL of a point."""
    points = [point for point in series.points if point.low is not None and point.high is not None]
    if len(points) < 2:
        return Markup("")
    top = _rounded_up(max(point.high or 0 for point in points))
    lowest = min(point.low or 0 for point in points)
    bottom = 0.0 if lowest < _ZOOM * top else _rounded_down(lowest, top)
    first, last = points[0].at, points[-1].at
    if last - first < timedelta(hours=12):
        first, last = first - timedelta(days=1), last + timedelta(days=1)

    def x(point: FigurePoint) -> float:
        return _LEFT + (point.at - first) / (last - first) * (_RIGHT - _LEFT)

    def y(value: float) -> float:
        return _FLOOR - (value - bottom) / ((top - bottom) or 1) * (_FLOOR - _TOP)

    parts = [*_scale(bottom, top, y), *_days(first, last)]
    for number, line in enumerate(series.lines):
        parts += _line(None if line.speaker is None else number, line, x, y, link)
    spoken = (
        f"{series.title}: {len(points)} claims by {len(series.lines)} speakers, {first:%d %b %Y} to {last:%d %b %Y}"
    )
    return Markup(  # noqa: S704 -- numbers and escaped words
        f'<svg class="chart figures-chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="group" aria-label="{escape(spoken)}">'
        f"{''.join(parts)}</svg>"
    )


def _line(
    number: int | None,
    line: SpeakerLine,
    x: Callable[[FigurePoint], float],
    y: Callable[[float], float],
    link: Callable[[FigurePoint], str],
) -> Iterator[str]:
    points = [point for point in line.points if point.low is not None and point.high is not None]
    css = _css(number)
    if number is not None and len(points) > 1:
        path = " ".join(f"{x(one):.1f},{y(_middle(one)):.1f}" for one in points)
        yield f'<polyline class="line {css}" points="{path}"/>'
    for point in points:
        words = f"{line.speaker or 'no speaker named'}: {figure_text(point)}, {point.at:%d %b %Y}, {point.source}"
        bar = ""
        if point.low != point.high:
            at, low, high = x(point), y(point.low or 0), y(point.high or 0)
            bar = f'<line class="range {css}" x1="{at:.1f}" x2="{at:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>'
        yield (
            f'<a href="{escape(link(point))}"><title>{escape(words)}</title>{bar}'
            f'<g transform="translate({x(point):.1f} {y(_middle(point)):.1f})">'
            f'<circle class="target" r="12"/>{_shape(number)}</g></a>'
        )


def _shape(number: int | None) -> str:
    path = _SHAPE_WITHOUT_SPEAKER if number is None else _SHAPES[number % len(_SHAPES)]
    return f'<path class="point {_css(number)}" d="{path}"/>'


def _css(number: int | None) -> str:
    return "unnamed" if number is None else f"s{number % LINE_COLOURS}"


def _middle(point: FigurePoint) -> float:
    return ((point.low or 0) + (point.high or 0)) / 2


def _scale(bottom: float, top: float, y: Callable[[float], float]) -> Iterator[str]:
    for step in range(3):
        value = bottom + (top - bottom) * step / 2
        height = y(value)
        css = "axis" if step == 0 else "grid"
        yield f'<line class="{css}" x1="0" x2="{_WIDTH}" y1="{height:.1f}" y2="{height:.1f}"/>'
        yield f'<text class="tick" x="0" y="{height - 5:.1f}">{value:,.0f}</text>'


def _days(first: datetime, last: datetime) -> Iterator[str]:
    for place, at, anchor in ((_LEFT, first, "start"), (_RIGHT, last, "end")):
        yield f'<text class="tick" x="{place}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{at.day} {at:%b %Y}</text>'


def _rounded_up(value: float) -> float:
    """The next number with two significant digits, the second even."""
    if value <= 0:
        return 1.0
    unit = 2.0 * 10.0 ** max(0, math.floor(math.log10(value)) - 1)
    return math.ceil(value / unit) * unit


def _rounded_down(value: float, top: float) -> float:
    """A round number below the smallest value, with a margin of a tenth of the range."""
    margin = max((top - value) / 10, 1)
    unit = 2.0 * 10.0 ** max(0, math.floor(math.log10(max(top - value, 1))) - 1)
    return math.floor((value - margin) / unit) * unit

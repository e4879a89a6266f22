"""Values as HTML: times, and text with highlights and changes. Filters of the templates. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import groupby, pairwise
from typing import NamedTuple

from markupsafe import Markup, escape

from crawler.sqlite.values import format_utc, parse_utc_or_none
from crawler.text.diff import DiffSpan
from schedules.formatting.highlight import HighlightSpan
from schedules.formatting.plain_text import lasting

_MINUTE = timedelta(minutes=1)
_RECENT = timedelta(days=2)
_CHANGES = {"added": Markup("<ins>{}</ins>"), "removed": Markup("<del>{}</del>")}
_HIT = Markup("<mark>{}</mark>")


class AlertMark(NamedTuple):
    """A sentence of an alert that is marked in a text."""

    alert: int
    sentence: str
    """As published."""
    spans: Sequence[tuple[int, int]]
    """Matched words, as offsets in the sentence."""


def when(time: str | datetime | None, offset_minutes: int | None = None, zone: tzinfo | None = None) -> Markup:
    """ "1 Mar 2026, 13:05 +02:00": with the publisher's offset if it is known, else in `zone`, by default UTC."""
    at = _parsed(time)
    if at is None:
        return escape(time or "")
    local = at.astimezone(timezone(timedelta(minutes=offset_minutes)) if offset_minutes else zone or timezone.utc)
    offset = f"{local:%z}".replace("-", "−")
    name = f"{offset[:3]}:{offset[3:]}" if local.utcoffset() else "UTC"
    return Markup('<time datetime="{}">{} {:%b %Y, %H:%M} {}</time>').format(format_utc(at), local.day, local, name)


def calendar_day(time: datetime) -> Markup:
    """ "1 Mar 2026"."""
    return Markup('<time datetime="{}">{} {:%b %Y}</time>').format(format_utc(time), time.day, time)


def time_ago(time: str | datetime | None, now: datetime) -> Markup:
    """ "3 hours ago" or "in 2 hours" within two days, else the day."""
    at = _parsed(time)
    if at is None:
        return escape(time or "")
    age = now - at
    if abs(age) > _RECENT:
        shown = f"{at.day} {at:%b}{f' {at.year}' if at.year != now.year else ''}"
    elif abs(age) < _MINUTE:
        shown = "just now"
    else:
        shown = f"{lasting(age)} ago" if age > timedelta(0) else f"in {lasting(-age)}"
    title = f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(format_utc(at), title, shown)


def _parsed(time: str | datetime | None) -> datetime | None:
    if isinstance(time, datetime):
        return time
    try:
        return parse_utc_or_none(time)
    except ValueError:
        return None


def highlighted_spans(spans: Iterable[HighlightSpan]) -> Markup:
    """A sentence with its matched words, and with the words that an edit removed and added."""
    return Markup("").join(
        _CHANGES.get(span.change, Markup("{}")).format(_HIT.format(span.text) if span.hit else span.text)
        for span in spans
    )


def diffed(spans: Iterable[DiffSpan]) -> Markup:
    """Removed and added words of a comparison."""
    return Markup("").join(_CHANGES.get(span.kind, Markup("{}")).format(span.text) for span in spans)


def mark_sentences(paragraphs: Sequence[str], marks: Sequence[AlertMark]) -> list[Markup]:
    """The paragraphs with the sentences of alerts marked, each where it occurs first.

    The first marked sentence of an alert has the ID `alert-1`, the target of links.
    """
    placed: set[tuple[int, str]] = set()
    anchored: set[int] = set()
    return [_marked(paragraph, marks, placed, anchored) for paragraph in paragraphs]


def _marked(paragraph: str, marks: Sequence[AlertMark], placed: set[tuple[int, str]], anchored: set[int]) -> Markup:
    found: list[tuple[int, int, int]] = []
    hits: list[tuple[int, int]] = []
    for alert, sentence, spans in marks:
        at = paragraph.find(sentence) if sentence and (alert, sentence) not in placed else -1
        if at >= 0:
            placed.add((alert, sentence))
            found.append((at, at + len(sentence), alert))
            hits += [(at + start, at + end) for start, end in spans]
    edges = {
        0,
        len(paragraph),
        *(edge for start, end, _ in found for edge in (start, end)),
        *(edge for hit in hits for edge in hit),
    }
    html = Markup("")
    for in_sentence, group in groupby(
        pairwise(sorted(edges)), key=lambda piece: any(_holds(one, piece) for one in found)
    ):
        pieces = list(group)
        inner = Markup("").join(
            _HIT.format(paragraph[start:end])
            if any(_holds(hit, (start, end)) for hit in hits)
            else escape(paragraph[start:end])
            for start, end in pieces
        )
        if in_sentence:
            inner = Markup('<span class="match">{}</span>').format(inner)
            begin, stop = pieces[0][0], pieces[-1][1]
            for alert in sorted({alert for start, _, alert in found if begin <= start < stop} - anchored):
                anchored.add(alert)
                inner = Markup('<span id="alert-{}">{}</span>').format(alert, inner)
        html += inner
    return html


def _holds(outer: Sequence[int], inner: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]

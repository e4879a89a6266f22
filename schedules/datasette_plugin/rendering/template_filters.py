"""How values look on a page: times, links, marked sentences. Used by the templates as filters. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise

from markupsafe import Markup, escape

from crawler.sqlite.values import parse_utc_or_none
from schedules.formatting.highlight import HighlightSpan
from schedules.formatting.links import safe_link
from schedules.formatting.times import lasting

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTE = timedelta(minutes=1)
_RECENT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of a paragraph that look alike."""

    text: str
    alerts: tuple[int, ...] = ()
    """Alerts whose sentence this is part of."""
    begins: tuple[int, ...] = ()
    """Alerts whose sentence begins here."""
    hit: bool = False


def when(text: str | None, offset_minutes: int | None = None) -> Markup:
    """A time of the archive: by the publisher's clock where its offset is known, else UTC; precise for machines."""
    at = _moment(text)
    if at is None:
        return escape(text or "")
    local = at if offset_minutes is None else at + timedelta(minutes=offset_minutes)
    zone = "UTC" if not offset_minutes else _offset(offset_minutes)
    shown = f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M} {zone}"
    return Markup('<time datetime="{}">{}</time>').format(text, shown)


def time_ago(text: str | None, now: datetime) -> Markup:
    """ "3 hours ago" for what is recent, the day for what is not."""
    at = _moment(text)
    if at is None:
        return escape(text or "")
    age = now - at
    if age > _RECENT:
        shown = f"{at.day} {_MONTHS[at.month - 1]}{f' {at.year}' if at.year != now.year else ''}"
    elif age > _MINUTE:
        shown = f"{lasting(age)} ago"
    else:
        shown = "just now" if age > -_MINUTE else f"in {lasting(-age)}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(text, _title(at), shown)


def highlighted_spans(pieces: Iterable[HighlightSpan]) -> Markup:
    """A sentence with the words that hit, and with what an edit struck and added."""
    return Markup("").join(_piece(piece.text, piece.change, hit=piece.hit) for piece in pieces)


def _piece(text: str, change: str, *, hit: bool) -> Markup:
    inner = Markup("<mark>{}</mark>").format(text) if hit else escape(text)
    if change == "added":
        return Markup("<ins>{}</ins>").format(inner)
    if change == "removed":
        return Markup("<del>{}</del>").format(inner)
    return inner


def diffed(pieces: Iterable[object]) -> Markup:
    """Pieces of `comparing.Row`: struck and added words."""
    return Markup("").join(
        _piece(getattr(piece, "text", ""), getattr(piece, "kind", "same"), hit=False) for piece in pieces
    )


def web_link(url: str | None) -> str | None:
    """Only http and https ever become a link."""
    return safe_link(url)


def language_tag(language: str | None) -> str:
    """For the `lang` attribute; empty where it is none."""
    return language if language and language.isascii() and language.replace("-", "").isalnum() else ""


def marked_paragraphs(
    paragraphs: Sequence[str], sentences: Sequence[tuple[int, str, Sequence[tuple[int, int]]]]
) -> list[list[Run]]:
    """Each paragraph in runs, with the sentences of alerts found in it and the words that hit.

    `sentences`: alert's id, sentence as published, spans within it. A sentence is marked where it stands first.
    """
    begun: set[tuple[int, str]] = set()
    return [_runs(paragraph, sentences, begun) for paragraph in paragraphs]


def _runs(
    paragraph: str,
    sentences: Sequence[tuple[int, str, Sequence[tuple[int, int]]]],
    begun: set[tuple[int, str]],
) -> list[Run]:
    stretches: list[tuple[int, int, int]] = []
    hits: list[tuple[int, int]] = []
    for alert, sentence, spans in sentences:
        at = paragraph.find(sentence) if sentence and (alert, sentence) not in begun else -1
        if at < 0:
            continue
        begun.add((alert, sentence))
        stretches.append((at, at + len(sentence), alert))
        hits += [(at + start, at + end) for start, end in spans]
    edges = sorted(
        {0, len(paragraph), *(edge for a, b, _ in stretches for edge in (a, b)), *(e for h in hits for e in h)}
    )
    runs = []
    for start, end in pairwise(edges):
        runs.append(
            Run(
                text=paragraph[start:end],
                alerts=tuple(sorted({alert for a, b, alert in stretches if a <= start and end <= b})),
                begins=tuple(sorted({alert for a, _, alert in stretches if a == start})),
                hit=any(a <= start and end <= b for a, b in hits),
            )
        )
    return runs


def _moment(text: str | None) -> datetime | None:
    try:
        return parse_utc_or_none(text)
    except ValueError:
        return None


def _offset(minutes: int) -> str:
    sign = "−" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _title(at: datetime) -> str:
    return f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"

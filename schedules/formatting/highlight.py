"""Highlight the matching words of a sentence, and the words that an edit added or removed. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from crawler.text.diff import diff_paragraphs
from schedules.formatting.plain_text import plain

MAX_SHOWN = 480
"""Characters shown of a sentence: six lines of a mail. A list without punctuation can be one long sentence."""
SHOWN_BEFORE = 160
"""Characters shown before the first highlighted word if a sentence is cut."""
MOST_COMPARED = 4_000
"""Characters of both wordings together. The time of a comparison word by word is quadratic in them."""

HighlightChange = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class HighlightSpan:
    """Characters with the same highlighting."""

    text: str
    change: HighlightChange = "same"
    hit: bool = False
    """A word that matched the topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HighlightedSentence:
    """A sentence as published, with what to highlight in it."""

    text: str
    field: str
    change: str
    """unchanged; added or removed by an edit."""
    spans: tuple[tuple[int, int], ...] = ()
    """Start and end of each matching word."""
    replaces: str | None = None
    """The wording before the edit; None if the sentence is new."""
    outlet: str | None = None
    """The outlet, if the sentence is from another article than the one shown."""


def highlight(sentence: HighlightedSentence) -> tuple[HighlightSpan, ...]:
    """The sentence as it is shown: cleaned, highlighted, and cut around its highlights if it is too long."""
    spans = _split(_changes(sentence), _merge_spans(sentence.spans, sentence.text))
    cleaned = [replace(piece, text=plain(piece.text)) for piece in spans]
    return tuple(_cut(_trim([piece for piece in cleaned if piece.text])))


def _changes(sentence: HighlightedSentence) -> list[HighlightSpan]:
    if sentence.change == "removed":
        return [HighlightSpan(sentence.text, "removed")]
    if sentence.change != "added":
        return [HighlightSpan(sentence.text)]
    before = sentence.replaces
    if before is None or len(before) + len(sentence.text) > MOST_COMPARED:
        return [
            *([HighlightSpan(before, "removed"), HighlightSpan(" ")] if before else []),
            HighlightSpan(sentence.text, "added"),
        ]
    return list(_compared(before, sentence.text))


def _compared(before: str, after: str) -> Iterator[HighlightSpan]:
    """Compare word by word, or character by character in scripts without spaces. Same and added spans make up `after`."""
    changes = diff_paragraphs([before], [after])
    for change in changes:
        yield from (HighlightSpan(span.text, span.kind) for span in change.inline)
        if change.kind == "removed" and len(changes) > 1:
            yield HighlightSpan(" ", "removed")


def _merge_spans(spans: Iterable[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Sorted spans within the text. Spans separated only by white space or a hyphen are joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(len(text), end)) for start, end in spans):
        if start >= end:
            continue
        if merged and not text[merged[-1][1] : start].strip(" -\u00a0"):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _split(changes: Sequence[HighlightSpan], spans: Sequence[tuple[int, int]]) -> Iterator[HighlightSpan]:
    """Split the changes at the spans. Spans do not count removed words, unless the whole sentence was removed."""
    removed_only = all(piece.change == "removed" for piece in changes)
    at = 0
    for piece in changes:
        if piece.change == "removed" and not removed_only:
            yield piece
            continue
        end = at + len(piece.text)
        here = at
        for start, stop in spans:
            if stop <= here or start >= end:
                continue
            if start > here:
                yield replace(piece, text=piece.text[here - at : start - at])
            yield replace(piece, text=piece.text[max(start, here) - at : min(stop, end) - at], hit=True)
            here = min(stop, end)
        if here < end:
            yield replace(piece, text=piece.text[here - at :])
        at = end


def _trim(found: list[HighlightSpan]) -> list[HighlightSpan]:
    if found:
        found[0] = replace(found[0], text=found[0].text.lstrip())
        found[-1] = replace(found[-1], text=found[-1].text.rstrip())
    return [piece for piece in found if piece.text]


def _cut(found: list[HighlightSpan], most: int = MAX_SHOWN) -> Iterator[HighlightSpan]:
    """Cut around the first highlight; an ellipsis stands for what is left out."""
    whole = sum(len(piece.text) for piece in found)
    if whole <= most:
        yield from found
        return
    first, at = 0, 0
    for piece in found:
        if piece.hit or piece.change != "same":
            first = at
            break
        at += len(piece.text)
    start = max(0, min(first - SHOWN_BEFORE, whole - most))
    stop = start + most
    if start:
        yield HighlightSpan("… ")
    at = 0
    for piece in found:
        kept = piece.text[max(0, start - at) : max(0, stop - at)]
        at += len(piece.text)
        if kept:
            yield replace(piece, text=kept)
    if stop < whole:
        yield HighlightSpan(" …")


def spans_as_text(spans: Iterable[HighlightSpan], *, highlights: bool = True) -> str:
    """Plain text: *matching* words (unless `highlights` is off), [+added+], [-removed-]."""
    runs = itertools.groupby(spans, key=lambda span: span.change)
    return "".join(_plain(change, run, highlights=highlights) for change, run in runs)


def _plain(change: HighlightChange, run: Iterable[HighlightSpan], *, highlights: bool) -> str:
    text = "".join(f"*{span.text}*" if span.hit and highlights else span.text for span in run)
    lead, body, trail = text[: len(text) - len(text.lstrip())], text.strip(), text[len(text.rstrip()) :]
    if change == "same" or not body:
        return text
    return f"{lead}[+{body}+]{trail}" if change == "added" else f"{lead}[-{body}-]{trail}"

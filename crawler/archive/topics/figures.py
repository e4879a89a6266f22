"""Write the claimed figures of matches, and read them for the ledger of a topic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.archive.db.seals import insert_sealed
from crawler.archive.topics.revision_texts import Revision
from crawler.figures.claim import FigureClaim, SentenceFigures
from crawler.figures.ledger import FigurePoint
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import as_json, clean_text, clean_text_or_none, format_utc, parse_utc

_COLUMNS = (
    "match_id", "position", "number", "written", "spans", "low", "high", "share", "modifier", "unit", "outcome",
    "speaker", "speaker_name", "cue",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """A number of a matched sentence whose unit is not known."""

    written: str
    sentence: str
    url: str
    alert_id: int | None
    article_id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFigures:
    """All claims of a topic."""

    points: tuple[FigurePoint, ...]
    removed: frozenset[tuple[int, str]]
    """(article ID, sentence) of sentences that a later version of the article no longer has."""
    not_understood: tuple[NotUnderstood, ...]


def read_sentences(db: Connection, topic: str, revision: Revision) -> frozenset[str]:
    """The sentences of earlier versions of the article whose figures are already stored for the topic."""
    rows = db.execute(
        "SELECT DISTINCT s.sentence FROM revisions r JOIN matches m ON m.revision_id = r.id AND m.topic_id = ?"
        " JOIN figures f ON f.match_id = m.id"
        " JOIN match_sentences s ON s.match_id = f.match_id AND s.position = f.position"
        " WHERE r.article_id = ? AND r.id < ?",
        (topic, revision.recorded_as, revision.id),
    )
    return frozenset(row[0] for row in rows)


def insert_figures(db: Connection, match_id: int, figures: Mapping[int, tuple[str, SentenceFigures]]) -> None:
    """Store the figures of a match: position -> (sentence, figures). They replace those of an older topic version."""
    db.execute("DELETE FROM figures WHERE match_id = ?", (match_id,))
    rows: list[tuple[object, ...]] = []
    for position, (sentence, found) in figures.items():
        number = 0
        for claim in found.claims:
            number += 1
            rows.append((match_id, position, number, *_values(claim)))
        for span in found.not_understood:
            number += 1
            written = clean_text(sentence[span[0] : span[1]])
            rows.append((match_id, position, number, written, as_json({"number": span}), *(None,) * 9))
    for row in rows:
        insert_sealed(db, "figures", dict(zip(_COLUMNS, row, strict=True)))


def figures_of_topic(
    db: Connection, topic: str, *, since: datetime | None = None, source: str | None = None
) -> TopicFigures:
    """The claims of a topic, oldest first; only those published since a time, or by one source."""
    rows = db.execute(
        "SELECT * FROM figure_list WHERE topic_id = ? AND published_at >= ? AND source_id = coalesce(?, source_id)"
        " ORDER BY revision_id, figure_id",
        (topic, format_utc(since) if since else "", source),
    ).fetchall()
    removed = db.execute(
        "SELECT coalesce(a.merged_into, a.id), s.sentence FROM matches m"
        " JOIN match_sentences s ON s.match_id = m.id AND s.change = 'removed'"
        " JOIN revisions r ON r.id = m.revision_id JOIN articles a ON a.id = r.article_id WHERE m.topic_id = ?",
        (topic,),
    )
    return TopicFigures(
        points=tuple(_point(row) for row in rows if row["unit"] is not None),
        removed=frozenset((row[0], row[1]) for row in removed),
        not_understood=tuple(from_row(NotUnderstood, row) for row in rows if row["unit"] is None),
    )


def _values(claim: FigureClaim) -> tuple[object, ...]:
    speaker = claim.speaker
    spans = {
        "number": claim.span,
        "unit": claim.unit_span,
        "outcome": claim.outcome_span,
        "speaker": speaker.span if speaker is not None else None,
    }
    return (
        clean_text(claim.written),
        as_json({name: span for name, span in spans.items() if span is not None}),
        claim.low,
        claim.high,
        claim.share,
        claim.modifier,
        claim.unit,
        claim.outcome,
        clean_text_or_none(speaker.written if speaker else None),
        clean_text_or_none(speaker.normalized if speaker else None),
        clean_text_or_none(speaker.cue if speaker else None),
    )


def _point(row: Any) -> FigurePoint:
    return from_row(
        FigurePoint,
        row,
        id=row["figure_id"],
        at=parse_utc(row["seen_at"] if row["version"] > 1 else row["published_at"]),
        spans={name: (start, end) for name, (start, end) in json.loads(row["spans"]).items()},
    )

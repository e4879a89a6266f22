"""The figures of a topic as CSV for coders of events, and as JSON. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from crawler.archive.maintenance.export import spreadsheet_cell
from crawler.archive.topics.figures import NotUnderstood
from crawler.figures.ledger import FigurePoint, FigureSeries, is_conflict
from crawler.sqlite.values import format_utc

FIGURE_CSV_COLUMNS = (
    # in the order of ACLED's codebook: date, source, notes, fatalities, timestamp
    "event_date", "year", "source", "notes", "fatalities", "timestamp",
    # what ACLED has no column for
    "speaker", "speaker_name", "cue", "written", "low", "high", "share", "modifier", "unit", "outcome", "corrects",
    "withdrawn", "conflicts_with", "also_in", "topic", "alert_id", "article_id", "version", "url", "page_sha256",
)  # fmt: skip


def figures_as_csv(topic: str, ledger: Iterable[FigureSeries]) -> str:
    """One line per claim with its sentence, oldest first, with a header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(FIGURE_CSV_COLUMNS)
    rows = [(point, _in_conflict(point, series)) for series in ledger for point in series.points]
    for point, conflicts in sorted(rows, key=lambda row: (row[0].at, row[0].id)):
        writer.writerow([spreadsheet_cell(value) for value in _row(topic, point, conflicts)])
    return buffer.getvalue()


def figures_as_json(ledger: Iterable[FigureSeries], not_understood: Sequence[NotUnderstood]) -> dict[str, Any]:
    """The series with their claims, and the numbers that were not understood."""
    return {
        "series": [
            {
                "unit": series.unit,
                "outcome": series.outcome,
                "claims": [
                    dict(zip(FIGURE_CSV_COLUMNS[6:], _claim("", point, _in_conflict(point, series)), strict=True))
                    | {"at": format_utc(point.at), "source": point.source, "sentence": point.sentence}
                    for point in series.points
                ],
            }
            for series in ledger
        ],
        "not_understood": [
            {"written": one.written, "sentence": one.sentence, "url": one.url, "alert_id": one.alert_id}
            for one in not_understood
        ],
    }


def _in_conflict(point: FigurePoint, series: FigureSeries) -> list[str]:
    """The speakers whose claims of the series conflict with the point."""
    if point.speaker_name is None:
        return []
    others = [line for line in series.lines if line.speaker not in (None, point.speaker_name)]
    return [str(line.speaker) for line in others if any(is_conflict(point, other) for other in line.points)]


def _row(topic: str, point: FigurePoint, conflicts: Sequence[str]) -> list[object]:
    fatalities = point.low if point.outcome == "killed" and point.low is not None and point.share is None else None
    return [
        f"{point.at:%d %B %Y}",
        point.at.year,
        point.source,
        point.sentence,
        None if fatalities is None else int(fatalities),
        format_utc(point.at),
        *_claim(topic, point, conflicts),
    ]


def _claim(topic: str, point: FigurePoint, conflicts: Sequence[str]) -> list[object]:
    return [
        point.speaker, point.speaker_name, point.cue, point.written, point.low, point.high, point.share, point.modifier,
        point.unit, point.outcome, point.corrects, int(point.is_withdrawn), "; ".join(conflicts), "; ".join(point.also_in),
        topic, point.alert_id, point.article_id, point.version, point.url, point.page_sha256,
    ]  # fmt: skip

"""The page of a topic's figures: a chart per unit and outcome, and every claim with its sentence."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.archive.topics.figures import NotUnderstood, figures_of_topic
from crawler.figures.ledger import FigurePoint, FigureSeries, figure_text, ledger_of, number_text
from crawler.sqlite.connection import Connection
from schedules.datasette_plugin import queries
from schedules.datasette_plugin.rendering.figure_chart import figure_chart, speaker_key
from schedules.datasette_plugin.responses import Context, PageRequest, found_or_404

MAX_SERIES = 20
MAX_CLAIMS = 40
"""Claims listed for each series; the chart shows all."""
MAX_NOT_UNDERSTOOD = 20


def figures_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound."""
    topic = found_or_404(queries.topic_row(db, request.key), "There is no such topic")
    found = figures_of_topic(db, topic["id"])
    ledger = ledger_of(found.points, found.removed)
    return {
        "topic": topic,
        "series": [_series_view(one) for one in ledger[:MAX_SERIES]],
        "more_series": [one.title for one in ledger[MAX_SERIES:]],
        "claims": len(found.points),
        "href": _href,
        "not_understood": found.not_understood[::-1][:MAX_NOT_UNDERSTOOD],
        "not_understood_count": len(found.not_understood),
    }


def _href(point: FigurePoint | NotUnderstood) -> str:
    """The sentence of a claim, relative to /topic/ID/figures, so that it is right under any base URL."""
    if point.alert_id is not None:
        return f"../../alert/{point.alert_id}"
    return f"../../article/{point.article_id}/{point.version}"


def _series_view(series: FigureSeries) -> Context:
    """The chart, the legend with a mark for each speaker, and the newest claims."""
    keys = {
        line.speaker: speaker_key(None if line.speaker is None else place) for place, line in enumerate(series.lines)
    }
    return {
        "series": series,
        "chart": figure_chart(series, _href),
        "legend": [
            (keys[line.speaker], line.speaker or "no speaker named", number_text(*line.range) if line.range else "")
            for line in series.lines
        ],
        "claims": [
            {
                "point": point,
                "text": figure_text(point),
                "href": _href(point),
                "key": keys[point.speaker_name],
                "parts": list(_parts(point)),
            }
            for point in series.points[::-1][:MAX_CLAIMS]
        ],
        "more": max(0, len(series.points) - MAX_CLAIMS),
    }


def _parts(point: FigurePoint) -> Iterator[tuple[str, bool]]:
    """The sentence in pieces; True: number, unit, outcome or speaker."""
    end = 0
    for start, stop in sorted(point.spans.values()):
        if start < end:
            continue
        if start > end:
            yield point.sentence[end:start], False
        yield point.sentence[start:stop], True
        end = stop
    if end < len(point.sentence):
        yield point.sentence[end:], False

"""Metrics for Prometheus' textfile collector, written atomically."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from crawler.exceptions import WirewatchError
from crawler.filesystem.files import replace_file
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import parse_utc

_QUERIES = (
    ("articles_total", "counter", "Articles with a text.", "source",
     # All articles minus those without a text: both counts use an index and read no row.
     "SELECT source_id, sum(articles) FROM (SELECT source_id, count(*) AS articles FROM articles GROUP BY 1 UNION ALL"
     " SELECT source_id, -count(*) FROM articles WHERE latest_revision_id IS NULL GROUP BY 1) GROUP BY 1"),
    ("queue_waiting", "gauge", "URLs that wait to be fetched.", "source",
     "SELECT source_id, count(*) FROM queue WHERE state = 'waiting' GROUP BY 1"),
    ("requests_total", "counter", "Requests sent.", "source",
     "SELECT source_id, sum(requests) FROM (SELECT source_id, requests FROM source_runs UNION ALL"
     " SELECT source_id, requests FROM pruned_source_runs) GROUP BY 1"),
    ("failures_total", "counter", "Pages that could not be fetched or extracted.", "source",
     "SELECT source_id, sum(failures) FROM (SELECT source_id, failed + blocked AS failures FROM source_runs UNION ALL"
     " SELECT source_id, failures FROM pruned_source_runs) GROUP BY 1"),
    ("poll_failures_in_a_row", "gauge", "Consecutive failed polls of the source's worst seed.", "source",
     "SELECT source_id, max(failures) FROM seeds GROUP BY 1"),
    ("gaps_unrepaired", "gauge", "Gaps that are open or unresolved.", "source",
     "SELECT source_id, count(*) FROM coverage WHERE state IN ('open', 'unresolved') GROUP BY 1"),
    ("problems_open", "gauge", "Open problems of sources.", "kind",
     "SELECT kind, count(*) FROM problems WHERE resolved_at IS NULL GROUP BY 1"),
    ("job_runs_90_days", "gauge", "Finished runs of a job in the last 90 days.", "job",
     "SELECT name, count(*) FROM job_runs WHERE finished_at IS NOT NULL GROUP BY 1"),
    ("job_failures_in_a_row", "gauge", "Failed runs of a job in a row.", "job", "SELECT name, failures FROM jobs"),
    ("job_seconds", "gauge", "Duration of the last run of a job.", "job",
     "SELECT name, seconds FROM job_runs WHERE id IN (SELECT max(id) FROM job_runs WHERE seconds IS NOT NULL"
     " GROUP BY name)"),
    ("job_late_seconds", "gauge", "How late the last run of a job started.", "job",
     "SELECT name, late_seconds FROM job_runs WHERE id IN (SELECT max(id) FROM job_runs GROUP BY name)"),
)  # fmt: skip
_AGES = (
    ("last_new_article_age_seconds", "Time since a source last listed a new article.", "source",
     "SELECT source_id, last_new_at FROM silences WHERE last_new_at IS NOT NULL"),
    ("last_poll_age_seconds", "Time since a source was last polled.", "source",
     "SELECT source_id, max(polled_at) FROM seeds WHERE polled_at IS NOT NULL GROUP BY 1"),
)  # fmt: skip


def metrics(db: Connection, *, now: datetime) -> str:
    """Returns all metrics in Prometheus' text format."""
    return "".join(_lines(db, now))


def write_metrics(path: Path, db: Connection, *, now: datetime) -> None:
    """Write all metrics to a file atomically. Raises WirewatchError."""
    try:
        replace_file(path, metrics(db, now=now).encode(), mode=0o644)
    except OSError as error:
        raise WirewatchError(f"{path}: WIREWATCH_METRICS_FILE cannot be written ({error.strerror})") from error


def _lines(db: Connection, now: datetime) -> Iterator[str]:
    for name, kind, reported, label, query in _QUERIES:
        values = [(row[0], row[1] or 0) for row in db.execute(query)]
        yield from _metric(name, kind, reported, label, values)
    for name, reported, label, query in _AGES:
        ages = [(row[0], int((now - parse_utc(row[1])).total_seconds())) for row in db.execute(query)]
        yield from _metric(name, "gauge", reported, label, ages)
    yield from _metric(
        "written_timestamp_seconds", "gauge", "When this file was written.", "", [("", int(now.timestamp()))]
    )


def _metric(name: str, kind: str, reported: str, label: str, values: Sequence[tuple[str, float]]) -> Iterator[str]:
    yield f"# HELP wirewatch_{name} {reported}\n# TYPE wirewatch_{name} {kind}\n"
    for value_of, value in values:
        labels = f'{{{label}="{_escaped(value_of)}"}}' if label else ""
        yield f"wirewatch_{name}{labels} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

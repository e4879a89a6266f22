"""The monitor's terminal view: each source's state, due time, publication rate and problems, and the latest alerts.

Only reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.archive.crawl.publication_rates import publication_rate_of
from crawler.archive.monitoring.source_overviews import SourceOverview, source_overviews
from crawler.archive.monitoring.source_states import SourceState
from crawler.polling.publication_rate import hour_of_week, rate_zone
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from schedules.formatting.plain_text import span_ago

if TYPE_CHECKING:
    from rich.console import RenderableType

    from crawler.config.sources import Source
    from schedules.monitor.child_process import Child

DASHBOARD_ALERTS = 6


def dashboard(
    db: Connection, sources: Sequence[Source], children: Sequence[Child], *, now: datetime, messages: Sequence[str] = ()
) -> RenderableType:
    """Returns the view for rich. `messages`: the last lines of the monitor's log."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for heading in ("source", "state", "due", "last new", "per hour", "waiting", "gaps", "problems"):
        table.add_column(heading, no_wrap=True, justify="right" if heading in _NUMBERS else "left")
    rates, gaps = _rates(db, now), dict(tuple(row) for row in db.execute(_GAPS))
    for source in source_overviews(sources, db, now=now):
        if source.state is not SourceState.RETIRED:
            style = "red" if source.state.needs_attention else ""
            table.add_row(*_cells(source, now, rates, gaps), style=style)
    running = [f"{' '.join((child.run.name, *child.run.sources))} {child.seconds:.0f} s" for child in children]
    lines = [Text(f"{format_utc(now)}  running: {'; '.join(running) or 'nothing'}", style="dim", overflow="ellipsis")]
    lines_of_log = [Text(line, style="dim", overflow="ellipsis") for line in messages]
    return Group(*lines, table, *_alerts(db), *lines_of_log)


_NUMBERS = {"per hour", "waiting", "gaps"}
_GAPS = "SELECT source_id, count(*) FROM coverage WHERE state IN ('open', 'unresolved') GROUP BY 1"


def _cells(source: SourceOverview, now: datetime, rates: dict[str, float], gaps: dict[str, Any]) -> tuple[str, ...]:
    return (
        source.id,
        source.state.value,
        "now" if source.is_due(now) else span_ago(source.next_due_at, now),
        span_ago(source.newest_at, now),
        f"{rates[source.id]:.1f}" if source.id in rates else "·",
        str(source.waiting or "·"),
        str(gaps.get(source.id, "·")),
        ", ".join(dict.fromkeys(source.problems)),
    )


def _rates(db: Connection, now: datetime) -> dict[str, float]:
    """Returns the articles per hour that each source usually publishes at this hour of its week."""
    seeds: dict[str, list[int]] = {}
    zones: dict[str, str] = {}
    for row in db.execute("SELECT seeds.id, source_id, timezone FROM seeds JOIN sources ON sources.id = source_id"):
        seeds.setdefault(row["source_id"], []).append(row["id"])
        zones[row["source_id"]] = row["timezone"]
    found = {}
    for source, ids in seeds.items():
        publication_rate = publication_rate_of(db, ids)
        if publication_rate.is_known:
            found[source] = publication_rate.rates()[hour_of_week(now, rate_zone(zones[source]))]
    return found


def _alerts(db: Connection) -> list[RenderableType]:
    from rich.text import Text

    rows = db.execute(
        "SELECT alerts.topic_id AS topic, articles.source_id AS source, revisions.title AS title FROM alerts"
        " JOIN revisions ON revisions.id = alerts.revision_id JOIN articles ON articles.id = revisions.article_id"
        " ORDER BY alerts.id DESC LIMIT ?",
        (DASHBOARD_ALERTS,),
    )
    return [
        Text(f"{row['topic']}: {row['title'] or '(no title)'} ({row['source']})", overflow="ellipsis") for row in rows
    ]

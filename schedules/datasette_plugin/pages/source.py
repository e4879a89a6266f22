"""The list of sources, and the page of one source: state, publication rate, coverage and gaps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from markupsafe import Markup

from crawler.archive.monitoring.source_states import SourceState, SourceStatus, StateSummary, source_statuses
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc, parse_utc_or_none
from schedules.datasette_plugin import queries
from schedules.datasette_plugin.queries import PageRow
from schedules.datasette_plugin.rendering.svg_charts import Stretch, sparkline, timeline, week_chart
from schedules.datasette_plugin.responses import Context, PageRequest, found_or_404

SPAN = timedelta(days=14)
"""Of the coverage chart at most: two weeks show a weekly pattern twice."""
STILL_POLLED = timedelta(hours=1)
"""If the last poll was within this time, the charts end with it: what comes after it is not due yet, and no gap."""
_ORDER = list(SourceState)
_COVERAGE = {
    "complete": "complete: polls overlap",
    "open": "open: articles possibly missed, repair pending",
    "repaired": "repaired",
    "unresolved": "unresolved: could not be repaired",
}


def sources_context(db: Connection, request: PageRequest) -> Context:
    """All sources, the most urgent first."""
    statuses, times = source_statuses(db, now=request.now), _chart_times(db, request.now)
    filters = request.filters("tag")
    found = [
        _source(db, row, statuses[row["id"]], times) | {"rate": sparkline(_rates(db, row["id"]), title=_title(row))}
        for row in queries.source_rows(db, since=_day_ago(request), tag=filters.get("tag"))
    ]
    return {
        "sources": sorted(found, key=lambda one: _ORDER.index(one["state"])),
        "chart_start": times[0],
        "summary": StateSummary.of(statuses[one["source"]["id"]].state for one in found),
        "tags": [tag for tag, _ in queries.filter_choices(db)["tag"]],
        "filters": filters,
    }


def source_context(db: Connection, request: PageRequest) -> Context:
    """What the page of a source shows. Raises NotFound if there is no such source."""
    found = queries.source_rows(db, request.key, since=_day_ago(request))
    row = found_or_404(found[0] if found else None, "There is no such source")
    times = _chart_times(db, request.now)
    return _source(db, row, source_statuses(db, now=request.now)[row["id"]], times) | {
        "chart_start": times[0],
        "rate": week_chart(_rates(db, row["id"]), title=_title(row)),
        "gaps": queries.source_gaps(db, row["id"], 30),
        "latest": queries.latest_articles(db, row["id"], 20),
        "runs": queries.latest_source_runs(db, row["id"], 10),
    }


def _source(db: Connection, row: PageRow, status: SourceStatus, times: tuple[datetime, datetime]) -> Context:
    return {
        "source": row,
        "state": status.state,
        "problems": status.problems,
        "paused_until": status.paused_until,
        "tags": json.loads(row["tags"]),
        "seeds": [seed | {"chart": _chart(db, seed, times)} for seed in queries.source_seeds(db, row["id"])],
    }


def _day_ago(request: PageRequest) -> str:
    return format_utc(request.now - timedelta(days=1))


def _title(source: PageRow) -> str:
    return f"Articles per hour of {source['name']}, by hour of the week"


def _rates(db: Connection, source_id: str) -> list[float | None]:
    """Articles per hour for the 168 hours from Monday; None where no poll was made yet."""
    known = queries.hourly_rates(db, source_id)
    return [known.get(hour) for hour in range(168)]


def _chart_times(db: Connection, now: datetime) -> tuple[datetime, datetime]:
    """Begin and end, the same for all sources, so that their charts can be compared; from the first poll in a new archive."""
    first, last = (parse_utc_or_none(time) or now for time in queries.polled_between(db))
    end = last if now - last < STILL_POLLED else now
    return max(now - SPAN, first), end


def _chart(db: Connection, seed: PageRow, times: tuple[datetime, datetime]) -> Markup:
    start, end = times
    intervals = merged_coverage(queries.seed_coverage(db, seed["id"], format_utc(start)))
    stretches = [_stretch(row) for row in intervals]
    return timeline(stretches, start=start, end=end, title=f"{seed['kind']} {seed['url']}")


def merged_coverage(rows: Iterable[PageRow]) -> list[PageRow]:
    """Coverage of a seed with adjacent complete intervals as one. `rows`: by time; they are changed."""
    found: list[PageRow] = []
    for row in rows:
        last = found[-1] if found else None
        if last and last["state"] == row["state"] == "complete" and row["from_at"] <= last["until_at"]:
            last["until_at"] = max(last["until_at"], row["until_at"])
        else:
            found.append(row)
    return found


def _stretch(row: PageRow) -> Stretch:
    missed = f", about {row['missed']:.0f} articles" if row["missed"] else ""
    words = f"{row['from_at'][:16]} to {row['until_at'][:16]} UTC, {_COVERAGE.get(row['state'], row['state'])}{missed}"
    return Stretch(start=parse_utc(row["from_at"]), end=parse_utc(row["until_at"]), state=row["state"], words=words)

"""The list of events, and the page of one event: who reported when, and what each report adds, in any language."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.archive.events.queries import MAX_REPORTS_COMPARED, EventReport, additions_of, current_event, event_reports
from crawler.events.additions import Additions
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection
from schedules.datasette_plugin import alert_queries, article_queries
from schedules.datasette_plugin.pages.alerts import alert_views, grouped
from schedules.datasette_plugin.responses import Context, PageRequest, found_or_404, path_number
from schedules.formatting.plain_text import delay

EVENTS_PER_PAGE = 30
MAX_EVENT_ALERTS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReportView:
    """A report of an event on its timeline."""

    report: EventReport
    after: str
    """Time since the first report, "+23 min"; "" for the first."""
    added: Additions


def events_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound."""
    before = request.args.get("before")
    latest_at, _, event_id = (before or "").partition("~")
    place = (latest_at, path_number(event_id) or 0) if before else None
    found = article_queries.events_by_time(db, EVENTS_PER_PAGE + 1, place)
    shown = found[:EVENTS_PER_PAGE]
    more = len(found) > EVENTS_PER_PAGE
    return {
        "events": shown,
        "before": before,
        "next_before": f"{shown[-1]['latest_at']}~{shown[-1]['event_id']}" if more else None,
    }


def event_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound."""
    try:
        event_id = current_event(db, request.id)
    except ArchiveError:
        event_id = 0
    reports = found_or_404(event_reports(db, event_id) or None, "There is no such event")
    first = reports[0]
    alerts = alert_queries.alert_ids_of_event(db, event_id)
    return {
        "event_id": event_id,
        "requested_id": request.id,
        "first": first,
        "reports": [
            EventReportView(
                report=report,
                after=delay(report.at - first.at) if report is not first else "",
                added=added,
            )
            for report, added in zip(reports, additions_of(db, reports), strict=True)
        ],
        "outlets": len({report.source_id for report in reports}),
        "languages": sorted({report.language for report in reports if report.language}),
        "not_compared": max(0, len(reports) - MAX_REPORTS_COMPARED),
        "alerts": grouped(alert_views(db, alerts[:MAX_EVENT_ALERTS], request.now)),
        "more_alerts": max(0, len(alerts) - MAX_EVENT_ALERTS),
    }

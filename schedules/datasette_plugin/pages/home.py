"""The home page: new alerts, problems of sources, and the latest articles of each outlet."""

from __future__ import annotations

from datetime import timedelta

from crawler.archive.desk.saved_searches import saved_searches
from crawler.archive.monitoring.source_states import StateSummary, source_statuses
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from schedules.datasette_plugin import queries
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.pages.alerts import grouped, latest_alerts, recent_topics
from schedules.datasette_plugin.responses import Context, PageRequest

HOME_ALERTS = 12
HOME_ARTICLES_PER_OUTLET = 3
NEW = timedelta(hours=24)


def home_context(db: Connection, request: PageRequest) -> Context:
    statuses = list(source_statuses(db, now=request.now).values())
    problems = [(status, problem) for status in statuses for problem in status.problems]
    return {
        "totals": queries.archive_totals(db, format_utc(request.now - NEW)),
        "alerts": grouped(latest_alerts(db, now=request.now, limit=HOME_ALERTS)),
        "unseen": queries.unseen_alerts(db, request.reader.seen) if request.reader.seen is not None else 0,
        "outlets": queries.latest_by_source(db, HOME_ARTICLES_PER_OUTLET),
        "summary": StateSummary.of(status.state for status in statuses),
        "problems": sorted(problems, key=lambda pair: pair[1].since, reverse=True),
        "failing": [one for one in statuses if one.state.is_watched and one.failed_seeds and not one.problems],
        "topics": recent_topics(db, request.now),
        "searches": saved_searches(db),
        "queries": QUERIES,
    }

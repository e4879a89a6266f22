"""The lists of stories and events, and the page of one: its articles or reports in time order, and what each adds."""

from __future__ import annotations

from collections.abc import Callable

from crawler.archive.desk.mutes import mute_of
from crawler.archive.events.membership import current_story
from crawler.archive.events.queries import (
    MAX_REPORTS_COMPARED,
    additions_of,
    current_event,
    event_of_story,
    event_reports,
)
from crawler.archive.stories.near_misses import near_misses
from crawler.archive.stories.queries import StoryArticle, current_text, story_articles
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection
from crawler.stories.sentence_novelty import novel_sentences
from schedules.datasette_plugin import alert_queries, article_queries, queries
from schedules.datasette_plugin.pages.alerts import alert_views, grouped
from schedules.datasette_plugin.queries import PageRow
from schedules.datasette_plugin.responses import Context, PageRequest, found_or_404, path_number
from schedules.formatting.plain_text import delay

STORY_FILTERS = ("topic", "group", "source", "tag", "language", "since", "until")
LISTED_PER_PAGE = 30
"""Stories or events."""
MAX_COMPARED = 60
"""Articles that are compared with the first; of the others only the headline is shown."""
MAX_ALERTS = 30
"""Of a story or event."""
MAX_NOVEL_SENTENCES = 6
"""Shown of what an article adds, and of what it leaves out."""


def stories_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound or BadRequest."""
    filters = request.filters(*STORY_FILTERS)
    values = request.sql_values(filters)
    found = article_queries.stories_by_time(db, values, limit=LISTED_PER_PAGE + 1, before=_place(request))
    return _page_of("stories", found, "story_id", request) | {
        "filters": filters,
        "filter_names": STORY_FILTERS,
        "choices": queries.filter_choices(db),
    }


def events_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound."""
    found = article_queries.events_by_time(db, LISTED_PER_PAGE + 1, _place(request))
    return _page_of("events", found, "event_id", request)


def _place(request: PageRequest) -> tuple[str, int] | None:
    """Time and ID with which the previous page of a list ended; None for the first page."""
    latest_at, _, row_id = request.args.get("before", "").partition("~")
    return (latest_at, path_number(row_id) or 0) if latest_at else None


def _page_of(name: str, found: list[PageRow], id_column: str, request: PageRequest) -> Context:
    """One page of a list, which has one row more than a page if there is a next one."""
    shown = found[:LISTED_PER_PAGE]
    more = len(found) > LISTED_PER_PAGE
    return {
        name: shown,
        "before": request.args.get("before"),
        "next_before": f"{shown[-1]['latest_at']}~{shown[-1][id_column]}" if more else None,
    }


def story_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound."""
    story_id = _current(current_story, db, request.id)
    articles = found_or_404(story_articles(db, story_id) or None, "There is no such story")
    first = next((one for one in articles if one.role == "first"), articles[0])
    text = current_text(db, first.article_id)
    return _alerts(db, alert_queries.alert_ids_of(db, "story", story_id), request) | {
        "story_id": story_id,
        "mute": mute_of(db, "story", str(story_id), request.now),
        "requested_id": request.id,
        "event_id": event_of_story(db, story_id),
        "first": first,
        "articles": [
            {"article": one}
            | (_compared(db, one, text) if one is not first and number < MAX_COMPARED else {"is_compared": False})
            for number, one in enumerate(articles)
        ],
        "outlets": len({one.source_id for one in articles}),
        "not_compared": max(0, len(articles) - MAX_COMPARED),
        "max_sentences": MAX_NOVEL_SENTENCES,
        "near_misses": near_misses(db, story_id),
    }


def _compared(db: Connection, article: StoryArticle, first: str) -> Context:
    own = current_text(db, article.article_id)
    return {"is_compared": True, "adds": novel_sentences(own, [first]), "omits": novel_sentences(first, [own])}


def event_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound."""
    event_id = _current(current_event, db, request.id)
    reports = found_or_404(event_reports(db, event_id) or None, "There is no such event")
    first = reports[0]
    return _alerts(db, alert_queries.alert_ids_of(db, "event", event_id), request) | {
        "event_id": event_id,
        "requested_id": request.id,
        "first": first,
        "reports": [
            {"report": report, "after": delay(report.at - first.at) if report is not first else "", "added": added}
            for report, added in zip(reports, additions_of(db, reports), strict=True)
        ],
        "outlets": len({report.source_id for report in reports}),
        "languages": sorted({report.language for report in reports if report.language}),
        "not_compared": max(0, len(reports) - MAX_REPORTS_COMPARED),
    }


def _current(find: Callable[[Connection, int], int], db: Connection, row_id: int) -> int:
    """The story or event that this one was merged into, or itself; 0 if there is none."""
    try:
        return find(db, row_id)
    except ArchiveError:
        return 0


def _alerts(db: Connection, ids: list[int], request: PageRequest) -> Context:
    return {
        "alerts": grouped(alert_views(db, ids[:MAX_ALERTS], request.now)),
        "more_alerts": max(0, len(ids) - MAX_ALERTS),
    }

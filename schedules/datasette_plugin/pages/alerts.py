"""Alerts as the pages show them, and the list of all alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from crawler.archive.desk.annotations import Annotation, annotations_of
from crawler.archive.desk.mutes import Mute, muted_alerts
from crawler.archive.topics.alerts import Alert, AlertSentence, alerts_by_id
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from schedules.datasette_plugin import alert_queries, queries
from schedules.datasette_plugin.responses import Context, PageRequest
from schedules.formatting.highlight import HighlightedSentence, HighlightSpan, highlight

ALERT_FILTERS = ("topic", "group", "source", "tag", "language", "since", "until", "judged", "starred", "unseen")
ALERTS_PER_PAGE = 30
RECENT_ALERTS = timedelta(days=7)
"""Period of the topics' numbers of alerts."""
AlertGroup = tuple["AlertView", ...]
"""Consecutive alerts of one revision: several topics match it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert with its sentences ready to be shown."""

    alert: Alert
    sentences: tuple[tuple[str, tuple[HighlightSpan, ...]], ...]
    """(Field, spans) of each sentence."""
    relevant: bool | None
    """The judgement; None if there is none."""
    mute: Mute | None
    """Why digests leave it out now; None if they do not."""
    annotation: Annotation | None
    """Of its article."""

    @property
    def headline(self) -> tuple[HighlightSpan, ...]:
        """The title, with the matched words of it."""
        found = next((spans for field, spans in self.sentences if field == "title"), None)
        return found or (HighlightSpan(self.alert.title or self.alert.url),)

    @property
    def below(self) -> tuple[tuple[str, tuple[HighlightSpan, ...]], ...]:
        """The sentences other than the title."""
        return tuple(one for one in self.sentences if one[0] != "title")


def alert_views(db: Connection, ids: Sequence[int], now: datetime) -> list[AlertView]:
    judged, mutes = alert_queries.alert_judgements(db, ids), muted_alerts(db, ids, now)
    found = alerts_by_id(db, ids)
    annotations = annotations_of(db, (alert.article_id for alert in found))
    return [
        AlertView(
            alert=alert,
            sentences=tuple((sentence.field, highlight(_highlighted(sentence))) for sentence in alert.sentences),
            relevant=judged.get((alert.topic, alert.article_id)),
            mute=mute if (mute := mutes.get(alert.id)) and mute.until_at > now else None,
            annotation=annotations.get(alert.article_id),
        )
        for alert in found
    ]


def _highlighted(sentence: AlertSentence) -> HighlightedSentence:
    """Added words are marked only for edits: in a new article everything is new."""
    change = sentence.change if sentence.change == "removed" or sentence.replaces is not None else "unchanged"
    return HighlightedSentence(
        text=sentence.text, field=sentence.field, change=change, spans=sentence.spans, replaces=sentence.replaces
    )


def grouped(views: Sequence[AlertView]) -> list[AlertGroup]:
    return [tuple(group) for _, group in groupby(views, key=lambda view: view.alert.revision_id)]


def latest_alerts(
    db: Connection,
    *,
    now: datetime,
    limit: int,
    filters: Mapping[str, object] | None = None,
    before: int | None = None,
) -> list[AlertView]:
    """The newest first. `before`: the alert ID with which the previous page ended. `filters`: see `alert_ids`."""
    return alert_views(db, alert_queries.alert_ids(db, filters or {}, limit=limit, before=before), now)


def page_of_alerts(db: Connection, filters: Mapping[str, object], request: PageRequest) -> Context:
    """One page of alerts; `next_before` for the link to the next page. Raises NotFound."""
    before = request.before
    views = latest_alerts(db, now=request.now, limit=ALERTS_PER_PAGE + 1, filters=filters, before=before)
    more = len(views) > ALERTS_PER_PAGE
    return {
        "alerts": grouped(views[:ALERTS_PER_PAGE]),
        "before": before,
        "next_before": views[ALERTS_PER_PAGE - 1].alert.id if more else None,
    }


def recent_topics(db: Connection, now: datetime) -> list[queries.PageRow]:
    return queries.watched_topics(db, format_utc(now - RECENT_ALERTS))


def alerts_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound or BadRequest."""
    filters = request.filters(*ALERT_FILTERS)
    return page_of_alerts(db, request.sql_values(filters), request) | {
        "filters": filters,
        "filter_names": ALERT_FILTERS,
        "choices": queries.filter_choices(db),
        "topics": recent_topics(db, request.now),
    }

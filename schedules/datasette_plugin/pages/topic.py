"""The list of topics, and the page of one topic: alerts per day, query, precision and top outlets."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from crawler.archive.desk.mutes import mute_of
from crawler.archive.topics.alerts import TopicPrecision
from crawler.archive.topics.revision_texts import matched_sentences, texts_by_id
from crawler.archive.topics.trends import topic_trends
from crawler.config.topics import stored_topic
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc
from schedules.datasette_plugin import queries
from schedules.datasette_plugin.pages.alerts import page_of_alerts, recent_topics
from schedules.datasette_plugin.rendering.svg_charts import bar_chart, days_between
from schedules.datasette_plugin.responses import Context, PageRequest, found_or_404
from schedules.topics.backtest import LEAST_CAUSED, NoisyWord, noisy_words

CHART_DAYS = 60
"""Two months show a weekly pattern, and a bar is still wide enough to point at."""
MIN_CHART_DAYS = 14
"""Of a new topic."""
MAX_TOP_OUTLETS = 12
MOST_JUDGED = 100
"""Judged articles from which noise is computed, the last ones: their texts are matched again for the page."""
MOST_NOISE = 3


def topics_context(db: Connection, request: PageRequest) -> Context:
    filters = request.filters("group")
    topics = recent_topics(db, request.now)
    return {
        "topics": [one for one in topics if filters.get("group", one["group_name"]) == one["group_name"]],
        "groups": sorted({one["group_name"] for one in topics if one["group_name"]}),
        "trends": {one.topic: one.trend for one in topic_trends(db, now=request.now)},
        "filters": filters,
    }


def topic_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound."""
    topic, now = found_or_404(queries.topic_row(db, request.key), "There is no such topic"), request.now
    known = (now - parse_utc(topic["first_seen_at"])).days + 1
    shown = min(max(known, MIN_CHART_DAYS), CHART_DAYS)
    first = now.date() - timedelta(days=shown - 1)
    since = format_utc(datetime(first.year, first.month, first.day, tzinfo=now.tzinfo))
    counts = queries.alert_counts(db, topic["id"], since, "day")
    days = [(day, counts.get(day.isoformat(), 0)) for day in days_between(first, now.date())]
    return page_of_alerts(db, {"topic": topic["id"]}, request) | {
        "topic": topic,
        "trend": next((one.trend for one in topic_trends(db, [topic["id"]], now=now)), None),
        "mute": mute_of(db, "topic", topic["id"], now),
        "definition": json.loads(topic["definition"] or "{}"),
        "chart": bar_chart(days, title=f"Alerts per day, {shown} days", noun="alert"),
        "chart_days": shown,
        "kinds": queries.alert_counts(db, topic["id"], since, "kind"),
        "precision": TopicPrecision(**queries.judgement_counts(db, topic["id"])),
        "noise": _noise(db, topic),
        "outlets": queries.top_outlets(db, topic["id"], since, MAX_TOP_OUTLETS),
        "max_outlets": MAX_TOP_OUTLETS,
    }


def _noise(db: Connection, topic: queries.PageRow) -> list[NoisyWord]:
    """The words that cause articles judged as not relevant. None for a topic with a pattern, which needs a child process."""
    definition = json.loads(topic["definition"] or "null")
    relevant = queries.judged_revisions(db, topic["id"], MOST_JUDGED) if definition else {}
    if not definition or definition["pattern"] or sum(not one for one in relevant.values()) < LEAST_CAUSED:
        return []
    found, texts = stored_topic(topic["id"], topic["title"], definition), texts_by_id(db, sorted(relevant))
    if found.scope == "sentence":  # a tenth of the text to match again
        texts = matched_sentences(db, topic["version_id"], texts)
    judged = [(text, relevant[text.id]) for text in texts]
    return noisy_words(found, judged, found_by_pattern=lambda *_: True)[:MOST_NOISE]

"""The ready-made queries: what people ask of the archive again and again, each with its parameters explained.

An empty parameter asks for all. A topic or source is given by its id, or the beginning of it, so that an empty one finds
all by the same index.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from textwrap import dedent

ANY_LATER = "char(1114111)"
"""Sorts after all that begins alike."""


_MOST = re.compile(r"\bLIMIT (\d+)(?: OFFSET .*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One of Datasette's canned queries."""

    name: str
    title: str
    description: str
    sql: str
    params: tuple[str, ...] = field(default=())
    example: dict[str, str] = field(default_factory=dict)
    """Parameters for the link on the home page, and for the benchmark."""

    @property
    def most(self) -> int | None:
        """Rows that it gives at most; None where it gives all there are."""
        found = _MOST.search(self.sql)
        return int(found[1]) if found else None


_BEGINS = re.compile(r"\{([\w.]+) begins (:\w+)\}")


def _query(name: str, title: str, description: str, sql: str, *params: str, **example: str) -> Query:
    written = _BEGINS.sub(rf"\1 >= \2 AND \1 < \2 || {ANY_LATER}", dedent(sql).strip())
    return Query(name=name, title=title, description=description, sql=written, params=params, example=example)


QUERIES = (
    _query(
        "alerts_by_day",
        "Alerts by topic and day",
        "How many alerts each topic made on each day (UTC). topic: the beginning of an id, or empty for all."
        " since: a day as 2026-11-23, or empty.",
        """
        SELECT substr(alerts.created_at, 1, 10) AS day, topics.title AS topic, count(*) AS alerts,
          sum(alerts.kind IN ('edited', 'removed')) AS of_edits
        FROM alerts JOIN topics ON topics.id = alerts.topic_id
        WHERE {alerts.topic_id begins :topic} AND alerts.created_at >= :since
        GROUP BY day, alerts.topic_id ORDER BY day DESC, alerts DESC LIMIT 1000
        """,
        "topic",
        "since",
    ),
    _query(
        "topic_timeline",
        "A topic's timeline",
        "What a topic found, in the order in which it was found, with the first sentence. topic: its id."
        " since: a day as 2026-11-23, or empty.",
        """
        SELECT alert_list.alert_id, alert_list.created_at, alert_list.kind, alert_list.source, alert_list.title,
          alert_list.sentence, alert_list.relevant, alert_list.article_id, alert_list.url
        FROM alerts CROSS JOIN alert_list ON alert_list.alert_id = alerts.id
        WHERE alerts.topic_id = :topic AND alerts.created_at >= :since
        ORDER BY alerts.created_at DESC, alerts.id DESC LIMIT 200
        """,
        "topic",
        "since",
    ),
    _query(
        "latest_per_outlet",
        "Latest per outlet",
        "The newest articles of each outlet, as they came in. count: how many of each.",
        """
        SELECT sources.name AS source, articles.first_seen_at, revisions.title, revisions.byline,
          revisions.published_at, articles.revision_count AS revisions, articles.id AS article_id, articles.url
        FROM sources
        JOIN articles ON articles.id IN (
          SELECT id FROM articles AS newest
          WHERE newest.source_id = sources.id AND newest.merged_into IS NULL
          ORDER BY newest.first_seen_at DESC LIMIT min(max(CAST(:count AS INTEGER), 1), 50))
        JOIN revisions ON revisions.id = articles.latest_revision_id
        WHERE sources.retired_at IS NULL
        ORDER BY sources.name, articles.first_seen_at DESC
        """,
        "count",
        count="3",
    ),
    _query(
        "stealth_edits",
        "Silent edits of a week",
        "Texts that were changed while the page kept its old time, with [-words struck-] and [+words added+]."
        " from: the first day as 2026-11-23, or empty for the newest. source: the beginning of an id, or empty."
        " skip: how many to leave out, since a page shows the newest 50; or empty.",
        """
        SELECT edits.seen_at, sources.name AS source, edits.title,
          words_changed(before.title, before.lead, before.text, revisions.title, revisions.lead, revisions.text) AS changed,
          edits.number AS revision, edits.article_id, edits.url
        FROM edits
        JOIN revisions ON revisions.id = edits.revision_id
        JOIN revisions AS before ON before.id = edits.previous_revision_id
        JOIN sources ON sources.id = edits.source_id
        WHERE edits.number > 1 AND edits.stealth AND edits.seen_at >= :from
          AND edits.seen_at < iif(:from = '', '9', date(:from, '+7 days'))
          AND {edits.source_id begins :source}
        ORDER BY edits.seen_at DESC LIMIT 50 OFFSET max(CAST(:skip AS INTEGER), 0)
        """,
        "from",
        "source",
        "skip",
    ),
    _query(
        "stories_by_articles",
        "Stories by number of article_count",
        "Reports that several articles carry, those with the most first. since: a day as 2026-11-23, or empty."
        " article_count: at least so many.",
        """
        SELECT stories.article_count, revisions.title, sources.name AS first_source, stories.created_at, stories.latest_at,
          stories.id AS story_id, articles.url
        FROM stories
        JOIN articles ON articles.id = stories.first_article_id
        JOIN sources ON sources.id = articles.source_id
        LEFT JOIN revisions ON revisions.id = articles.latest_revision_id
        WHERE stories.article_count > 1 AND stories.article_count >= CAST(:article_count AS INTEGER) AND stories.latest_at >= :since
        ORDER BY stories.article_count DESC, stories.latest_at DESC LIMIT 200
        """,
        "article_count",
        "since",
        story_articles="2",
    ),
    _query(
        "who_wrote_about_what",
        "Who wrote about what",
        "Names in the bylines of what topics found. topic: the beginning of an id, or empty for all."
        " name: as written, in full, or empty.",
        """
        SELECT bylines.name, bylines.kind, topics.title AS topic, count(*) AS alerts,
          max(alerts.created_at) AS latest_alert
        FROM alerts
        JOIN topics ON topics.id = alerts.topic_id
        JOIN bylines ON bylines.revision_id = alerts.revision_id
        WHERE {alerts.topic_id begins :topic} AND (:name = '' OR bylines.name = :name COLLATE NOCASE)
        GROUP BY bylines.name, alerts.topic_id ORDER BY count(*) DESC, bylines.name LIMIT 200
        """,
        "topic",
        "name",
    ),
    _query(
        "source_health",
        "Source health",
        "Each seed into each source: when it last answered and how, and what is wrong with the source.",
        """
        SELECT sources.name AS source, seeds.kind AS seed, seeds.polled_at, seeds.outcome, seeds.http_status,
          seeds.failures AS failures_in_a_row, silences.last_new_at,
          (SELECT group_concat(problems.kind || ': ' || problems.evidence, '; ') FROM problems
            WHERE problems.source_id = sources.id AND problems.resolved_at IS NULL) AS problems,
          seeds.next_poll_at, seeds.error, seeds.url
        FROM sources
        LEFT JOIN seeds ON seeds.source_id = sources.id
        LEFT JOIN silences ON silences.source_id = sources.id
        WHERE sources.retired_at IS NULL
        ORDER BY problems IS NULL, seeds.failures DESC, sources.name
        """,
    ),
    _query(
        "gap_list",
        "Gaps",
        "Where something was possibly missed, and what became of it. source: the beginning of an id, or empty."
        " state: open, repaired, standing, or empty for all.",
        """
        SELECT sources.name AS source, gaps.from_at, gaps.until_at,
          round((julianday(gaps.until_at) - julianday(gaps.from_at)) * 24, 1) AS hours, gaps.state,
          round(gaps.missed, 1) AS missed_estimate, gaps.found, gaps.resolution, gaps.seed
        FROM gaps JOIN sources ON sources.id = gaps.source_id
        WHERE {gaps.source_id begins :source} AND (:state = '' OR gaps.state = :state)
        ORDER BY gaps.until_at DESC LIMIT 500
        """,
        "source",
        "state",
    ),
    _query(
        "topic_now",
        "What a topic would match now",
        "Which of the newest 100 texts that hold a topic's words still read so, by the query that the flag job last ran."
        " A topic that asks for its"
        " words in one sentence flags fewer: `scrapy backtest` judges by sentence. topic: its id.",
        """
        SELECT revisions.id AS revision_id, sources.name AS source, revisions.title, revisions.byline,
          revisions.seen_at, revisions.language, alerts.id AS alert_id, revisions.article_id, articles.url
        FROM topics
        JOIN topic_versions ON topic_versions.id = topics.version_id
        JOIN (SELECT rowid AS id FROM revisions_fts WHERE revisions_fts MATCH (
            SELECT json_extract(topic_versions.definition, '$.fts') FROM topics
            JOIN topic_versions ON topic_versions.id = topics.version_id WHERE topics.id = :topic)
          ORDER BY rowid DESC LIMIT 100) AS found
        JOIN revisions ON revisions.id = found.id
        JOIN articles ON articles.id = revisions.article_id AND articles.latest_revision_id = revisions.id
        JOIN sources ON sources.id = articles.source_id
        LEFT JOIN alerts ON alerts.topic_id = topics.id AND alerts.revision_id = revisions.id
        WHERE topics.id = :topic ORDER BY revisions.id DESC
        """,
        "topic",
    ),
)

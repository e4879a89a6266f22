"""The canned queries of the archive.

An empty parameter selects everything. A topic or source is given by its ID or the beginning of it: an empty one then
uses the same index.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from textwrap import dedent

_LIMIT = re.compile(r"\bLIMIT (\d+)(?: OFFSET .*)?$")
_PREFIX = re.compile(r"\{([\w.]+) begins (:\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedQuery:
    """One of Datasette's canned queries."""

    name: str
    title: str
    description: str
    sql: str
    params: tuple[str, ...]
    example: dict[str, str] = field(default_factory=dict)
    """Parameters of the links to it, and for the benchmark."""

    @property
    def limit(self) -> int | None:
        """Most rows it returns; None without a limit."""
        found = _LIMIT.search(self.sql)
        return int(found[1]) if found else None


def _query(name: str, title: str, description: str, sql: str, *params: str, **example: str) -> CannedQuery:
    # char(1114111) sorts after every text that begins with the parameter
    written = _PREFIX.sub(r"\1 >= \2 AND \1 < \2 || char(1114111)", dedent(sql).strip())
    return CannedQuery(name=name, title=title, description=description, sql=written, params=params, example=example)


QUERIES = (
    _query(
        "alerts_by_day",
        "Alerts by topic and day",
        "Number of alerts of each topic on each day (UTC). topic: the beginning of an ID, or empty for all."
        " since: a day such as 2026-11-23, or empty.",
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
        "Timeline of a topic",
        "The alerts of a topic, newest first, with the first matching sentence. topic: its ID."
        " since: a day such as 2026-11-23, or empty.",
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
        "Latest articles of each outlet",
        "The newest articles of each outlet, by the time they were first seen. count: articles of each, at most 50.",
        """
        SELECT sources.name AS source, articles.title, articles.byline, articles.published_at, articles.first_seen_at,
          articles.revision_count AS versions, articles.id AS article_id, articles.url
        FROM sources
        JOIN articles ON articles.id IN (
          SELECT id FROM articles AS newest
          WHERE newest.source_id = sources.id AND newest.merged_into IS NULL
          ORDER BY newest.first_seen_at DESC LIMIT min(max(CAST(:count AS INTEGER), 1), 50))
        WHERE sources.retired_at IS NULL
        ORDER BY sources.name, articles.first_seen_at DESC
        """,
        "count",
        count="3",
    ),
    _query(
        "stealth_edits",
        "Stealth edits of a week",
        "Edits that the page does not mark with a new modified time, with [-removed-] and [+added+] words."
        " from: the first day, such as 2026-11-23, or empty for the newest. source: the beginning of an ID, or empty."
        " skip: rows to leave out, because a page has the newest 50; or empty.",
        """
        SELECT edits.seen_at, sources.name AS source, edits.title,
          iif(before.text_pruned_at IS NULL AND revisions.text_pruned_at IS NULL,
            words_changed(before.title, before.lead, before.text, revisions.title, revisions.lead, revisions.text),
            'the text was pruned on ' || substr(coalesce(before.text_pruned_at, revisions.text_pruned_at), 1, 10)) AS changed,
          edits.number AS version, edits.article_id, edits.url
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
        "Stories by number of articles",
        "Stories with several articles, the largest first. article_count: the least number of articles."
        " since: a day such as 2026-11-23, or empty.",
        """
        SELECT stories.article_count, articles.title, sources.name AS first_source, stories.created_at,
          stories.latest_at, stories.id AS story_id, articles.url
        FROM stories
        JOIN articles ON articles.id = stories.first_article_id
        JOIN sources ON sources.id = articles.source_id
        WHERE stories.article_count > 1 AND stories.article_count >= CAST(:article_count AS INTEGER)
          AND stories.latest_at >= :since
        ORDER BY stories.article_count DESC, stories.latest_at DESC LIMIT 200
        """,
        "article_count",
        "since",
        article_count="2",
        since="",
    ),
    _query(
        "authors_by_topic",
        "Authors by topic",
        "Names in the bylines of articles with alerts. topic: the beginning of an ID, or empty for all."
        " name: in full, or empty.",
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
        "Each seed of each source with its last poll, and the open problems of the source.",
        """
        SELECT sources.name AS source, seeds.kind AS seed, seeds.polled_at, seeds.outcome, seeds.http_status,
          seeds.failures AS consecutive_failures, silences.last_new_at,
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
        "Intervals in which articles were possibly missed, and the result of the repair. source: the beginning of an ID,"
        " or empty. state: open, repaired, unresolved, or empty for all.",
        """
        SELECT sources.name AS source, gaps.from_at, gaps.until_at,
          round((julianday(gaps.until_at) - julianday(gaps.from_at)) * 24, 1) AS hours, gaps.state,
          round(gaps.missed, 1) AS estimated_missed, gaps.found, gaps.resolution, gaps.seed
        FROM gaps JOIN sources ON sources.id = gaps.source_id
        WHERE {gaps.source_id begins :source} AND (:state = '' OR gaps.state = :state)
        ORDER BY gaps.until_at DESC LIMIT 500
        """,
        "source",
        "state",
    ),
    _query(
        "topic_now",
        "Current matches of a topic",
        "The newest 100 versions with the topic's words that are still current, by the query of the last flag job."
        " A topic whose words must be in one sentence has fewer alerts; `scrapy backtest` applies that rule too."
        " topic: its ID.",
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

"""Queries for digests: alerts, what was already reported, and the outlets of a story."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.archive.desk.mutes import NOT_MUTED
from crawler.archive.events.queries import EventReport, events_of_stories, reports_of_events
from crawler.archive.topics.alerts import Alert
from crawler.archive.topics.revision_texts import matchable_text
from crawler.grouping import grouped_by
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import format_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionInfo:
    """What a digest needs to know of a revision and its alert does not contain."""

    number: int
    """1, 2, 3 … within the article."""
    seen_at: datetime
    published_at: datetime | None
    """As the page has it; None if it has no date."""
    precision: str | None
    """second, minute or day."""
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """An article of a story."""

    article_id: int
    source: str
    outlet: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertContext:
    """What a digest needs to know about its alerts, read from the archive at once."""

    reported: frozenset[int]
    """Alerts about an article or story that was already reported."""
    positions: Mapping[tuple[int, str], int]
    """By revision and sentence, where the sentence stands in the text; 0 for headlines and leads."""
    revisions: Mapping[int, RevisionInfo]
    """By revision ID."""
    keys: Mapping[int, frozenset[str]]
    """By revision ID, the keys of all its sentences (`crawler.topics.match.key_of`), where an article has several."""
    stories: Mapping[int, int]
    """By article ID, the story that it belongs to now."""
    pickups: Mapping[int, Sequence[Pickup]]
    """By story ID, its articles in order of time."""
    events: Mapping[int, int] = field(default_factory=dict)
    """By story ID, its event, if that has several stories."""
    reports: Mapping[int, Sequence[EventReport]] = field(default_factory=dict)
    """By event ID, its stories in order of time."""


def alert_context(db: Connection, alerts: Sequence[Alert], *, digest: str, recipient: str) -> AlertContext:
    """The context of a digest of these alerts. `recipient`: empty for a sample."""
    ids = [alert.id for alert in alerts]
    stories = _stories(db, (alert.article_id for alert in alerts))
    events = events_of_stories(db, stories.values())
    return AlertContext(
        reported=reported_earlier(db, ids, digest=digest, recipient=recipient),
        positions=_positions(db, ids),
        revisions=_revisions(db, (alert.revision_id for alert in alerts)),
        keys={number: matchable_text(db, number).keys for number in _last_revisions(alerts)},
        stories=stories,
        pickups=_pickups(db, stories.values()),
        events=events,
        reports=reports_of_events(db, events.values()),
    )


_SENT_EARLIER = (
    "earlier.topic_id = alerts.topic_id AND earlier.id < alerts.id AND earlier.id NOT IN (SELECT id FROM ours)"
    " AND (:recipient = '' OR EXISTS (SELECT 1 FROM deliveries d JOIN outbox o ON o.id = d.outbox_id"
    " WHERE d.alert_id = earlier.id AND d.digest_id = :digest AND d.recipient = :recipient"
    " AND o.state IN ('waiting', 'sent')))"
)


def reported_earlier(db: Connection, alert_ids: Sequence[int], *, digest: str, recipient: str) -> frozenset[int]:
    """Those of the alerts whose article or story has an earlier alert of the same topic that the recipient was sent.

    An alert counts as sent if it is in a message of the digest that was neither given up nor dropped. For a sample, without
    a recipient, every earlier alert counts that is not among `alert_ids`.

    If the story was split since then, alerts of the other part do not count. If two stories were joined, alerts of the one
    do not count for the other: a recipient who was sent one has not read the other.
    """
    rows = db.execute(
        "WITH ours AS MATERIALIZED (SELECT value AS id FROM json_each(:alerts))"
        " SELECT alerts.id FROM ours JOIN alerts ON alerts.id = ours.id JOIN articles a ON a.id = alerts.article_id"
        " LEFT JOIN story_articles mine ON mine.article_id = coalesce(a.merged_into, a.id) WHERE EXISTS ("
        f"SELECT 1 FROM alerts AS earlier WHERE earlier.article_id = alerts.article_id AND {_SENT_EARLIER}"
        ") OR EXISTS ("
        "SELECT 1 FROM alerts AS earlier JOIN articles other ON other.id = earlier.article_id"
        " JOIN story_articles its ON its.article_id = coalesce(other.merged_into, other.id)"
        f" WHERE earlier.story_id = alerts.story_id AND its.story_id = mine.story_id AND {_SENT_EARLIER})",
        {"alerts": json.dumps(list(alert_ids)), "digest": digest, "recipient": recipient},
    )
    return frozenset(row["id"] for row in rows)


def _last_revisions(alerts: Sequence[Alert]) -> list[int]:
    """The latest revision of each article with alerts of several revisions."""
    revisions: dict[int, set[int]] = {}
    for alert in alerts:
        revisions.setdefault(alert.article_id, set()).add(alert.revision_id)
    return [max(some) for some in revisions.values() if len(some) > 1]


def _revisions(db: Connection, ids: Iterable[int]) -> dict[int, RevisionInfo]:
    rows = db.execute(
        "SELECT id, number, seen_at, published_at, published_precision AS precision, language FROM revisions"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(ids))),),
    )
    return {row["id"]: from_row(RevisionInfo, row) for row in rows}


def _positions(db: Connection, alert_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    rows = db.execute(
        "SELECT alerts.revision_id, s.sentence, instr(revisions.text, s.sentence) AS position"
        " FROM alerts JOIN matches ON matches.topic_id = alerts.topic_id AND matches.revision_id = alerts.revision_id"
        " JOIN match_sentences AS s ON s.match_id = matches.id JOIN revisions ON revisions.id = alerts.revision_id"
        " WHERE alerts.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(alert_ids)),),
    )
    return {(row["revision_id"], row["sentence"]): row["position"] for row in rows}


def _stories(db: Connection, article_ids: Iterable[int]) -> dict[int, int]:
    """By article, the story that it belongs to now, after all joins, splits and merges."""
    rows = db.execute(
        "SELECT a.id, m.story_id FROM articles a JOIN story_articles m ON m.article_id = coalesce(a.merged_into, a.id)"
        " WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(article_ids))),),
    )
    return {row["id"]: row["story_id"] for row in rows}


def _pickups(db: Connection, story_ids: Iterable[int]) -> dict[int, list[Pickup]]:
    rows = db.execute(
        "SELECT m.story_id, m.article_id, a.source_id AS source, s.name AS outlet, a.url"
        " FROM story_articles m JOIN articles a ON a.id = m.article_id JOIN sources s ON s.id = a.source_id"
        " LEFT JOIN revisions r ON r.id = a.latest_revision_id WHERE m.story_id IN (SELECT value FROM json_each(?))"
        " ORDER BY coalesce(r.published_at, a.first_seen_at), m.article_id",
        (json.dumps(sorted(set(story_ids))),),
    )
    found = grouped_by(rows, lambda row: int(row["story_id"]))
    return {story: [from_row(Pickup, row) for row in some] for story, some in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCount:
    """How often a topic was newly reported in a period and in the period of the same length before."""

    topic: str
    title: str
    reports: int
    before: int
    outlets: int


def report_counts(
    db: Connection, topics: Sequence[str], tags: Sequence[str], *, begin: datetime, end: datetime
) -> list[ReportCount]:
    """The new reports of these topics, of sources with one of these tags (empty: all); the most reported topic first.

    Topics without a new report in both periods are left out.
    """
    rows = db.execute(
        "SELECT t.id AS topic, t.title, count(*) FILTER (WHERE al.created_at >= :begin) AS reports,"
        " count(*) FILTER (WHERE al.created_at < :begin) AS before,"
        " count(DISTINCT iif(al.created_at >= :begin, a.source_id, NULL)) AS outlets"
        " FROM alerts al JOIN topics t ON t.id = al.topic_id JOIN articles a ON a.id = al.article_id"
        " WHERE al.kind = 'new' AND al.created_at >= :before AND al.created_at < :end"
        " AND (:topics = '[]' OR t.id IN (SELECT value FROM json_each(:topics)))"
        f" AND (:tags = '[]' OR a.source_id IN {_TAGGED}) GROUP BY t.id ORDER BY reports DESC, t.title",
        {
            "before": format_utc(begin - (end - begin)),
            "begin": format_utc(begin),
            "end": format_utc(end),
            "topics": json.dumps(list(topics)),
            "tags": json.dumps(list(tags)),
        },
    )
    return [from_row(ReportCount, row) for row in rows]


def topic_titles(db: Connection, topics: Sequence[str]) -> list[str]:
    """The titles of topics, in this order; topics that the flag job has not read are left out."""
    rows = db.execute(
        "SELECT t.title FROM json_each(?) j JOIN topics t ON t.id = j.value ORDER BY j.key", (json.dumps(list(topics)),)
    )
    return [row[0] for row in rows]


_TAGGED = "(SELECT s.id FROM sources s, json_each(s.tags) t WHERE t.value IN (SELECT value FROM json_each(:tags)))"


def unmatched_texts(db: Connection) -> int:
    """The number of revisions that could not be matched with at least one topic, so that an alert may be missing."""
    return int(db.execute("SELECT count(DISTINCT revision_id) FROM flag_failures").fetchone()[0])


def alerts_of_topics(
    db: Connection,
    topics: Sequence[str],
    *,
    tags: Sequence[str] = (),
    since: str = "",
    newest: int | None = None,
    unmuted_at: datetime | None = None,
) -> list[int]:
    """IDs of the alerts of these topics, of sources with one of these tags (empty: all), created at `since` (UTC) or later.

    Oldest first; with `newest`, only so many of the newest, newest first; with `unmuted_at`, without those that are muted then.
    """
    order = "ASC" if newest is None else f"DESC LIMIT {newest:d}"
    rows = db.execute(
        "SELECT id FROM alerts al WHERE created_at >= :since"
        " AND (:topics = '[]' OR topic_id IN (SELECT value FROM json_each(:topics)))"
        f" AND (:tags = '[]' OR (SELECT source_id FROM articles WHERE id = article_id) IN {_TAGGED})"
        f" AND (:now IS NULL OR {NOT_MUTED}) ORDER BY id {order}",
        {
            "since": since,
            "topics": json.dumps(list(topics)),
            "tags": json.dumps(list(tags)),
            "now": format_utc(unmuted_at) if unmuted_at is not None else None,
        },
    )
    return [row[0] for row in rows]

"""What a digest tells of its alerts beside themselves: what was told earlier, who else carries it, how its sources are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.topics.revision_texts import matchable_text
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import parse_utc, parse_utc_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionInfo:
    """What a digest says of a revision that its alert does not."""

    revision_id: int
    number: int
    """1, 2, 3 … within the article."""
    seen_at: datetime
    published_at: datetime | None
    """As the page said; None where it did not."""
    precision: str | None
    """second, minute or day."""
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """An article that carries a story."""

    story_id: int
    article_id: int
    source: str
    source_name: str
    title: str
    url: str
    at: datetime
    """When it was published, else first seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePollState:
    """A source that is watched, and when it was last asked for anything."""

    id: str
    name: str
    polled_at: datetime | None


def reported_earlier(db: Connection, alert_ids: Sequence[int]) -> frozenset[int]:
    """Those of the alerts whose article or story the same topic had told already, in an alert that is not among them.

    Of a story that was split since, what was told of the other part does not count. Of two that were joined since, neither
    told the other: whoever was told of one has not read what is in the other.
    """
    rows = db.execute(
        "WITH ours AS MATERIALIZED (SELECT value AS id FROM json_each(?))"
        " SELECT alerts.id FROM ours JOIN alerts ON alerts.id = ours.id JOIN articles a ON a.id = alerts.article_id"
        " LEFT JOIN story_articles mine ON mine.article_id = coalesce(a.merged_into, a.id) WHERE EXISTS ("
        "SELECT 1 FROM alerts AS earlier WHERE earlier.article_id = alerts.article_id"
        " AND earlier.topic_id = alerts.topic_id AND earlier.id < alerts.id AND earlier.id NOT IN (SELECT id FROM ours)"
        ") OR EXISTS ("
        "SELECT 1 FROM alerts AS earlier JOIN articles other ON other.id = earlier.article_id"
        " JOIN story_articles its ON its.article_id = coalesce(other.merged_into, other.id)"
        " WHERE earlier.story_id = alerts.story_id AND its.story_id = mine.story_id"
        " AND earlier.topic_id = alerts.topic_id AND earlier.id < alerts.id AND earlier.id NOT IN (SELECT id FROM ours))",
        (json.dumps(list(alert_ids)),),
    )
    return frozenset(row["id"] for row in rows)


def revision_infos(db: Connection, revision_ids: Iterable[int]) -> dict[int, RevisionInfo]:
    """By revision."""
    rows = db.execute(
        "SELECT id, number, seen_at, published_at, published_precision, language FROM revisions"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(revision_ids))),),
    )
    return {
        row["id"]: RevisionInfo(
            revision_id=row["id"],
            number=row["number"],
            seen_at=parse_utc(row["seen_at"]),
            published_at=parse_utc_or_none(row["published_at"]),
            precision=row["published_precision"],
            language=row["language"],
        )
        for row in rows
    }


def sentence_positions(db: Connection, alert_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Where a told sentence stands, by its revision and words: 0 where it is not in the text, as a headline or lead."""
    rows = db.execute(
        "SELECT alerts.revision_id, s.sentence, instr(revisions.text, s.sentence) AS place"
        " FROM alerts JOIN matches ON matches.topic_id = alerts.topic_id AND matches.revision_id = alerts.revision_id"
        " JOIN match_sentences AS s ON s.match_id = matches.id JOIN revisions ON revisions.id = alerts.revision_id"
        " WHERE alerts.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(alert_ids)),),
    )
    return {(row["revision_id"], row["sentence"]): row["place"] for row in rows}


def sentence_keys(db: Connection, revision_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """By revision, the keys of all its sentences, see `crawler.topics.match.key_of`."""
    return {number: matchable_text(db, number).keys for number in revision_ids}


def stories_of(db: Connection, article_ids: Iterable[int]) -> dict[int, int]:
    """By article, the story that it is in now, whatever was joined, split or merged since an alert was made."""
    rows = db.execute(
        "SELECT a.id, m.story_id FROM articles a JOIN story_articles m ON m.article_id = coalesce(a.merged_into, a.id)"
        " WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(article_ids))),),
    )
    return {row["id"]: row["story_id"] for row in rows}


def pickups_of(db: Connection, story_ids: Iterable[int]) -> dict[int, tuple[Pickup, ...]]:
    """By story, in time order."""
    rows = db.execute(
        "SELECT m.story_id, m.article_id, a.source_id, s.name AS source_name, coalesce(r.title, '') AS title, a.url,"
        " coalesce(r.published_at, a.first_seen_at) AS at"
        " FROM story_articles m JOIN articles a ON a.id = m.article_id JOIN sources s ON s.id = a.source_id"
        " LEFT JOIN revisions r ON r.id = a.latest_revision_id"
        " WHERE m.story_id IN (SELECT value FROM json_each(?)) ORDER BY at, m.article_id",
        (json.dumps(sorted(set(story_ids))),),
    )
    found: dict[int, list[Pickup]] = {}
    for row in rows:
        found.setdefault(row["story_id"], []).append(
            Pickup(
                story_id=row["story_id"],
                article_id=row["article_id"],
                source=row["source_id"],
                source_name=row["source_name"],
                title=row["title"],
                url=row["url"],
                at=parse_utc(row["at"]),
            )
        )
    return {story: tuple(pickups) for story, pickups in found.items()}


def watched_sources(db: Connection) -> list[SourcePollState]:
    """Those in sources.toml, as the last crawl found it."""
    rows = db.execute(
        "SELECT s.id, s.name, (SELECT max(polled_at) FROM seeds WHERE seeds.source_id = s.id) AS polled_at"
        " FROM sources s WHERE s.retired_at IS NULL ORDER BY s.name, s.id"
    )
    return [
        SourcePollState(id=row["id"], name=row["name"], polled_at=parse_utc_or_none(row["polled_at"])) for row in rows
    ]


def source_names(db: Connection) -> dict[str, str]:
    """Of all sources, also those that are gone."""
    return {row["id"]: row["name"] for row in db.execute("SELECT id, name FROM sources")}


def unmatched_texts(db: Connection) -> int:
    """Revisions that some topic could not be matched with, so that an alert may be missing."""
    return int(db.execute("SELECT count(DISTINCT revision_id) FROM flag_failures").fetchone()[0])

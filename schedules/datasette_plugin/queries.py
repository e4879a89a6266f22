"""Read-only SQL of the pages: home, alerts, topics, sources and the list of tables.

Times are passed and returned as the archive stores them: ISO 8601 text in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from crawler.sqlite.connection import Connection

PageRow = dict[str, Any]
EXACT_COUNT_LIMIT = 10_000
"""Rows up to which a table is counted. Above, the highest ID is the estimate."""
_LISTED = (
    "SELECT id, first_seen_at, revision_count, title, byline, language, status FROM articles"
    " WHERE source_id = ? AND merged_into IS NULL AND latest_revision_id IS NOT NULL"
    " ORDER BY first_seen_at DESC, id DESC LIMIT ?"
)


def select_rows(db: Connection, sql: str, *values: object) -> list[PageRow]:
    return [dict(row) for row in db.execute(sql, values)]


def select_one(db: Connection, sql: str, *values: object) -> PageRow | None:
    row = db.execute(sql, values).fetchone()
    return dict(row) if row is not None else None


def _select_value(db: Connection, sql: str, *values: object) -> Any:
    return db.execute(sql, values).fetchone()[0]


# --- Home ----------------------------------------------------------------------------------------------------------


def archive_totals(db: Connection, since: str) -> PageRow:
    """Counts of the whole archive, and of what is new since that time. `not_full`: fetched since, but without a full text."""
    (totals,) = select_rows(
        db,
        "SELECT (SELECT count(*) FROM articles) AS articles,"
        " (SELECT count(*) FROM sources WHERE retired_at IS NULL) AS sources,"
        " (SELECT max(first_seen_at) FROM articles) AS newest_at,"
        " (SELECT count(*) FROM coverage WHERE state = 'open') AS gaps,"
        " (SELECT count(*) FROM articles WHERE first_seen_at >= ?1 AND status = 'ok') AS new_articles,"
        " (SELECT count(*) FROM articles WHERE first_seen_at >= ?1 AND status = 'teaser') AS teasers,"
        " (SELECT count(*) FROM articles WHERE first_seen_at >= ?1 AND coalesce(status, 'empty') = 'empty') AS empty,"
        " (SELECT count(DISTINCT url) FROM fetches WHERE source_id IN (SELECT id FROM sources) AND at >= ?1"
        "   AND outcome = 'blocked') AS blocked,"
        " (SELECT count(*) FROM revisions WHERE number > 1 AND seen_at >= ?1) AS edits,"
        " (SELECT count(*) FROM alerts WHERE created_at >= ?1) AS alerts",
        since,
    )
    return totals


def latest_by_source(db: Connection, limit: int) -> list[tuple[PageRow, list[PageRow]]]:
    """Each source with its newest articles; the source with the newest article first."""
    sources = select_rows(db, "SELECT id, name FROM sources WHERE retired_at IS NULL")
    found = [(source, articles) for source in sources if (articles := latest_articles(db, source["id"], limit))]
    return sorted(found, key=lambda pair: str(pair[1][0]["first_seen_at"]), reverse=True)


def latest_articles(db: Connection, source_id: str, limit: int) -> list[PageRow]:
    return select_rows(db, _LISTED, source_id, limit)


# --- Alerts and topics ---------------------------------------------------------------------------------------------


TAGGED = "(SELECT s.id FROM sources s, json_each(s.tags) t WHERE t.value = :tag)"
"""IDs of the sources with a tag."""


def watched_topics(db: Connection, since: str) -> list[PageRow]:
    """Each topic with its alerts since that time, and its latest alert."""
    return select_rows(
        db,
        "SELECT t.id, t.title, t.retired_at, t.group_name,"
        " (SELECT count(*) FROM alerts a WHERE a.topic_id = t.id AND a.created_at >= ?) AS recent,"
        " (SELECT max(created_at) FROM alerts a WHERE a.topic_id = t.id) AS latest_at"
        " FROM topics t ORDER BY t.retired_at IS NOT NULL, recent DESC, t.title",
        since,
    )


def topic_row(db: Connection, topic_id: str) -> PageRow | None:
    return select_one(
        db,
        "SELECT t.*, v.number, v.definition, v.created_at AS changed_at FROM topics t"
        " LEFT JOIN topic_versions v ON v.id = t.version_id WHERE t.id = ?",
        topic_id,
    )


def alert_counts(db: Connection, topic_id: str, since: str, by: Literal["day", "kind"]) -> dict[str, int]:
    """Alerts of a topic since that time, by day (2026-11-23) or by kind."""
    column = {"day": "substr(created_at, 1, 10)", "kind": "kind"}[by]
    sql = f"SELECT {column}, count(*) FROM alerts WHERE topic_id = ? AND created_at >= ? GROUP BY 1"  # noqa: S608 -- one of two
    return {row[0]: row[1] for row in db.execute(sql, (topic_id, since))}


def top_outlets(db: Connection, topic_id: str, since: str, limit: int) -> list[PageRow]:
    return select_rows(
        db,
        "SELECT s.id, s.name, count(*) AS alerts FROM alerts al JOIN articles a ON a.id = al.article_id"
        " JOIN sources s ON s.id = a.source_id WHERE al.topic_id = ? AND al.created_at >= ?"
        " GROUP BY s.id ORDER BY alerts DESC, s.name LIMIT ?",
        topic_id, since, limit,
    )  # fmt: skip


def judgement_counts(db: Connection, topic_id: str) -> PageRow:
    """`relevant` and `judged`: of the articles for which the topic has an alert."""
    (counts,) = select_rows(
        db,
        "SELECT coalesce(sum(relevant), 0) AS relevant, count(*) AS judged FROM judgements j WHERE topic_id = ? AND EXISTS"
        " (SELECT 1 FROM alerts a WHERE a.article_id = j.article_id AND a.topic_id = j.topic_id)",
        topic_id,
    )
    return counts


def judged_revisions(db: Connection, topic_id: str, limit: int) -> dict[int, bool]:
    """The latest revision with an alert of each judged article, and whether it is relevant; the last judged ones."""
    rows = db.execute(
        "SELECT max(al.revision_id) AS revision, j.relevant FROM judgements j JOIN alerts al"
        " ON al.article_id = j.article_id AND al.topic_id = j.topic_id WHERE j.topic_id = ?"
        " GROUP BY j.article_id ORDER BY j.judged_at DESC LIMIT ?",
        (topic_id, limit),
    )
    return {row["revision"]: bool(row["relevant"]) for row in rows}


# --- Sources -------------------------------------------------------------------------------------------------------


def source_rows(db: Connection, source_id: str | None = None, *, since: str, tag: str | None = None) -> list[PageRow]:
    """One source or all, or those with a tag, by name, with counts of articles; `recent`: articles since that time."""
    return select_rows(
        db,
        "SELECT s.*, (SELECT count(*) FROM articles a WHERE a.source_id = s.id) AS articles,"
        " (SELECT count(*) FROM articles a WHERE a.source_id = s.id AND a.first_seen_at >= ?2) AS recent,"
        " (SELECT max(first_seen_at) FROM articles a WHERE a.source_id = s.id) AS newest_at,"
        " (SELECT count(*) FROM queue q WHERE q.source_id = s.id AND q.state = 'waiting') AS waiting"
        " FROM sources s WHERE (?1 IS NULL OR s.id = ?1)"
        " AND (?3 IS NULL OR EXISTS (SELECT 1 FROM json_each(s.tags) WHERE value = ?3)) ORDER BY s.name",
        source_id, since, tag,
    )  # fmt: skip


_LANGUAGES = (
    "WITH RECURSIVE found (name) AS (SELECT min(language) FROM revisions UNION ALL"
    " SELECT (SELECT min(language) FROM revisions WHERE language > name) FROM found WHERE name IS NOT NULL)"
    " SELECT name, name FROM found WHERE name IS NOT NULL"
)
"""Steps from one language to the next in the index; SELECT DISTINCT reads the index of all revisions."""


def filter_choices(db: Connection) -> dict[str, list[tuple[str, str]]]:
    """(value, label) of each choice: sources, their tags, topics, their groups, languages."""
    choices = {
        "source": "SELECT id, name FROM sources ORDER BY name",
        "tag": "SELECT DISTINCT t.value, t.value FROM sources s, json_each(s.tags) t ORDER BY 1",
        "topic": "SELECT id, title FROM topics ORDER BY retired_at IS NOT NULL, title",
        "group": "SELECT DISTINCT group_name, group_name FROM topics WHERE group_name IS NOT NULL ORDER BY 1",
        "language": _LANGUAGES,
    }
    return {name: [(row[0], row[1]) for row in db.execute(sql)] for name, sql in choices.items()}


def newest_alert(db: Connection) -> int:
    """The highest alert ID; 0 if there is none."""
    return int(_select_value(db, "SELECT coalesce(max(id), 0) FROM alerts"))


def unseen_alerts(db: Connection, seen: int) -> int:
    """How many alerts are newer than this one."""
    return int(_select_value(db, "SELECT count(*) FROM alerts WHERE id > ?", seen))


def polled_between(db: Connection) -> tuple[str | None, str | None]:
    """The beginning of coverage, and the last poll of a source that is still polled; None before the first poll."""
    last = "SELECT max(polled_at) FROM seeds JOIN sources ON sources.id = source_id WHERE sources.retired_at IS NULL"
    return _select_value(db, "SELECT min(from_at) FROM coverage"), _select_value(db, last)


def source_seeds(db: Connection, source_id: str) -> list[PageRow]:
    return select_rows(db, "SELECT * FROM seeds WHERE source_id = ? ORDER BY kind, id", source_id)


def seed_coverage(db: Connection, seed_id: int, since: str) -> list[PageRow]:
    return select_rows(
        db,
        "SELECT from_at, until_at, state, missed, found FROM coverage WHERE seed_id = ? AND until_at >= ? ORDER BY from_at",
        seed_id, since,
    )  # fmt: skip


def hourly_rates(db: Connection, source_id: str) -> dict[int, float]:
    """Hour of the week -> articles an hour, of the busiest seed. The seeds list the same articles, so there is no sum."""
    rows = db.execute(
        "SELECT r.hour, max(r.arrivals / r.hours) FROM seeds s JOIN publication_rates r ON r.seed_id = s.id"
        " WHERE s.source_id = ? AND r.hours > 0 GROUP BY r.hour",
        (source_id,),
    )
    return {row[0]: row[1] for row in rows}


def source_gaps(db: Connection, source_id: str, limit: int) -> list[PageRow]:
    return select_rows(db, "SELECT * FROM gaps WHERE source_id = ? ORDER BY from_at DESC LIMIT ?", source_id, limit)


def latest_source_runs(db: Connection, source_id: str, limit: int) -> list[PageRow]:
    return select_rows(
        db, "SELECT * FROM source_runs WHERE source_id = ? ORDER BY run_id DESC LIMIT ?", source_id, limit
    )


# --- Tables --------------------------------------------------------------------------------------------------------


def table_sizes(db: Connection, names: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """Rows of each table, and whether the number is exact. Views and tables without row IDs are left out."""
    plain = {row["name"] for row in db.execute("PRAGMA table_list") if row["type"] == "table" and not row["wr"]}
    found = {}
    for name in plain.intersection(names):
        highest = _select_value(db, f"SELECT max(rowid) FROM {name}") or 0  # noqa: S608 -- a name of our schema
        exact = highest <= EXACT_COUNT_LIMIT
        found[name] = (_select_value(db, f"SELECT count(*) FROM {name}") if exact else highest, exact)  # noqa: S608 -- the same
    return found

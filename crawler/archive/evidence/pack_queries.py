"""Select what belongs into an evidence file, and read it from the archive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import marks
from crawler.sqlite.values import format_utc

SubjectKind = Literal["alert", "article", "story", "topic"]
JsonRow = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """IDs of the rows in an evidence file, ascending."""

    title: str
    alerts: tuple[int, ...]
    revisions: tuple[int, ...]
    articles: tuple[int, ...]


def select_evidence(db: Connection, kind: SubjectKind, subject: str | int, *, since: datetime | None) -> Selection:
    """The alerts and revisions of an alert, an article, a story or a topic, from `since` on. Raises NotFoundError."""
    if kind == "alert":
        return _of_alerts(db, f"Alert {subject}", "id = ?", subject, "")
    begin = format_utc(since) if since is not None else ""
    if kind == "topic":
        if db.execute("SELECT 1 FROM topics WHERE id = ?", (subject,)).fetchone() is None:
            raise NotFoundError(f"no topic {subject!r} in the archive; `scrapy topics` lists them")
        return _of_alerts(db, f"Topic {subject}", "topic_id = ?", subject, begin)
    if kind == "story":
        found = db.execute("SELECT article_id FROM story_articles WHERE story_id = ? ORDER BY 1", (subject,))
    else:
        found = db.execute("SELECT id FROM articles WHERE id = ? OR merged_into = ? ORDER BY id", (subject, subject))
    articles = [int(row[0]) for row in found]
    if not articles:
        raise NotFoundError(f"no {kind} {subject} in the archive")
    revisions = _ids(
        db,
        f"SELECT id FROM revisions WHERE article_id IN ({marks(articles)}) AND seen_at >= ? ORDER BY id",
        *articles,
        begin,
    )
    if not revisions:
        raise NotFoundError(f"{kind} {subject} has no version since {begin}")
    alerts = _ids(
        db,
        f"SELECT id FROM alerts WHERE article_id IN ({marks(articles)}) AND created_at >= ? ORDER BY id",
        *articles,
        begin,
    )
    title = f"{kind.title()} {subject}"
    return Selection(title=title, alerts=alerts, revisions=revisions, articles=_articles(db, revisions))


def revision_rows(db: Connection, ids: Sequence[int]) -> list[JsonRow]:
    """The revisions with all columns, URL, source and outlet of their articles, and when their raw pages were pruned."""
    return _rows(
        db,
        "SELECT r.*, a.url, a.source_id, s.name AS outlet, p.pruned_at AS page_pruned_at FROM revisions r"
        " JOIN articles a ON a.id = r.article_id JOIN sources s ON s.id = a.source_id LEFT JOIN pages p ON p.id = r.page_id"
        " WHERE r.id IN ({}) ORDER BY r.article_id, r.number",
        ids,
    )


def alert_rows(db: Connection, ids: Sequence[int]) -> list[JsonRow]:
    """The alerts with their topic version and sentences."""
    rows = _rows(
        db,
        "SELECT a.*, t.title AS topic, v.number AS topic_version, v.definition, v.definition_sha256,"
        " v.created_at AS topic_version_since, m.id AS match_id FROM alerts a JOIN topics t ON t.id = a.topic_id"
        " JOIN topic_versions v ON v.id = a.topic_version_id"
        " LEFT JOIN matches m ON m.topic_id = a.topic_id AND m.revision_id = a.revision_id WHERE a.id IN ({}) ORDER BY a.id",
        ids,
    )
    for row in rows:
        row["definition"] = json.loads(row["definition"])
        row["sentences"] = _rows(
            db,
            "SELECT change, field, sentence, spans, replaces FROM match_sentences WHERE match_id IN ({}) ORDER BY position",
            [row.pop("match_id")],
        )
    return rows


def page_rows(db: Connection, revisions: Sequence[int]) -> list[JsonRow]:
    """The raw pages of the revisions, with the names of their WARC files."""
    return _rows(
        db,
        "SELECT p.*, w.name FROM pages p JOIN warc_files w ON w.id = p.warc_file_id WHERE p.id IN"
        " (SELECT page_id FROM revisions WHERE id IN ({})) ORDER BY p.id",
        revisions,
    )


def fetch_rows(db: Connection, articles: Sequence[int]) -> list[JsonRow]:
    """Every fetch of the articles, with any result, and the command that made it."""
    return _rows(
        db,
        "SELECT f.*, r.command AS run_command FROM fetches f LEFT JOIN runs r ON r.id = f.run_id"
        " WHERE f.article_id IN ({}) ORDER BY f.id",
        articles,
    )


def coverage_rows(db: Connection, articles: Sequence[int], *, begin: str, end: str) -> list[JsonRow]:
    """For the seeds of the articles' sources: what was covered between two times, and the gaps."""
    return _rows(
        db,
        "SELECT c.source_id, s.url AS seed, s.kind, c.from_at, c.until_at, c.state, c.missed, c.resolution FROM coverage c"
        " JOIN seeds s ON s.id = c.seed_id WHERE c.source_id IN (SELECT source_id FROM articles WHERE id IN ({}))"
        " AND c.from_at <= ? AND c.until_at >= ? ORDER BY c.source_id, c.seed_id, c.from_at",
        articles,
        end,
        begin,
    )


def _of_alerts(db: Connection, title: str, condition: str, subject: str | int, begin: str) -> Selection:
    alerts = _ids(db, f"SELECT id FROM alerts WHERE {condition} AND created_at >= ? ORDER BY id", subject, begin)
    if not alerts:
        raise NotFoundError(f"no alert for {title.lower()} in the archive" + (f" since {begin}" if begin else ""))
    revisions = _ids(
        db,
        f"SELECT revision_id FROM alerts WHERE id IN ({marks(alerts)}) UNION SELECT previous_revision_id FROM alerts"
        f" WHERE id IN ({marks(alerts)}) AND previous_revision_id IS NOT NULL ORDER BY 1",
        *alerts,
        *alerts,
    )
    return Selection(title=title, alerts=alerts, revisions=revisions, articles=_articles(db, revisions))


def _articles(db: Connection, revisions: Sequence[int]) -> tuple[int, ...]:
    return _ids(
        db, f"SELECT DISTINCT article_id FROM revisions WHERE id IN ({marks(revisions)}) ORDER BY 1", *revisions
    )


def _ids(db: Connection, sql: str, *values: object) -> tuple[int, ...]:
    return tuple(int(row[0]) for row in db.execute(sql, values))


def _rows(db: Connection, sql: str, ids: Iterable[Any], *values: object) -> list[JsonRow]:
    wanted = list(ids)
    return [dict(row) for row in db.execute(sql.format(marks(wanted)), (*wanted, *values))]

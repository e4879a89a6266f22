"""SQL of the pages that list alerts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from crawler.archive.desk.mutes import NOT_MUTED
from crawler.sqlite.connection import Connection
from schedules.datasette_plugin.queries import TAGGED, PageRow, select_one

_ALERT_FILTERS = {
    "topic": "al.topic_id = :topic",
    "group": "al.topic_id IN (SELECT id FROM topics WHERE group_name = :group)",
    "source": "a.source_id = :source",
    "tag": f"a.source_id IN {TAGGED}",
    "language": "a.language = :language",
    "since": "al.created_at >= :since",
    "until": "al.created_at < :until",
    "starred": "EXISTS (SELECT 1 FROM annotations n JOIN articles x ON x.id = al.article_id"
    " WHERE n.article_id = coalesce(x.merged_into, x.id) AND n.starred = :starred)",
    "unseen": "al.id > :unseen",
    "judged": "coalesce((SELECT relevant FROM judgements j WHERE j.topic_id = al.topic_id"
    " AND j.article_id = al.article_id), -1) = :judged",
    "now": NOT_MUTED,
}


def alert_ids(db: Connection, filters: Mapping[str, object], *, limit: int, before: int | None = None) -> list[int]:
    """The newest first. `before`: the alert ID with which the previous page ended.

    `filters`: values of `_ALERT_FILTERS`, from `PageRequest.sql_values`; with `now`, muted alerts are left out.

    The order is that of the IDs: if the clock is set back, an order by time would lose alerts between two pages.
    """
    where = " AND ".join(["al.id < :before", *(_ALERT_FILTERS[name] for name in filters)])
    articles = "JOIN articles a ON a.id = al.article_id" if filters.keys() & {"source", "tag", "language"} else ""
    sql = f"SELECT al.id FROM alerts al {articles} WHERE {where} ORDER BY al.id DESC LIMIT :limit"  # noqa: S608 -- constants
    values = {**filters, "before": before if before is not None else 1 << 62, "limit": limit}
    return [row[0] for row in db.execute(sql, values)]


_ALERTS_OF = {
    "article": "article_id = ?",
    "story": "story_id = ?",
    "event": "article_id IN (SELECT m.article_id FROM event_stories e JOIN story_articles m ON m.story_id = e.story_id"
    " WHERE e.event_id = ?)",
}


def alert_ids_of(db: Connection, kind: Literal["article", "story", "event"], row_id: int) -> list[int]:
    """All alerts of an article, story or event, the newest first."""
    return [row[0] for row in db.execute(f"SELECT id FROM alerts WHERE {_ALERTS_OF[kind]} ORDER BY id DESC", (row_id,))]  # noqa: S608 -- constants


def alert_judgements(db: Connection, ids: Sequence[int]) -> dict[tuple[str, int], bool]:
    """(Topic, article) -> relevant, for the judged ones of these alerts."""
    rows = db.execute(
        "SELECT j.topic_id, j.article_id, j.relevant FROM judgements j JOIN alerts a ON a.topic_id = j.topic_id"
        " AND a.article_id = j.article_id WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    return {(row["topic_id"], row["article_id"]): bool(row["relevant"]) for row in rows}


def alert_place(db: Connection, alert_id: int) -> PageRow | None:
    """Article ID and number of the version that holds the alert's sentence: for a removed one, the version before."""
    return select_one(
        db,
        "SELECT r.article_id, r.number FROM alerts a JOIN revisions r ON r.id ="
        " CASE a.kind WHEN 'removed' THEN coalesce(a.previous_revision_id, a.revision_id) ELSE a.revision_id END"
        " WHERE a.id = ?",
        alert_id,
    )


def judged_article(db: Connection, alert_id: int) -> PageRow | None:
    return select_one(db, "SELECT topic_id, article_id FROM alerts WHERE id = ?", alert_id)

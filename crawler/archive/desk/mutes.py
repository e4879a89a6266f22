"""Muted stories and topics: digests leave out their alerts and count them; the archive and its pages show them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import format_utc

MuteKind = Literal["story", "topic"]
_IS_MUTED = (
    "(m.until_at > :now OR (m.muted_at <= al.created_at AND al.created_at < m.until_at))"
    " AND ((m.kind = 'topic' AND m.target = al.topic_id) OR (m.kind = 'story'"
    " AND (SELECT coalesce(merged_into, id) FROM stories WHERE id = CAST(m.target AS INTEGER)) ="
    " (SELECT s.story_id FROM articles a JOIN story_articles s ON s.article_id = coalesce(a.merged_into, a.id)"
    " WHERE a.id = al.article_id)))"
)
NOT_MUTED = f"NOT EXISTS (SELECT 1 FROM mutes m WHERE {_IS_MUTED})"
"""SQL condition for alerts `al` whose topic and story are not muted at `:now`, and were not when they were created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A story or topic that is or was muted."""

    kind: MuteKind
    target: str
    """ID of the story or topic."""
    title: str
    muted_at: datetime
    until_at: datetime

    @property
    def name(self) -> str:
        """As `scrapy mute` takes it: "story:12"."""
        return f"{self.kind}:{self.target}"


def mute(db: Connection, kind: MuteKind, target: str, *, until: datetime, now: datetime) -> Mute:
    """Mute a story or topic until a time; replaces its earlier mute. Raises NotFoundError if it does not exist.

    A story that was merged into another one stands for that one.
    """
    target = _existing(db, kind, target)
    with transaction(db):
        db.execute(
            "INSERT OR REPLACE INTO mutes (kind, target, muted_at, until_at) VALUES (?, ?, ?, ?)",
            (kind, target, format_utc(now), format_utc(until)),
        )
    row = db.execute(f"{_READ} WHERE m.kind = ? AND m.target = ?", (kind, target)).fetchone()
    return from_row(Mute, row)


def unmute(db: Connection, kind: MuteKind, target: str) -> bool:
    """Undo a mute, also those of stories that were merged into the story; False if there is none."""
    own = [target] if kind == "topic" else [target, *_merged_into(db, target)]
    with transaction(db):
        cursor = db.execute(
            "DELETE FROM mutes WHERE kind = ? AND target IN (SELECT value FROM json_each(?))", (kind, json.dumps(own))
        )
        return cursor.rowcount > 0


def active_mutes(db: Connection, now: datetime) -> list[Mute]:
    """The stories and topics that are muted now; the one that ends first comes first."""
    rows = db.execute(f"{_READ} WHERE m.until_at > ? ORDER BY m.until_at, m.kind, m.target", (format_utc(now),))
    return [from_row(Mute, row) for row in rows]


def mute_of(db: Connection, kind: MuteKind, target: str, now: datetime) -> Mute | None:
    """The mute of a story or topic; None if it is not muted now."""
    own = {target} if kind == "topic" else {target, *_merged_into(db, target)}
    return next((one for one in active_mutes(db, now) if one.kind == kind and one.target in own), None)


def _merged_into(db: Connection, story: str) -> list[str]:
    return [str(row[0]) for row in db.execute("SELECT id FROM stories WHERE merged_into = ?", (int(story),))]


def muted_alerts(db: Connection, alert_ids: Sequence[int], now: datetime) -> dict[int, Mute]:
    """Those of the alerts whose topic or present story is muted now, or was when they were created."""
    if db.execute("SELECT 1 FROM mutes LIMIT 1").fetchone() is None:
        return {}
    rows = db.execute(
        f"SELECT al.id, m.kind, m.target FROM alerts al JOIN mutes m ON {_IS_MUTED}"
        " WHERE al.id IN (SELECT value FROM json_each(:ids)) ORDER BY m.until_at",
        {"now": format_utc(now), "ids": json.dumps(list(alert_ids))},
    )
    found = {row["id"]: (row["kind"], row["target"]) for row in rows}
    mutes = {(row["kind"], row["target"]): from_row(Mute, row) for row in db.execute(_READ)} if found else {}
    return {alert: mutes[key] for alert, key in found.items()}


def _existing(db: Connection, kind: MuteKind, target: str) -> str:
    sql = {
        "story": "SELECT coalesce(merged_into, id) FROM stories WHERE CAST(id AS TEXT) = ?",
        "topic": "SELECT id FROM topics WHERE id = ?",
    }[kind]
    row = db.execute(sql, (target,)).fetchone()
    if row is None:
        listing = {"story": "stories", "topic": "topics"}[kind]
        raise NotFoundError(f"no {kind} {target!r} in the archive; `scrapy {listing}` lists them")
    return str(row[0])


_READ = (
    "SELECT m.*, coalesce(iif(m.kind = 'topic', (SELECT title FROM topics WHERE id = m.target),"
    " (SELECT a.title FROM stories s JOIN articles a ON a.id = s.first_article_id"
    " WHERE s.id = CAST(m.target AS INTEGER))), '') AS title FROM mutes m"
)

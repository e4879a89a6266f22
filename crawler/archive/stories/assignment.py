"""Assign articles to stories, in the transaction that stores the revision.

A new article joins the story of the most similar article that `compare_texts` calls the same report; otherwise it creates
a story. The decision is permanent with one exception: an article that is alone in its story joins another one when a later
version turns it into a copy (a stub replaced by the agency's report). Two existing stories are never merged because a
third text resembles both: readers were alerted to two, and one wrong merge would join all their articles. People split and
join by hand, and manual decisions are permanent.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.db.seals import insert_sealed, seal_row
from crawler.archive.events.feature_index import remove_features
from crawler.archive.events.membership import remove_story
from crawler.archive.stories import lsh_index
from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import format_utc, parse_utc
from crawler.stories.minhash import unpack_sketch
from crawler.stories.similarity import ComparableText, Verdict, compare_texts, story_text

log = logging.getLogger(__name__)

MAX_CHARACTERS = 200_000
"""Characters of a text that are compared: forty times a long report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Membership:
    """The story of an article."""

    story_id: int
    decided_by: str
    article_count: int
    """Articles of the story, including this one."""


def assign_story(db: Connection, article_id: int, sketch: bytes | None, *, at: datetime) -> int:
    """Assign an article to a story after its latest revision was stored; returns stories.id.

    `sketch` is the sketch of that revision; None if it has no text to compare, so that it gets a story of its own.
    """
    membership = _membership(db, article_id)
    is_changed = lsh_index.add_sketch(db, article_id, sketch)
    if membership is not None and (not is_changed or membership.article_count > 1 or membership.decided_by == "manual"):
        log.debug(
            "article %s stays in story %s: %s", article_id, membership.story_id, _reason_to_stay(membership, is_changed)
        )
        return membership.story_id
    match = _match(db, article_id, sketch)
    if match is None:
        story_id = membership.story_id if membership is not None else _create_story(db, article_id, at)
        log.debug("article %s is alone in story %s: no article is the same report", article_id, story_id)
        return story_id
    story_id, resembles, verdict = match
    log.debug(
        "article %s joins story %s: %s, compared with article %s", article_id, story_id, verdict.reason, resembles
    )
    if membership is not None:
        _leave(db, article_id, membership.story_id, into=story_id)
    _join(
        db, article_id, story_id, at,
        role=verdict.role, resembles=resembles, resemblance=round(verdict.jaccard, 3), reason=verdict.reason,
    )  # fmt: skip
    return story_id


def _reason_to_stay(membership: _Membership, is_changed: bool) -> str:
    if not is_changed:
        return "its text is unchanged"
    return "decided by hand" if membership.decided_by == "manual" else "the story has other articles"


def follow_merge(db: Connection, younger: int, older: int) -> None:
    """Remove an article that was merged into an older one from its story."""
    membership = _membership(db, younger)
    lsh_index.remove_sketch(db, younger)
    remove_features(db, younger)
    if membership is not None:
        kept = _membership(db, older)
        if kept is None:  # the older one had no text: it takes the younger one's place
            row = db.execute("SELECT * FROM story_articles WHERE article_id = ?", (younger,)).fetchone()
            insert_sealed(db, "story_articles", {**dict(row), "article_id": older})
        _leave(db, younger, membership.story_id, into=kept.story_id if kept else membership.story_id)


def remove_article(db: Connection, article_id: int) -> None:
    """Remove an article that is deleted from its story. A story without articles keeps its ID and has no first article."""
    membership = _membership(db, article_id)
    lsh_index.remove_sketch(db, article_id)
    remove_features(db, article_id)
    for (other,) in db.execute("SELECT article_id FROM story_articles WHERE resembles = ?", (article_id,)).fetchall():
        db.execute("UPDATE story_articles SET resembles = NULL, resemblance = NULL WHERE article_id = ?", (other,))
        seal_row(db, "story_articles", other)
    if membership is not None and membership.article_count > 1:
        _leave(db, article_id, membership.story_id)
    elif membership is not None:
        remove_story(db, membership.story_id)
        db.execute("DELETE FROM story_articles WHERE article_id = ?", (article_id,))
        db.execute("UPDATE stories SET article_count = 0 WHERE id = ?", (membership.story_id,))
        seal_row(db, "stories", membership.story_id)
    firsts = db.execute("SELECT id FROM stories WHERE first_article_id = ?", (article_id,)).fetchall()
    for (story_id,) in firsts:
        db.execute("UPDATE stories SET first_article_id = NULL WHERE id = ?", (story_id,))
        seal_row(db, "stories", story_id)


def split(db: Connection, article_id: int, *, at: datetime) -> int:
    """Move an article to a story of its own, by hand and permanently. Raises NotFoundError if that is not possible."""
    membership = _known_membership(db, article_id)
    if membership.article_count == 1:
        raise NotFoundError(f"article {article_id} is alone in story {membership.story_id}; there is nothing to split")
    _leave(db, article_id, membership.story_id)
    reason = f"split from story {membership.story_id}"

    return _create_story(db, article_id, at, reason=reason, decided_by="manual")


def join(db: Connection, article_id: int, story_id: int, *, at: datetime) -> int:
    """Add an article to a story, by hand and permanently; returns stories.id. Raises NotFoundError."""
    membership = _known_membership(db, article_id)
    story = db.execute("SELECT id, merged_into FROM stories WHERE id = ?", (story_id,)).fetchone()
    if story is None:
        raise NotFoundError(f"no story {story_id}; `scrapy stories` lists them")
    story_id = int(story["merged_into"] or story["id"])
    if membership.story_id == story_id:
        raise NotFoundError(f"article {article_id} is in story {story_id} already")
    _leave(db, article_id, membership.story_id, into=story_id)
    _join(db, article_id, story_id, at, role="copy", reason="joined by hand", decided_by="manual")
    return story_id


def comparable_text(db: Connection, article_id: int) -> ComparableText | None:
    """The text of an article's current version for comparison; None if it has none."""
    row = db.execute(
        "SELECT r.title, r.lead, r.text, r.language, coalesce(r.published_at, a.first_seen_at) AS at"
        " FROM articles a JOIN revisions r ON r.id = a.latest_revision_id WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    if row is None:
        return None
    text = story_text(row["lead"], row["text"])[:MAX_CHARACTERS]
    return ComparableText(text, title=row["title"], language=row["language"], at=parse_utc(row["at"]))


def _match(db: Connection, article_id: int, packed: bytes | None) -> tuple[int, int, Verdict] | None:
    """(story ID, article ID, verdict) for the most similar article that is the same report; None if there is none."""
    sketch = unpack_sketch(packed) if packed else None
    if sketch is None:
        return None
    newer: ComparableText | None = None
    for candidate in lsh_index.candidates(db, sketch, but=article_id):
        newer = newer or comparable_text(db, article_id)
        older = comparable_text(db, candidate.article_id)
        if newer is None or older is None:
            continue
        verdict = compare_texts(older, newer)
        if verdict.same:
            return candidate.story_id, candidate.article_id, verdict
        log.debug(
            "article %s is kept apart from article %s of story %s: %s",
            article_id, candidate.article_id, candidate.story_id, verdict.reason,
        )  # fmt: skip
    return None


def _create_story(
    db: Connection, article_id: int, at: datetime, *, reason: str | None = None, decided_by: str = "text"
) -> int:
    when = format_utc(at)
    columns = {"first_article_id": article_id, "article_count": 1, "created_at": when, "latest_at": when}
    story_id = insert_sealed(db, "stories", columns)
    _insert_membership(db, article_id, story_id, at, role="first", reason=reason, decided_by=decided_by)
    return story_id


def _join(
    db: Connection,
    article_id: int,
    story_id: int,
    at: datetime,
    *,
    role: str,
    resembles: int | None = None,
    resemblance: float | None = None,
    reason: str | None = None,
    decided_by: str = "text",
) -> None:
    _insert_membership(
        db, article_id, story_id, at, role=role, resembles=resembles, resemblance=resemblance, reason=reason,
        decided_by=decided_by,
    )  # fmt: skip
    db.execute(
        "UPDATE stories SET article_count = article_count + 1, latest_at = max(latest_at, ?) WHERE id = ?",
        (format_utc(at), story_id),
    )
    seal_row(db, "stories", story_id)


def _insert_membership(db: Connection, article_id: int, story_id: int, at: datetime, **values: object) -> None:
    columns = {"article_id": article_id, "story_id": story_id, "joined_at": format_utc(at), **values}
    insert_sealed(db, "story_articles", columns)


def _leave(db: Connection, article_id: int, story_id: int, *, into: int | None = None) -> None:
    """Remove an article from its story. The next one becomes the first; a story without articles is merged into `into`."""
    db.execute("DELETE FROM story_articles WHERE article_id = ?", (article_id,))
    rest = db.execute(
        "SELECT count(*) AS count, min(article_id) AS first FROM story_articles WHERE story_id = ?", (story_id,)
    ).fetchone()
    db.execute("UPDATE stories SET article_count = ? WHERE id = ?", (rest["count"], story_id))
    if rest["count"] == 0:
        remove_story(db, story_id)
        for (one,) in db.execute("SELECT id FROM stories WHERE id = ? OR merged_into = ?", (story_id,) * 2).fetchall():
            db.execute("UPDATE stories SET merged_into = ? WHERE id = ?", (into, one))
            seal_row(db, "stories", one)
        return
    cursor = db.execute(
        "UPDATE stories SET first_article_id = ? WHERE id = ? AND first_article_id = ?",
        (rest["first"], story_id, article_id),
    )
    if cursor.rowcount:
        db.execute(
            "UPDATE story_articles SET role = 'first', resembles = NULL, resemblance = NULL,"
            " reason = 'the first article left the story' WHERE article_id = ?",
            (rest["first"],),
        )
        seal_row(db, "story_articles", rest["first"])
    seal_row(db, "stories", story_id)


def _known_membership(db: Connection, article_id: int) -> _Membership:
    found = _membership(db, article_id)
    if found is None:
        raise NotFoundError(
            f"article {article_id} is in no story; if it is in the archive, run `scrapy stories --rebuild`"
        )
    return found


def _membership(db: Connection, article_id: int) -> _Membership | None:
    row = db.execute(
        "SELECT m.story_id, m.decided_by, s.article_count FROM story_articles m JOIN stories s ON s.id = m.story_id"
        " WHERE m.article_id = ?",
        (article_id,),
    ).fetchone()
    return from_row(_Membership, row) if row is not None else None

"""Which story an article tells: decided when it is filed, in filing's own transaction.

A new article joins the story of the article whose text it is most like, where `crawler.stories.similarity.compare_texts` calls the two
copies, and founds one otherwise. The decision stays, with one exception: an article that is alone in its story joins
another when its text is revised into a copy (a stub that the agency's report replaced). Stories are never joined with
each other because a third text resembles both: two that readers were told of as two would become one afterwards, and
one wrong joint would take two families with it. People join and split by hand, and what they decided stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.archive.stories import lsh_index
from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc
from crawler.stories.minhash import unpack_sketch
from crawler.stories.similarity import ComparableText, Verdict, compare_texts, story_text

MAX_CHARACTERS = 200_000
"""Of a text that are compared: forty times a long report. What is longer is a log or an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an article is."""

    story_id: int
    decided_by: str
    article_count: int
    """Of the story, itself among them."""


def assign_story(db: Connection, article_id: int, sketch: bytes | None, *, at: datetime) -> int:
    """Lay an article whose newest text was just stored to a story; gives back stories.id.

    `sketch` is of that text, None where it has none to compare: it then tells a story of its own.
    """
    before = _place_of(db, article_id)
    is_other = lsh_index.add_sketch(db, article_id, sketch)
    if before is not None and (not is_other or before.article_count > 1 or before.decided_by == "manual"):
        return before.story_id
    match = _match(db, article_id, sketch)
    if match is None:
        return before.story_id if before is not None else _create_story(db, article_id, at)
    story_id, resembles, verdict = match
    if before is not None:
        _leave(db, article_id, before.story_id, into=story_id)
    _join(
        db, article_id, story_id, at,
        role=verdict.role, resembles=resembles, resemblance=round(verdict.jaccard, 3), why=verdict.why,
    )  # fmt: skip
    return story_id


def follow_merge(db: Connection, younger: int, older: int) -> None:
    """The younger article turned out to be the older one: it is no carrier of its own any more."""
    before = _place_of(db, younger)
    lsh_index.remove_sketch(db, younger)
    if before is not None:
        kept = _place_of(db, older)
        if kept is None:  # the older one had no text so far: it takes the younger one's place
            row = db.execute("SELECT * FROM story_articles WHERE article_id = ?", (younger,)).fetchone()
            db.execute("INSERT INTO story_articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (older, *tuple(row)[1:]))
        _leave(db, younger, before.story_id, into=kept.story_id if kept else before.story_id)


def split(db: Connection, article_id: int, *, at: datetime) -> int:
    """By hand: an article tells a story of its own, and stays there. Raises NotThere where it cannot be."""
    before = _known_place(db, article_id)
    if before.article_count == 1:
        raise NotFoundError(
            f"article {article_id} is alone in story {before.story_id} already; there is nothing to split"
        )
    _leave(db, article_id, before.story_id)
    why = f"split from story {before.story_id}"

    return _create_story(db, article_id, at, why=why, decided_by="manual")


def join(db: Connection, article_id: int, story_id: int, *, at: datetime) -> int:
    """By hand: an article tells that story, and stays there; gives back stories.id. Raises NotThere."""
    before = _known_place(db, article_id)
    story = db.execute("SELECT id, merged_into FROM stories WHERE id = ?", (story_id,)).fetchone()
    if story is None:
        raise NotFoundError(f"there is no story {story_id}; `scrapy stories` lists them")
    story_id = int(story["merged_into"] or story["id"])
    if before.story_id == story_id:
        raise NotFoundError(f"article {article_id} is in story {story_id} already")
    _leave(db, article_id, before.story_id, into=story_id)
    _join(db, article_id, story_id, at, role="copy", why="joined by hand", decided_by="manual")
    return story_id


def comparable_text(db: Connection, article_id: int) -> ComparableText | None:
    """An article's newest text as it is compared; None where it has none."""
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
    """The story that it tells, the article that says so, and how the two stand to each other."""
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
    return None


def _create_story(
    db: Connection, article_id: int, at: datetime, *, why: str | None = None, decided_by: str = "text"
) -> int:
    cursor = db.execute(
        "INSERT INTO stories (first_article_id, article_count, created_at, latest_at) VALUES (?, 0, ?, ?)",
        (article_id, format_utc(at), format_utc(at)),
    )
    story_id = int(cursor.lastrowid or 0)
    _join(db, article_id, story_id, at, role="first", why=why, decided_by=decided_by)
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
    why: str | None = None,
    decided_by: str = "text",
) -> None:
    db.execute(
        "INSERT INTO story_articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (article_id, story_id, role, resembles, resemblance, why, format_utc(at), decided_by),
    )
    db.execute(
        "UPDATE stories SET article_count = article_count + 1, latest_at = max(latest_at, ?) WHERE id = ?",
        (format_utc(at), story_id),
    )


def _leave(db: Connection, article_id: int, story_id: int, *, into: int | None = None) -> None:
    """Take an article out. Where it was the first, the next one is; where it was the last, its story is merged."""
    db.execute("DELETE FROM story_articles WHERE article_id = ?", (article_id,))
    rest = db.execute(
        "SELECT count(*) AS count, min(article_id) AS first FROM story_articles WHERE story_id = ?", (story_id,)
    ).fetchone()
    db.execute("UPDATE stories SET article_count = ? WHERE id = ?", (rest["count"], story_id))
    if rest["count"] == 0:
        db.execute("UPDATE stories SET merged_into = ? WHERE id = ? OR merged_into = ?", (into, story_id, story_id))
        return
    cursor = db.execute(
        "UPDATE stories SET first_article_id = ? WHERE id = ? AND first_article_id = ?",
        (rest["first"], story_id, article_id),
    )
    if cursor.rowcount:
        db.execute(
            "UPDATE story_articles SET role = 'first', resembles = NULL, resemblance = NULL,"
            " why = 'the first one left' WHERE article_id = ?",
            (rest["first"],),
        )


def _known_place(db: Connection, article_id: int) -> _Place:
    found = _place_of(db, article_id)
    if found is None:
        raise NotFoundError(
            f"article {article_id} is in no story; is it in the archive? `scrapy stories --rebuild` if so"
        )
    return found


def _place_of(db: Connection, article_id: int) -> _Place | None:
    row = db.execute(
        "SELECT m.story_id, m.decided_by, s.article_count FROM story_articles m JOIN stories s ON s.id = m.story_id"
        " WHERE m.article_id = ?",
        (article_id,),
    ).fetchone()
    return _Place(**dict(row)) if row is not None else None

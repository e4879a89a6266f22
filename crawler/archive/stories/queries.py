"""Reading stories: which one an article tells, who carries it, what it had told before an article came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc, parse_utc_or_none
from crawler.stories.similarity import story_text

TOLD = 24
"""Texts that are read to see what an article adds: the earliest, from which the others were copied, and the newest."""

OWN = "SELECT id FROM articles WHERE id = :article OR merged_into = :article"
"""Ids of an article and of those that turned out to be it."""
FAMILY = (
    f"{OWN} UNION SELECT article_id FROM story_articles WHERE story_id = :story"
    " UNION SELECT a.id FROM story_articles m JOIN articles a ON a.merged_into = m.article_id WHERE m.story_id = :story"
)
"""Ids of those, and of all articles of a story and what turned out to be one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticle:
    """An article that tells a story."""

    article_id: int
    source_id: str
    source: str
    """The outlet's name."""
    title: str
    url: str
    published_at: datetime | None
    """As the page said."""
    first_seen_at: datetime
    role: str
    """first, copy, excerpt or fuller."""
    resembles: int | None
    """The article whose text decided it."""
    resemblance: float | None
    why: str | None
    decided_by: str
    """text or hand."""
    revision_id: int | None
    """Its newest text."""

    @property
    def at(self) -> datetime:
        """By which carriers are ordered: published, else first seen."""
        return self.published_at or self.first_seen_at

    def why_beside(self, first: StoryArticle) -> str:
        """`why`, with the article that decided it where that is not the story's first; empty where there is nothing to say."""
        if self.why is None or self.resembles in (None, first.article_id):
            return self.why or ""
        return f"{self.why} (beside article {self.resembles})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One line of the list of stories."""

    id: int
    title: str
    article_count: int
    sources: int
    first_source: str
    first_seen_at: datetime
    latest_at: datetime


def story_of(db: Connection, article_id: int) -> int | None:
    """The story that an article tells, also where the article became another one; None before it has been decided."""
    row = db.execute(
        "SELECT story_id FROM story_articles"
        " WHERE article_id = coalesce((SELECT merged_into FROM articles WHERE id = :id), :id)",
        {"id": article_id},
    ).fetchone()
    return int(row[0]) if row is not None else None


def current_story(db: Connection, story_id: int) -> int:
    """The story that took in this one, or itself. Raises NotThere where there is no such story."""
    row = db.execute("SELECT coalesce(merged_into, id) FROM stories WHERE id = ?", (story_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no story {story_id}; `scrapy stories` lists them")
    return int(row[0])


def story_articles(db: Connection, story_id: int) -> list[StoryArticle]:
    """Who tells it, in time order."""
    return _story_articles(db, "m.story_id = ?", story_id)


def story_article(db: Connection, article_id: int) -> StoryArticle:
    """An article of a story. Raises NotThere where it is in none."""
    found = _story_articles(db, "m.article_id = ?", article_id)
    if not found:
        raise NotFoundError(f"article {article_id} is in no story")
    return found[0]


def _story_articles(db: Connection, where: str, key: int) -> list[StoryArticle]:
    rows = db.execute(
        "SELECT m.article_id, a.source_id, s.name AS source, coalesce(r.title, '') AS title, a.url, r.published_at,"
        " a.first_seen_at, m.role, m.resembles, m.resemblance, m.why, m.decided_by, r.id AS revision_id"
        " FROM story_articles m JOIN articles a ON a.id = m.article_id JOIN sources s ON s.id = a.source_id"
        f" LEFT JOIN revisions r ON r.id = a.latest_revision_id WHERE {where}"
        " ORDER BY coalesce(r.published_at, a.first_seen_at), m.article_id",
        (key,),
    )
    return [
        StoryArticle(
            **{
                **dict(row),
                "published_at": parse_utc_or_none(row["published_at"]),
                "first_seen_at": parse_utc(row["first_seen_at"]),
            }
        )
        for row in rows
    ]


def newest_text(db: Connection, article_id: int) -> str:
    """Lead and text of an article's newest revision; empty where it has none."""
    row = db.execute(
        "SELECT r.lead, r.text FROM articles a JOIN revisions r ON r.id = a.latest_revision_id WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    return story_text(row["lead"], row["text"]) if row is not None else ""


def earlier_texts(db: Connection, story_id: int | None, article_id: int, *, before: int | None = None) -> list[str]:
    """The headlines and texts that other articles of the story had when an article's text was stored; of at most TOLD.

    `before` is the revision of that text, the article's newest where it is not given. Articles that turned out to be one
    of the story belong to it, and without a story those that turned out to be this article. With `crawler.stories.sentence_novelty.novel_sentences` it
    says which sentences were new to the story.
    """
    if before is None:
        row = db.execute("SELECT latest_revision_id FROM articles WHERE id = ?", (article_id,)).fetchone()
        before = row[0] if row is not None else None
    rows = db.execute(
        f"WITH family AS ({FAMILY}),"
        " told AS (SELECT (SELECT max(id) FROM revisions WHERE article_id = family.id AND id < :before) AS id"
        " FROM family WHERE id <> :article)"
        " SELECT r.title, r.lead, r.text FROM told JOIN revisions r ON r.id = told.id WHERE told.id IN"
        " (SELECT id FROM (SELECT id FROM told WHERE id IS NOT NULL ORDER BY id LIMIT :half)"
        " UNION SELECT id FROM (SELECT id FROM told WHERE id IS NOT NULL ORDER BY id DESC LIMIT :half)) ORDER BY r.id",
        {"before": before, "story": story_id, "article": article_id, "half": TOLD // 2},
    )
    return [part for row in rows for part in (row["title"], story_text(row["lead"], row["text"])) if part]


def newest(
    db: Connection, *, min_articles: int = 2, since: datetime | None = None, limit: int | None = None
) -> list[Story]:
    """Stories with at least so many carriers, the one that last gained a carrier first."""
    rows = db.execute(
        "SELECT story_id AS id, coalesce(title, '') AS title, article_count, sources, first_source, first_seen_at, latest_at"
        " FROM story_list WHERE article_count >= ? AND latest_at >= ? ORDER BY latest_at DESC, story_id DESC LIMIT ?",
        (min_articles, format_utc(since) if since else "", -1 if limit is None else limit),
    )
    return [
        Story(
            **{**dict(row), "first_seen_at": parse_utc(row["first_seen_at"]), "latest_at": parse_utc(row["latest_at"])}
        )
        for row in rows
    ]

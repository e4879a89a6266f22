"""Read stories: the story of an article, its articles, the texts before an article, what several sources reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import format_utc, parse_utc
from crawler.stories.similarity import story_text

MAX_EARLIER_TEXTS = 24
"""Texts read to find what an article adds: the earliest, from which the others were copied, and the latest."""

OWN = "SELECT id FROM articles WHERE id = :article OR merged_into = :article"
"""IDs of an article and of those merged into it."""
FAMILY = (
    f"{OWN} UNION SELECT article_id FROM story_articles WHERE story_id = :story"
    " UNION SELECT a.id FROM story_articles m JOIN articles a ON a.merged_into = m.article_id WHERE m.story_id = :story"
)
"""IDs of those, of the articles of a story, and of those merged into them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticle:
    """An article of a story."""

    article_id: int
    source_id: str
    source: str
    """The outlet's name."""
    title: str
    url: str
    published_at: datetime | None
    """None if the page gives no time."""
    first_seen_at: datetime
    role: str
    """first, copy, excerpt or extended."""
    resembles: int | None
    """The article it was matched with."""
    resemblance: float | None
    reason: str | None
    decided_by: str
    """text or manual."""
    revision_id: int | None
    """The current version."""

    @property
    def at(self) -> datetime:
        """The time by which articles are ordered: published, or else first seen."""
        return self.published_at or self.first_seen_at

    def reason_compared_with(self, first: StoryArticle) -> str:
        """Return `reason`, with the matched article if that is not `first`, the first of the story; "" without a reason."""
        if self.reason is None or self.resembles in (None, first.article_id):
            return self.reason or ""
        return f"{self.reason} (compared with article {self.resembles})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as it is listed."""

    id: int
    title: str
    article_count: int
    sources: int
    first_source: str
    first_seen_at: datetime
    latest_at: datetime


def story_of(db: Connection, article_id: int) -> int | None:
    """stories.id of an article, or of the article it was merged into; None if it is not assigned yet."""
    row = db.execute(
        "SELECT story_id FROM story_articles"
        " WHERE article_id = coalesce((SELECT merged_into FROM articles WHERE id = :id), :id)",
        {"id": article_id},
    ).fetchone()
    return int(row[0]) if row is not None else None


def story_articles(db: Connection, story_id: int) -> list[StoryArticle]:
    """The articles of a story in order of time."""
    return _story_articles(db, "m.story_id = ?", story_id)


def story_article(db: Connection, article_id: int) -> StoryArticle:
    """An article with its place in a story. Raises NotFoundError if it has none."""
    found = _story_articles(db, "m.article_id = ?", article_id)
    if not found:
        raise NotFoundError(f"article {article_id} is in no story")
    return found[0]


def _story_articles(db: Connection, where: str, key: int) -> list[StoryArticle]:
    rows = db.execute(
        "SELECT m.article_id, a.source_id, s.name AS source, coalesce(r.title, '') AS title, a.url, r.published_at,"
        " a.first_seen_at, m.role, m.resembles, m.resemblance, m.reason, m.decided_by, r.id AS revision_id"
        " FROM story_articles m JOIN articles a ON a.id = m.article_id JOIN sources s ON s.id = a.source_id"
        f" LEFT JOIN revisions r ON r.id = a.latest_revision_id WHERE {where}"
        " ORDER BY coalesce(r.published_at, a.first_seen_at), m.article_id",
        (key,),
    )
    return [from_row(StoryArticle, row) for row in rows]


def current_text(db: Connection, article_id: int) -> str:
    """Lead and text of an article's current version; empty if it has none."""
    row = db.execute(
        "SELECT r.lead, r.text FROM articles a JOIN revisions r ON r.id = a.latest_revision_id WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    return story_text(row["lead"], row["text"]) if row is not None else ""


def earlier_texts(db: Connection, story_id: int | None, article_id: int, *, before: int | None = None) -> list[str]:
    """Titles and texts that the story's other articles had when a revision of an article was stored.

    `before` is that revision, by default the current one. Articles merged into one of the story's count as part of it;
    without a story only those merged into this article. At most MAX_EARLIER_TEXTS texts.
    """
    if before is None:
        row = db.execute("SELECT latest_revision_id FROM articles WHERE id = ?", (article_id,)).fetchone()
        before = row[0] if row is not None else None
    rows = db.execute(
        f"WITH family AS ({FAMILY}),"
        " earlier AS (SELECT (SELECT max(id) FROM revisions WHERE article_id = family.id AND id < :before) AS id"
        " FROM family WHERE id <> :article)"
        " SELECT r.title, r.lead, r.text FROM earlier JOIN revisions r ON r.id = earlier.id WHERE earlier.id IN"
        " (SELECT id FROM (SELECT id FROM earlier WHERE id IS NOT NULL ORDER BY id LIMIT :half)"
        " UNION SELECT id FROM (SELECT id FROM earlier WHERE id IS NOT NULL ORDER BY id DESC LIMIT :half)) ORDER BY r.id",
        {"before": before, "story": story_id, "article": article_id, "half": MAX_EARLIER_TEXTS // 2},
    )
    return [part for row in rows for part in (row["title"], story_text(row["lead"], row["text"])) if part]


def latest_stories(
    db: Connection, *, min_articles: int = 2, since: datetime | None = None, limit: int | None = None
) -> list[Story]:
    """Stories with at least `min_articles` articles, the one that last gained an article first."""
    rows = db.execute(
        "SELECT story_id AS id, coalesce(title, '') AS title, article_count, sources, first_source, first_seen_at, latest_at"
        " FROM story_list WHERE article_count >= ? AND latest_at >= ? ORDER BY latest_at DESC, story_id DESC LIMIT ?",
        (min_articles, format_utc(since) if since else "", -1 if limit is None else limit),
    )
    return [from_row(Story, row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedReport:
    """An event, or a story that is in none, that several sources reported."""

    kind: Literal["event", "story"]
    id: int
    title: str
    url: str
    """Of its first article, as is the title."""
    first_at: datetime
    """When that was published, or else first seen."""
    sources: frozenset[str]


def shared_reports(db: Connection, *, since: datetime, min_sources: int) -> list[SharedReport]:
    """What at least `min_sources` sources reported in articles first seen since then; the most reported first."""
    rows = db.execute(
        "WITH reports AS (SELECT e.event_id, m.story_id, a.source_id, a.title, a.url,"
        " coalesce(a.published_at, a.first_seen_at) AS at FROM articles a JOIN story_articles m ON m.article_id = a.id"
        " LEFT JOIN event_stories e ON e.story_id = m.story_id WHERE a.first_seen_at >= ? AND a.merged_into IS NULL)"
        " SELECT event_id, story_id, title, url, min(at) AS at, group_concat(DISTINCT source_id) AS sources FROM reports"
        " GROUP BY coalesce('e' || event_id, story_id) HAVING count(DISTINCT source_id) >= ?"
        " ORDER BY count(DISTINCT source_id) DESC, at DESC",
        (format_utc(since), min_sources),
    )
    return [
        SharedReport(
            kind="story" if row["event_id"] is None else "event",
            id=row["story_id"] if row["event_id"] is None else row["event_id"],
            title=row["title"] or "",
            url=row["url"],
            first_at=parse_utc(row["at"]),
            sources=frozenset(row["sources"].split(",")),
        )
        for row in rows
    ]

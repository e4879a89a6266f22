"""Near-copies that are in other stories, and why: what somebody looks for who misses an article in a story.

Nothing of it is stored: the index that filing asks is asked again, and the texts are compared as they read now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.archive.stories import lsh_index
from crawler.archive.stories.assignment import comparable_text
from crawler.archive.stories.queries import StoryArticle, story_article, story_articles
from crawler.sqlite.connection import Connection
from crawler.stories.minhash import unpack_sketch
from crawler.stories.similarity import Verdict, compare_texts

COMPARED_ARTICLES = 8
"""Carriers whose near-copies are looked for: the earliest, from which the others were copied, and the newest."""
MAX_NEAR_MISSES = 12
"""Articles that are named, and that are read for each carrier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """An article of another story in like words."""

    story_article: StoryArticle
    story_id: int
    """Its own."""
    resemblance: float
    """Share of five-word runs in common with a carrier of the story that was asked for."""
    why: str
    """One line: what keeps it apart."""


def near_misses(db: Connection, story_id: int) -> list[NearMiss]:
    """The articles of other stories that resemble this story's most, the most alike first; at most SHOWN."""
    members = story_articles(db, story_id)
    if len(members) > COMPARED_ARTICLES:
        members = [*members[: COMPARED_ARTICLES // 2], *members[-COMPARED_ARTICLES // 2 :]]
    found: dict[int, NearMiss] = {}
    for member in members:
        for near in _near(db, member, story_id, but=found):
            found[near.story_article.article_id] = near
    return sorted(found.values(), key=lambda near: (-near.resemblance, near.story_article.article_id))[:MAX_NEAR_MISSES]


def _near(db: Connection, member: StoryArticle, story_id: int, *, but: dict[int, NearMiss]) -> Iterator[NearMiss]:
    """What resembles one carrier and is in another story, without what was found before."""
    row = db.execute("SELECT sketch FROM story_sketches WHERE article_id = ?", (member.article_id,)).fetchone()
    sketch, own = unpack_sketch(row[0]) if row is not None else None, comparable_text(db, member.article_id)
    if sketch is None or own is None:
        return
    for candidate in lsh_index.candidates(db, sketch, but=member.article_id, most=MAX_NEAR_MISSES):
        if candidate.story_id == story_id or candidate.article_id in but:
            continue
        other = comparable_text(db, candidate.article_id)
        if other is None:
            continue
        verdict = compare_texts(other, own) if candidate.article_id < member.article_id else compare_texts(own, other)
        if verdict.alike:
            its = story_article(db, candidate.article_id)
            yield NearMiss(
                story_article=its,
                story_id=candidate.story_id,
                resemblance=verdict.jaccard,
                why=_why(verdict, member, its),
            )


def _why(verdict: Verdict, member: StoryArticle, other: StoryArticle) -> str:
    if not verdict.same:
        return verdict.why
    if "manual" in (member.decided_by, other.decided_by):
        return "laid apart by hand"
    # Two stories stay two, because each was there before a third text resembled both.
    return f"{verdict.why}, but each was a story before"

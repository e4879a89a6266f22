"""Near misses of a story: similar articles of other stories, with the reason why they were kept apart.

They are not stored: the LSH index is searched again, and the current versions are compared.
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
"""Articles of the story whose near-copies are looked up: the earliest, from which the others were copied, and the latest."""
MAX_NEAR_MISSES = 12
"""Near misses listed, and candidates compared for each article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A similar article of another story."""

    story_article: StoryArticle
    story_id: int
    """The story it belongs to."""
    resemblance: float
    """Jaccard similarity with an article of the story in question."""
    reason: str
    """One line: the reason why it was kept apart."""


def near_misses(db: Connection, story_id: int) -> list[NearMiss]:
    """At most MAX_NEAR_MISSES articles of other stories, the most similar first."""
    members = story_articles(db, story_id)
    if len(members) > COMPARED_ARTICLES:
        members = [*members[: COMPARED_ARTICLES // 2], *members[-COMPARED_ARTICLES // 2 :]]
    found: dict[int, NearMiss] = {}
    for member in members:
        for near in _near(db, member, story_id, but=found):
            found[near.story_article.article_id] = near
    return sorted(found.values(), key=lambda near: (-near.resemblance, near.story_article.article_id))[:MAX_NEAR_MISSES]


def _near(db: Connection, member: StoryArticle, story_id: int, *, but: dict[int, NearMiss]) -> Iterator[NearMiss]:
    """The near misses of one article, except those found before."""
    packed, own = lsh_index.stored_sketch(db, member.article_id), comparable_text(db, member.article_id)
    sketch = unpack_sketch(packed) if packed is not None else None
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
            found = story_article(db, candidate.article_id)
            yield NearMiss(
                story_article=found,
                story_id=candidate.story_id,
                resemblance=verdict.jaccard,
                reason=_reason_apart(verdict, member, found),
            )


def _reason_apart(verdict: Verdict, member: StoryArticle, other: StoryArticle) -> str:
    if not verdict.same:
        return verdict.reason
    if "manual" in (member.decided_by, other.decided_by):
        return "split by hand"
    # Two existing stories are never merged because a third text resembles both.
    return f"{verdict.reason}, but the stories existed before this version"

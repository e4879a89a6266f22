"""Near-copies that are in other stories, and why: what somebody looks for who misses an article in a story.

Nothing of it is stored: the index that filing asks is asked again, and the texts are compared as they read now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from crawler.archive import story_index
from crawler.archive.connection import Connection
from crawler.archive.stories import carriers
from crawler.archive.story_filing import telling
from crawler.sketches import unpacked
from crawler.stories import compare

COMPARED = 8
"""Carriers whose near-copies are looked for: the earliest, from which the others were copied, and the newest."""
SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """An article of another story in like words."""

    article_id: int
    story_id: int
    source_id: str
    source: str
    """The outlet's name."""
    title: str
    url: str
    at: datetime
    """Published, else first seen."""
    resemblance: float
    why: str
    """One line: what keeps it apart."""


class _Near(NamedTuple):
    """What resembles a carrier; of two, the one that resembles more is the greater."""

    resemblance: float
    article_id: int
    story_id: int
    why: str


def kept_apart(db: Connection, story_id: int) -> list[Apart]:
    """The articles of other stories that resemble this story's most, the most alike first; at most SHOWN."""
    members = carriers(db, story_id)
    if len(members) > COMPARED:
        members = [*members[: COMPARED // 2], *members[-COMPARED // 2 :]]
    found: dict[int, _Near] = {}
    for near in (near for member in members for near in _near(db, member.article_id, story_id)):
        found[near.article_id] = max(near, found.get(near.article_id, near))
    return [_apart(db, near) for near in sorted(found.values(), reverse=True)[:SHOWN]]


def _near(db: Connection, article_id: int, story_id: int) -> Iterator[_Near]:
    """What resembles one carrier and is in another story."""
    row = db.execute("SELECT sketch FROM story_sketches WHERE article_id = ?", (article_id,)).fetchone()
    sketch, own = unpacked(row[0]) if row is not None else None, telling(db, article_id)
    if sketch is None or own is None:
        return
    for candidate in story_index.candidates(db, sketch, but=article_id, most=SHOWN):
        other = telling(db, candidate.article_id) if candidate.story_id != story_id else None
        if other is None:
            continue
        verdict = compare(other, own) if candidate.article_id < article_id else compare(own, other)
        if verdict.alike:
            # Two stories stay two, because each was there before a third text resembled both.
            why = f"{verdict.why}, but each was a story before" if verdict.same else verdict.why
            yield _Near(verdict.jaccard, candidate.article_id, candidate.story_id, why)


def _apart(db: Connection, near: _Near) -> Apart:
    (found,) = (one for one in carriers(db, near.story_id) if one.article_id == near.article_id)
    by_hand = found.why is not None and found.why.startswith("split from")
    return Apart(
        article_id=near.article_id,
        story_id=near.story_id,
        source_id=found.source_id,
        source=found.source,
        title=found.title,
        url=found.url,
        at=found.at,
        resemblance=near.resemblance,
        why="taken out by hand" if by_hand else near.why,
    )

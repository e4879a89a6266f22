"""Near-copies that are in other stories, and why: what somebody looks for who misses an article in a story.

Nothing of it is stored: the index that filing asks is asked again, and the texts are compared as they read now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.archive import story_index
from crawler.archive.connection import Connection
from crawler.archive.stories import Carrier, carrier, carriers
from crawler.archive.story_filing import telling
from crawler.sketches import unpacked
from crawler.stories import Verdict, compare

COMPARED = 8
"""Carriers whose near-copies are looked for: the earliest, from which the others were copied, and the newest."""
SHOWN = 12
"""Articles that are named, and that are read for each carrier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """An article of another story in like words."""

    carrier: Carrier
    story_id: int
    """Its own."""
    resemblance: float
    """Share of five-word runs in common with a carrier of the story that was asked for."""
    why: str
    """One line: what keeps it apart."""


def kept_apart(db: Connection, story_id: int) -> list[Apart]:
    """The articles of other stories that resemble this story's most, the most alike first; at most SHOWN."""
    members = carriers(db, story_id)
    if len(members) > COMPARED:
        members = [*members[: COMPARED // 2], *members[-COMPARED // 2 :]]
    found: dict[int, Apart] = {}
    for member in members:
        for near in _near(db, member, story_id, but=found):
            found[near.carrier.article_id] = near
    return sorted(found.values(), key=lambda near: (-near.resemblance, near.carrier.article_id))[:SHOWN]


def _near(db: Connection, member: Carrier, story_id: int, *, but: dict[int, Apart]) -> Iterator[Apart]:
    """What resembles one carrier and is in another story, without what was found before."""
    row = db.execute("SELECT sketch FROM story_sketches WHERE article_id = ?", (member.article_id,)).fetchone()
    sketch, own = unpacked(row[0]) if row is not None else None, telling(db, member.article_id)
    if sketch is None or own is None:
        return
    for candidate in story_index.candidates(db, sketch, but=member.article_id, most=SHOWN):
        if candidate.story_id == story_id or candidate.article_id in but:
            continue
        other = telling(db, candidate.article_id)
        if other is None:
            continue
        verdict = compare(other, own) if candidate.article_id < member.article_id else compare(own, other)
        if verdict.alike:
            its = carrier(db, candidate.article_id)
            yield Apart(
                carrier=its, story_id=candidate.story_id, resemblance=verdict.jaccard, why=_why(verdict, member, its)
            )


def _why(verdict: Verdict, member: Carrier, other: Carrier) -> str:
    if not verdict.same:
        return verdict.why
    if "hand" in (member.decided_by, other.decided_by):
        return "laid apart by hand"
    # Two stories stay two, because each was there before a third text resembled both.
    return f"{verdict.why}, but each was a story before"

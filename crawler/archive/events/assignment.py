"""Assign stories to events, in the transaction that stores the first article of the story.

A new story joins the event whose stories are most similar (`crawler/events/decision.py`); with a story that stands alone,
it makes a new event. The decision is permanent with one exception: a story that is in no event and has one article is
compared again when the text of that article changes. People split and join by hand, and manual decisions are permanent.

Events group what is shown. Nothing that decides about alerts reads them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from crawler.archive.events.feature_index import (
    EventLookup,
    IndexedArticle,
    add_features,
    look_up,
    rarity_of,
    read_features,
)
from crawler.archive.events.queries import current_event
from crawler.events.decision import ComparedStory, decide_event
from crawler.events.features import EventFeatures
from crawler.events.similarity import WeightedFeatures, event_similarity, shared_terms, weigh
from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc

log = logging.getLogger(__name__)

MAX_EVENTS_READ = 3
"""Events whose other stories are read and compared before one of them is joined."""
MAX_STORIES_READ = 16
"""Stories of such an event that are read, the latest first; the cost of an article must not grow with the event."""


def assign_event(db: Connection, article_id: int, features: EventFeatures | None, *, at: datetime) -> int | None:
    """Assign the story of an article to an event after the story was assigned; returns events.id.

    None if the story stands alone: nothing is similar, or `features` is None because the article has no text.
    """
    story_id, article_count, event_id, at_text = db.execute(
        "SELECT m.story_id, s.article_count, e.event_id, coalesce(a.published_at, a.first_seen_at) FROM articles a"
        " JOIN story_articles m ON m.article_id = a.id JOIN stories s ON s.id = m.story_id"
        " LEFT JOIN event_stories e ON e.story_id = m.story_id WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    if event_id is not None:
        return int(event_id)
    if features is None or not features.terms or article_count > 1:
        return None
    published = parse_utc(at_text)
    found = look_up(db, weigh(features, rarity_of(db, features)), published, but_story=story_id)
    add_features(db, article_id, features, found)
    compared = _compare_all(db, found, published)
    decision = decide_event(list(compared))
    if decision is None:
        log.debug("story %s stands alone: no story reports the same event", story_id)
        return None
    event_id = decision.event
    if event_id < 0:  # the most similar story stood alone until now
        event_id = _create_event(db, -event_id, at=at)
    closest = decision.closest
    shared = shared_terms(found.weighted, compared[closest].features, across_languages=closest.across_languages)
    why = f"shares {', '.join(shared)}"
    log.debug("story %s joins event %s: %s, like story %s", story_id, event_id, why, closest.story_id)
    _join(
        db, story_id, event_id, at,
        resembles=closest.story_id, similarity=round(closest.similarity.value, 3), shared=shared,
        reason_code=decision.reason, why=why,
    )  # fmt: skip
    return event_id


def _compare_all(db: Connection, lookup: EventLookup, at: datetime) -> dict[ComparedStory, IndexedArticle]:
    """Compare with what was found, then with the other stories of the events that it would join."""
    compared = _compare(lookup.weighted, lookup.found)
    likely: list[int] = []
    for story in sorted(compared, key=lambda story: -story.margin):
        if story.margin >= 1 and story.event > 0 and story.event not in likely:
            likely.append(story.event)
    known = {story.story_id for story in compared}
    for event_id in likely[:MAX_EVENTS_READ]:
        rest = _articles_of(db, event_id, at, but=known)
        compared |= _compare(lookup.weighted, rest)
        known |= {story.story_id for story in rest}
    return compared


def _compare(weighted: WeightedFeatures, articles: Iterable[IndexedArticle]) -> dict[ComparedStory, IndexedArticle]:
    """Each story once, by its most similar article."""
    best: dict[int, tuple[ComparedStory, IndexedArticle]] = {}
    for article in articles:
        across = bool(weighted.language and article.language and weighted.language != article.language)
        story = ComparedStory(
            story_id=article.story_id,
            event=article.event_id or -article.story_id,
            similarity=event_similarity(weighted, article.features, across_languages=across),
            across_languages=across,
        )
        if story.story_id not in best or best[story.story_id][0].margin < story.margin:
            best[story.story_id] = story, article
    return dict(best.values())


def _articles_of(db: Connection, event_id: int, at: datetime, *, but: set[int]) -> list[IndexedArticle]:
    rows = db.execute(
        "SELECT s.id, s.first_article_id FROM event_stories e JOIN stories s ON s.id = e.story_id"
        " WHERE e.event_id = ? ORDER BY e.story_id DESC LIMIT ?",
        (event_id, MAX_STORIES_READ + len(but)),
    )
    others = [article_id for story_id, article_id in rows if story_id not in but]
    return read_features(db, others[:MAX_STORIES_READ], at=at)


def split_event(db: Connection, story_id: int, *, at: datetime) -> int:
    """Move a story to an event of its own, by hand and permanently; returns the event that it was in.

    Raises NotFoundError if it is in no event with other stories.
    """
    story_id = _known_story(db, story_id)
    row = db.execute(
        "SELECT e.event_id, v.story_count FROM event_stories e JOIN events v ON v.id = e.event_id WHERE e.story_id = ?",
        (story_id,),
    ).fetchone()
    if row is None or row["story_count"] == 1:
        raise NotFoundError(f"story {story_id} is in no event with other stories; there is nothing to split")
    remove_story(db, story_id)
    _create_event(db, story_id, at=at, reason_code="manual", why=f"split from event {row['event_id']}")
    return int(row["event_id"])


def join_event(db: Connection, story_id: int, event_id: int, *, at: datetime) -> int:
    """Add a story to an event, by hand and permanently; returns events.id. Raises NotFoundError."""
    story_id, event_id = _known_story(db, story_id), current_event(db, event_id)
    row = db.execute("SELECT event_id FROM event_stories WHERE story_id = ?", (story_id,)).fetchone()
    if row is not None and row[0] == event_id:
        raise NotFoundError(f"story {story_id} is in event {event_id} already")
    remove_story(db, story_id, into=event_id)
    _join(db, story_id, event_id, at, reason_code="manual", why="joined by hand")
    return event_id


def group_stories(db: Connection, first: int, other: int, *, at: datetime) -> int:
    """Make an event of two stories by hand, or join `other` to the event of `first`; returns events.id."""
    first = _known_story(db, first)
    row = db.execute("SELECT event_id FROM event_stories WHERE story_id = ?", (first,)).fetchone()
    event_id = int(row[0]) if row is not None else _create_event(db, first, at=at, reason_code="manual")
    return join_event(db, other, event_id, at=at)


def remove_story(db: Connection, story_id: int, *, into: int | None = None) -> None:
    """Remove a story from its event, if it is in one; an event without stories is merged into `into`."""
    row = db.execute("SELECT event_id FROM event_stories WHERE story_id = ?", (story_id,)).fetchone()
    if row is None:
        return
    event_id = row[0]
    db.execute("DELETE FROM event_stories WHERE story_id = ?", (story_id,))
    rest = db.execute(
        "SELECT count(*), min(e.story_id), min(coalesce(a.published_at, a.first_seen_at)),"
        " max(coalesce(a.published_at, a.first_seen_at)) FROM event_stories e JOIN stories s ON s.id = e.story_id"
        " JOIN articles a ON a.id = s.first_article_id WHERE e.event_id = ?",
        (event_id,),
    ).fetchone()
    if rest[0] == 0:
        db.execute("UPDATE events SET story_count = 0 WHERE id = ?", (event_id,))
        db.execute("UPDATE events SET merged_into = ? WHERE id = ? OR merged_into = ?", (into, event_id, event_id))
        return
    db.execute(
        "UPDATE events SET story_count = ?, earliest_published_at = ?, latest_published_at = ?,"
        " first_story_id = CASE WHEN first_story_id = ? THEN ? ELSE first_story_id END WHERE id = ?",
        (rest[0], rest[2], rest[3], story_id, rest[1], event_id),
    )


def _create_event(
    db: Connection, story_id: int, *, at: datetime, reason_code: str = "first", why: str | None = None
) -> int:
    published = format_utc(_story_published_at(db, story_id))
    cursor = db.execute(
        "INSERT INTO events (first_story_id, story_count, created_at, latest_at, earliest_published_at,"
        " latest_published_at) VALUES (?, 0, ?, ?, ?, ?)",
        (story_id, format_utc(at), format_utc(at), published, published),
    )
    event_id = int(cursor.lastrowid or 0)
    _join(db, story_id, event_id, at, reason_code=reason_code, why=why)
    return event_id


def _join(
    db: Connection,
    story_id: int,
    event_id: int,
    at: datetime,
    *,
    reason_code: str,
    why: str | None,
    resembles: int | None = None,
    similarity: float | None = None,
    shared: Sequence[str] | None = None,
) -> None:
    db.execute(
        "INSERT INTO event_stories VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            story_id,
            event_id,
            resembles,
            similarity,
            json.dumps(shared, ensure_ascii=False) if shared is not None else None,
            reason_code,
            why,
            format_utc(at),
            "manual" if reason_code == "manual" else "text",
        ),
    )
    published = format_utc(_story_published_at(db, story_id))
    db.execute(
        "UPDATE events SET story_count = story_count + 1, latest_at = max(latest_at, ?),"
        " earliest_published_at = min(earliest_published_at, ?), latest_published_at = max(latest_published_at, ?)"
        " WHERE id = ?",
        (format_utc(at), published, published, event_id),
    )


def _published_at(db: Connection, article_id: int) -> datetime:
    row = db.execute(
        "SELECT coalesce(published_at, first_seen_at) FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    return parse_utc(row[0])


def _story_published_at(db: Connection, story_id: int) -> datetime:
    row = db.execute("SELECT first_article_id FROM stories WHERE id = ?", (story_id,)).fetchone()
    return _published_at(db, int(row[0]))


def _known_story(db: Connection, story_id: int) -> int:
    row = db.execute("SELECT coalesce(merged_into, id) FROM stories WHERE id = ?", (story_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"no story {story_id}; `scrapy stories` lists them")
    return int(row[0])

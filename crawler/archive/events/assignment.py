"""Assign stories to events, in the transaction that stores the first article of the story.

A new story joins the event whose stories are most similar (`crawler/events/decision.py`); with a story that stands alone,
it makes a new event. If it could also have joined another event, the two are merged if their stories report the same.
The decision is permanent with one exception: a story that is in no event and has one article is compared again when the
text of that article changes. People split and join by hand (`membership.py`), and nothing changes their decisions.

Events group what is shown. Nothing that decides about alerts reads them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.events.feature_index import (
    EventLookup,
    IndexedArticle,
    TermCounts,
    add_features,
    look_up,
    read_features,
    remove_features,
)
from crawler.archive.events.membership import add_story, create_event, merge_events
from crawler.events.decision import EVENT_WINDOW, ComparedStory, decide_event, is_one_event, margin_of
from crawler.events.features import EventFeatures
from crawler.events.similarity import WeightedFeatures, event_similarity, shared_terms, weigh
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import parse_utc

log = logging.getLogger(__name__)

MAX_EVENTS_READ = 3
"""Events whose other stories are read and compared before one of them is joined."""
MAX_STORIES_READ = 16
"""Stories of such an event that are read, the latest first; the cost of an article must not grow with the event."""
MAX_STORIES_MERGED = 8
"""Stories of each event that are compared before two are merged, the latest first."""


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
    counts = TermCounts(db)
    found = look_up(db, weigh(features, counts.rarity_of), published, but_story=story_id)
    if not remove_features(db, article_id):
        counts.add(term.key for term in features.terms)
    add_features(db, article_id, published, found)
    compared = _compare_all(db, found, published)
    decision = decide_event(list(compared))
    if decision is None:
        log.debug("story %s stands alone: no story reports the same event", story_id)
        return None
    joining = _Joining(story_id=story_id, found=found, compared=compared, published=published, at=at)
    event_id = decision.event
    if event_id < 0:  # the most similar story stood alone until now
        event_id = create_event(db, -event_id, at=at)
    _add(db, joining, decision.closest, event_id, story_id, resembles=decision.closest.story_id)
    for rival in decision.rivals:
        event_id = _merged(db, joining, event_id, rival)
    return event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joining:
    """A story that joins an event."""

    story_id: int
    found: EventLookup
    compared: Mapping[ComparedStory, IndexedArticle]
    published: datetime
    at: datetime


def _add(
    db: Connection, joining: _Joining, closest: ComparedStory, event_id: int, story_id: int, *, resembles: int
) -> None:
    """Add a story to an event because the joining story and `closest` are similar; it is one of these two."""
    article = joining.compared[closest]
    shared = shared_terms(joining.found.weighted, article.vector, across_languages=closest.across_languages)
    why = f"shares {', '.join(shared)}"
    log.debug("story %s joins event %s: %s, like story %s", story_id, event_id, why, resembles)
    add_story(
        db, story_id, event_id, joining.at,
        resembles=resembles, similarity=round(closest.similarity.value, 3), shared=shared,
        reason_code=closest.reason, why=why,
    )  # fmt: skip


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
        across = _differ(weighted.language, article.language)
        story = ComparedStory(
            story_id=article.story_id,
            event=article.event_id or -article.story_id,
            similarity=event_similarity(weighted.vector, article.vector, across_languages=across),
            across_languages=across,
        )
        if story.story_id not in best or best[story.story_id][0].margin < story.margin:
            best[story.story_id] = story, article
    return dict(best.values())


def _articles_of(
    db: Connection, event_id: int, at: datetime, *, but: set[int], limit: int = MAX_STORIES_READ
) -> list[IndexedArticle]:
    rows = db.execute(
        "SELECT s.id, s.first_article_id FROM event_stories e JOIN stories s ON s.id = e.story_id"
        " WHERE e.event_id = ? ORDER BY e.story_id DESC LIMIT ?",
        (event_id, limit + len(but)),
    )
    others = [article_id for story_id, article_id in rows if story_id not in but]
    return read_features(db, others[:limit], at=at)


def _merged(db: Connection, joining: _Joining, event_id: int, rival: int) -> int:
    """Merge an event with a rival if the stories of both report the same; returns the event that is left.

    A rival is an event or minus a story that stands alone. Events that people decided about stay as they are.
    """
    alone = next((one for one in joining.compared if one.story_id == -rival), None)
    if not _can_merge(db, event_id, rival):
        return event_id
    stories, others = (_latest(db, one, joining) for one in (event_id, rival))
    if not is_one_event([_margin(one, other) for one in stories for other in others]):
        return event_id
    if alone is None:
        return merge_events(db, event_id, rival, at=joining.at, connected_by=joining.story_id)
    _add(db, joining, alone, event_id, alone.story_id, resembles=joining.story_id)
    return event_id


def _can_merge(db: Connection, event_id: int, rival: int) -> bool:
    """Whether all stories of both are within EVENT_WINDOW and people decided about none of them."""
    earliest, latest, manual = db.execute(
        "SELECT min(coalesce(f.published_at, v.earliest_published_at)), max(coalesce(f.published_at, v.latest_published_at)),"
        " max(EXISTS (SELECT 1 FROM event_stories e WHERE e.event_id = v.id AND e.decided_by = 'manual'))"
        " FROM (SELECT ?1 AS one UNION ALL SELECT ?2) q LEFT JOIN events v ON v.id = q.one"
        " LEFT JOIN stories s ON s.id = -q.one LEFT JOIN event_features f ON f.article_id = s.first_article_id",
        (event_id, rival),
    ).fetchone()
    return not manual and parse_utc(latest) - parse_utc(earliest) <= EVENT_WINDOW


def _latest(db: Connection, event: int, joining: _Joining) -> list[IndexedArticle]:
    if event < 0:
        return [article for article in joining.compared.values() if article.story_id == -event]
    return _articles_of(db, event, joining.published, but=set(), limit=MAX_STORIES_MERGED)


def _margin(one: IndexedArticle, other: IndexedArticle) -> float:
    across = _differ(one.language, other.language)
    return margin_of(event_similarity(one.vector, other.vector, across_languages=across), across_languages=across)


def _differ(one: str | None, other: str | None) -> bool:
    return bool(one and other and one != other)

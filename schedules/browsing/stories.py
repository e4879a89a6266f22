"""One story: who carries it, in time order, and what each adds to the first or leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.archive.connection import Connection
from crawler.archive.stories import Carrier, carriers, current_story, newest_text
from crawler.archive.story_apart import Apart, kept_apart
from crawler.errors import ArchiveError
from crawler.known import added
from schedules.browsing.article import AlertView, together, views_of

MOST = 60
"""Carriers whose texts are compared with the first; of the others only the headline is shown."""
ALERTS = 30
SENTENCES = 6
"""Of what a carrier adds, and of what it leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierView:
    """One article of the story."""

    carrier: Carrier
    adds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    more_added: int = 0
    more_lacking: int = 0
    is_compared: bool = True

    @property
    def says_the_same(self) -> bool:
        return self.is_compared and not self.adds and not self.lacks


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """All that the story's page shows."""

    id: int
    asked_for: int
    """Another number where the story went into this one."""
    first: Carrier
    carriers: tuple[CarrierView, ...]
    outlets: int
    not_compared: int
    """Of the carriers, the last."""
    alerts: tuple[tuple[AlertView, ...], ...]
    more_alerts: int
    """Older than those."""
    apart: tuple[Apart, ...]
    """What has like wording and is in other stories."""


def read_story(db: Connection, story_id: int) -> StoryView | None:
    """None where there is none."""
    try:
        current = current_story(db, story_id)
    except ArchiveError:
        return None
    found = carriers(db, current)
    if not found:
        return None
    first = next((one for one in found if one.role == "first"), found[0])
    text = newest_text(db, first.article_id)
    alerts = [row[0] for row in db.execute("SELECT id FROM alerts WHERE story_id = ? ORDER BY id DESC", (current,))]
    return StoryView(
        id=current,
        asked_for=story_id,
        first=first,
        carriers=tuple(_view(db, one, first, text, number < MOST) for number, one in enumerate(found)),
        outlets=len({one.source_id for one in found}),
        not_compared=max(0, len(found) - MOST),
        alerts=together(views_of(db, alerts[:ALERTS])),
        more_alerts=max(0, len(alerts) - ALERTS),
        apart=tuple(kept_apart(db, current)),
    )


def _view(db: Connection, carrier: Carrier, first: Carrier, text: str, compared: bool) -> CarrierView:
    if carrier is first or not compared:
        return CarrierView(carrier=carrier, is_compared=False)
    own = newest_text(db, carrier.article_id)
    adds, lacks = added(own, [text]), added(text, [own])
    return CarrierView(
        carrier=carrier,
        adds=adds[:SENTENCES],
        lacks=lacks[:SENTENCES],
        more_added=max(0, len(adds) - SENTENCES),
        more_lacking=max(0, len(lacks) - SENTENCES),
    )

"""What follows from an answer of a way, in the poll's own transaction: its pace, the gap ledger, when it is due again.

The overlap by which an answer is proven to be whole is with what was known when the way was last read: that another
way of the source brought an article a second ago proves nothing of this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from crawler.archive.gaps import note_deeper, note_document, repair_from
from crawler.archive.rhythms import Heard, WayPulse, hear, hear_more, hear_nothing, rhythm_of, way_pulse
from crawler.archive.store import Store
from crawler.archive.values import iso, iso_or_none
from crawler.model import WayKind
from crawler.overlap import meets_known
from crawler.polling import History, Outcome, next_poll_at
from crawler.rhythm import Rhythm, zone_of
from crawler.rhythm import expected as expected_in

LATE = timedelta(minutes=10)
"""A document may show an article so long after its date: caches of publishers live for minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a poll gave, as far as pace and gaps go."""

    way_id: int
    poll_id: int
    source: str
    way: str
    at: datetime
    outcome: Outcome
    url: str | None = None
    """As in `polls`."""
    is_index: bool = False
    first_seen: tuple[str | None, ...] = ()
    """For each link, in the order of the document: when it was first seen; None: now."""
    dates: tuple[datetime | None, ...] = ()
    """For each link: when it was published."""
    every: timedelta | None = None
    ahead_seconds: int | None = None


def note_answer(store: Store, answer: Answer) -> bool:
    """Learn, write the ledger, schedule; gives back whether the answer met what was known."""
    if answer.url is not None:
        return _note_deeper(store, answer)
    row = store.db.execute(
        "SELECT ways.kind, ways.failures, sources.timezone FROM ways JOIN sources ON sources.id = ways.source_id"
        " WHERE ways.id = ?",
        (answer.way_id,),
    ).fetchone()
    before = way_pulse(store.db, answer.way_id)
    complete, rhythm, pulse = True, None, before
    if answer.outcome in ("failed", "refused"):
        pulse = hear_nothing(store, answer.way_id, answer.at)
    elif answer.outcome == "not_modified" or answer.is_index or answer.first_seen:
        complete = _is_complete(answer, before, cast("WayKind", row["kind"]))
        rhythm, pulse = _note_document(store, answer, before, complete, row["timezone"])
    if answer.every is not None:
        history = History(
            outcome=answer.outcome,
            way=answer.way,
            items=pulse.items,
            overlaps=complete,
            since_last=answer.at - before.document_at if before.document_at else None,
            failures=row["failures"],
            rhythm=rhythm if rhythm is not None else rhythm_of(store.db, (answer.way_id,)),
            recent=pulse.recent,
            zone=zone_of(row["timezone"]),
        )
        due = next_poll_at(history, now=answer.at, every=answer.every)
        store.db.execute("UPDATE ways SET next_poll_at = ? WHERE id = ?", (iso(due), answer.way_id))
    return complete


def _is_complete(answer: Answer, before: WayPulse, kind: WayKind) -> bool:
    if before.document_at is None or answer.outcome == "not_modified" or answer.is_index:
        return True
    return meets_known(_known_since(answer, iso(before.document_at)), kind, answer.dates)


def _known_since(answer: Answer, moment: str) -> list[bool]:
    return [seen is not None and seen <= moment for seen in answer.first_seen]


def _note_document(
    store: Store, answer: Answer, before: WayPulse, complete: bool, timezone: str
) -> tuple[Rhythm, WayPulse]:
    arrived = sum(seen is None for seen in answer.first_seen)
    rhythm, pulse, expected = hear(
        store,
        Heard(
            way_id=answer.way_id,
            source=answer.source,
            zone=zone_of(timezone),
            at=answer.at,
            arrived=arrived if before.document_at else 0,
            whole=complete,
            gave_new=_gives_new(answer, before),
            items=len(answer.first_seen) if answer.outcome != "not_modified" and not answer.is_index else None,
            dates=tuple(date for date in answer.dates if date is not None),
            ahead_seconds=answer.ahead_seconds,
        ),
    )
    note_document(
        store,
        way_id=answer.way_id,
        source=answer.source,
        poll_id=answer.poll_id,
        before=before.document_at if complete else _fresh_until(answer, before),
        at=answer.at,
        complete=complete,
        expected=_expected_in_gap(answer, before, rhythm, expected, zone_of(timezone)) if not complete else expected,
        seen=arrived,
    )
    repair_from(store, way_id=answer.way_id, source=answer.source, at=answer.at, oldest=_oldest(answer))
    return rhythm, pulse


def _fresh_until(answer: Answer, before: WayPulse) -> datetime | None:
    """The last poll that showed what was there. Articles older than the poll before, and not in it: it was stale."""
    if before.document_at is None or before.gave_new_at is None:
        return before.document_at
    is_late = any(
        seen is None and date is not None and date < before.document_at - LATE
        for seen, date in zip(answer.first_seen, answer.dates, strict=True)
    )
    return before.gave_new_at if is_late else before.document_at


def _expected_in_gap(
    answer: Answer, before: WayPulse, rhythm: Rhythm, since_last: float | None, zone: ZoneInfo
) -> float | None:
    start = _fresh_until(answer, before)
    if since_last is None or start is None or start == before.document_at:
        return since_last
    return expected_in(rhythm.rates(), start, answer.at, zone)


def _gives_new(answer: Answer, before: WayPulse) -> bool:
    last = iso_or_none(before.document_at) or ""
    return any(seen is None or seen > last for seen in answer.first_seen)


def _oldest(answer: Answer) -> datetime | None:
    """Back to when the document holds what was published; None where its dates do not say, or not of most links."""
    given = sorted(date for date in answer.dates if date is not None)
    # A document is its newest so many articles; one old article on top of them does not make it reach back further.
    return given[len(given) // 20] if given and len(given) >= 0.8 * len(answer.dates) else None


def _note_deeper(store: Store, answer: Answer) -> bool:
    if answer.outcome not in ("new", "known"):
        return True
    row = store.db.execute(
        "SELECT ways.kind, sources.timezone, (SELECT max(from_at) FROM coverage WHERE way_id = ways.id"
        " AND state = 'open') AS gap_from FROM ways JOIN sources ON sources.id = ways.source_id WHERE ways.id = ?",
        (answer.way_id,),
    ).fetchone()
    fresh = sum(seen is None for seen in answer.first_seen)
    hear_more(
        store,
        Heard(way_id=answer.way_id, source=answer.source, zone=zone_of(row["timezone"]), at=answer.at, arrived=fresh),
    )
    if row["gap_from"] is None:
        return any(seen is not None for seen in answer.first_seen)
    kind = cast("WayKind", row["kind"])
    complete = meets_known(_known_since(answer, row["gap_from"]), kind, answer.dates)
    note_deeper(
        store, way_id=answer.way_id, url=answer.url or "", at=answer.at, meets_known=complete, fresh=fresh,
    )  # fmt: skip
    if kind == "sitemap":
        repair_from(store, way_id=answer.way_id, source=answer.source, at=answer.at, oldest=_oldest(answer))
    return complete

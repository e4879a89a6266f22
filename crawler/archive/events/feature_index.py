"""Index of the terms of articles: their rarity, and the articles that may report the same event, at a bounded cost.

Each step has a limit: the rarest terms of an article, the newest articles under each term and day, and of these the ones
whose common terms weigh most. Keys are ordered by day first: a crawl reads and writes the pages of a few days, however
large the archive is.
"""

from __future__ import annotations

import functools
import json
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from crawler.events.decision import EVENT_WINDOW
from crawler.events.similarity import EventVector, WeightedFeatures, contributions, rarity, unpack_vector
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc

BUCKET_BITS = 16
"""65,536 counters of 16 bits: 128 KiB, which are read and written for each article in less time than 80 rows."""
BUCKET_SHIFT = 32 - BUCKET_BITS
"""Lower bits of a term's hash that its bucket leaves out."""
FULL = 65_535
"""Articles at which all counters are halved: no counter is larger than the number of articles."""


class TermCounts:
    """The counters as read for one article."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        row = db.execute("SELECT articles, counters FROM event_term_counts").fetchone()
        self._articles: int = row[0] if row is not None else 0
        self._counters = array("H", row[1] if row is not None else bytes(2 << BUCKET_BITS))
        if sys.byteorder == "big":
            self._counters.byteswap()
        self._rarity = functools.cache(lambda count: rarity(count, self._articles))

    def rarity_of(self, key: int) -> float:
        """Return the rarity of a term among the counted articles."""
        return self._rarity(self._counters[key >> BUCKET_SHIFT])

    def add(self, keys: Iterable[int]) -> None:
        """Count and store an article with these terms. The counters are not to be used afterwards."""
        counters = self._counters
        for bucket in {key >> BUCKET_SHIFT for key in keys}:
            counters[bucket] += 1
        self._articles += 1
        if self._articles == FULL:
            self._articles //= 2
            counters = array("H", [count // 2 for count in counters])
        if sys.byteorder == "big":
            counters.byteswap()
        self._db.execute(
            "INSERT INTO event_term_counts VALUES (1, ?1, ?2) ON CONFLICT (id) DO UPDATE SET articles = ?1, counters = ?2",
            (self._articles, counters.tobytes()),
        )


MAX_INDEXED_TERMS = 8
"""Terms of an article that are indexed, those that weigh most."""
MAX_INDEXED_FACTS = 4
"""Names and figures that are indexed, by which other languages are found; most are among the MAX_INDEXED_TERMS. By these and
MAX_INDEXED_TERMS, 99 % of the similar pairs of ECB+ are found."""
MAX_PER_TERM = 16
"""Articles indexed under one term and day, the first stored; later ones are found by their other terms."""
MAX_CANDIDATES = 8
"""Articles that are compared: those whose common terms weigh most."""
MIN_COMMON = 0.05
"""Least part of the similarity (0 to 1) that comes from common indexed terms. Of the similar pairs of ECB+ 1.3 % have less,
of the other pairs with a common indexed term 50 %."""
PERIOD_DAYS = 16
"""Days whose entries of a term stand together in the index: a lookup reads one or two places for each term."""

_DAYS = EVENT_WINDOW.days
_LOOKUP = "SELECT article_id FROM event_keys WHERE period = ? AND key = ? AND day BETWEEN ? AND ?"
_INSERT_KEYS = (
    "INSERT OR IGNORE INTO event_keys SELECT ?1, value, ?2, ?3 FROM json_each(?4)"
    " WHERE (SELECT count(*) FROM event_keys k WHERE k.period = ?1 AND k.key = value AND k.day = ?2) < ?5"
)


class IndexedArticle(NamedTuple):
    """The stored features of an article."""

    article_id: int
    story_id: int
    event_id: int | None
    """None: its story stands alone."""
    language: str | None
    vector: EventVector


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLookup:
    """The articles that may report the same event as an article."""

    weighted: WeightedFeatures
    """Of that article."""
    keys: tuple[int, ...]
    """Terms that it is to be indexed under."""
    found: tuple[IndexedArticle, ...]


def day_number(at: datetime) -> int:
    """Days since 1970-01-01 in UTC."""
    return int(at.timestamp() // 86_400)


def add_features(db: Connection, article_id: int, published: datetime, found: EventLookup) -> None:
    """Index an article. Earlier features must be removed before."""
    weighted = found.weighted
    db.execute(
        "INSERT INTO event_features VALUES (?, ?, ?, ?)",
        (article_id, format_utc(published), weighted.language, weighted.vector.packed()),
    )
    day = day_number(published)
    db.execute(_INSERT_KEYS, (day // PERIOD_DAYS, day, article_id, json.dumps(found.keys), MAX_PER_TERM))


def remove_features(db: Connection, article_id: int) -> bool:
    """Remove an article from the index; False if it was not in it."""
    row = db.execute("SELECT published_at, features FROM event_features WHERE article_id = ?", (article_id,)).fetchone()
    if row is None:
        return False
    vector, day = unpack_vector(row["features"]), day_number(parse_utc(row["published_at"]))
    if vector is None:  # of another version, whose keys are not known
        db.execute("DELETE FROM event_keys WHERE period = ? AND article_id = ?", (day // PERIOD_DAYS, article_id))
    else:
        db.executemany(
            "DELETE FROM event_keys WHERE period = ? AND key = ? AND day = ? AND article_id = ?",
            [(day // PERIOD_DAYS, key, day, article_id) for key in vector.places],
        )
    db.execute("DELETE FROM event_features WHERE article_id = ?", (article_id,))
    return True


def index_keys(vector: EventVector) -> dict[int, float]:
    """Return the keys under which an article is indexed, with their weight, the heaviest first."""
    weights = contributions(vector)
    ranked = sorted(weights, key=weights.__getitem__, reverse=True)
    facts = [key for key in ranked if vector.places[key] < vector.facts][:MAX_INDEXED_FACTS]
    return {key: weights[key] for key in dict.fromkeys((*ranked[:MAX_INDEXED_TERMS], *facts))}


def look_up(db: Connection, weighted: WeightedFeatures, at: datetime, *, but_story: int) -> EventLookup:
    """Return at most MAX_CANDIDATES articles of other stories, those first whose common terms weigh most.

    Articles more than EVENT_WINDOW from `at` are left out, and those of events with a story that far away.
    """
    keys, day = index_keys(weighted.vector), day_number(at)
    common = _common_weights(db, keys, day - _DAYS, day + _DAYS)
    likely = sorted(
        ((weight, article_id) for article_id, weight in common.items() if weight >= MIN_COMMON), reverse=True
    )
    ranked = [article_id for _, article_id in likely[: MAX_CANDIDATES + 1]]
    by_id = {one.article_id: one for one in read_features(db, ranked, at=at) if one.story_id != but_story}
    found = [by_id[article_id] for article_id in ranked if article_id in by_id][:MAX_CANDIDATES]
    return EventLookup(weighted=weighted, keys=tuple(keys), found=tuple(found))


def _common_weights(db: Connection, keys: Mapping[int, float], first: int, last: int) -> dict[int, float]:
    """Article -> the weight of the terms that it is indexed under, on these days. A statement for each term takes half of
    the time of one with json_each."""
    common: dict[int, float] = {}
    for period in range(first // PERIOD_DAYS, last // PERIOD_DAYS + 1):
        for key, weight in keys.items():
            for (article_id,) in db.execute(_LOOKUP, (period, key, first, last)):
                common[article_id] = common.get(article_id, 0.0) + weight
    return common


def read_features(db: Connection, article_ids: Iterable[int], *, at: datetime) -> list[IndexedArticle]:
    """Return the features of those of the articles that can be of one event with an article of that time."""
    earliest, latest = format_utc(at - EVENT_WINDOW), format_utc(at + EVENT_WINDOW)
    rows: Sequence[tuple[int, int, int | None, str | None, bytes]] = db.execute(
        "SELECT f.article_id, m.story_id, e.event_id, f.language, f.features FROM json_each(:asked) q"
        " CROSS JOIN event_features f ON f.article_id = q.value"
        " JOIN story_articles m ON m.article_id = f.article_id LEFT JOIN event_stories e ON e.story_id = m.story_id"
        " LEFT JOIN events v ON v.id = e.event_id"
        " WHERE coalesce(v.earliest_published_at, f.published_at) >= :earliest"
        " AND coalesce(v.latest_published_at, f.published_at) <= :latest",
        {"asked": json.dumps(list(article_ids)), "earliest": earliest, "latest": latest},
    ).fetchall()
    unpacked = ((row, unpack_vector(row[4])) for row in rows)
    return [
        IndexedArticle(article_id, story_id, event_id, language, vector)
        for (article_id, story_id, event_id, language, _), vector in unpacked
        if vector is not None
    ]

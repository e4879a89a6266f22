"""Index of the terms of articles: their rarity, and the articles that may report the same event, at a bounded cost.

Each step has a limit: the rarest terms of an article, the newest articles under each term and day, and of these the ones
whose common terms weigh most. Keys are ordered by day first: a crawl reads and writes the pages of a few days, however
large the archive is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.events.decision import EVENT_WINDOW
from crawler.events.features import MAX_TERMS, EventFeatures
from crawler.events.similarity import (
    FACTS,
    SHARES,
    StoredFeatures,
    WeightedFeatures,
    rarity,
    unpack_features,
)
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc

MAX_INDEXED_TERMS = 10
"""Terms of an article that are indexed, those that weigh most."""
MAX_INDEXED_FACTS = 6
"""Names and figures that are indexed, by which other languages are found; most are among the MAX_INDEXED_TERMS."""
MAX_PER_TERM = 16
"""Articles indexed under one term and day, the first stored; later ones are found by their other terms."""
MAX_CANDIDATES = 12
"""Articles that are compared: those whose common terms weigh most."""
BUCKET_BITS = 18
"""262,144 counters, 3 MB. At 100,000 articles of 80 terms, a counter of a rare term is too high by some 30 articles."""
BUCKET_SHIFT = 32 - BUCKET_BITS
"""Lower bits of a term's hash that its bucket leaves out."""
ALL_ARTICLES = -1
"""Bucket that counts the articles."""

_DAYS = EVENT_WINDOW.days
_LOOKUP = (
    "SELECT k.article_id FROM json_each(?1) q CROSS JOIN json_each(?2) d"
    " CROSS JOIN event_keys k ON k.day = d.value AND k.key = CAST(q.key AS INTEGER)"
    " GROUP BY k.article_id ORDER BY sum(q.value) DESC, k.article_id DESC LIMIT ?3"
)
_INSERT_KEYS = (
    "INSERT OR IGNORE INTO event_keys SELECT ?1, value, ?2 FROM json_each(?3)"
    " WHERE (SELECT count(*) FROM event_keys k WHERE k.day = ?1 AND k.key = value) < ?4"
)
_COUNTS = f"SELECT bucket, articles FROM event_term_counts WHERE bucket IN ({','.join('?' * (MAX_TERMS + 1))})"

_COUNT = (
    "INSERT INTO event_term_counts SELECT value, 1 FROM json_each(?) WHERE true"
    " ON CONFLICT (bucket) DO UPDATE SET articles = articles + 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedArticle:
    """The stored features of an article."""

    article_id: int
    story_id: int
    event_id: int | None
    """None: its story stands alone."""
    language: str | None
    features: StoredFeatures


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLookup:
    """The articles that may report the same event as an article."""

    weighted: WeightedFeatures
    """Of that article."""
    day: int
    keys: tuple[int, ...]
    """Terms that it is to be indexed under."""
    found: tuple[IndexedArticle, ...]


def day_number(at: datetime) -> int:
    """Days since 1970-01-01 in UTC."""
    return int(at.timestamp() // 86_400)


def rarity_of(db: Connection, features: EventFeatures) -> Callable[[int], float]:
    """Return the rarity of the terms of an article by key, among the articles that are indexed."""
    buckets = [term.key >> BUCKET_SHIFT for term in features.terms]
    asked = [ALL_ARTICLES, *buckets, *[None] * (MAX_TERMS - len(buckets))]
    counts: dict[int, int] = dict(db.execute(_COUNTS, asked).fetchall())
    articles = counts.get(ALL_ARTICLES, 0)
    of_bucket = {bucket: rarity(count, articles) for bucket, count in counts.items()}
    highest = rarity(0, articles)
    return lambda key: of_bucket.get(key >> BUCKET_SHIFT, highest)


def add_features(db: Connection, article_id: int, features: EventFeatures, found: EventLookup) -> None:
    """Index an article, replacing earlier features. Terms are counted the first time only."""
    if not remove_features(db, article_id):
        counted = [ALL_ARTICLES, *sorted({term.key >> BUCKET_SHIFT for term in features.terms})]
        db.execute(_COUNT, (json.dumps(counted),))
    weighted = found.weighted
    db.execute(
        "INSERT INTO event_features VALUES (?, ?, ?, ?)", (article_id, found.day, weighted.language, weighted.packed())
    )
    db.execute(_INSERT_KEYS, (found.day, article_id, json.dumps(found.keys), MAX_PER_TERM))


def remove_features(db: Connection, article_id: int) -> bool:
    """Remove an article from the index; False if it was not in it."""
    row = db.execute("SELECT day, features FROM event_features WHERE article_id = ?", (article_id,)).fetchone()
    if row is None:
        return False
    stored = unpack_features(row["features"])
    if stored is None:  # of another version, whose keys are not known
        db.execute("DELETE FROM event_keys WHERE day = ? AND article_id = ?", (row["day"], article_id))
    else:
        db.executemany(
            "DELETE FROM event_keys WHERE day = ? AND key = ? AND article_id = ?",
            [(row["day"], key, article_id) for key in stored.places],
        )
    db.execute("DELETE FROM event_features WHERE article_id = ?", (article_id,))
    return True


def index_keys(weighted: WeightedFeatures) -> dict[int, float]:
    """Return the keys under which an article is indexed, with their weight, the heaviest first."""
    weights = _contributions(weighted)
    ranked = sorted(weights, key=lambda key: -weights[key])
    facts = [key for key in ranked if weighted.terms[key].kind in FACTS][:MAX_INDEXED_FACTS]
    return {key: weights[key] for key in dict.fromkeys((*ranked[:MAX_INDEXED_TERMS], *facts))}


def look_up(db: Connection, weighted: WeightedFeatures, at: datetime, *, but_story: int) -> EventLookup:
    """Return at most MAX_CANDIDATES articles of other stories, those first whose common terms weigh most.

    Articles more than EVENT_WINDOW from `at` are left out, and those of events with a story that far away.
    """
    keys, day = index_keys(weighted), day_number(at)
    days = list(range(day - _DAYS, day + _DAYS + 1))
    asked = (json.dumps(keys), json.dumps(days), MAX_CANDIDATES + 1)
    ranked = [row[0] for row in db.execute(_LOOKUP, asked)]
    by_id = {one.article_id: one for one in read_features(db, ranked, at=at) if one.story_id != but_story}
    found = [by_id[article] for article in ranked if article in by_id][:MAX_CANDIDATES]
    return EventLookup(weighted=weighted, day=day, keys=tuple(keys), found=tuple(found))


def read_features(db: Connection, article_ids: Iterable[int], *, at: datetime) -> list[IndexedArticle]:
    """Return the features of those of the articles that can be of one event with an article of that time."""
    earliest, latest = format_utc(at - EVENT_WINDOW), format_utc(at + EVENT_WINDOW)
    rows: Sequence[tuple[int, int, int | None, str | None, bytes]] = db.execute(
        "SELECT f.article_id, m.story_id, e.event_id, f.language, f.features FROM json_each(:asked) q"
        " CROSS JOIN event_features f ON f.article_id = q.value JOIN articles a ON a.id = f.article_id"
        " JOIN story_articles m ON m.article_id = f.article_id LEFT JOIN event_stories e ON e.story_id = m.story_id"
        " LEFT JOIN events v ON v.id = e.event_id"
        " WHERE coalesce(v.earliest_published_at, a.published_at, a.first_seen_at) >= :earliest"
        " AND coalesce(v.latest_published_at, a.published_at, a.first_seen_at) <= :latest",
        {"asked": json.dumps(list(article_ids)), "earliest": earliest, "latest": latest},
    ).fetchall()
    unpacked = ((row, unpack_features(row[4])) for row in rows)
    return [
        IndexedArticle(article_id=row[0], story_id=row[1], event_id=row[2], language=row[3], features=features)
        for row, features in unpacked
        if features is not None
    ]


def _contributions(weighted: WeightedFeatures) -> dict[int, float]:
    """Key -> the contribution of a term to the similarity of an article with itself."""
    norms = weighted.norms
    lengths = {"name": norms.name, "word": norms.word, "figure": norms.figure, "pair": norms.pair}
    whole_factors = {kind: SHARES[kind] / length**2 for kind, length in lengths.items() if length}
    lead_factor = SHARES["lead"] / norms.lead**2 if norms.lead else 0.0
    return {
        key: whole_factors[term.kind] * term.whole**2 + lead_factor * term.lead**2
        for key, term in weighted.terms.items()
    }

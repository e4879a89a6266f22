from __future__ import annotations

import sqlite3

import pytest

from crawler.archive.events.feature_index import BUCKET_SHIFT, FULL, TermCounts
from crawler.archive.schema.initial import INITIAL
from crawler.sqlite.connection import Connection


@pytest.fixture
def db() -> Connection:
    db = sqlite3.connect(":memory:")
    statement = INITIAL[INITIAL.index("CREATE TABLE event_term_counts") :].partition(";\n")[0]
    db.execute(statement)
    return db


RARE, FREQUENT = 1 << BUCKET_SHIFT, 2 << BUCKET_SHIFT


def test_a_term_of_many_articles_is_less_rare(db: Connection) -> None:
    assert TermCounts(db).rarity_of(RARE) == TermCounts(db).rarity_of(FREQUENT)
    for _ in range(9):
        TermCounts(db).add([FREQUENT, FREQUENT + 1])
    TermCounts(db).add([RARE])
    counts = TermCounts(db)
    assert counts.rarity_of(RARE) > counts.rarity_of(FREQUENT) > 0


def test_full_counters_are_halved_and_keep_the_rarity(db: Connection) -> None:
    counters = bytearray(2 << 16)
    counters[4:6] = (FULL - 1).to_bytes(2, "little")
    db.execute("INSERT INTO event_term_counts VALUES (1, ?, ?)", (FULL - 1, bytes(counters)))
    TermCounts(db).add([FREQUENT])
    assert db.execute("SELECT articles FROM event_term_counts").fetchall() == [(FULL // 2,)]
    counts = TermCounts(db)
    assert counts.rarity_of(FREQUENT) < 0.1 < counts.rarity_of(RARE)
    counts.add([FREQUENT])
    assert db.execute("SELECT articles FROM event_term_counts").fetchall() == [(FULL // 2 + 1,)]

"""Queries of topics: the grammar of SQLite, with the places of mistakes."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.search.query_ast import QueryError, drop_scope, expand_terms, positive_phrases, to_fts5
from crawler.search.query_parser import parse_query
from crawler.text.tokenizer import TOKENIZER, to_index_form
from tests.support.query_strategies import queries, rows

TERMS = {
    "troops": ["troops", "soldier*", "serviceman"],
    "north_korean": ["North Korean*", "DPRK", "北朝鮮", "північнокорейськ*"],
    "all": ["$troops", "$north_korean", "brigade*"],
    "loop": ["$pool"],
    "pool": ["$loop"],
}


def table(rows: list[tuple[str, str, str, str]]) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.execute(f'CREATE VIRTUAL TABLE t USING fts5(title, lead, byline, text, tokenize="{TOKENIZER}")')
    db.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [tuple(map(to_index_form, row)) for row in rows])
    return db


def found(db: sqlite3.Connection, query: str) -> list[int]:
    return [row[0] for row in db.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rowid", (query,))]


def compiled(query: str) -> str:
    return to_fts5(expand_terms(parse_query(query), TERMS))


@settings(max_examples=150)
@given(queries, rows)
def test_a_query_finds_the_same_rows_as_in_sqlite(query: str, rows: list[tuple[str, str, str, str]]) -> None:
    db = table(rows)
    assert found(db, to_fts5(parse_query(query))) == found(db, query)


@settings(max_examples=100)
@given(queries, rows)
def test_a_relaxed_query_finds_at_least_the_rows_of_the_query(
    query: str, rows: list[tuple[str, str, str, str]]
) -> None:
    db = table(rows)
    assert set(found(db, query)) <= set(found(db, to_fts5(drop_scope(parse_query(query)))))


@settings(max_examples=300)
@given(st.text(alphabet='ab "()*+-^:,{}$&|ANDORTNE“’\x00\u200b兵', max_size=14))
def test_queries_that_sqlite_refuses_are_refused_and_accepted_queries_run(query: str) -> None:
    db = table([("a b", "", "", "")])
    try:
        ours = to_fts5(parse_query(query))
    except QueryError as error:
        assert 0 <= error.position <= len(query)
        return
    except TypeError:
        return  # a list that was not inserted
    found(db, ours)


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ("", 0, "no words"),
        ("troops AND", 7, "AND needs an operand after it"),
        ("NOT troops", 0, "write A NOT B"),
        ("troops AND NOT parade", 7, "write A NOT B"),
        ("(troops OR soldiers", 0, "not closed"),
        ("troops)", 6, "no opening ("),
        ('"North Korean', 0, "not closed"),
        ("“North Korean” troops", 0, "not a quotation mark"),
        ("front-line AND attack", 5, '"front-line"'),
        ("troop?", 5, "wildcard"),
        ("troops & drones", 7, "AND"),
        ("headline : troops", 0, "columns are title, lead, byline, text"),
        ("titel : troops", 0, "did you mean 'title'?"),
        (
            "$north_korea AND troops",
            0,
            "[terms] has no list and names.toml no name $north_korea (did you mean 'north_korean'?)",
        ),
        ("NEAR(troops OR soldiers, 5)", 12, "not OR"),
        ("NEAR(troops sent, five)", 18, "a number"),
        ("NEAR(troops sent, 123456789012)", 18, "at most"),
        ("NEAR/5(troops sent)", 4, "NEAR(troops sent, 5)"),
        ("near(troops sent, 5)", 0, "write NEAR(troops sent, 10)"),
        ("troops or soldiers", 7, 'write OR, or "or" to search for the word'),
        ("troops not parade", 7, "write NOT"),
        ("troops — sent", 7, "remove it"),
        ("#troops", 0, "remove it"),
        ("NEAR()", 0, "at least one phrase"),
        ("*troops", 0, "only at the end of a word"),
        ("dep*loy", 3, "only at the end of a word"),
        ("kursk (troops OR soldiers)", 6, "write AND or OR"),
        ("(troops OR soldiers) kursk", 21, "write AND or OR"),
        ("Ukraine's army", 7, '"Ukraine\'s"'),
        ("()", 0, "nothing between"),
        ("a , b", 2, "comma"),
        ('"..."', 0, "no letters"),
        ('"cease fire*"', 11, '"cease fire" *'),
        ('"prisoner* of war"', 9, "only the last word"),
        ("NEAR((troops) sent)", 5, "not brackets"),
        ("$loop", 0, "contains itself"),
    ],
)
def test_the_message_about_a_mistake_has_its_place_and_a_correction(query: str, position: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        compiled(query)
    assert caught.value.position == position, caught.value.what
    assert says in caught.value.what


def test_a_list_matches_each_of_its_entries_also_inside_near_and_other_lists() -> None:
    db = table(
        [
            ("DPRK soldiers in Kursk", "", "", ""),
            ("північнокорейські військові", "", "", ""),
            ("昨日、北朝鮮の兵士が", "", "", ""),
            ("DPRK said that in spring and in summer nobody, least of all soldiers, went", "", "", ""),
            ("a brigade", "", "", ""),
        ]
    )
    assert found(db, compiled("NEAR($north_korean $troops, 3)")) == [1]
    assert found(db, compiled("$north_korean")) == [1, 2, 3, 4]
    assert found(db, compiled("$all NOT kursk")) == [2, 3, 4, 5]


def test_too_many_combinations_of_lists_are_refused_with_their_sizes() -> None:
    terms = {"many": [f"word{number}" for number in range(60)]}
    with pytest.raises(QueryError, match=r"60 × 60 = 3600 combinations"):
        expand_terms(parse_query("NEAR($many $many)"), terms)


def test_the_phrases_of_a_query_are_those_that_support_a_match() -> None:
    node = parse_query('(troops OR "special forces") AND sent* NOT parade')
    assert [" ".join(phrase.parts) for phrase in positive_phrases(node)] == ["troops", "special forces", "sent"]


def test_a_too_deeply_nested_query_is_refused() -> None:
    with pytest.raises(QueryError, match="levels of nested brackets"):
        parse_query("(" * 5000 + "a" + ")" * 5000)

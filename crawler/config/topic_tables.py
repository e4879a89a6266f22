"""Validate the tables of topics.toml; every mistake is reported with its key and its position in the query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from crawler.config.parsing.validation import KeepTime, Label, LanguageCode, Regex, StrictModel
from crawler.config.retention import FOREVER
from crawler.search.query_ast import (
    Inflector,
    QueryError,
    TermListError,
    Terms,
    columns_named,
    entry_phrase,
    expand_terms,
    positive_phrases,
)
from crawler.search.query_parser import parse_query
from crawler.text.suggestions import did_you_mean

Scope = Literal["article", "paragraph", "sentence"]
TERMS = "terms"
"""Name of the table of word lists; no topic can have it."""
QUERY_EXCERPT = 24
"""Characters of a query shown in a message."""
MOST_PHRASES = 5_000
"""Most phrases of one query; FTS5 needs a few milliseconds for this many."""

_LIST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class TopicTable(StrictModel):
    """The table of a topic as written."""

    id: str
    title: str = Field(min_length=1)
    query: str
    scope: Scope = "sentence"
    sources: tuple[str, ...] = ()
    except_sources: tuple[str, ...] = ()
    languages: tuple[LanguageCode, ...] = ()
    sections: tuple[str, ...] = ()
    min_words: Annotated[int, Field(ge=1, le=50)] = 1
    min_sentences: Annotated[int, Field(ge=1, le=50)] = 1
    pattern: Regex | None = None
    case_sensitive: tuple[str, ...] = ()
    old_after_days: Annotated[int, Field(ge=1, le=3650)] = 7
    old_articles: Literal["mark", "drop"] = "mark"
    group: Label | None = None
    keep_alerted: KeepTime = FOREVER
    enabled: bool = True
    note: str | None = None


def table_mistakes(
    written: TopicTable, terms: Terms, sources: Mapping[str, str | None] | None, inflect: Inflector
) -> Iterator[tuple[str, str]]:
    """Yield (key, message) for each mistake that concerns several keys, the word lists or the sources."""
    try:
        node = expand_terms(parse_query(written.query), terms, inflect)
    except QueryError as error:
        yield "query", format_query_error(written.query, error)
        return
    words = {
        word.casefold()
        for phrase in positive_phrases(node, excluded=True)
        for part in phrase.parts
        for word in part.split()
    }
    if sum(1 for _ in positive_phrases(node, excluded=True)) > MOST_PHRASES:
        yield "query", f"its lists make more than {MOST_PHRASES} phrases; use shorter lists"
    if written.scope != "article" and "byline" in set(columns_named(node)):
        yield "query", f'a byline is not part of a {written.scope}; write scope = "article", or remove the column'
    for word in written.case_sensitive:
        if not re.fullmatch(r"\w+", word):
            yield (
                "case_sensitive",
                f"{word!r} is not one word of letters and digits, so it has no effect; remove it",
            )
        elif word.casefold() not in words:
            yield (
                "case_sensitive",
                f"{word!r} is not a word of the query{did_you_mean(word, words)}, so it has no effect; remove it",
            )
    phrases = list(positive_phrases(node))
    if len(phrases) < written.min_words and not any(phrase.prefix for phrase in phrases):
        only = "one word or phrase" if len(phrases) == 1 else f"{len(phrases)} words and phrases"
        yield "min_words", f"{written.min_words} is too many: the query has only {only}"
    for key, named in (("sources", written.sources), ("except_sources", written.except_sources)):
        for source in named:
            if sources is not None and source not in sources:
                yield key, f"{source!r} is not a table of sources.toml{did_you_mean(source, sources)}"
    if written.sources and written.except_sources:
        yield "except_sources", "has no effect together with sources; remove one of the two keys"


def read_terms(table: Any, mistakes: list[str], names: Terms | None = None) -> dict[str, tuple[str, ...]]:
    """Return the word lists of the table [terms], by name; append the mistakes in it to `mistakes`.

    `names`: lists that are added to them, which no list of the table may be called like.
    """
    if not isinstance(table, dict):
        mistakes.append(
            '[terms]: write word lists as a table: [terms], with lines such as troops = ["troops", "soldier*"]'
        )
        return {}
    terms: dict[str, tuple[str, ...]] = {}
    for name, entries in table.items():
        where = f"table [{TERMS}], key {name}"
        if not _LIST_NAME.fullmatch(name):
            mistakes.append(f"{where}: the name of a list must consist of letters, digits, _ and -, such as us_troops")
        elif not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries) or not entries:
            mistakes.append(
                f'{where}: write a list of words and phrases, such as ["troops", "special forces", "soldier*"]'
            )
        elif names is not None and name in names:
            mistakes.append(f"{where}: names.toml has a name {name}, too; rename one of them")
        else:
            terms[name] = tuple(entries)
    own = tuple(terms)
    terms |= {name: tuple(spellings) for name, spellings in (names or {}).items()}
    for name, entries in ((name, terms[name]) for name in own):
        mistakes.extend(f"table [{TERMS}], key {name}: {what}" for what in _bad_entries(name, entries, terms))
    return terms


def _bad_entries(name: str, entries: Sequence[str], terms: Terms) -> Iterator[str]:
    for entry in entries:
        try:
            if not entry.startswith("$"):
                entry_phrase(entry.removeprefix("~"))
        except QueryError as error:
            yield error.what
    try:
        expand_terms(parse_query(f"${name}"), terms, lambda word: [word])
    except TermListError as error:
        yield error.what
    except QueryError:  # a mistake in an entry; it is reported above, or at the list that contains the entry
        pass


def format_query_error(query: str, error: QueryError) -> str:
    """Return the mistake with its position, in one line."""
    if error.position >= len(query):
        return f"at its end: {error.what}"
    rest = query[error.position :].replace("\n", " ")
    shown = rest if len(rest) <= QUERY_EXCERPT else rest[: QUERY_EXCERPT - 1] + "…"
    return f"at character {error.position + 1}, «{shown}»: {error.what}"

"""Read topics.toml into `Topic` objects; all mistakes are reported at once, by topic, key and position in the query.

A topic is a query in SQLite's FTS5 language, the scope in which all of it must match, and further conditions. Topics
share the word lists in [terms].
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from crawler.config.toml import read_toml
from crawler.config.validation import Regex, StrictModel, format_errors
from crawler.exceptions import ConfigurationError
from crawler.search.query_ast import (
    Inflector,
    QueryError,
    QueryNode,
    Terms,
    columns_named,
    drop_scope,
    entry_phrase,
    expand_terms,
    positive_phrases,
    to_fts5,
)
from crawler.search.query_parser import parse_query
from crawler.text.suggestions import did_you_mean
from crawler.text.word_forms import WordForms

Scope = Literal["article", "paragraph", "sentence"]
TERMS = "terms"
"""Name of the table of word lists; no topic can have it."""
QUERY_EXCERPT = 24
"""Characters of a query shown in a message."""
MOST_PHRASES = 5_000
"""Most phrases of one query; FTS5 needs a few milliseconds for this many."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LIST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_MISSING = "every topic has title and query"


class _Table(StrictModel):
    """The table of a topic as written."""

    title: str = Field(min_length=1)
    query: str
    scope: Scope = "sentence"
    sources: tuple[str, ...] = ()
    except_sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    min_words: Annotated[int, Field(ge=1, le=50)] = 1
    min_sentences: Annotated[int, Field(ge=1, le=50)] = 1
    pattern: Regex | None = None
    case_sensitive: tuple[str, ...] = ()
    old_after_days: Annotated[int, Field(ge=1, le=3650)] = 7
    old_articles: Literal["mark", "drop"] = "mark"
    enabled: bool = True
    note: str | None = None

    @field_validator("languages")
    @classmethod
    def _languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for language in value:
            if not re.fullmatch(r"[a-z]{2}", language):
                raise ValueError(f'{language!r} is no ISO 639-1 code; write two small letters such as "uk"')
        return value


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic. In `node`, its lists are expanded."""

    id: str
    title: str
    query: str
    """As written."""
    node: QueryNode
    form_languages: frozenset[str] = frozenset()
    """Languages in which `~word` was expanded: those of the topic, or of its sources."""
    scope: Scope = "sentence"
    sources: frozenset[str] = frozenset()
    """IDs of the sources to which it is limited; empty: all."""
    except_sources: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    """Languages to which it is limited; empty: all. Articles in an unknown language are included."""
    sections: frozenset[str] = frozenset()
    """Names of the sections to which it is limited, in any case; empty: all."""
    min_words: int = 1
    """Least number of distinct query words in the matching sentences of an article."""
    min_sentences: int = 1
    """Least number of matching sentences."""
    pattern: str | None = None
    """Regular expression (Python's `re`) that must also match in the scope."""
    case_sensitive: tuple[str, ...] = ()
    """Words that match only in this case: ICE does not match ice."""
    old_after: timedelta = timedelta(days=7)
    """An article is old if it was published longer than this before it was found."""
    drop_old: bool = False
    """Whether old articles get no alert; otherwise their alerts are marked as old."""
    enabled: bool = True
    note: str | None = None

    @cached_property
    def fts(self) -> str:
        """Return the query for FTS5, for rows of the topic's scope."""
        return to_fts5(self.node)

    @cached_property
    def fts_of_articles(self) -> str:
        """Return a query that finds every article in which `fts` matches; `fts` itself if the scope is "article"."""
        return to_fts5(self.node if self.scope == "article" and not self.case_sensitive else drop_scope(self.node))

    @property
    def definition(self) -> dict[str, Any]:
        """Return everything that determines which articles it flags; it is stored with each version."""
        return {
            "query": self.query,
            "fts": self.fts,
            "scope": self.scope,
            "sources": sorted(self.sources),
            "except_sources": sorted(self.except_sources),
            "languages": sorted(self.languages),
            "sections": sorted(self.sections),
            "min_words": self.min_words,
            "min_sentences": self.min_sentences,
            "pattern": self.pattern,
            "case_sensitive": list(self.case_sensitive),
            "old_after_days": self.old_after.days,
            "old_articles": "drop" if self.drop_old else "mark",
        }

    @cached_property
    def definition_sha256(self) -> str:
        """Return the hash of the definition. Topics with the same hash flag the same articles."""
        deciding = {name: value for name, value in self.definition.items() if name != "query"}
        return hashlib.sha256(json.dumps(deciding, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFile:
    """The content of topics.toml."""

    topics: tuple[Topic, ...]
    terms: Terms
    forms: WordForms

    def topic(self, topic_id: str, path: Path) -> Topic:
        """Return the topic with this ID. Raises ConfigurationError if it does not exist."""
        by_id = {topic.id: topic for topic in self.topics}
        if topic_id not in by_id:
            hint = did_you_mean(topic_id, by_id) or "; `scrapy topics` lists them"
            raise ConfigurationError(path, [f"there is no topic {topic_id!r}{hint}"])
        return by_id[topic_id]


def load_topics(
    path: Path, *, sources: Mapping[str, str | None] | None = None, forms_cache: Path | None = None
) -> TopicFile:
    """Return the topics of a file, in its order. Raises ConfigurationError with all mistakes of the file.

    `sources`: the IDs that a topic may name, with their languages; None: any. `forms_cache`: file in which word forms are
    cached; it can be deleted at any time.
    """
    tables = read_toml(path)
    mistakes: list[str] = []
    forms = WordForms(forms_cache)
    terms = _terms(tables.pop(TERMS, {}), mistakes)
    forms.prepare(_texts(terms, tables), _languages(sources, tables))
    topics: list[Topic] = []
    for name, table in tables.items():
        try:
            written = _written(name, table)
        except ValidationError as error:
            mistakes.extend(format_errors(name, error, lambda _: list(_Table.model_fields), missing=_MISSING))
            continue
        except ValueError as error:
            mistakes.append(f"table [{name}]: {error}")
            continue
        inflect = _inflector(written, sources, forms)
        found = [f"table [{name}], key {key}: {what}" for key, what in _mistakes(written, terms, sources, inflect)]
        mistakes.extend(found)
        if not found:
            topics.append(_topic(name, written, terms, inflect, _form_languages(written, sources)))
    if mistakes:
        raise ConfigurationError(path, mistakes)
    return TopicFile(topics=tuple(topics), terms=terms, forms=forms)


def topic_of_query(
    query: str,
    terms: Terms,
    *,
    like: Topic | None = None,
    forms: WordForms | None = None,
    languages: Sequence[str] = (),
) -> Topic:
    """Return a copy of a topic with another query, which need not be in the file. Raises QueryError.

    `languages`: for `~word`, if the other topic has none.
    """
    base = like or Topic(id="query", title=query, query=query, node=parse_query("x"))
    spoken = sorted(base.form_languages or languages)
    node = expand_terms(parse_query(query), terms, _inflector_of(forms or WordForms(), spoken))
    return replace(base, query=query, node=node)


def format_query_error(query: str, error: QueryError) -> str:
    """Return the mistake with its position, in one line."""
    if error.position >= len(query):
        return f"at its end: {error.what}"
    rest = query[error.position :].replace("\n", " ")
    shown = rest if len(rest) <= QUERY_EXCERPT else rest[: QUERY_EXCERPT - 1] + "…"
    return f"at character {error.position + 1}, «{shown}»: {error.what}"


def _written(name: str, table: Any) -> _Table:
    if not isinstance(table, dict):
        raise ValueError(f"write the topic as a table: [{name}] and its keys on the lines below")
    if not _NAME.fullmatch(name):
        raise ValueError('the name must be small letters, digits and hyphens, such as "troop-deployments"')
    return _Table.model_validate(table)


def _texts(terms: Terms, tables: Mapping[str, Any]) -> Iterator[str]:
    """Return the texts that can contain `~word`."""
    for entries in terms.values():
        yield from (f'~"{entry[1:]}"' for entry in entries if entry.startswith("~"))
    for table in tables.values():
        if isinstance(table, dict):
            yield str(table.get("query", ""))


def _languages(sources: Mapping[str, str | None] | None, tables: Mapping[str, Any]) -> set[str]:
    """Return the languages of the sources and those that topics name."""
    named = [table.get("languages") for table in tables.values() if isinstance(table, dict)]
    written = {language for some in named if isinstance(some, list) for language in some if isinstance(language, str)}
    return written | {language for language in (sources or {}).values() if language}


def _inflector(written: _Table, sources: Mapping[str, str | None] | None, forms: WordForms) -> Inflector:
    return _inflector_of(forms, _form_languages(written, sources))


def _form_languages(written: _Table, sources: Mapping[str, str | None] | None) -> list[str]:
    """Return the languages of the topic, or of its sources if it has none."""
    if written.languages:
        return sorted(written.languages)
    watched = {
        language
        for source, language in (sources or {}).items()
        if language and source not in written.except_sources and (not written.sources or source in written.sources)
    }
    return sorted(watched)


def _inflector_of(forms: WordForms, languages: Sequence[str]) -> Inflector:
    return lambda written: forms.phrases(written, languages)


def _topic(name: str, written: _Table, terms: Terms, inflect: Inflector, languages: Sequence[str]) -> Topic:
    return Topic(
        id=name,
        title=written.title,
        query=written.query,
        node=expand_terms(parse_query(written.query), terms, inflect),
        form_languages=frozenset(languages),
        scope=written.scope,
        sources=frozenset(written.sources),
        except_sources=frozenset(written.except_sources),
        languages=frozenset(written.languages),
        sections=frozenset(section.casefold() for section in written.sections),
        min_words=written.min_words,
        min_sentences=written.min_sentences,
        pattern=written.pattern,
        case_sensitive=written.case_sensitive,
        old_after=timedelta(days=written.old_after_days),
        drop_old=written.old_articles == "drop",
        enabled=written.enabled,
        note=written.note,
    )


def _mistakes(
    written: _Table, terms: Terms, sources: Mapping[str, str | None] | None, inflect: Inflector
) -> Iterator[tuple[str, str]]:
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
        yield "query", f"its lists make more than {MOST_PHRASES} phrases; use shorter ones"
    if written.scope != "article" and "byline" in set(columns_named(node)):
        yield "query", f'a byline is no {written.scope}; write scope = "article", or leave the column out'
    for word in written.case_sensitive:
        if not re.fullmatch(r"\w+", word):
            yield (
                "case_sensitive",
                f"{word!r} is not one word of letters and digits, so it would distinguish nothing",
            )
        elif word.casefold() not in words:
            yield (
                "case_sensitive",
                f"{word!r} is no word of the query{did_you_mean(word, words)}; it would distinguish nothing",
            )
    speaking = list(positive_phrases(node))
    if len(speaking) < written.min_words and not any(phrase.prefix for phrase in speaking):
        only = "one word or phrase" if len(speaking) == 1 else f"{len(speaking)} words and phrases"
        yield "min_words", f"{written.min_words} can never be found: the query has only {only}"
    for key, named in (("sources", written.sources), ("except_sources", written.except_sources)):
        for source in named:
            if sources is not None and source not in sources:
                yield key, f"{source!r} is no table of sources.toml{did_you_mean(source, sources)}"
    if written.sources and written.except_sources:
        yield "except_sources", "sources already names the only ones; leave one of the two keys out"


def _terms(table: Any, mistakes: list[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, dict):
        mistakes.append(
            '[terms]: write word lists as a table: [terms] and lines such as troops = ["troops", "soldier*"]'
        )
        return {}
    terms: dict[str, tuple[str, ...]] = {}
    for name, entries in table.items():
        where = f"table [{TERMS}], key {name}"
        if not _LIST_NAME.fullmatch(name):
            mistakes.append(f"{where}: a list's name has letters, digits, _ and -, so that a query can say ${name}")
        elif not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries) or not entries:
            mistakes.append(
                f'{where}: write a list of words and phrases, such as ["troops", "special forces", "soldier*"]'
            )
        else:
            terms[name] = tuple(entries)
    for name, entries in terms.items():
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
    except QueryError as error:
        if "list" in error.what:  # mistakes in the entries are reported above
            yield error.what

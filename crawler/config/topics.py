"""Read topics.toml into `Topic` objects; all mistakes are reported at once, by topic, key and position in the query.

A topic is a query in SQLite's FTS5 language, the scope in which all of it must match, and further conditions. Topics
share the word lists in [terms].
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from crawler.config.names import NAMES_FILE, load_spellings, names_as_terms
from crawler.config.parsing.lines import with_lines
from crawler.config.parsing.toml import read_toml
from crawler.config.parsing.validation import validated_table
from crawler.config.retention import FOREVER
from crawler.config.topic_tables import TERMS, Scope, TopicTable, read_terms, table_mistakes
from crawler.exceptions import ConfigurationError
from crawler.search.query_ast import Inflector, QueryNode, Terms, drop_scope, expand_terms, to_fts5
from crawler.search.query_parser import parse_query
from crawler.text.suggestions import did_you_mean
from crawler.text.word_forms import phrase_forms

TOPICS_FILE = "topics.toml"
_MISSING = "each topic needs title and query"


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
    group: str | None = None
    """Topics of one group are shown together; pages and digests filter by it."""
    keep_alerted: timedelta = FOREVER
    """How long the evidence of its alerts is kept: raw pages and texts."""
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
        relevant = {name: value for name, value in self.definition.items() if name != "query"}
        return hashlib.sha256(json.dumps(relevant, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFile:
    """The content of topics.toml."""

    topics: tuple[Topic, ...]
    terms: Terms
    """The lists of [terms], and the names of names.toml."""

    def topic(self, topic_id: str, path: Path) -> Topic:
        """Return the topic with this ID. Raises ConfigurationError if it does not exist."""
        by_id = {topic.id: topic for topic in self.topics}
        if topic_id not in by_id:
            hint = did_you_mean(topic_id, by_id) or "; `scrapy topics` lists them"
            raise ConfigurationError(path, [f"there is no topic {topic_id!r}{hint}"])
        return by_id[topic_id]


def load_topics(path: Path, *, sources: Mapping[str, str | None] | None = None) -> TopicFile:
    """Return the topics of a file, in its order. Raises ConfigurationError with all mistakes of the file.

    Names are read from names.toml in the same folder, if it exists.
    `sources`: the IDs that a topic may name, with their languages; None: any.
    """
    tables = read_toml(path)
    mistakes: list[str] = []
    names = load_spellings(path.with_name(NAMES_FILE))
    terms = read_terms(tables.pop(TERMS, {}), mistakes, names_as_terms(names))
    topics: list[Topic] = []
    for name, table in tables.items():
        written, found = validated_table(
            name, table, TopicTable, noun="topic", example="troop-deployments", missing=_MISSING
        )
        mistakes += found
        if written is None:
            continue
        languages = _form_languages(written, sources)
        inflect = _inflector(languages)
        found = [f"table [{name}], key {key}: {what}" for key, what in table_mistakes(written, terms, sources, inflect)]
        mistakes.extend(found)
        if not found:
            topics.append(_topic(written, terms, inflect, languages))
    if mistakes:
        raise ConfigurationError(path, with_lines(path, mistakes))
    return TopicFile(topics=tuple(topics), terms=terms)


def load_terms(path: Path) -> Terms:
    """Return the lists of a topics.toml and the names next to it; empty for files with a mistake, which topics report."""
    mistakes: list[str] = []
    try:
        table = read_toml(path).get(TERMS, {}) if path.exists() else {}
        return read_terms(table, mistakes, names_as_terms(load_spellings(path.with_name(NAMES_FILE))))
    except ConfigurationError:
        return {}


def stored_topic(topic_id: str, title: str, definition: Mapping[str, Any]) -> Topic:
    """Return a topic as one of its versions was stored; `definition` as in `Topic.definition`."""
    return Topic(
        id=topic_id,
        title=title,
        query=definition["query"],
        node=parse_query(definition["fts"]),
        scope=definition["scope"],
        sources=frozenset(definition["sources"]),
        except_sources=frozenset(definition["except_sources"]),
        languages=frozenset(definition["languages"]),
        sections=frozenset(definition["sections"]),
        min_words=definition["min_words"],
        min_sentences=definition["min_sentences"],
        pattern=definition["pattern"],
        case_sensitive=tuple(definition["case_sensitive"]),
        old_after=timedelta(days=definition["old_after_days"]),
        drop_old=definition["old_articles"] == "drop",
    )


def topic_of_query(
    query: str,
    terms: Terms,
    *,
    like: Topic | None = None,
    languages: Sequence[str] = (),
) -> Topic:
    """Return a copy of a topic with another query, which need not be in the file. Raises QueryError.

    `languages`: for `~word`, if the other topic has none.
    """
    base = like or Topic(id="query", title=query, query=query, node=parse_query("x"))
    form_languages = sorted(base.form_languages or languages)
    node = expand_terms(parse_query(query), terms, _inflector(form_languages))
    return replace(base, query=query, node=node)


def _form_languages(written: TopicTable, sources: Mapping[str, str | None] | None) -> list[str]:
    """Return the languages of the topic, or of its sources if it has none."""
    if written.languages:
        return sorted(written.languages)
    of_sources = {
        language
        for source, language in (sources or {}).items()
        if language and source not in written.except_sources and (not written.sources or source in written.sources)
    }
    return sorted(of_sources)


def _inflector(languages: Sequence[str]) -> Inflector:
    return lambda written: phrase_forms(written, languages)


def _topic(written: TopicTable, terms: Terms, inflect: Inflector, languages: Sequence[str]) -> Topic:
    changed = {"sources", "except_sources", "languages", "sections", "old_after_days", "old_articles"}
    return Topic(
        **written.model_dump(exclude=changed),
        node=expand_terms(parse_query(written.query), terms, inflect),
        form_languages=frozenset(languages),
        sources=frozenset(written.sources),
        except_sources=frozenset(written.except_sources),
        languages=frozenset(written.languages),
        sections=frozenset(section.casefold() for section in written.sections),
        old_after=timedelta(days=written.old_after_days),
        drop_old=written.old_articles == "drop",
    )

"""Match topics against texts with SQLite's FTS5 in memory and the archive's tokenizer.

Because tokenizer and engine are the same, flagging, backtests and the archive's search find the same articles. Two steps
keep a thousand topics at a fraction of a millisecond per article: each query runs once over a table of whole articles;
the sentences or paragraphs of the articles found go into a second table, where the query must match within one row. A
backtest passes `candidates` from the archive's own index instead of the first step.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.config.topic_tables import Scope
from crawler.config.topics import Topic
from crawler.sqlite.connection import Connection, memory
from crawler.text.tokenizer import SEPARATOR, TOKENIZER, is_indexed_as_written, offset_map, to_index_form
from crawler.topics.match import (
    CLOSE,
    MATCHED_COLUMNS,
    OPEN,
    Match,
    MatchableText,
    MatchedSentence,
    masked,
    without_private,
)

_MARK = re.compile(f"{OPEN}|{CLOSE}|{SEPARATOR}")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A matching row: a column, or a sentence or paragraph of it."""

    column: str
    start: int
    stop: int
    spans: tuple[tuple[int, int], ...]
    """(start, end) of the matched words in the column."""


PatternCheck = Callable[[str, str], bool]
"""(regular expression, text) -> whether it is found. May raise WorkerError if it takes too long."""


def match(
    topics: Sequence[Topic],
    texts: Sequence[MatchableText],
    *,
    found_by_pattern: PatternCheck,
    candidates: Mapping[str, Iterable[int]] | None = None,
) -> dict[tuple[str, int], Match]:
    """(topic ID, text ID) -> match.

    `candidates`: topic ID -> IDs of the texts that `Topic.fts_of_articles` finds, if an index was already searched.
    """
    texts = [without_private(text) for text in texts]
    by_id = {text.id: text for text in texts}
    if candidates is None:
        candidates = _candidates(topics, texts)
    chosen = {
        topic.id: [by_id[text] for text in candidates.get(topic.id, ()) if _passes_filters(topic, by_id[text])]
        for topic in topics
    }
    found: dict[tuple[str, int], list[_Unit]] = {}
    for scope in ("article", "paragraph", "sentence"):
        of_scope = [topic for topic in topics if topic.scope == scope and chosen[topic.id]]
        plain = [topic for topic in of_scope if not topic.case_sensitive]
        if plain:
            _match_rows(
                plain, scope, {text.id: text for topic in plain for text in chosen[topic.id]}.values(), chosen, found
            )
        for topic in of_scope:
            if topic.case_sensitive:
                _match_rows(
                    [topic], scope, [masked(text, topic.case_sensitive) for text in chosen[topic.id]], chosen, found
                )
    matches = {}
    for topic in topics:
        for text in chosen[topic.id]:
            units = found.get((topic.id, text.id))
            if units and (result := _match_of(topic, text, units, found_by_pattern)) is not None:
                matches[topic.id, text.id] = result
    return matches


def _candidates(topics: Sequence[Topic], texts: Sequence[MatchableText]) -> dict[str, list[int]]:
    """First step: search one row per article."""
    with contextlib.closing(_table(texts, lambda text: [(text.title, text.lead, text.byline, text.text)])) as db:
        ids = [text.id for text in texts]
        return {topic.id: [ids[row[0] - 1] for row in db.execute(_FIND, (topic.fts_of_articles,))] for topic in topics}


def _match_rows(
    topics: Sequence[Topic],
    scope: Scope,
    texts: Iterable[MatchableText],
    chosen: Mapping[str, Sequence[MatchableText]],
    found: dict[tuple[str, int], list[_Unit]],
) -> None:
    """Second step: search one row per sentence, paragraph or article. Adds the matching units to `found`."""
    units: list[tuple[MatchableText, str, int, str]] = []

    def rows(text: MatchableText) -> Iterator[tuple[str, ...]]:
        if scope == "article":
            units.append((text, "", 0, ""))
            yield text.title, text.lead, text.byline, text.text
            return
        for column, start, unit in text.units(scope):
            units.append((text, column, start, unit))
            yield _ROWS[column](unit)

    with contextlib.closing(_table(texts, rows)) as db:
        for topic in topics:
            eligible = {text.id for text in chosen[topic.id]}
            for row in db.execute(_FIND_MARKED, (topic.fts,)):
                text, column, start, unit = units[row[0] - 1]
                if text.id not in eligible:
                    continue
                found.setdefault((topic.id, text.id), []).extend(
                    [
                        _unit(name, 0, getattr(text, name), part)
                        for name, part in zip(MATCHED_COLUMNS, row[1:], strict=True)
                    ]
                    if scope == "article"
                    else [_unit(column, start, unit, row[1 + MATCHED_COLUMNS.index(column)])]
                )


_ROWS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "title": lambda unit: (unit, "", "", ""),
    "lead": lambda unit: ("", unit, "", ""),
    "text": lambda unit: ("", "", "", unit),
}
_FIND = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rowid"
_MARKED = ", ".join(f"highlight(texts, {place}, '{OPEN}', '{CLOSE}')" for place in range(len(MATCHED_COLUMNS)))
_FIND_MARKED = f"SELECT rowid, {_MARKED} FROM texts WHERE texts MATCH ? ORDER BY rowid"  # noqa: S608 -- our own columns


def _table(texts: Iterable[MatchableText], rows: Callable[[MatchableText], Iterable[tuple[str, ...]]]) -> Connection:
    db = memory()
    db.execute(f'CREATE VIRTUAL TABLE texts USING fts5({", ".join(MATCHED_COLUMNS)}, tokenize="{TOKENIZER}")')
    db.execute("BEGIN")
    db.executemany("INSERT INTO texts VALUES (?, ?, ?, ?)", _indexed(texts, rows))
    db.execute("COMMIT")
    return db


def _indexed(
    texts: Iterable[MatchableText], rows: Callable[[MatchableText], Iterable[tuple[str, ...]]]
) -> Iterator[tuple[str, ...]]:
    for text in texts:
        if text.is_indexed_as_written:
            yield from rows(text)
        else:
            yield from (tuple(map(to_index_form, row)) for row in rows(text))


def _unit(column: str, start: int, text: str, marked: str) -> _Unit:
    """The unit with its marked spans, mapped from the indexed form, which may be shorter or longer, back to `text`."""
    spans: Iterable[tuple[int, int]] = _spans(marked)
    if not is_indexed_as_written(text):
        origins = offset_map(text)
        spans = ((origins[begin], origins[end]) for begin, end in spans)
    return _Unit(column, start, start + len(text), tuple((start + begin, start + end) for begin, end in spans))


def _passes_filters(topic: Topic, text: MatchableText) -> bool:
    """Whether source, language and section of the text are among those of the topic."""
    if topic.sources and text.source not in topic.sources:
        return False
    if text.source in topic.except_sources:
        return False
    if topic.languages and text.language is not None and text.language not in topic.languages:
        return False
    return not topic.sections or (text.section or "").casefold() in topic.sections


def _match_of(
    topic: Topic, text: MatchableText, units: Sequence[_Unit], found_by_pattern: PatternCheck
) -> Match | None:
    """The match with its sentences; None if a further condition of the topic is not met."""
    if topic.pattern is not None:
        units = _with_pattern(topic, topic.pattern, text, units, found_by_pattern)
    if not units:
        return None
    spans: dict[str, list[tuple[int, int]]] = {}
    for unit in units:
        spans.setdefault(unit.column, []).extend(unit.spans)
    sentences = tuple(_sentences_with(text, spans))
    result = Match(topic.id, text.id, sentences)
    if topic.min_sentences > 1 and len({sentence.key for sentence in sentences}) < topic.min_sentences:
        return None
    if topic.min_words > 1 and len(result.words) < topic.min_words:
        return None
    return result


def _with_pattern(
    topic: Topic, pattern: str, text: MatchableText, units: Sequence[_Unit], found_by_pattern: PatternCheck
) -> Sequence[_Unit]:
    if topic.scope == "article":
        whole = "\n\n".join(part for part in (text.title, text.lead, text.byline, text.text) if part)
        return units if found_by_pattern(pattern, whole) else ()
    return [
        unit for unit in units if found_by_pattern(pattern, str(getattr(text, unit.column))[unit.start : unit.stop])
    ]


def _spans(marked: str) -> Iterator[tuple[int, int]]:
    """The marked spans, not counting the marks and the separators of unspaced scripts."""
    length = last = begin = 0
    for mark in _MARK.finditer(marked):
        length += mark.start() - last
        last = mark.end()
        if mark[0] == OPEN:
            begin = length
        elif mark[0] == CLOSE:
            yield begin, length


def _sentences_with(text: MatchableText, spans: Mapping[str, Sequence[tuple[int, int]]]) -> Iterator[MatchedSentence]:
    """The sentences with matched words. A phrase across two sentences belongs to the first.

    The byline, which only the scope "article" searches, counts as a sentence.
    """
    for column, start, sentence in (*text.sentences, *([("byline", 0, text.byline)] if text.byline else ())):
        end = start + len(sentence)
        inside = [
            (begin - start, min(stop, end) - start) for begin, stop in spans.get(column, ()) if start <= begin < end
        ]
        if inside:
            yield MatchedSentence(column, sentence, tuple(sorted(inside)))

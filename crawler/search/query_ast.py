"""The syntax tree of a query in the FTS5 query language, with list expansion and translation to FTS5. Pure.

SQLite reports only `fts5: syntax error near ")"`; the author of a topic needs the position and a correction. The
language is that of FTS5 (https://sqlite.org/fts5.html, section 3) with two additions, allowed wherever a phrase is,
also inside NEAR: `$name` is a list of words or phrases, and `~word` is a word in all its forms.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.text.tokenizer import has_words, to_index_form

QUERY_COLUMNS = ("title", "lead", "byline", "text")
"""Columns of `revisions_fts`."""
NEAR_DISTANCE = 10
"""FTS5's default for a NEAR without a distance."""
MOST_DISTANCE = 100_000
"""Largest distance; FTS5 reads the number into a C int without an overflow check. No article has so many words."""
MOST_ALTERNATIVES = 2_000
"""Most combinations of the lists inside one NEAR; FTS5 needs about a millisecond for this many."""
MOST_DEPTH = 50
"""Most levels of nested brackets; FTS5's own limit is 256."""


class QueryError(ValueError):
    """The query is invalid. `position` is the offset of the mistake in characters, from 0."""

    def __init__(self, position: int, what: str) -> None:
        super().__init__(what)
        self.position = position
        self.what = what


class TermListError(QueryError):
    """A list does not exist, or contains itself. Raised by `expand_terms`."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Consecutive words."""

    parts: tuple[str, ...]
    """The strings as written; FTS5 splits each into one or more words."""
    prefix: bool = False
    """Whether the last word is a prefix: `deploy*`."""
    initial: bool = False
    """Whether the phrase must be at the start of a column: `^troops`."""
    position: int = 0


@dataclass(frozen=True, slots=True)
class TermList:
    """`$name`: any phrase of the list. `~word`: any form of the word or phrase; its name begins with `~`."""

    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Near:
    """Phrases with at most `distance` words between them, in any order."""

    items: tuple[Phrase | TermList, ...]
    distance: int = NEAR_DISTANCE
    position: int = 0


@dataclass(frozen=True, slots=True)
class Columns:
    """A query limited to these columns, or to all other columns if `negated`."""

    names: tuple[str, ...]
    negated: bool
    child: QueryNode


@dataclass(frozen=True, slots=True)
class Operation:
    """AND or OR of two or more queries; NOT of two: the first without the second."""

    operator: str
    children: tuple[QueryNode, ...]


QueryNode = Phrase | TermList | Near | Columns | Operation
Terms = Mapping[str, Sequence[str]]
"""Name of a list -> its entries: a word or phrase, with or without a final `*`; `~word`; or `$name` of another list."""
Inflector = Callable[[str], Sequence[str]]
"""A function that returns all forms of a word or phrase, the word or phrase itself first."""
MAX_PHRASE_FORMS = 500
"""Most forms of one phrase after `~`, counted over all combinations of the forms of its words."""


def _children(node: QueryNode) -> tuple[QueryNode, ...]:
    if isinstance(node, Near):
        return node.items
    if isinstance(node, Columns):
        return (node.child,)
    return node.children if isinstance(node, Operation) else ()


def positive_phrases(node: QueryNode, *, excluded: bool = False) -> Iterator[Phrase]:
    """Yield the phrases that a match can contain, left to right; with `excluded`, also the phrases after NOT."""
    if isinstance(node, Phrase):
        yield node
    is_not = isinstance(node, Operation) and node.operator == "NOT"
    for child in _children(node)[: 1 if is_not and not excluded else None]:
        yield from positive_phrases(child, excluded=excluded)


def columns_named(node: QueryNode) -> Iterator[str]:
    """Yield the names of all columns in the query."""
    if isinstance(node, Columns):
        yield from node.names
    for child in _children(node):
        yield from columns_named(child)


def inflected_words(node: QueryNode, terms: Terms) -> Iterator[str]:
    """Yield the words and phrases after `~` in an unexpanded query and in the lists that it names."""
    if isinstance(node, TermList):
        if node.name.startswith("~"):
            yield node.name[1:]
        for entry in terms.get(node.name, ()):
            if entry.startswith("~"):
                yield entry[1:]
            elif entry.startswith("$"):
                yield from inflected_words(TermList(entry[1:]), terms)
    for child in _children(node):
        yield from inflected_words(child, terms)


def drop_scope(node: QueryNode) -> QueryNode:
    """Return a query that finds every article in which `node` matches a sentence or a paragraph.

    The part after NOT is removed, because the article may contain it in another sentence. `^` is removed, because a
    sentence can begin in the middle of a column.
    """
    if isinstance(node, Phrase):
        return replace(node, initial=False)
    if isinstance(node, Columns):
        return replace(node, child=drop_scope(node.child))
    if isinstance(node, Operation):
        if node.operator == "NOT":
            return drop_scope(node.children[0])
        return replace(node, children=tuple(drop_scope(child) for child in node.children))
    return node


def to_fts5(node: QueryNode) -> str:
    """Return the query for FTS5, with every phrase quoted. Its lists must be expanded first."""
    if isinstance(node, Phrase):
        return ("^ " if node.initial else "") + _rendered_phrase(node)
    if isinstance(node, Near):
        inside = " ".join(_rendered_phrase(item) for item in node.items if isinstance(item, Phrase))
        return f"NEAR({inside}, {node.distance})"
    if isinstance(node, Columns):
        return f"{'- ' if node.negated else ''}{{{' '.join(node.names)}}} : ({to_fts5(node.child)})"
    if isinstance(node, TermList):
        raise TypeError(f"the list ${node.name} is not expanded")
    parts = (f"({to_fts5(child)})" if isinstance(child, Operation) else to_fts5(child) for child in node.children)
    return f" {node.operator} ".join(parts)


def expand_terms(node: QueryNode, terms: Terms, inflect: Inflector | None = None) -> QueryNode:
    """Return the query with its lists and word forms replaced by phrases.

    Without `inflect`, `~word` matches only the word itself. Raises QueryError for an unknown list and for too many
    combinations.
    """
    return _expanded(node, lambda found: _entries(found, terms, inflect))


def quote_fts(text: str) -> str:
    """Quote a user's words as one phrase, so that FTS5 does not interpret any operator in them."""
    return '"' + to_index_form(text).replace('"', '""').replace("\x00", "") + '"'


def _rendered_phrase(phrase: Phrase) -> str:
    return " + ".join(quote_fts(part) for part in phrase.parts) + (" *" if phrase.prefix else "")


def _expanded(node: QueryNode, entries: Callable[[TermList], tuple[Phrase, ...]]) -> QueryNode:
    if isinstance(node, TermList):
        return _any_of(entries(node))
    if isinstance(node, Near):
        return _expanded_near(node, entries)
    if isinstance(node, Columns):
        return replace(node, child=_expanded(node.child, entries))
    if isinstance(node, Operation):
        return replace(node, children=tuple(_expanded(child, entries) for child in node.children))
    return node


def _expanded_near(node: Near, entries: Callable[[TermList], tuple[Phrase, ...]]) -> QueryNode:
    """Return one NEAR for each combination, because FTS5 does not allow OR inside NEAR."""
    choices = [entries(item) if isinstance(item, TermList) else (item,) for item in node.items]
    combinations = math.prod(map(len, choices))
    if combinations > MOST_ALTERNATIVES:
        sizes = " × ".join(str(len(choice)) for choice in choices)
        raise QueryError(
            node.position,
            f"the lists in this NEAR make {sizes} = {combinations} combinations; use at most {MOST_ALTERNATIVES}",
        )
    return _any_of([replace(node, items=combination) for combination in itertools.product(*choices)])


def _any_of(nodes: Sequence[QueryNode]) -> QueryNode:
    return nodes[0] if len(nodes) == 1 else Operation("OR", tuple(nodes))


def _entries(
    found: TermList, terms: Terms, inflect: Inflector | None, within: tuple[str, ...] = ()
) -> tuple[Phrase, ...]:
    from crawler.text.suggestions import did_you_mean

    if found.name.startswith("~"):
        return _forms(found, inflect)
    if found.name in within:
        cycle = " → ".join((*within, found.name))
        raise TermListError(found.position, f"the list ${found.name} contains itself: {cycle}")
    if found.name not in terms:
        hint = did_you_mean(found.name, terms)
        raise TermListError(found.position, f"[terms] has no list and names.toml no name ${found.name}{hint}")
    phrases: list[Phrase] = []
    for entry in terms[found.name]:
        if entry.startswith("$"):
            inner = TermList(entry[1:], found.position)
            phrases.extend(_entries(inner, terms, inflect, (*within, found.name)))
        elif entry.startswith("~"):
            phrases.extend(_forms(TermList(entry, found.position), inflect))
        else:
            phrases.append(entry_phrase(entry, found.position))
    return tuple(dict.fromkeys(phrases))


def _forms(found: TermList, inflect: Inflector | None) -> tuple[Phrase, ...]:
    written = entry_phrase(found.name[1:], found.position).parts[0]
    forms = inflect(written) if inflect is not None else (written,)
    if len(forms) > MAX_PHRASE_FORMS:
        raise QueryError(
            found.position, f'~"{written}" has {len(forms)} forms, more than {MAX_PHRASE_FORMS}; use NEAR(~… ~…)'
        )
    return tuple(Phrase((form,), position=found.position) for form in forms)


def entry_phrase(entry: str, position: int = 0) -> Phrase:
    """Return an entry of a word list as a phrase. Raises QueryError if it contains no word."""
    text = entry.strip()
    if '"' in text:
        raise QueryError(position, f"{entry!r}: remove the quotation marks; the words of an entry are a phrase already")
    if found := _OPERATOR.search(text):
        raise QueryError(
            position, f"{entry!r}: an entry is a word or a phrase and cannot contain {found[0]}; write several entries"
        )
    prefix = text.endswith("*")
    text = text.rstrip("*").strip()
    if "*" in text:
        raise QueryError(position, f"{entry!r}: only the last word of an entry can end in *")
    if not has_words(text):
        raise QueryError(position, f"{entry!r} has no letters or digits to search for")
    return Phrase((text,), prefix, position=position)


_OPERATOR = re.compile(r"\b(?:AND|OR|NOT|NEAR)\b")

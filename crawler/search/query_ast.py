"""Queries in SQLite FTS5's own language: read, with word lists put in, and written again. Pure.

SQLite says only `fts5: syntax error near ")"`; a topic's author wants to know where and what to write instead. What is
written here is what FTS5 would make of it (https://sqlite.org/fts5.html, section 3), with one addition: `$name` stands
for a list of words or phrases, anywhere a phrase may stand, inside NEAR too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.text.tokenizer import has_words, to_index_form

QUERY_COLUMNS = ("title", "lead", "byline", "text")
"""Of `revisions_fts`."""
NEAR_DISTANCE = 10
"""FTS5's own, where NEAR gives none."""
MOST_DISTANCE = 100_000
"""FTS5 reads the number into a C int without a look at its size; no article has so many words."""
MOST_ALTERNATIVES = 2_000
"""Phrases that the lists inside one NEAR may multiply to; FTS5 takes a millisecond for so many."""
MOST_DEPTH = 50
"""Brackets inside brackets; FTS5's own limit is 256."""


class QueryError(ValueError):
    """A query that cannot be run. `position` counts characters from 0."""

    def __init__(self, position: int, what: str) -> None:
        super().__init__(what)
        self.position = position
        self.what = what


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words next to each other."""

    parts: tuple[str, ...]
    """Each a string as written; FTS5 makes one or more words of it."""
    prefix: bool = False
    """The last word is the beginning of one: `deploy*`."""
    initial: bool = False
    """Only at the beginning of a column: `^troops`."""
    position: int = 0


@dataclass(frozen=True, slots=True)
class TermList:
    """`$name`: any of the list's phrases. `~word`: any form of the word or phrase; its name begins with `~`."""

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
    """Only, or with `negated` everywhere but, in these columns."""

    names: tuple[str, ...]
    negated: bool
    child: QueryNode


@dataclass(frozen=True, slots=True)
class Operation:
    """AND, OR over two or more; NOT over two: the first without the second."""

    operator: str
    children: tuple[QueryNode, ...]


QueryNode = Phrase | TermList | Near | Columns | Operation
Terms = Mapping[str, Sequence[str]]
"""Name of a list -> its entries: words, phrases, each perhaps with a `*` at the end, `~word`, or `$name` of another list."""
Inflector = Callable[[str], Sequence[str]]
"""All forms of a word or phrase, itself first."""
MAX_PHRASE_FORMS = 500
"""Forms of one phrase after `~`: the forms of its words multiply."""


def positive_phrases(node: QueryNode, *, excluded: bool = False) -> Iterator[Phrase]:
    """The phrases whose presence speaks for a match, left to right; with `excluded`, those after NOT too."""
    if isinstance(node, Phrase):
        yield node
    elif isinstance(node, Near):
        yield from (item for item in node.items if isinstance(item, Phrase))
    elif isinstance(node, Columns):
        yield from positive_phrases(node.child, excluded=excluded)
    elif isinstance(node, Operation):
        kept = node.children[:1] if node.operator == "NOT" and not excluded else node.children
        for child in kept:
            yield from positive_phrases(child, excluded=excluded)


def columns_named(node: QueryNode) -> Iterator[str]:
    """The columns that it names."""
    if isinstance(node, Columns):
        yield from node.names
        yield from columns_named(node.child)
    elif isinstance(node, Operation):
        for child in node.children:
            yield from columns_named(child)


def drop_scope(node: QueryNode) -> QueryNode:
    """A query that finds every article in which `node` finds a sentence or a paragraph.

    What must not stand in a sentence may stand elsewhere in its article, and a sentence begins where no column does.
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
    """The query as FTS5 takes it, every phrase quoted; lists must have been put in."""
    if isinstance(node, Phrase):
        return ("^ " if node.initial else "") + _rendered_phrase(node)
    if isinstance(node, Near):
        inside = " ".join(_rendered_phrase(item) for item in node.items if isinstance(item, Phrase))
        return f"NEAR({inside}, {node.distance})"
    if isinstance(node, Columns):
        return f"{'- ' if node.negated else ''}{{{' '.join(node.names)}}} : ({to_fts5(node.child)})"
    if isinstance(node, TermList):
        raise TypeError(f"${node.name} was not put in")
    return f" {node.operator} ".join(_bracketed(child) for child in node.children)


def expand_terms(node: QueryNode, terms: Terms, inflect: Inflector | None = None) -> QueryNode:
    """The query with its lists and word forms replaced by phrases.

    Without `inflect`, `~word` is the word itself. Raises QueryError for a list that does not exist and for too many
    combinations.
    """
    return _expanded(node, lambda found: _entries(found, terms, inflect))


def quote_fts(text: str) -> str:
    """Words of a person's as a phrase: whatever is in them, FTS5 finds nothing to interpret."""
    return '"' + to_index_form(text).replace('"', '""').replace("\x00", "") + '"'


def _bracketed(node: QueryNode) -> str:
    return f"({to_fts5(node)})" if isinstance(node, Operation) else to_fts5(node)


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
    """FTS5 knows no OR inside NEAR: a NEAR for each combination."""
    choices = [entries(item) if isinstance(item, TermList) else (item,) for item in node.items]
    combinations = 1
    for choice in choices:
        combinations *= len(choice)
    if combinations > MOST_ALTERNATIVES:
        sizes = " × ".join(str(len(choice)) for choice in choices)
        raise QueryError(
            node.position,
            f"the lists in this NEAR make {sizes} = {combinations} combinations; at most {MOST_ALTERNATIVES}",
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
        raise QueryError(found.position, f"the list ${found.name} holds itself: {' → '.join((*within, found.name))}")
    if found.name not in terms:
        raise QueryError(found.position, f"there is no list ${found.name} in [terms]{did_you_mean(found.name, terms)}")
    phrases_: list[Phrase] = []
    for entry in terms[found.name]:
        if entry.startswith("$"):
            inner = TermList(entry[1:], found.position)
            phrases_.extend(_entries(inner, terms, inflect, (*within, found.name)))
        elif entry.startswith("~"):
            phrases_.extend(_forms(TermList(entry, found.position), inflect))
        else:
            phrases_.append(entry_phrase(entry, found.position))
    return tuple(dict.fromkeys(phrases_))


def _forms(found: TermList, inflect: Inflector | None) -> tuple[Phrase, ...]:
    written = entry_phrase(found.name[1:], found.position).parts[0]
    forms = inflect(written) if inflect is not None else (written,)
    if len(forms) > MAX_PHRASE_FORMS:
        raise QueryError(
            found.position, f'~"{written}" has {len(forms)} forms; at most {MAX_PHRASE_FORMS}, use NEAR(~… ~…)'
        )
    return tuple(Phrase((form,), position=found.position) for form in forms)


def entry_phrase(entry: str, position: int = 0) -> Phrase:
    """An entry of a word list as a phrase. Raises QueryError where there is no word in it."""
    text = entry.strip()
    if '"' in text:
        raise QueryError(
            position, f"{entry!r}: an entry needs no quotation marks inside; its words are a phrase already"
        )
    if found := _OPERATOR.search(text):
        raise QueryError(
            position, f"{entry!r}: an entry is a word or a phrase, without {found[0]}; write several entries"
        )
    prefix = text.endswith("*")
    text = text.rstrip("*").strip()
    if "*" in text:
        raise QueryError(position, f"{entry!r}: only the last word of an entry can end in *")
    if not has_words(text):
        raise QueryError(position, f"{entry!r} has no letters or digits to look for")
    return Phrase((text,), prefix, position=position)


_OPERATOR = re.compile(r"\b(?:AND|OR|NOT|NEAR)\b")

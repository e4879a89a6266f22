"""Propose spellings of names from the words of the archive: words that sound alike in Latin and Cyrillic script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from crawler.archive.articles.search import Term
from crawler.config.names import names_as_terms
from crawler.events.name_keys import name_key, romanized
from crawler.search.query_ast import TermList, expand_terms, to_fts5
from crawler.text.tokenizer import normalize_token, tokenize
from crawler.text.word_forms import phrase_forms

MIN_LIKENESS = 0.75
"""Ratio of the letters that two romanized words have in common, from which one is proposed as a spelling of the other:
"zelenskij" and "zelenski" 0.94, "putin" and "питання" (a question) 0.67."""
MIN_LETTERS = 4
"""Shorter words sound like too many others."""


def suggested_spellings(
    names: Mapping[str, Sequence[str]], known: Mapping[str, frozenset[str]], words: Iterable[Term]
) -> dict[str, list[Term]]:
    """Return for each name the words that sound like one of its spellings, the most frequent first.

    `names`: the spellings of each name; those of several words are not compared. `known`: the folded words that the name
    finds already. `words`: those of the archive.
    """
    by_key: dict[str, list[tuple[str, str]]] = {}
    for name, spellings in names.items():
        for spelling in spellings:
            parts = list(tokenize(spelling))
            if len(parts) == 1 and len(parts[0]) >= MIN_LETTERS:
                by_key.setdefault(name_key(parts[0]), []).append((name, romanized(parts[0])))
    found: dict[str, list[Term]] = {name: [] for name in names}
    for term in words:
        if len(term.word) < MIN_LETTERS or term.word.isdigit():
            continue
        sound = ""
        for name, other in by_key.get(name_key(term.word), ()):
            sound = sound or romanized(term.word)
            if term.word in known[name] or term in found[name]:
                continue
            if SequenceMatcher(None, sound, other).ratio() >= MIN_LIKENESS:
                found[name].append(term)
    return {name: sorted(terms, key=lambda term: (-term.revisions, term.word)) for name, terms in found.items()}


def fts_of(spelling: str, languages: Sequence[str]) -> str:
    """Return the FTS5 query that finds a spelling in all its forms, as a topic does."""
    terms = names_as_terms({"spelling": (spelling,)})
    return to_fts5(expand_terms(TermList("spelling"), terms, lambda written: phrase_forms(written, languages)))


def words_of(spelling: str, languages: Sequence[str]) -> Iterator[str]:
    """Yield the forms of a spelling of one word as the full-text index has them."""
    for form in phrase_forms(spelling.rstrip("*"), languages):
        words = list(tokenize(form))
        if len(words) == 1:
            yield normalize_token(words[0])

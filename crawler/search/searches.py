"""A search as people type it: plain words, or a query in the language of topics. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.search.query_ast import Inflector, Terms, expand_terms, quote_fts, to_fts5
from crawler.search.query_parser import parse_query
from crawler.text.tokenizer import has_words

NO_WORDS = '""'
"""The query of a search that contains no word to look for."""
MAX_SEARCH_WORDS = 32
"""More words make a query that takes too long."""
PREFIX_LENGTH = 5
"""Letters of a prefix that also finds other forms of a word."""

_PART = re.compile(r'(-?)"([^"]*)"(\*?)|(\S+)')
_QUOTED = re.compile(r'"[^"]*"')
_QUERY = re.compile(
    r"""(?:^|[\s()])(?:AND|OR|NOT)(?=[\s()]|$)|\bNEAR\s*\(|(?:^|[\s(:])(?:[~$][^\W\d]|~"|\^\w)|\{|\b(?:title|lead|byline|text)\s*:"""
)
"""What only a query has: an operator in capitals, NEAR(, ~word, $list, ^word, or a column."""


def is_query(text: str) -> bool:
    """Whether a search is written in the language of topics; plain words otherwise."""
    return _QUERY.search(_QUOTED.sub('""', text)) is not None


def searched_query(text: str, terms: Terms, inflect: Inflector) -> str:
    """A search as an FTS5 query; NO_WORDS if it contains no word.

    Raises QueryError for a query with a mistake; plain words have none.
    """
    if is_query(text):
        return to_fts5(expand_terms(parse_query(text), terms, inflect))
    return plain_query(text)


def plain_query(text: str) -> str:
    """Plain words as an FTS5 query that is always valid: all words must occur.

    "phrases" stay together, prefix* finds beginnings, -word excludes. Letters are folded, and scripts without spaces
    are segmented, as in the index.
    """
    included: list[str] = []
    excluded: list[str] = []
    for is_excluded, words, star in list(_parts(text))[:MAX_SEARCH_WORDS]:
        (excluded if is_excluded else included).append(quote_fts(words) + "*" * star)
    if not included:
        return NO_WORDS
    return " AND ".join(included) + "".join(f" NOT {one}" for one in excluded)


def prefix_hint(text: str) -> str | None:
    """A prefix to try when plain words find nothing; None if no word is long enough."""
    if is_query(text):
        return None
    words = [word for excluded, words, star in _parts(text) if not excluded and not star for word in words.split()]
    long = next((word for word in words if len(word) > PREFIX_LENGTH and word.isalnum()), None)
    return f"{long[:PREFIX_LENGTH]}*" if long else None


def _parts(text: str) -> Iterator[tuple[bool, str, bool]]:
    """(Excluded, words, prefix) of each word or phrase."""
    for minus, phrase, star, word in _PART.findall(text):
        if word:
            stripped = word.strip('"').removeprefix("-")
            body = stripped.rstrip("*")
            if has_words(body):
                yield word.startswith("-"), body, stripped.endswith("*")
        elif has_words(phrase):
            yield bool(minus), phrase, bool(star)

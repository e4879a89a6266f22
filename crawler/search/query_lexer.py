"""Split an FTS5 query into tokens with their positions. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.search.query_ast import QueryError
from crawler.search.syntax_hints import invalid_character, wrong_quotation_mark
from crawler.text.tokenizer import has_words

OPERATORS = ("AND", "OR", "NOT")
_WORD = re.compile(r"[0-9A-Za-z_\x1a\x80-\U0010ffff]+")
_CURLY = "“”„«»‟"
_DASHES = "–—‑‐"
_LOWERCASE_OPERATORS = ("and", "or", "not")
_LIST = re.compile(r"\$([A-Za-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class Token:
    """A token. `kind` is word, string, list, an operator's name, or the character itself. `position` counts from 0."""

    kind: str
    text: str
    position: int
    end: int


def tokenize_query(query: str) -> list[Token]:
    """Return the tokens in order. Raises QueryError for an invalid character or an unclosed string."""
    found = []
    at = 0
    while at < len(query):
        if query[at].isspace():
            at += 1
            continue
        token = _token(query, at)
        found.append(token)
        at = token.end
    return found


def _token(query: str, at: int) -> Token:
    character = query[at]
    if character == '"':
        return _string(query, at)
    if character == "$":
        found = _LIST.match(query, at)
        if found is None or not found[1]:
            raise QueryError(at, "after $ write the name of a list of [terms], such as $troops")
        return Token("list", found[1], at, found.end())
    if character == "~":
        return _inflected(query, at)
    if character in _CURLY:
        raise QueryError(at, wrong_quotation_mark(character))
    if word := _WORD.match(query, at):
        return _bareword(query, word)
    if character in "(){}:,+*^-":
        return Token(character, character, at, at + 1)
    raise QueryError(at, invalid_character(query, at))


def _inflected(query: str, at: int) -> Token:
    """Return `~word` or `~"two words"` as a list token whose name begins with `~`."""
    if query.startswith('"', at + 1):
        inside = _string(query, at + 1)
    elif word := _WORD.match(query, at + 1):
        inside = _bareword(query, word)
    else:
        raise QueryError(at, 'write ~ directly before a word or phrase: ~deploy, ~"prisoner of war"')
    if inside.kind not in ("word", "string"):
        raise QueryError(at, f'write ~"{inside.text}" to search for the word')
    if query.startswith("*", inside.end):
        raise QueryError(inside.end, f"~{inside.text} already finds every form; remove the *")
    return Token("list", f"~{inside.text}", at, inside.end)


def _string(query: str, at: int) -> Token:
    end = at + 1
    while True:
        end = query.find('"', end)
        if end < 0:
            raise QueryError(at, 'this " is not closed; add a " after the phrase')
        if not query.startswith('""', end):
            break
        end += 2
    text = query[at + 1 : end].replace('""', '"')
    if not has_words(text):
        raise QueryError(at, f'"{text}" has no letters or digits to search for')
    if "*" in text:
        inside = text.rstrip("* ")
        position = at + 1 + query[at + 1 : end].index("*")
        if "*" in inside:
            raise QueryError(
                position, 'SQLite ignores a * inside quotation marks; only the last word can be a prefix: "one tw" *'
            )
        raise QueryError(position, f'SQLite ignores a * inside quotation marks; write "{inside}" *')
    return Token("string", text, at, end + 1)


def _bareword(query: str, word: re.Match[str]) -> Token:
    text = word[0]
    for offset, character in enumerate(text):
        if character in _CURLY:
            raise QueryError(word.start() + offset, wrong_quotation_mark(character))
        if character in _DASHES and not has_words(text):
            raise QueryError(word.start() + offset, f"{character} has no meaning here; remove it")
        if character in _DASHES or character == "’":
            whole = re.match(r"[^\s()\"*]+", query[word.start() :])
            raise QueryError(word.start() + offset, f'put "{whole[0] if whole else text}" in quotation marks')
    if text in OPERATORS:
        return Token(text, text, word.start(), word.end())
    if text == "NEAR" and re.match(r"\s*\(", query[word.end() :]):
        return Token("NEAR", text, word.start(), word.end())
    if not has_words(text):
        raise QueryError(word.start(), f"{text!r} has no letters or digits to search for")
    if text in _LOWERCASE_OPERATORS:
        raise QueryError(
            word.start(),
            f'{text} in lowercase is a word to SQLite; write {text.upper()}, or "{text}" to search for the word',
        )
    if text.upper() == "NEAR":
        if re.match(r"\s*/\s*\d", query[word.end() :]):
            raise QueryError(word.end(), "write the distance at the end: NEAR(troops sent, 5)")
        raise QueryError(
            word.start(), f'{text} is a word here; write NEAR(troops sent, 10), or "{text}" to search for the word'
        )
    return Token("word", text, word.start(), word.end())

"""Split an FTS5 query into tokens with their positions, and explain frequent mistakes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.search.query_ast import QUERY_COLUMNS, QueryError
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


_UNEXPECTED = {
    "*": "* is allowed only at the end of a word: deploy*",
    ":": f"a colon is allowed only after a column ({', '.join(QUERY_COLUMNS)}); put text with a colon in quotation marks",
    ",": "a comma is allowed only in NEAR(troops sent, 10)",
    "+": '+ joins two phrases: "one" + two',
    "}": "this } has no opening {; add one, or remove the }",
    ")": "a word is missing before this )",
    "(": "an operator is missing before the bracket: write AND or OR",
    "AND": "AND needs an operand before it",
    "OR": "OR needs an operand before it",
    "NOT": "NOT needs an operand before it in SQLite: write A NOT B",
}
_OPERATOR_SIGNS = {"&": "AND", "|": "OR", "!": "NOT"}


def unexpected_token(kind: str, text: str) -> str:
    """Return what is wrong with a token at a place where its kind is not allowed."""
    return _UNEXPECTED.get(kind, f"{text} is not allowed here")


def wrong_quotation_mark(character: str) -> str:
    """Return that SQLite does not accept a character as a quotation mark."""
    return f'{character} is not a quotation mark in SQLite; write "'


def misplaced_minus(query: str, position: int) -> str:
    """Return what to write instead of a minus that excludes no column, such as the hyphen of a word."""
    before = re.search(r"[\w-]+$", query[:position])
    after = re.match(r"[\w-]+", query[position + 1 :])
    if re.search(r"\w$", query[:position]):
        return f'put "{before[0] if before else ""}-{after[0] if after else ""}" in quotation marks'
    return "- excludes only columns (- title : word); to exclude a word write NOT word"


def invalid_character(query: str, at: int) -> str:
    """Return what to write instead of a character that no query can contain outside of quotation marks."""
    character = query[at]
    before = re.search(r"[\w'.@/-]*$", query[:at])
    after = re.match(r"[\w'.@/-]*", query[at + 1 :])
    word = (before[0] if before else "") + character + (after[0] if after else "")
    if character in _OPERATOR_SIGNS:
        return f"SQLite has no operator {character}; write {_OPERATOR_SIGNS[character]}"
    if character == "?":
        return "there is no wildcard for one character; to search for a prefix write deploy*"
    if character in "'`" and not (before and before[0]):
        return wrong_quotation_mark(character)
    if before and before[0] and after and after[0]:
        return (
            f'a word cannot contain {character}; write "{word}" in quotation marks, or a space instead of {character}'
        )
    if len(word) > 1:
        return f"a word cannot contain {character}; remove it"
    return f"{character} has no meaning here; put words with such characters in quotation marks"

"""Messages for syntax errors of a query that say what to write instead. Pure."""

from __future__ import annotations

import re

from crawler.search.query_ast import QUERY_COLUMNS

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

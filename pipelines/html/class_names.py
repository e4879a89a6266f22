"""The words in the class and id of an element, which describe what it contains: "sidebar", "comments", "byline"."""

from __future__ import annotations

import re
from functools import lru_cache

_NAME = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]+)\d{0,3}(?![A-Za-z0-9])")
"""Part of a class name: "sidebar-2", "ad2". Letters between digits are a hash: "1ad0k9" is not an ad."""
_WORD = re.compile("[A-Z]*[a-z]+|[A-Z]+")
"""One word of "articleBody", "main--wide", "HTMLText": a capital after a small letter starts a new word."""
_LAYOUT = re.compile(r"\bfield--type-[\w-]*|(?<=elementor)-widget\b")
"""Names that page builders give to every node: Drupal's field types, Elementor's widgets."""
_NEGATED = re.compile(r"(?<![A-Za-z])(?:no|not|without|with|has|hide)[-_][\w-]*", re.IGNORECASE)
"""Names of what an element has or lacks ("no-image", "has-comments"); they do not describe the element."""


def class_words(classes: str | None, identifier: str | None) -> frozenset[str]:
    """The words in class and id: "articleBody main--wide" gives article, body, main, wide."""
    words = _words(classes) if classes else _NO_WORDS
    return words | _words(identifier) if identifier else words


_NO_WORDS: frozenset[str] = frozenset()


@lru_cache(maxsize=20_000)
def _words(names: str) -> frozenset[str]:
    if ":" in names:
        # "print:hidden" and similar names style a state of the page; they do not describe the element.
        names = " ".join(name for name in names.split() if ":" not in name)
    names = _NEGATED.sub(" ", names)
    if "field--" in names or "elementor" in names:
        names = _LAYOUT.sub("", names)
    parts = _NAME.findall(names)
    if not names.islower():
        parts = [word for name in parts for word in _WORD.findall(name)]
        names = names.lower()
    words = frozenset(map(str.lower, parts))
    return frozenset(_COMMENTS.sub("comments", word) for word in words) if "comment" in names else words


_COMMENTS = re.compile("^comment(?!ar).*", re.DOTALL)
"""Words for the comments of readers ("commentlist", "commentlinks"); a "commentary" is an article."""

"""Text of strangers, safe to show: without what a terminal, a mail header or a line of a log would obey.

What an outlet publishes may hold control characters, which move a cursor, name a window or end a header, and
bidirectional overrides, which turn the text around it. They go when it is shown; the archive keeps what came.
"""

from __future__ import annotations

import re

_BREAKS = "[\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]"
"""White space that some terminals and readers take for the end of a line."""
_UNSAFE = (
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # C0 and C1, but for white space
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates: they reach past the text that holds them
    "\u206a-\u206f\ufeff\ufff9-\ufffb]"  # deprecated format characters, byte order mark, annotations
)
_NOT_TEXT = "[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
_AS_SPACE, _LEFT_OUT, _REPLACED = re.compile(rf"\r\n|{_BREAKS}"), re.compile(_UNSAFE), re.compile(_NOT_TEXT)
_ANY = re.compile(f"{_BREAKS}|{_UNSAFE}|{_NOT_TEXT}")


def strip_control_characters(text: str) -> str:
    """`text` without control characters and overrides. Tabs, line feeds and spaces are kept as they are."""
    return _REPLACED.sub("\ufffd", _LEFT_OUT.sub("", _AS_SPACE.sub(" ", text)))


def escape_json(json: str) -> str:
    r"""JSON that says the same, with such characters as \uXXXX: whoever reads it gets them, whoever looks at it does not."""
    return _ANY.sub(lambda found: f"\\u{ord(found[0]):04x}", json)

"""Make untrusted text safe for terminals, mail headers and logs.

Text from outlets can contain control characters, which move the cursor, rename the window or end a header, and
bidirectional overrides, which reverse the text around them. They are removed for display; the archive keeps them.
"""

from __future__ import annotations

import re

_BREAKS = "[\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]"
"""White space that some programs treat as the end of a line."""
_UNSAFE = (
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # C0 and C1, except white space
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates: they affect the text that follows
    "\u206a-\u206f\ufeff\ufff9-\ufffb]"  # deprecated format characters, byte order mark, annotations
)
_NOT_TEXT = "[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
_AS_SPACE, _LEFT_OUT, _REPLACED = re.compile(rf"\r\n|{_BREAKS}"), re.compile(_UNSAFE), re.compile(_NOT_TEXT)
_ANY = re.compile(f"{_BREAKS}|{_UNSAFE}|{_NOT_TEXT}")


def strip_control_characters(text: str) -> str:
    """Return `text` without control characters and overrides. Tabs, line feeds and spaces are kept."""
    return _REPLACED.sub("\ufffd", _LEFT_OUT.sub("", _AS_SPACE.sub(" ", text)))


def escape_json(json: str) -> str:
    r"""Return the JSON with control characters and overrides escaped as \uXXXX; parsers still get the same text."""
    return _ANY.sub(lambda found: f"\\u{ord(found[0]):04x}", json)

"""Control characters are removed from foreign text before it is shown."""

from __future__ import annotations

import json

import pytest

from crawler.text.sanitize import escape_json, strip_control_characters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;renamed\x07x\x1b[2J", "]0;renamedx[2J"),
        ("\x9b31mred", "31mred"),
        ("a\r\nb\rc\x85d\u2028e", "a b c d e"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\u202etxt.exe\u2066", "txt.exe"),
        ("half \ud83d", "half \ufffd"),
        ("صحيفة 🚢 👩‍👧", "صحيفة 🚢 👩‍👧"),
    ],
)
def test_control_sequences_of_terminals_are_removed(text: str, shown: str) -> None:
    assert strip_control_characters(text) == shown


def test_json_output_escapes_control_characters() -> None:
    reported = {"title": "\x1b[2J\x9b\x7f\u202e\u2028\ud83d صحيفة"}
    line = escape_json(json.dumps(reported, ensure_ascii=False))
    assert json.loads(line) == reported
    assert strip_control_characters(line) == line
    assert "صحيفة" in line

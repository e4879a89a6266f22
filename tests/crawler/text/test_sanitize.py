"""What is left of a stranger's text when it is shown."""

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
def test_what_a_terminal_would_obey_is_left_out(text: str, shown: str) -> None:
    assert strip_control_characters(text) == shown


def test_json_says_the_same_without_holding_it() -> None:
    reported = {"title": "\x1b[2J\x9b\x7f\u202e\u2028\ud83d صحيفة"}
    line = escape_json(json.dumps(reported, ensure_ascii=False))
    assert json.loads(line) == reported
    assert strip_control_characters(line) == line
    assert "صحيفة" in line

"""Files that are not valid TOML are reported in one line without Python terms."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config.parsing.toml import read_toml
from crawler.exceptions import ConfigurationError


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[x]\n[x]\n", r"not valid TOML: Cannot declare \[x\] twice \(at line 2"),
        (b"[a.b]\n[a.b]\n", r"Cannot declare \[a.b\] twice"),
        (b'name = "ok"\nname2 = "\xff"\n', r"line 2 is not UTF-8"),
        (b"x = " + b"[" * 3000 + b"]" * 3000, r"nested too deeply"),
    ],
)
def test_a_file_that_is_not_toml_is_reported_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said) as reported:
        read_toml(path)
    assert "\n" not in str(reported.value)


def test_an_integer_of_thousands_of_digits_is_a_mistake_with_line_and_key(tmp_path: Path) -> None:
    path = tmp_path / "topics.toml"
    path.write_text(f"[pier]\nmin_words = {'9' * 5000}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"line 2, table \[pier\], key min_words: the number is too large"):
        read_toml(path)

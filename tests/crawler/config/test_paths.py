"""Paths as users write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config.paths import expanded
from crawler.exceptions import WirewatchError


def test_a_home_directory_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/mara")
    assert expanded("~/archive") == Path("/home/mara/archive")
    assert expanded("backups") == Path("backups")


def test_an_unknown_user_is_an_error_in_one_line() -> None:
    with pytest.raises(WirewatchError, match=r"^~nobody-of-that-name/x: .*write the folder in full$"):
        expanded("~nobody-of-that-name/x")

"""Files that are replaced at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.filesystem.files import replace_file


def test_a_file_is_replaced_with_the_permissions_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "wirewatch.env"
    replace_file(path, b"one")
    replace_file(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        replace_file(tmp_path / "folder", b"one")
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]

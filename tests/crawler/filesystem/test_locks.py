from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.exceptions import ArchiveError
from crawler.filesystem.locks import acquire

CHILD = """
import sys, time
from pathlib import Path
from crawler.filesystem.locks import acquire
with acquire(Path(sys.argv[1]), sys.argv[2:]) as busy:
    print("busy" if busy else "got", flush=True)
    sys.stdin.read()
"""


def holder(directory: Path, *names: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(directory), *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "got\n"
    return child


def end(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate()


def test_a_domain_that_another_process_crawls_is_reported_with_its_owner(tmp_path: Path) -> None:
    child = holder(tmp_path, "ledger.example")
    try:
        with acquire(tmp_path, ["ledger.example", "coast.example"]) as busy:
            assert busy == {"ledger.example": child.pid}
    finally:
        end(child)


def test_the_kernel_frees_the_lock_of_a_killed_process(tmp_path: Path) -> None:
    end(holder(tmp_path, "ledger.example"))
    with acquire(tmp_path, ["ledger.example"]) as busy:
        assert busy == {}


def test_a_lock_is_free_again_after_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with acquire(tmp_path, ["ledger.example"]) as busy:
            assert busy == {}


def test_a_lock_file_without_permission_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "locks").write_text("a file where the folder belongs", encoding="utf-8")
    with (
        pytest.raises(ArchiveError, match=r"ledger\.example\.lock: cannot be locked"),
        acquire(tmp_path / "data" / "locks", ["ledger.example"]),
    ):
        pass


def test_names_that_are_not_valid_file_names_can_be_locked(tmp_path: Path) -> None:
    with acquire(tmp_path, ["../evil", "::1", "БЮРО.example"]) as busy:
        assert busy == {}
    assert all(path.parent == tmp_path for path in tmp_path.iterdir())
    assert os.listdir(tmp_path.parent).count("evil") == 0  # noqa: PTH208

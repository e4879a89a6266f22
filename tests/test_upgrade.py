"""`git pull && make install` upgrades an old checkout whose owner edited the files in data/."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from crawler.config.starter import write_starter_files

ROOT = Path(__file__).parents[1]
EDITED = ("sources.toml", "topics.toml", "digests.toml", "metadata.yaml")


def git(*words: str, folder: Path = ROOT) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is not a git checkout")
def test_a_checkout_of_the_first_commit_with_own_files_is_upgraded_and_keeps_them(tmp_path: Path) -> None:
    added = git("log", "--diff-filter=A", "--format=%H", "--", "data/starter/sources.toml").splitlines()
    if not added:
        pytest.skip("a shallow clone without the commit that introduced data/starter")
    newest = git("rev-parse", "HEAD")
    clone = tmp_path / "wirewatch"
    git("clone", "-q", "--shared", "--no-checkout", str(ROOT), str(clone), folder=tmp_path)
    git("reset", "-q", "--hard", added[-1], folder=clone)
    for name in EDITED:
        (clone / "data" / name).write_text("# edited by its owner\n")
    assert git("status", "--porcelain", folder=clone) == "", "own files are not tracked"
    git("merge", "-q", "--ff-only", newest, folder=clone)  # what `git pull` does
    created = [path.name for path, is_new in write_starter_files(clone / "data") if is_new]  # what `make install` runs
    assert created == ["names.toml", "settings.json"]
    assert {(clone / "data" / name).read_text() for name in EDITED} == {"# edited by its owner\n"}
    assert git("status", "--porcelain", folder=clone) == ""

"""Find the optional corpus of real pages; tests that need it are skipped without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))


def corpus_or_skip(part: str) -> Path:
    """The path of a part of the corpus ("articles/fundus"); skips the test if it is missing."""
    path = CORPUS / part
    if not path.exists():
        pytest.skip(f"no corpus at {path} (set WIREWATCH_CORPUS to run this)")
    return path

"""The page cases of the corpus, each of one kind of error, are read with the right values; without a corpus they are skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cases import PAGES, check_case

NO_CASES = pytest.param(
    PAGES, id="none", marks=pytest.mark.skip(reason=f"no page cases at {PAGES} (set WIREWATCH_CASES)")
)
CASES = [pytest.param(case, id=case.stem) for case in sorted(PAGES.glob("*.json"))]


@pytest.mark.parametrize("case", CASES or [NO_CASES])
def test_the_case_has_the_expected_values(case: Path) -> None:
    assert list(check_case(case)) == []

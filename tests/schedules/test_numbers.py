"""Numbers as people type them."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from schedules.numbers import LARGEST, counted, number, numbered


@pytest.mark.parametrize("written", ["0", "17", "007", str(LARGEST)])
def test_a_number_of_a_row_is_one(written: str) -> None:
    assert number(written) == numbered(written) == int(written)


@pytest.mark.parametrize("written", ["", "²", "١", "-1", "1.0", " 1", "1e3", str(LARGEST + 1), "9" * 5000])
def test_what_no_row_can_have_is_none(written: str) -> None:
    assert number(written) is None
    with pytest.raises(ArgumentTypeError, match="is no number from 0 on"):
        numbered(written)


def test_how_many_is_one_at_least() -> None:
    assert counted("3") == 3
    with pytest.raises(ArgumentTypeError, match="is no number from 1 on"):
        counted("0")

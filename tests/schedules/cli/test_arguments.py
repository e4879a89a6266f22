"""Numbers as people type them."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from schedules.cli.arguments import MAX_INTEGER, parse_count, parse_id, parse_ids


@pytest.mark.parametrize("written", ["0", "17", "007", str(MAX_INTEGER)])
def test_a_number_of_a_row_is_one(written: str) -> None:
    assert parse_id(written) == parse_ids(written) == int(written)


@pytest.mark.parametrize("written", ["", "²", "١", "-1", "1.0", " 1", "1e3", str(MAX_INTEGER + 1), "9" * 5000])
def test_what_no_row_can_have_is_none(written: str) -> None:
    assert parse_id(written) is None
    with pytest.raises(ArgumentTypeError, match="is no number from 0 on"):
        parse_ids(written)


def test_how_many_is_one_at_least() -> None:
    assert parse_count("3") == 3
    with pytest.raises(ArgumentTypeError, match="is no number from 1 on"):
        parse_count("0")

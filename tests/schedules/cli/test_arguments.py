"""Numbers in arguments of commands."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from schedules.cli.arguments import MAX_INTEGER, parse_count, parse_id, parse_ids


@pytest.mark.parametrize("written", ["0", "17", "007", str(MAX_INTEGER)])
def test_an_id_is_a_whole_number(written: str) -> None:
    assert parse_id(written) == parse_ids(written) == int(written)


@pytest.mark.parametrize("written", ["", "²", "١", "-1", "1.0", " 1", "1e3", str(MAX_INTEGER + 1), "9" * 5000])
def test_anything_else_is_not_an_id(written: str) -> None:
    assert parse_id(written) is None
    with pytest.raises(ArgumentTypeError, match="expected a whole number"):
        parse_ids(written)


def test_a_count_is_at_least_one() -> None:
    assert parse_count("3") == 3
    with pytest.raises(ArgumentTypeError, match="expected a positive integer"):
        parse_count("0")

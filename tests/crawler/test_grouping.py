from __future__ import annotations

from crawler.grouping import grouped_by


def test_values_are_grouped_in_their_order_also_if_they_are_not_neighbours() -> None:
    assert grouped_by(["gull", "tern", "auk", "goose"], lambda name: name[0]) == {
        "g": ["gull", "goose"],
        "t": ["tern"],
        "a": ["auk"],
    }

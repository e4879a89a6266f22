"""Scores of groups against events, and the invented reports in several languages."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from benchmarks.events import read_across, score


def test_pairs_and_b_cubed_of_a_grouping() -> None:
    assert score("aabb", "xxyy").b3_f1 == 1
    found = score("aaab", "xxyy")
    assert (found.precision, found.recall) == (pytest.approx(1 / 3), 0.5)
    alone = score("abcd", "xxyy")
    assert (alone.precision, alone.recall) == (1, 0)


def test_each_invented_event_is_reported_in_several_languages_once_each() -> None:
    languages: dict[str, list[str]] = defaultdict(list)
    halves = read_across()
    for texts in halves.values():
        for one in texts:
            assert one.title
            assert one.text
            languages[one.event].append(one.language)
    assert all(len(set(found)) == len(found) >= 2 for found in languages.values())
    assert Counter(len({one.event for one in texts}) for texts in halves.values()) == {24: 2}

"""What proves that nothing lies between two polls."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from crawler.polling.overlap import overlaps_known

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


def flags(text: str) -> list[bool]:
    """ "nnk": two new ones, then a known one."""
    return [letter == "k" for letter in text]


@pytest.mark.parametrize("document", ["nnkk", "k", "kkkk", "nnnk", "nkkn", "nnkkn"])
def test_a_document_whose_end_is_known_is_whole(document: str) -> None:
    assert overlaps_known(flags(document), "feed")


@pytest.mark.parametrize("document", ["nnnn", "knnn", "kknn", "nnkn", ""])
def test_a_pinned_article_proves_nothing(document: str) -> None:
    assert not overlaps_known(flags(document), "listing")


def test_a_document_with_its_newest_last_is_read_from_the_other_side() -> None:
    dates = [NOW + timedelta(hours=hour) for hour in range(4)]
    assert overlaps_known(flags("knnn"), "feed", dates)
    assert not overlaps_known(flags("nnnk"), "feed", dates)


def test_a_sitemap_keeps_no_order_and_holds_days() -> None:
    assert overlaps_known(flags("nknn"), "sitemap")
    assert not overlaps_known(flags("nnn"), "sitemap")

"""When two polls overlap, so that no article can be missing between them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from crawler.polling.overlap import overlaps_known

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


def flags(text: str) -> list[bool]:
    """ "nnk" means two new entries, then a known one."""
    return [letter == "k" for letter in text]


@pytest.mark.parametrize("document", ["nnkk", "k", "kkkk", "nnnk", "nkkn", "nnkkn"])
def test_a_document_whose_last_entries_are_known_overlaps(document: str) -> None:
    assert overlaps_known(flags(document), "feed")


@pytest.mark.parametrize("document", ["nnnn", "knnn", "kknn", "nnkn", ""])
def test_a_pinned_article_does_not_prove_an_overlap(document: str) -> None:
    assert not overlaps_known(flags(document), "listing")


def test_a_document_with_the_newest_entry_last_is_read_from_its_beginning() -> None:
    dates = [NOW + timedelta(hours=hour) for hour in range(4)]
    assert overlaps_known(flags("knnn"), "feed", dates)
    assert not overlaps_known(flags("nnnk"), "feed", dates)


def test_the_order_of_a_sitemap_does_not_matter() -> None:
    assert overlaps_known(flags("nknn"), "sitemap")
    assert not overlaps_known(flags("nnn"), "sitemap")

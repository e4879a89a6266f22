"""Choosing the child sitemaps of an index."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from crawler.crawl_state import ChildRead
from crawler.reasons import ReasonCode
from spiders.markup.parsed_document import ChildSitemap
from spiders.sitemaps.index import MAX_CHILDREN, ChosenChildren, choose_children, name_date

NOW = datetime(2026, 3, 31, 12, tzinfo=timezone.utc)
BACKFILL = timedelta(days=14)


def child(name: str, lastmod: datetime | None = None) -> ChildSitemap:
    return ChildSitemap(url=f"https://g.example/{name}.xml", lastmod=lastmod)


def choose(
    children: list[ChildSitemap], reads: dict[str, ChildRead] | None = None, now: datetime = NOW
) -> ChosenChildren:
    return choose_children(children, reads or {}, now=now, backfill=BACKFILL)


def names(chosen: ChosenChildren) -> list[str]:
    return [url.rpartition("/")[2].removesuffix(".xml") for url in chosen.urls]


def poll_repeatedly(children: list[ChildSitemap], polls: int) -> list[set[str]]:
    """The children read at each of several polls, an hour apart, none of which finds new links."""
    reads: dict[str, ChildRead] = {}
    history = []
    for number in range(polls):
        now = NOW + timedelta(hours=number)
        chosen = choose(children, reads, now)
        history.append(set(names(chosen)))
        reads |= {url: ChildRead(at=now) for url in chosen.urls}
    return history


def test_the_newest_children_by_lastmod_are_read_first() -> None:
    children = [child("old", NOW - timedelta(days=9)), child("today", NOW), child("yesterday", NOW - timedelta(days=1))]
    assert names(choose(children)) == ["today", "yesterday", "old"]


@pytest.mark.parametrize("newest_first", [True, False])
def test_the_newest_children_by_the_dates_in_their_names_are_read_in_any_order_of_the_index(newest_first: bool) -> None:
    days = [NOW - timedelta(days=number) for number in range(25)]
    children = [child(f"news-{day:%Y-%m-%d}") for day in (days if newest_first else reversed(days))]
    chosen = names(choose(children))
    assert chosen == [f"news-{day:%Y-%m-%d}" for day in days[:MAX_CHILDREN]]


def test_undated_children_are_read_from_both_ends_of_the_index_and_then_in_turn() -> None:
    children = [child(f"part{chr(97 + number)}") for number in range(26)]
    first, second, *_ = poll_repeatedly(children, 2)
    assert {"parta", "partz"} <= first
    assert first | second == {f"part{chr(97 + number)}" for number in range(26)}


def test_a_child_with_a_frozen_lastmod_is_read_again() -> None:
    children = [child("news", NOW - timedelta(days=800))]
    assert poll_repeatedly(children, 3) == [{"news"}] * 3


def test_children_that_all_have_the_same_lastmod_are_read_in_turn() -> None:
    children = [child(f"part-{number}x", NOW - timedelta(days=800)) for number in range(30)]
    first, second, *_ = poll_repeatedly(children, 2)
    assert len(first | second) == 30


def test_a_child_that_had_new_links_lately_is_read_at_each_poll() -> None:
    children = [child(f"part-{number}x", NOW - timedelta(days=700 + number)) for number in range(40)]
    grown = ChildRead(at=NOW - timedelta(hours=1), grew_at=NOW - timedelta(days=1))
    reads = {one.url: ChildRead(at=NOW - timedelta(hours=1)) for one in children} | {children[33].url: grown}
    assert names(choose(children, reads))[0] == "part-33x"


def test_every_child_with_an_old_lastmod_is_checked_in_time() -> None:
    children = [child(f"part-{number}x", NOW - timedelta(days=700 + number)) for number in range(30)]
    reads: dict[str, ChildRead] = {}
    for number in range(40):
        now = NOW + timedelta(days=number)
        reads |= {url: ChildRead(at=now) for url in choose(children, reads, now).urls}
    assert len(reads) == 30


def test_children_named_by_old_dates_are_not_read_after_the_first_poll() -> None:
    children = [child(f"archive-{year}-{month:02}") for year in (2019, 2020, 2021) for month in range(1, 13)]
    children.append(child("archive-2026-03"))
    first, second, *_ = poll_repeatedly(children, 2)
    assert "archive-2026-03" in first & second
    assert len(second - first) == 0


@pytest.mark.parametrize("lastmod", [None, NOW - timedelta(hours=3)])
def test_children_that_are_all_of_one_year_or_one_day_are_read_from_both_ends_and_then_in_turn(
    lastmod: datetime | None,
) -> None:
    children = [child(f"2026-w{number:02}", lastmod and lastmod - timedelta(seconds=number)) for number in range(1, 41)]
    history = poll_repeatedly(children, 3)
    assert {"2026-w01", "2026-w40"} <= history[0]
    assert set.union(*history) == {f"2026-w{number:02}" for number in range(1, 41)}


def test_children_that_are_not_read_are_left_out_with_the_reason() -> None:
    children = [child(f"part{chr(97 + number)}") for number in range(25)] + [child("archive-2019-05")]
    reads = {children[0].url: ChildRead(at=NOW)}
    codes = {one.what: one.code for one in choose(children, reads).left_out}
    assert codes["https://g.example/archive-2019-05.xml"] is ReasonCode.TOO_OLD
    assert codes["https://g.example/parta.xml"] is ReasonCode.SITEMAP_UNCHANGED
    assert list(codes.values()).count(ReasonCode.SITEMAP_NOT_READ) == 4


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("news-2026-03-07.xml", datetime(2026, 3, 7, 23, 59, 59, tzinfo=timezone.utc)),
        ("20260307.xml.gz", datetime(2026, 3, 7, 23, 59, 59, tzinfo=timezone.utc)),
        ("2026/02.xml", datetime(2026, 2, 28, 23, 59, 59, tzinfo=timezone.utc)),
        ("sitemap.xml?yyyy=2025&mm=11&dd=30", datetime(2025, 11, 30, 23, 59, 59, tzinfo=timezone.utc)),
        ("archive_2024.xml", datetime(2024, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ("news-2026-03-31.xml", NOW),
        ("news-2026-02-31.xml", datetime(2026, 2, 28, 23, 59, 59, tzinfo=timezone.utc)),
        ("sitemap-07-03-2026.xml", datetime(2026, 3, 7, 23, 59, 59, tzinfo=timezone.utc)),
        ("news-02-2026.xml", datetime(2026, 2, 28, 23, 59, 59, tzinfo=timezone.utc)),
        ("february-2026.xml", datetime(2026, 2, 28, 23, 59, 59, tzinfo=timezone.utc)),
        ("2026/feb/sitemap.xml", datetime(2026, 2, 28, 23, 59, 59, tzinfo=timezone.utc)),
        ("mayor-2025.xml", datetime(2025, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ("part-17.xml", None),
        ("post-sitemap12034.xml", None),
    ],
)
def test_the_date_in_a_name_is_the_end_of_its_day_month_or_year(name: str, end: datetime | None) -> None:
    assert name_date(f"https://g.example/{name}", NOW) == end

"""The gap ledger: what is proven whole, what was possibly missed, and what repaired it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.crawl.coverage import REPAIRABLE_FOR, covered, gaps, resolve_old_gaps
from crawler.archive.crawl.polls import PollOutcome
from crawler.config.sources import Source
from crawler.models import Link, Timestamp
from tests.support.factories import HOME, NOW, Archive, hour, poll

FEED, SITEMAP, LISTING = f"{HOME}/rss", f"{HOME}/news-sitemap.xml", f"{HOME}/latest"
GAZETTE = Source.model_validate(
    {"id": "gazette", "name": "The Harbour Gazette", "home": f"{HOME}/", "feeds": [FEED], "sitemaps": [SITEMAP],
     "listings": [LISTING], "timezone": "Europe/Kyiv"}
)  # fmt: skip


class Desk:
    """The outlet: article number n is published n hours after NOW; its ways are asked and filed."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder, [GAZETTE])

    def ask(
        self, at: float, numbers: Sequence[int], seed: str = FEED, *, dated: bool = True, **known: Any
    ) -> PollOutcome:
        """The way is asked `at` hours after NOW, and shows these articles in this order."""
        kind: Any = {FEED: "feed", SITEMAP: "sitemap", LISTING: "listing"}[seed]
        links = tuple(
            Link(
                url=f"{HOME}/news/{number}",
                kind=kind,
                via=seed,
                published=Timestamp(at=hour(number), provenance="feed") if dated else None,
            )
            for number in numbers
        )
        return self.archive.poll(
            poll(*links, source=GAZETTE, seed_url=seed, at=hour(at), poll_interval=timedelta(minutes=15), **known)
        )

    def ledger(self, seed: str = FEED) -> list[tuple[str, float, float]]:
        """State and beginning and end, in hours after NOW."""
        rows = self.archive.rows(
            "SELECT state, (unixepoch(from_at) - unixepoch(?)) / 3600.0, (unixepoch(until_at) - unixepoch(?)) / 3600.0"
            " FROM coverage JOIN seeds ON seeds.id = seed_id WHERE url = ? ORDER BY coverage.from_at, coverage.id",
            NOW.strftime("%FT%TZ"), NOW.strftime("%FT%TZ"), seed,
        )  # fmt: skip
        return [(state, begin, end) for state, begin, end in rows]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def newest(last: int, count: int = 10) -> list[int]:
    return list(range(last, last - count, -1))


def test_polls_that_overlap_are_one_interval_seen_whole(desk: Desk) -> None:
    for at in range(10, 20):
        assert desk.ask(at, newest(at)).complete
    assert desk.ledger() == [("complete", 10, 19)]


def test_an_unchanged_document_proves_as_much(desk: Desk) -> None:
    desk.ask(10, newest(10))
    desk.ask(11, [], status="not_modified")
    assert desk.ledger() == [("complete", 10, 11)]


def test_a_poll_that_meets_nothing_known_opens_a_gap_with_an_estimate(desk: Desk) -> None:
    for at in range(10, 40):
        desk.ask(at, newest(at))
    assert not desk.ask(60, newest(60)).complete
    assert desk.ledger() == [("complete", 10, 39), ("open", 39, 60)]
    (gap,) = gaps(desk.archive.store.db)
    assert gap.missed == pytest.approx(60 - 39 - 10, abs=3)
    assert gap.seen == 10
    desk.ask(61, newest(61))
    assert desk.ledger()[-1] == ("complete", 60, 61)


def test_a_failed_poll_is_no_gap_where_the_next_one_overlaps(desk: Desk) -> None:
    desk.ask(10, newest(10))
    desk.ask(11, [], status="failed", error="HTTP 503")
    desk.ask(14, newest(14))
    assert desk.ledger() == [("complete", 10, 14)]


def test_that_another_way_brought_the_articles_a_moment_ago_proves_nothing(desk: Desk) -> None:
    desk.ask(10, newest(10))
    desk.ask(10, newest(10), SITEMAP)
    desk.ask(40, newest(40), SITEMAP)
    assert not desk.ask(40.01, newest(40)).complete


def test_an_older_page_that_meets_what_was_known_repairs_the_gap(desk: Desk) -> None:
    desk.ask(10, newest(10))
    desk.ask(28, newest(28))
    assert not desk.ask(28, newest(20), url=f"{HOME}/rss?page=2").complete, "all of it is new, or of this gap"
    assert desk.ask(28, newest(12), url=f"{HOME}/rss?page=3").complete
    (gap,) = gaps(desk.archive.store.db)
    assert (gap.state, gap.found) == ("repaired", 8)
    assert "page=3" in (gap.resolution or "")


def test_a_page_that_repeats_what_this_gap_brought_repairs_nothing(desk: Desk) -> None:
    desk.ask(10, newest(10))
    desk.ask(40, newest(40))
    desk.ask(40, newest(40), url=f"{HOME}/rss?page=2")
    assert gaps(desk.archive.store.db)[0].state == "open"


def test_a_sitemap_that_brings_the_same_and_reaches_back_repairs_the_gap(desk: Desk) -> None:
    for at in range(10, 30):
        desk.ask(at, newest(at))
        desk.ask(at, newest(at, 30), SITEMAP)
    desk.ask(60, newest(60))
    due = desk.archive.value("SELECT next_poll_at FROM seeds WHERE url = ?", SITEMAP)
    assert due <= hour(60).strftime("%FT%TZ"), "it is asked at the next crawl"
    desk.ask(60.1, newest(60, 48), SITEMAP)
    (gap,) = [gap for gap in gaps(desk.archive.store.db) if gap.seed == FEED]
    assert gap.state == "repaired"
    assert gap.found == 60 - 10 - 29
    assert "reaches back" in (gap.resolution or "")


def test_a_sitemap_that_does_not_reach_back_repairs_nothing(desk: Desk) -> None:
    for at in range(10, 30):
        desk.ask(at, newest(at))
        desk.ask(at, newest(at, 30), SITEMAP)
    desk.ask(90, newest(90))
    desk.ask(90.1, newest(90, 48), SITEMAP)
    assert {gap.state for gap in gaps(desk.archive.store.db)} == {"open"}


def test_a_listing_of_other_articles_repairs_nothing(desk: Desk) -> None:
    for at in range(10, 30):
        desk.ask(at, newest(at))
        desk.ask(at, [number + 10_000 for number in newest(at)], LISTING, dated=False)
    desk.ask(60, newest(60))
    desk.ask(60.1, [number + 10_000 for number in newest(29)], LISTING, dated=False)
    (gap,) = gaps(desk.archive.store.db)
    assert gap.state == "open"


def test_an_undated_listing_without_a_gap_of_its_own_repairs_the_feeds(desk: Desk) -> None:
    for at in range(10, 30):
        desk.ask(at, newest(at))
        desk.ask(at, newest(at, 60), LISTING, dated=False)
    desk.ask(60, newest(60))
    desk.ask(60.1, newest(60, 60), LISTING, dated=False)
    (gap,) = gaps(desk.archive.store.db)
    assert (gap.state, "no gap in that interval" in (gap.resolution or "")) == ("repaired", True)


def test_what_cannot_be_repaired_is_left_standing_with_the_reason(desk: Desk) -> None:
    desk.ask(10, newest(10))
    desk.ask(40, newest(40))
    with desk.archive.store.transaction() as store:
        resolve_old_gaps(store, at=hour(40) + REPAIRABLE_FOR - timedelta(hours=1))
    assert gaps(desk.archive.store.db)[0].state == "open"
    with desk.archive.store.transaction() as store:
        resolve_old_gaps(store, at=hour(40) + REPAIRABLE_FOR)
    (gap,) = gaps(desk.archive.store.db)
    assert gap.state == "unresolved"
    assert "no other seed" in (gap.resolution or "")


def test_a_document_that_was_stale_for_days_leaves_a_gap_from_when_it_was_fresh(desk: Desk) -> None:
    for at in range(10, 20):
        desk.ask(at, newest(at))
    for at in range(20, 60):
        desk.ask(at, [], status="not_modified")
    desk.ask(60, newest(58))
    assert desk.ledger() == [("complete", 10, 19), ("open", 19, 60)]
    assert 8 < (gaps(desk.archive.store.db)[0].missed or 0) < 40, "31 are; the stale days have taught a slower pace"


def test_how_much_of_its_time_a_source_was_seen_whole(desk: Desk) -> None:
    for at in range(10, 40):
        desk.ask(at, newest(at))
    desk.ask(60, newest(60))
    (whole,) = covered(desk.archive.store.db)
    assert whole.share == pytest.approx(29 / 50)
    assert (whole.open, whole.repaired) == (1, 0)


def test_the_next_poll_is_planned_in_the_same_transaction(desk: Desk) -> None:
    desk.ask(10, newest(10))
    due = desk.archive.value("SELECT next_poll_at FROM seeds WHERE url = ?", FEED)
    assert hour(10).strftime("%FT%TZ") < due <= hour(11).strftime("%FT%TZ")


def test_an_index_of_sitemaps_is_watched_by_what_its_sitemaps_bring(desk: Desk) -> None:
    desk.ask(10, [], SITEMAP, is_index=True)
    desk.ask(10, newest(10), SITEMAP, url=f"{HOME}/sitemap-1.xml")
    desk.ask(12, [], SITEMAP, is_index=True)
    desk.ask(12, newest(12), SITEMAP, url=f"{HOME}/sitemap-1.xml")
    assert desk.ledger(SITEMAP) == [("complete", 10, 12)]
    assert (
        desk.archive.value(
            "SELECT recent_arrived FROM seed_activity JOIN seeds ON seeds.id = seed_id WHERE url = ?", SITEMAP
        )
        > 0
    )


def test_debug_lines_name_the_gap_when_it_is_opened_and_when_it_is_unresolved(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "crawler.archive.crawl.coverage")
    desk.ask(10, newest(10))
    desk.ask(40, newest(40))
    with desk.archive.store.transaction() as store:
        resolve_old_gaps(store, at=hour(40) + REPAIRABLE_FOR)
    (gap,) = gaps(desk.archive.store.db)
    opened, unresolved = (record.getMessage() for record in caplog.records)
    assert opened.startswith(f"gap {gap.id}: opened for seed ")
    assert unresolved == f"gap {gap.id}: unresolved, {gap.resolution}"

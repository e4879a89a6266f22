"""Coverage: complete intervals, gaps with possibly missed articles, and their repair."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.crawl.coverage import REPAIRABLE_FOR, resolve_old_gaps
from crawler.archive.crawl.coverage_queries import covered, gaps
from crawler.archive.crawl.polls import PollOutcome
from crawler.config.sources import Source
from crawler.models import Link, Timestamp
from tests.support.factories import HOME, NOW, Archive, hour, poll

FEED, SITEMAP, LISTING = f"{HOME}/rss", f"{HOME}/news-sitemap.xml", f"{HOME}/latest"
GAZETTE = Source.model_validate(
    {"id": "gazette", "name": "The Harbour Gazette", "home": f"{HOME}/", "feeds": [FEED], "sitemaps": [SITEMAP],
     "listings": [LISTING], "timezone": "Europe/Kyiv"}
)  # fmt: skip


class Outlet:
    """An outlet whose article number n is published n hours after NOW, and the archive of its polls."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder, [GAZETTE])

    def poll(
        self, at: float, numbers: Sequence[int], seed: str = FEED, *, dated: bool = True, **known: Any
    ) -> PollOutcome:
        """Poll a seed `at` hours after NOW; the document has these articles in this order."""
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

    def intervals(self, seed: str = FEED) -> list[tuple[str, float, float]]:
        """(state, beginning, end) of the intervals of a seed, in hours after NOW."""
        rows = self.archive.rows(
            "SELECT state, (unixepoch(from_at) - unixepoch(?)) / 3600.0, (unixepoch(until_at) - unixepoch(?)) / 3600.0"
            " FROM coverage JOIN seeds ON seeds.id = seed_id WHERE url = ? ORDER BY coverage.from_at, coverage.id",
            NOW.strftime("%FT%TZ"), NOW.strftime("%FT%TZ"), seed,
        )  # fmt: skip
        return [(state, begin, end) for state, begin, end in rows]


@pytest.fixture
def outlet(tmp_path: Path) -> Outlet:
    return Outlet(tmp_path)


def newest(last: int, count: int = 10) -> list[int]:
    return list(range(last, last - count, -1))


def test_overlapping_polls_form_one_complete_interval(outlet: Outlet) -> None:
    for at in range(10, 20):
        assert outlet.poll(at, newest(at)).complete
    assert outlet.intervals() == [("complete", 10, 19)]


def test_an_unchanged_document_also_extends_the_complete_interval(outlet: Outlet) -> None:
    outlet.poll(10, newest(10))
    outlet.poll(11, [], status="not_modified")
    assert outlet.intervals() == [("complete", 10, 11)]


def test_a_poll_without_known_articles_opens_a_gap_with_an_estimate(outlet: Outlet) -> None:
    for at in range(10, 40):
        outlet.poll(at, newest(at))
    assert not outlet.poll(60, newest(60)).complete
    assert outlet.intervals() == [("complete", 10, 39), ("open", 39, 60)]
    (gap,) = gaps(outlet.archive.store.db)
    assert gap.missed == pytest.approx(60 - 39 - 10, abs=3)
    assert gap.seen == 10
    outlet.poll(61, newest(61))
    assert outlet.intervals()[-1] == ("complete", 60, 61)


def test_a_failed_poll_opens_no_gap_if_the_next_poll_overlaps(outlet: Outlet) -> None:
    outlet.poll(10, newest(10))
    outlet.poll(11, [], status="failed", error="HTTP 503")
    outlet.poll(14, newest(14))
    assert outlet.intervals() == [("complete", 10, 14)]


def test_articles_known_from_another_seed_do_not_prove_an_overlap(outlet: Outlet) -> None:
    outlet.poll(10, newest(10))
    outlet.poll(10, newest(10), SITEMAP)
    outlet.poll(40, newest(40), SITEMAP)
    assert not outlet.poll(40.01, newest(40)).complete


def test_an_older_page_with_known_articles_repairs_the_gap(outlet: Outlet) -> None:
    outlet.poll(10, newest(10))
    outlet.poll(28, newest(28))
    assert not outlet.poll(28, newest(20), url=f"{HOME}/rss?page=2").complete, (
        "all articles are new or were found after the gap"
    )
    assert outlet.poll(28, newest(12), url=f"{HOME}/rss?page=3").complete
    (gap,) = gaps(outlet.archive.store.db)
    assert (gap.state, gap.found) == ("repaired", 8)
    assert "page=3" in (gap.resolution or "")


def test_a_page_that_repeats_the_articles_after_the_gap_repairs_nothing(outlet: Outlet) -> None:
    outlet.poll(10, newest(10))
    outlet.poll(40, newest(40))
    outlet.poll(40, newest(40), url=f"{HOME}/rss?page=2")
    assert gaps(outlet.archive.store.db)[0].state == "open"


def test_a_sitemap_with_the_same_articles_that_reaches_back_repairs_the_gap(outlet: Outlet) -> None:
    for at in range(10, 30):
        outlet.poll(at, newest(at))
        outlet.poll(at, newest(at, 30), SITEMAP)
    outlet.poll(60, newest(60))
    due = outlet.archive.value("SELECT next_poll_at FROM seeds WHERE url = ?", SITEMAP)
    assert due <= hour(60).strftime("%FT%TZ"), "the sitemap is polled at the next crawl"
    outlet.poll(60.1, newest(60, 48), SITEMAP)
    (gap,) = [gap for gap in gaps(outlet.archive.store.db) if gap.seed == FEED]
    assert gap.state == "repaired"
    assert gap.found == 60 - 10 - 29
    assert "reaches back" in (gap.resolution or "")


def test_a_sitemap_that_does_not_reach_back_repairs_nothing(outlet: Outlet) -> None:
    for at in range(10, 30):
        outlet.poll(at, newest(at))
        outlet.poll(at, newest(at, 30), SITEMAP)
    outlet.poll(90, newest(90))
    outlet.poll(90.1, newest(90, 48), SITEMAP)
    assert {gap.state for gap in gaps(outlet.archive.store.db)} == {"open"}


def test_a_listing_of_other_articles_repairs_nothing(outlet: Outlet) -> None:
    for at in range(10, 30):
        outlet.poll(at, newest(at))
        outlet.poll(at, [number + 10_000 for number in newest(at)], LISTING, dated=False)
    outlet.poll(60, newest(60))
    outlet.poll(60.1, [number + 10_000 for number in newest(29)], LISTING, dated=False)
    (gap,) = gaps(outlet.archive.store.db)
    assert gap.state == "open"


def test_an_undated_listing_without_a_gap_repairs_the_gap_of_the_feed(outlet: Outlet) -> None:
    for at in range(10, 30):
        outlet.poll(at, newest(at))
        outlet.poll(at, newest(at, 60), LISTING, dated=False)
    outlet.poll(60, newest(60))
    outlet.poll(60.1, newest(60, 60), LISTING, dated=False)
    (gap,) = gaps(outlet.archive.store.db)
    assert (gap.state, "no gap in that interval" in (gap.resolution or "")) == ("repaired", True)


def test_a_gap_that_cannot_be_repaired_becomes_unresolved_with_the_reason(outlet: Outlet) -> None:
    outlet.poll(10, newest(10))
    outlet.poll(40, newest(40))
    with outlet.archive.store.transaction() as store:
        resolve_old_gaps(store, at=hour(40) + REPAIRABLE_FOR - timedelta(hours=1))
    assert gaps(outlet.archive.store.db)[0].state == "open"
    with outlet.archive.store.transaction() as store:
        resolve_old_gaps(store, at=hour(40) + REPAIRABLE_FOR)
    (gap,) = gaps(outlet.archive.store.db)
    assert gap.state == "unresolved"
    assert "no other seed" in (gap.resolution or "")


def test_a_document_that_was_stale_for_days_leaves_a_gap_from_its_last_change(outlet: Outlet) -> None:
    for at in range(10, 20):
        outlet.poll(at, newest(at))
    for at in range(20, 60):
        outlet.poll(at, [], status="not_modified")
    outlet.poll(60, newest(58))
    assert outlet.intervals() == [("complete", 10, 19), ("open", 19, 60)]
    assert 8 < (gaps(outlet.archive.store.db)[0].missed or 0) < 40, (
        "31 are missing; the stale days lowered the learnt rate"
    )


def test_the_covered_share_of_the_time_is_calculated(outlet: Outlet) -> None:
    for at in range(10, 40):
        outlet.poll(at, newest(at))
    outlet.poll(60, newest(60))
    (coverage,) = covered(outlet.archive.store.db)
    assert coverage.share == pytest.approx(29 / 50)
    assert (coverage.open, coverage.repaired) == (1, 0)


def test_the_next_poll_is_planned_in_the_same_transaction(outlet: Outlet) -> None:
    outlet.poll(10, newest(10))
    due = outlet.archive.value("SELECT next_poll_at FROM seeds WHERE url = ?", FEED)
    assert hour(10).strftime("%FT%TZ") < due <= hour(11).strftime("%FT%TZ")


def test_the_coverage_of_a_sitemap_index_is_that_of_its_child_sitemaps(outlet: Outlet) -> None:
    outlet.poll(10, [], SITEMAP, is_index=True)
    outlet.poll(10, newest(10), SITEMAP, url=f"{HOME}/sitemap-1.xml")
    outlet.poll(12, [], SITEMAP, is_index=True)
    outlet.poll(12, newest(12), SITEMAP, url=f"{HOME}/sitemap-1.xml")
    assert outlet.intervals(SITEMAP) == [("complete", 10, 12)]
    assert (
        outlet.archive.value(
            "SELECT recent_arrived FROM seed_activity JOIN seeds ON seeds.id = seed_id WHERE url = ?", SITEMAP
        )
        > 0
    )


def test_debug_lines_name_the_gap_when_it_is_opened_and_when_it_is_unresolved(
    outlet: Outlet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "crawler.archive.crawl.coverage")
    outlet.poll(10, newest(10))
    outlet.poll(40, newest(40))
    with outlet.archive.store.transaction() as store:
        resolve_old_gaps(store, at=hour(40) + REPAIRABLE_FOR)
    (gap,) = gaps(outlet.archive.store.db)
    opened, unresolved = (record.getMessage() for record in caplog.records)
    assert opened.startswith(f"gap {gap.id}: opened for seed ")
    assert unresolved == f"gap {gap.id}: unresolved, {gap.resolution}"

"""What is worth naming of the ways that were tried."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from schedules.sources.probe import FEW_LISTED, STALE_FEED, ProbedSeed, judge_seeds
from spiders.autodiscovery.candidates import Tried

NOW = datetime(2026, 5, 2, 12, tzinfo=timezone.utc)


def reading(
    url: str, *urls: str, kind: str = "feed", fault: str | None = None, newest: datetime | None = NOW
) -> ProbedSeed:
    tried = Tried(url=url, kind=kind, links=len(urls), fault=fault)  # type: ignore[arg-type]
    return ProbedSeed(tried=tried, urls=frozenset(urls), newest=newest)


def faults(*readings: ProbedSeed) -> dict[str, str | None]:
    return {one.tried.url: one.tried.fault for one in judge_seeds(readings, NOW)}


def test_a_feed_that_nobody_keeps_any_more_is_stale() -> None:
    old = NOW - STALE_FEED - timedelta(hours=1)
    assert faults(reading("a", "1", newest=old), reading("b", "2"), reading("c", "3", newest=None)) == {
        "a": "stale: its newest link is of 2026-04-02",
        "b": None,
        "c": None,
    }


def test_what_says_nothing_new_is_left_out_and_feeds_win_over_listings() -> None:
    links = [str(number) for number in range(FEW_LISTED)]
    found = faults(reading("list", *links, kind="listing"), reading("feed", *links, "more"))
    assert found == {"feed": None, "list": "says nothing that feed does not"}


def test_a_page_with_few_stories_is_no_listing() -> None:
    assert faults(reading("a", "1", "2", kind="listing"))["a"] == "hardly a listing: 2 article links"


def test_a_fault_stays_what_it_was() -> None:
    assert faults(reading("a", fault="HTTP 404"))["a"] == "HTTP 404"

"""Which probed seeds are proposed, and why others are not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from schedules.sources.probe import FEW_LISTED, STALE_FEED, ProbedSeed, judge_seeds
from spiders.autodiscovery.candidates import ProbeResult

NOW = datetime(2026, 5, 2, 12, tzinfo=timezone.utc)


def probed(
    url: str, *urls: str, kind: str = "feed", fault: str | None = None, newest: datetime | None = NOW
) -> ProbedSeed:
    result = ProbeResult(url=url, kind=kind, links=len(urls), fault=fault)  # type: ignore[arg-type]
    return ProbedSeed(result=result, urls=frozenset(urls), newest=newest)


def faults(*seeds: ProbedSeed) -> dict[str, str | None]:
    return {one.result.url: one.result.fault for one in judge_seeds(seeds, NOW)}


def test_a_feed_without_recent_links_is_stale() -> None:
    old = NOW - STALE_FEED - timedelta(hours=1)
    assert faults(probed("a", "1", newest=old), probed("b", "2"), probed("c", "3", newest=None)) == {
        "a": "stale: newest link from 2026-04-02",
        "b": None,
        "c": None,
    }


def test_a_seed_that_adds_no_link_is_skipped_and_feeds_precede_listings() -> None:
    links = [str(number) for number in range(FEW_LISTED)]
    found = faults(probed("list", *links, kind="listing"), probed("feed", *links, "more"))
    assert found == {"feed": None, "list": "skipped: adds nothing to feed"}


def test_a_page_with_few_articles_is_not_used_as_a_listing() -> None:
    assert faults(probed("a", "1", "2", kind="listing"))["a"] == "too few article links (2) to be used as a listing"


def test_an_earlier_fault_is_kept() -> None:
    assert faults(probed("a", fault="HTTP 404"))["a"] == "HTTP 404"

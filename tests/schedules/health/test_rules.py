"""The rules that decide which facts of a source are problems."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from crawler.archive.monitoring.problems import Observation
from crawler.polling.silence_detector import SilenceState
from crawler.reasons import ReasonCode
from schedules.health.facts import SeedFacts, SourceFacts
from schedules.health.field_drift import Count
from schedules.health.rules import clock_error, diagnose

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=timezone.utc)
FEED = SeedFacts(kind="feed", url="https://gazette.example/rss", polled_at=NOW, newest_at=NOW - timedelta(hours=30))
SITEMAP = SeedFacts(kind="sitemap", url="https://gazette.example/sitemap.xml", polled_at=NOW)
SILENT = SilenceState(watched_since=NOW - timedelta(days=60), alarm=50.0, quiet_since=NOW - timedelta(hours=20))


def view(*seeds: SeedFacts, **known: Any) -> SourceFacts:
    return SourceFacts(id="gazette", seeds=seeds or (FEED,), a_week=100.0, **known)


def kinds(findings: list[Observation]) -> list[str]:
    return [finding.kind for finding in findings]


def failing(seed: SeedFacts = FEED, **known: Any) -> SeedFacts:
    return replace(seed, **{"failures": 4, "failing_since": NOW - timedelta(hours=2), "error": "HTTP 503", **known})


def test_a_source_that_works_has_no_problem() -> None:
    assert diagnose(view(recent={"new": 18, "blocked": 2}, recent_since=NOW, earlier={"new": 200}), NOW) == []


def test_a_source_whose_seeds_all_fail_is_unreachable_since_the_first_failure() -> None:
    (found,) = diagnose(view(failing(), failing(SITEMAP, failing_since=NOW - timedelta(hours=3))), NOW)
    assert (found.kind, found.what, found.since) == ("unreachable", "", NOW - timedelta(hours=3))
    assert "HTTP 503, 4 polls in a row" in found.evidence


def test_two_failures_are_not_a_problem() -> None:
    assert diagnose(view(failing(failures=2)), NOW) == []


def test_one_failing_seed_of_two_is_reported_as_that_seed() -> None:
    (found,) = diagnose(view(FEED, failing(SITEMAP, http_status=404, error="HTTP 404")), NOW)
    assert (found.kind, found.what) == ("unreachable", SITEMAP.url)
    assert "sources add" in found.advice


@pytest.mark.parametrize("status", [401, 403, 429, 451])
def test_a_refusal_is_a_block_and_not_an_outage(status: int) -> None:
    (found,) = diagnose(view(failing(http_status=status, error=f"HTTP {status}")), NOW)
    assert found.kind == "blocked"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (ReasonCode.ROBOTS_DISALLOWED, "blocked"),
        (ReasonCode.RETRY_AFTER, "blocked"),
        (ReasonCode.ROBOTS_UNREACHABLE, "unreachable"),
        (ReasonCode.TIMEOUT, "unreachable"),
    ],
)
def test_an_outlet_that_refuses_requests_is_blocked_and_one_that_is_down_is_unreachable(
    code: ReasonCode, kind: str
) -> None:
    seed = failing(http_status=None, reason_code=code, error="see robots.txt: not before noon")
    assert kinds(diagnose(view(seed), NOW)) == [kind]


def test_bot_walls_in_place_of_pages_are_a_block() -> None:
    known: dict[str, Any] = {"recent": {"blocked": 15, "new": 5}, "earlier": {"new": 190, "blocked": 10}}
    (found,) = diagnose(view(**known, recent_since=NOW, recent_reason="bot wall"), NOW)
    assert found.kind == "blocked"
    assert "15 of the last 20 pages were blocked: bot wall" in found.evidence


def test_a_constant_share_of_failures_is_not_a_problem() -> None:
    known: dict[str, Any] = {"recent": {"blocked": 14, "new": 6}, "earlier": {"new": 60, "blocked": 140}}
    assert diagnose(view(**known, recent_since=NOW), NOW) == []


def test_a_lasting_block_is_not_resolved_by_a_single_page() -> None:
    known: dict[str, Any] = {"recent": {"blocked": 19, "new": 1}, "earlier": {"new": 5, "blocked": 95}}
    assert kinds(diagnose(view(**known, recent_since=NOW), NOW)) == ["blocked"]


def test_pages_without_article_text_are_broken_extraction() -> None:
    known: dict[str, Any] = {"recent": {"empty": 12, "failed": 4, "new": 4}, "earlier": {"new": 200}}
    assert kinds(diagnose(view(**known, recent_since=NOW), NOW)) == ["extraction"]


def test_a_missing_field_is_drift_and_missing_text_is_broken_extraction() -> None:
    before, after = Count(given=190, pages=200), Count(given=0, pages=20)
    drifted = view(drift_since=NOW, earlier_fields={"byline": before}, recent_fields={"byline": after})
    assert [(found.kind, found.what) for found in diagnose(drifted, NOW)] == [("drift", "byline")]
    lost = view(drift_since=NOW, earlier_fields={"text": before}, recent_fields={"text": after})
    assert kinds(diagnose(lost, NOW)) == ["extraction"]


def test_a_silent_source_with_dates_is_stuck_and_one_without_is_silent() -> None:
    (stuck,) = diagnose(view(silence=SILENT, usual_since_quiet=24), NOW)
    assert (stuck.kind, stuck.since) == ("stuck", SILENT.quiet_since)
    assert "none new since 2026-03-09 16:00 UTC; about 24 are usual" in stuck.evidence
    (silent,) = diagnose(view(replace(FEED, newest_at=None), silence=SILENT, usual_since_quiet=24), NOW)
    assert silent.kind == "silent"


def test_an_unreachable_source_is_not_also_silent() -> None:
    assert kinds(diagnose(view(failing(), silence=SILENT), NOW)) == ["unreachable"]


def test_a_feed_without_new_articles_is_stuck_if_the_sitemap_has_some() -> None:
    stuck = replace(FEED, gave_new_at=NOW - timedelta(days=3), others_since=60, given=400)
    (found,) = diagnose(view(stuck, SITEMAP), NOW)
    assert (found.kind, found.what) == ("stuck", FEED.url)
    assert diagnose(view(replace(stuck, others_since=5), SITEMAP), NOW) == []


def test_the_advice_for_a_permanent_redirect_has_the_new_url() -> None:
    (found,) = diagnose(view(replace(FEED, moved_to="https://gazette.example/feed/")), NOW)
    assert found.kind == "moved"
    assert "https://gazette.example/feed/" in found.advice


def test_a_listing_without_links_needs_a_selector() -> None:
    (found,) = diagnose(view(replace(FEED, kind="listing", empty_since=NOW - timedelta(hours=4))), NOW)
    assert (found.kind, "selector" in found.advice) == ("extraction", True)


def test_dates_in_the_future_are_reported_as_a_wrong_timezone() -> None:
    ahead = view(latest_links=20, future_links=15, future_by=timedelta(hours=2))
    (found,) = diagnose(ahead, NOW)
    assert (found.kind, "by 2 h" in found.evidence) == ("clock", True)
    assert "timezone" in found.advice


def test_one_server_with_a_wrong_clock_is_reported_and_many_that_agree_mean_that_our_clock_is_wrong() -> None:
    ahead = replace(FEED, ahead_seconds=3600)
    assert kinds(diagnose(view(ahead), NOW)) == ["clock"]
    hours = [timedelta(hours=1, seconds=second) for second in (0, 2, -3, 1)]
    ours = clock_error(hours)
    assert ours is not None
    assert abs(ours - timedelta(hours=1)) < timedelta(minutes=1)
    assert diagnose(view(ahead), NOW, our_clock=ours) == []
    assert clock_error([timedelta(0), timedelta(seconds=2), timedelta(hours=1)]) is None

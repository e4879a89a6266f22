"""The problems of a source that are found from its polls and pages in the archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from crawler.archive.monitoring.problems import Problem
from crawler.config.sources import Source
from crawler.models import Status, Timestamp
from schedules.health.check import check_sources
from tests.support.factories import HOME, SOURCE, Archive, article, feed_text, hour, link, page, poll, record


def reported(archive: Archive, at: float) -> list[Problem]:
    return check_sources(archive.store, [SOURCE], now=hour(at))


def test_a_check_of_more_sources_asks_the_archive_no_more_questions(tmp_path: Path) -> None:
    def statements(number: int) -> int:
        sources = [
            Source.model_validate({"id": f"s{n}", "name": "S", "home": HOME, "feeds": [f"{HOME}/{n}"]})
            for n in range(number)
        ]
        archive = Archive(tmp_path / str(number), sources)
        for source in sources:
            archive.poll(poll(link(), at=hour(1), source=source, seed_url=source.seeds[0].url))
            archive.record_fetch(record(article(), page(f"{HOME}/{source.id}"), at=hour(1), source=source))
        executed: list[str] = []
        archive.store.db.set_trace_callback(executed.append)
        assert check_sources(archive.store, sources, now=hour(2)) == []
        return len(executed)

    assert statements(9) == statements(3)


def poll_busy_feed(archive: Archive, since: int, until: int) -> None:
    """Poll the feed every hour; it publishes an article per hour and lists the ten newest."""
    for now in range(since, until):
        numbers = range(now, max(now - 10, -1), -1)
        links = [link(f"/news/{number}", published=Timestamp(at=hour(number), provenance="feed")) for number in numbers]
        archive.poll(poll(*links, at=hour(now)))


def test_a_stuck_feed_is_a_problem_until_it_has_new_articles(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    poll_busy_feed(archive, 0, 24 * 15)
    assert reported(archive, 24 * 15) == []
    for now in range(24 * 15, 24 * 16):
        archive.poll(poll(at=hour(now), status="not_modified"))
    (problem,) = reported(archive, 24 * 16)
    assert (problem.kind, problem.source) == ("stuck", "gazette")
    assert abs(problem.since - hour(24 * 15)) < timedelta(hours=3)
    poll_busy_feed(archive, 24 * 16, 24 * 17)
    assert reported(archive, 24 * 17) == []


def test_an_unreachable_server_is_a_problem_from_the_third_failed_poll_to_the_first_success(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    poll_busy_feed(archive, 0, 5)
    for at in (5, 6):
        archive.poll(poll(at=hour(at), status="failed", error="connection refused"))
        assert reported(archive, at) == []
    archive.poll(poll(at=hour(7), status="failed", error="connection refused"))
    (problem,) = reported(archive, 7)
    assert (problem.kind, problem.since) == ("unreachable", hour(5))
    assert "connection refused, 3 polls in a row" in problem.evidence
    poll_busy_feed(archive, 8, 9)
    assert reported(archive, 9) == []


def test_pages_that_lose_their_byline_are_drift(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.poll(poll(link()))
    for number in range(60):
        bylines = article().bylines if number < 40 else ()
        received = page(f"{HOME}/news/{number}")
        archive.record_fetch(record(article(f"Report {number} in full.", bylines=bylines), received, at=hour(number)))
    (problem,) = reported(archive, 61)
    assert (problem.kind, problem.what) == ("drift", "byline")
    assert problem.since == hour(40)


def test_a_listing_without_links_is_a_problem_after_three_empty_documents(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    poll_busy_feed(archive, 0, 5)
    for at in (5, 6, 7):
        archive.poll(poll(at=hour(at)))
    (problem,) = reported(archive, 7)
    assert (problem.kind, problem.since) == ("extraction", hour(5))


def test_a_disabled_or_retired_source_is_not_checked(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    poll_busy_feed(archive, 0, 2)
    for at in (5, 6, 7):
        archive.poll(poll(at=hour(at), status="failed", error="HTTP 500"))
    assert len(reported(archive, 7)) == 1
    off = Source.model_validate({**SOURCE.model_dump(), "enabled": False})
    assert check_sources(archive.store, [off], now=hour(8)) == []


def test_a_rarely_polled_sitemap_is_not_stuck_behind_a_busy_feed(tmp_path: Path) -> None:
    both = Source.model_validate(
        {**SOURCE.model_dump(exclude={"feeds"}), "feeds": [f"{HOME}/rss"], "sitemaps": [f"{HOME}/map"]}
    )
    archive = Archive(tmp_path, [both])
    numbers = range(30)
    archive.poll(replace(poll(*[link(f"/news/{n}") for n in numbers], at=hour(0)), seed_url=f"{HOME}/map"))
    for at in range(1, 40):
        archive.poll(poll(*[link(f"/news/{n + at}") for n in numbers], at=hour(at)))
    assert check_sources(archive.store, [both], now=hour(40)) == []
    for at in range(41, 46):
        archive.poll(replace(poll(at=hour(at), status="not_modified"), seed_url=f"{HOME}/map"))
    (problem,) = check_sources(archive.store, [both], now=hour(46))
    assert (problem.kind, problem.what) == ("stuck", f"{HOME}/map")


def test_a_feed_that_listed_articles_before_the_sitemap_is_not_stuck(tmp_path: Path) -> None:
    both = Source.model_validate(
        {**SOURCE.model_dump(exclude={"feeds"}), "feeds": [f"{HOME}/rss"], "sitemaps": [f"{HOME}/map"]}
    )
    archive = Archive(tmp_path, [both])
    links = [link(f"/news/{n}") for n in range(60)]
    archive.poll(replace(poll(*links[:30], at=hour(0)), seed_url=f"{HOME}/map"))
    archive.poll(poll(*links[:30], at=hour(1)))
    archive.poll(poll(*links[10:], at=hour(2)))
    archive.poll(replace(poll(*links, at=hour(4)), seed_url=f"{HOME}/map"))
    for at in range(5, 9):
        archive.poll(poll(at=hour(at), status="not_modified"))
    assert check_sources(archive.store, [both], now=hour(9)) == []


def test_a_gap_after_an_outage_is_not_also_a_silence(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    poll_busy_feed(archive, 0, 24 * 15)
    for at in range(24 * 15, 24 * 18):
        archive.poll(poll(at=hour(at), status="failed", error="HTTP 503"))
    poll_busy_feed(archive, 24 * 18, 24 * 18 + 1)
    assert reported(archive, 24 * 18 + 1) == []
    assert archive.value("SELECT state FROM gaps") == "open"


def test_text_from_the_feed_does_not_count_as_a_fetched_page(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.poll(poll(link()))
    wall = article(status=Status.BLOCKED, reason="HTTP 403")
    teaser = article("The pier closes.", status=Status.TEASER)
    for number in range(6):
        url = f"{HOME}/news/{number}"
        archive.record_fetch(record(wall, page(url, status=403), at=hour(number)))
        archive.record_fetch(feed_text(teaser, page(url), at=hour(number)))
    assert archive.rows("SELECT outcome, count(*) FROM fetches GROUP BY 1 ORDER BY 1") == [("blocked", 6), ("new", 6)]
    (problem,) = reported(archive, 7)
    assert problem.kind == "blocked"
    assert problem.evidence == "6 of the last 6 pages were blocked: HTTP 403"


def test_a_seed_whose_links_are_all_left_out_stays_a_problem_while_it_is_not_modified(
    tmp_path: Path,
) -> None:
    archive = Archive(tmp_path)
    archive.poll(poll(at=hour(1), error="only_paths in sources.toml leaves out all 4 links"))
    archive.poll(poll(at=hour(2), status="not_modified"))
    (problem,) = reported(archive, 3)
    assert problem.kind == "extraction"
    assert "its feed responds, but only_paths in sources.toml leaves out all 4 links" in problem.evidence


def test_a_single_document_without_matching_links_is_not_a_problem(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    poll_busy_feed(archive, 0, 5)
    archive.poll(poll(at=hour(5), error="only_paths in sources.toml leaves out all 10 links"))
    assert reported(archive, 6) == []

"""Inputs and exchanges that other readers of feeds get wrong, each with the value that a user expects.

They are read from WIREWATCH_CASES (default: ../shared/cases), which is not part of the repository; without it, the tests are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from crawler.config.opml import read_opml
from crawler.config.sources import Seed, Source
from crawler.crawl_state import ChildRead, SeedState
from crawler.models import ResponseStatus
from crawler.url_identity import link_keys
from spiders.documents import parse_document
from spiders.markup.parsed_document import ParsedDocument
from spiders.poll_results import SeedDocument, new_url
from spiders.responses import request_headers, request_meta
from spiders.sitemaps.index import choose_children

CASES = Path(os.environ.get("WIREWATCH_CASES", Path(__file__).parents[3] / "shared" / "cases")) / "web"
NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
HOME = "https://gazette.example/"


def parsed(file: Path, kind: str = "feed", url: str = f"{HOME}rss", **keys: object) -> ParsedDocument:
    source = source_of(**keys)
    seed = Seed.model_validate({"url": url, "kind": kind})
    return parse_document(file.read_bytes(), seed=seed, url=url, content_type=None, source=source, now=NOW)


def source_of(**keys: object) -> Source:
    return Source.model_validate({"id": "gazette", "name": "Gazette", "home": HOME, "feeds": [f"{HOME}rss"], **keys})


def accept_feed(_: Path) -> None:
    assert request_headers(source_of(), is_feed=True)["Accept"].startswith("application/atom+xml, application/rss+xml")


def accept_language(_: Path) -> None:
    assert request_headers(source_of(language="uk"))["Accept-Language"] == "uk, en;q=0.5"
    assert request_headers(source_of())["Accept-Language"] == "*"


def cookie_bounce(_: Path) -> None:
    assert request_meta(source_of(), render_wait=1)["dont_merge_cookies"]
    assert request_meta(source_of(cookies=True), render_wait=1)["cookiejar"] == "gazette"


def guid_identity_moved(case: Path) -> None:
    rules = source_of(identity="both").key_rules
    (first,), (later,) = (parsed(case / f"feed_{name}.xml", identity="both").links for name in ("first", "later"))
    assert link_keys(first, rules)[0].key == link_keys(later, rules)[0].key
    assert later.url == f"{HOME}2026/pier-shut-from-june-1"


def guid_identity_one_address(case: Path) -> None:
    for identity in ("guid", "url"):
        links = parsed(case / "feed.xml", identity=identity).links
        assert [link.title for link in links] == ["Ferry broke down", "Troops at the pier", "Market opens late"]
        assert len({link_keys(link, source_of(identity=identity).key_rules)[0].key for link in links}) == 3
        assert not any(link.has_page for link in links), "the text is the feed's"


def idn_listing(case: Path) -> None:
    assert len(parsed(case / "listing.html", "listing", "https://xn--d1abbgf6aiiy.xn--p1ai/news/").links) == 6


def items_without_link(case: Path) -> None:
    document = parsed(case / "feed.xml")
    assert [link.title for link in document.links] == ["Air alert in Kharkiv oblast"]
    assert (document.entries, [one.what for one in document.left_out]) == (2, ["Panel discusses fairness"])
    assert document.note is not None


def moved_feed(_: Path) -> None:
    state = SeedState(url=f"{HOME}rss", moved_to=f"{HOME}new/rss")
    document = SeedDocument(source=source_of(), seed=Seed(url=f"{HOME}rss", kind="feed"), state=state)
    assert new_url(document, {}, ResponseStatus.FAILED) == f"{HOME}new/rss"


def opml_bare_ampersand(case: Path) -> None:
    imported = read_opml(case / "feeds.opml")
    assert [feed for one in imported.subscriptions for feed in one.feeds] == [
        "http://blog.a.example/rss.aspx?tabid=82324&moduleid=79749&maxcount=25",
        "https://example.com/feed",
        "http://z.example/rss",
    ]


def pubdate_offset_with_colon(case: Path) -> None:
    at = {link.title: link.published.at for link in parsed(case / "feed.xml").links if link.published}
    assert {title: f"{moment:%H:%M:%S}" for title, moment in at.items()} == {
        "B": "16:27:00", "C": "16:27:00", "D": "23:27:00", "E": "17:22:30", "F": "12:53:56", "G": "00:00:00",
        "H": "16:27:00", "I": "16:27:00",
    }  # fmt: skip


def sitemap_index_frozen_lastmod(case: Path) -> None:
    children = parsed(case / "index.xml", "sitemap", f"{HOME}sitemap.xml").children
    reads = {children[0].url: ChildRead(at=NOW - timedelta(hours=1))}
    assert choose_children(children, reads, now=NOW, backfill=timedelta(days=14)).urls == (f"{HOME}news.xml",)
    links = parsed(case / "news_later.xml", "sitemap", f"{HOME}news.xml").links
    assert [link.url for link in links] == [f"{HOME}0", f"{HOME}1", f"{HOME}2"]


def sitemap_index_undated_newest_first(case: Path) -> None:
    children = parsed(case / "index.xml", "sitemap", f"{HOME}sitemap.xml").children
    urls = choose_children(children, {}, now=NOW, backfill=timedelta(days=14)).urls
    assert {f"{HOME}sitemap-2026-11-{day}.xml" for day in range(26, 31)} <= set(urls)


def title_angle_brackets(case: Path) -> None:
    assert [link.title for link in parsed(case / "feed.xml").links] == [
        "<Analysis> Troops move to <Kursk> as talks stall",
        "Is x<y and y>z?",
        "How should <selectedoption> work?",
    ]


CHECKS: dict[str, Callable[[Path], None]] = {
    check.__name__.replace("_", "-"): check
    for check in (
        accept_feed, accept_language, cookie_bounce, guid_identity_moved, guid_identity_one_address, idn_listing,
        items_without_link, moved_feed, opml_bare_ampersand, pubdate_offset_with_colon, sitemap_index_frozen_lastmod,
        sitemap_index_undated_newest_first, title_angle_brackets,
    )
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKS)
def test_a_case_has_the_expected_value(name: str) -> None:
    if not CASES.is_dir():
        pytest.skip(f"no cases at {CASES} (set WIREWATCH_CASES to run this)")
    CHECKS[name](CASES / name)


def test_every_case_of_the_folder_has_a_check() -> None:
    found = {folder.name for folder in CASES.iterdir() if folder.is_dir()} if CASES.is_dir() else set()
    if not found or found - CHECKS.keys():
        pytest.skip(f"no cases at {CASES}, or cases without a check: {', '.join(sorted(found - CHECKS.keys()))}")

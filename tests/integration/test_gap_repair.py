"""Crawls with a gap: missed articles are found in older pages of the feed or in date archives."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.loopback import Site, html, xml
from tests.support.source_folder import SourceFolder

pytestmark = pytest.mark.xdist_group("gap repair")
WINDOW = 5
"""Articles in the feed, and on each of its older pages."""
INTERVAL = timedelta(minutes=30)
"""Time between two articles."""
NOW = datetime.now(timezone.utc).replace(microsecond=0)
LAST = 20
"""Number of the newest article."""


def published(number: int) -> datetime:
    return NOW - INTERVAL * (LAST - number)


def article(number: int) -> str:
    text = f"The harbour council of the town met again, spoke at length about pier number {number} and put it off. "
    return f"<html><body><article><h1>Council speaks of pier {number}</h1><p>{text * 4}</p><p>{text * 3}</p></article></body></html>"


def publish(site: Site, last: int, *, older_pages: bool = False, archive: bool = False) -> None:
    """Serve the outlet's pages at the time when article number `last` is the newest."""
    for number in range(last + 1):
        site[f"/news/pier-{number}-is-spoken-of"] = html(article(number))
    for page, top in enumerate(range(last, 0, -WINDOW)):
        items = "".join(
            f"<item><title>Council speaks of pier {number}</title><link>{site.base}/news/pier-{number}-is-spoken-of</link>"
            f"<pubDate>{format_datetime(published(number))}</pubDate></item>"
            for number in range(top, max(top - WINDOW, -1), -1)
        )
        more = f'<atom:link rel="next" href="{site.base}/rss-{page + 1}"/>' if older_pages else ""
        site["/rss" if page == 0 else f"/rss-{page}"] = xml(
            f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Gazette</title>{more}{items}</channel></rss>'
        )
    if archive:
        for day in {published(number).date() for number in range(last + 1)}:
            links = "".join(
                f'<li><a href="/news/pier-{number}-is-spoken-of">Council speaks of pier {number} and puts it off again</a></li>'
                for number in range(last, -1, -1)
                if published(number).date() == day
            )
            site[f"/archive/{day:%Y/%m/%d}/"] = html(f"<html><body><main><ul>{links}</ul></main></body></html>")


def source_folder(path: Path, site: Site, **keys: Any) -> SourceFolder:
    """The outlet as a source with the default poll interval."""
    return SourceFolder(path, site, poll_interval=None, **keys)


def test_older_pages_of_the_feed_repair_a_gap_in_the_same_crawl(tmp_path: Path, site: Site) -> None:
    folder = source_folder(tmp_path, site)
    publish(site, 7, older_pages=True)
    folder.crawl()
    publish(site, LAST, older_pages=True)
    folder.crawl()
    ((state, resolution, found),) = folder.rows("SELECT state, resolution, found FROM gaps")
    assert (state, found) == ("repaired", 8)
    assert "rss-2" in resolution
    assert folder.rows("SELECT count(*) FROM articles") == [(LAST - 2,)]


def test_date_archives_repair_a_gap_in_the_next_crawl(tmp_path: Path, site: Site) -> None:
    folder = source_folder(tmp_path, site, date_archives=[f"{site.base}/archive/%Y/%m/%d/"])
    publish(site, 7, archive=True)
    folder.crawl()
    publish(site, LAST, archive=True)
    folder.crawl()
    assert folder.rows("SELECT state FROM gaps") == [("open",)]
    folder.crawl()
    requested = len(site.requests)
    folder.crawl()
    assert not any("/archive/" in path for path in site.paths()[requested:]), "a repaired gap needs no more requests"
    ((state, resolution),) = folder.rows("SELECT state, resolution FROM gaps")
    assert state == "repaired"
    assert "/archive/" in resolution
    urls = {url for (url,) in folder.rows("SELECT url FROM articles")}
    assert {number for number in range(3, LAST + 1) if not any(f"pier-{number}-" in url for url in urls)} == set()


def test_without_older_pages_a_gap_stays_open_and_is_reported(tmp_path: Path, site: Site) -> None:
    folder = source_folder(tmp_path, site)
    publish(site, 7)
    folder.crawl()
    publish(site, LAST)
    folder.crawl()
    reported = folder.run("gaps", status=1)
    assert "possibly missed: open" in reported
    assert f"feed {site.base}/rss" in reported

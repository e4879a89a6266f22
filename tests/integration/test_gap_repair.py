"""A whole gap in a crawl: the feed has gone by; older pages, or the archive by day, bring what was missed."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.support.cli import scrapy
from tests.support.loopback_server import Site, html, xml

pytestmark = pytest.mark.xdist_group("gap repair")
WINDOW = 5
"""Articles in the feed, and on each of its older pages."""
APART = timedelta(minutes=30)
NOW = datetime.now(timezone.utc).replace(microsecond=0)
LAST = 20


def published(number: int) -> datetime:
    return NOW - APART * (LAST - number)


def article(number: int) -> str:
    text = f"The harbour council of the town met again, spoke at length about pier number {number} and put it off. "
    return f"<html><body><article><h1>Council speaks of pier {number}</h1><p>{text * 4}</p><p>{text * 3}</p></article></body></html>"


def publish(site: Site, last: int, *, older_pages: bool = False, archive: bool = False) -> None:
    """The outlet when article number `last` is its newest."""
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


def crawl(site: Site, data: Path, *, archives: bool = False) -> None:
    lines = ["[gazette]", 'name = "Gazette"', f'home = "{site.base}/"', f'feeds = ["{site.base}/rss"]', "delay = 0"]
    lines += ["allow_private = true"]
    lines += [f'date_archives = ["{site.base}/archive/%Y/%m/%d/"]'] if archives else []
    (data / "sources.toml").write_text("\n".join(lines))
    done = scrapy("crawl", "gazette", data=data)
    assert done.returncode == 0, done.stderr


def rows(data: Path, sql: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(data / "archive.db")
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def test_older_pages_of_the_feed_bring_what_was_missed_in_the_same_crawl(tmp_path: Path) -> None:
    with Site() as site:
        publish(site, 7, older_pages=True)
        crawl(site, tmp_path)
        publish(site, LAST, older_pages=True)
        crawl(site, tmp_path)
    ((state, resolution, found),) = rows(tmp_path, "SELECT state, resolution, found FROM gaps")
    assert (state, found) == ("repaired", 8)
    assert "rss-2" in str(resolution)
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(LAST - 2,)]


def test_the_archive_by_day_brings_what_was_missed_at_the_next_crawl(tmp_path: Path) -> None:
    with Site() as site:
        publish(site, 7, archive=True)
        crawl(site, tmp_path, archives=True)
        publish(site, LAST, archive=True)
        crawl(site, tmp_path, archives=True)
        assert rows(tmp_path, "SELECT state FROM gaps") == [("open",)]
        crawl(site, tmp_path, archives=True)
        asked = len(site.requests)
        crawl(site, tmp_path, archives=True)
        assert not any("/archive/" in path for path in site.paths()[asked:]), "it is repaired, and nothing is asked"
    ((state, resolution),) = rows(tmp_path, "SELECT state, resolution FROM gaps")
    assert state == "repaired"
    assert "/archive/" in str(resolution)
    have = {row[0] for row in rows(tmp_path, "SELECT url FROM articles")}
    assert {number for number in range(3, LAST + 1) if not any(f"pier-{number}-" in str(url) for url in have)} == set()


def test_without_an_older_page_the_gap_stays_open_and_is_told(tmp_path: Path) -> None:
    with Site() as site:
        publish(site, 7)
        crawl(site, tmp_path)
        publish(site, LAST)
        crawl(site, tmp_path)
        reported = scrapy("gaps", data=tmp_path)
    assert reported.returncode == 1
    assert "possibly missed: open" in reported.stdout
    assert f"feed {site.base}/rss" in reported.stdout

"""Crawls whose feeds, sitemaps and listings hold more than plain links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.loopback_server import Site, html, xml
from tests.support.source_folder import SourceFolder, article_page

ALERT = (
    '<item><title>Air alert on the coast</title><guid isPermaLink="false">alert-2</guid>'
    "<description>{} The harbour office asks everybody to stay in the shelters until noon.</description></item>"
)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


def test_items_without_a_link_are_articles_from_the_feed(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site)
    nameless = "<item><title>Panel discusses fairness</title><description>Watch it.</description></item>"
    site["/rss"] = xml(f"<rss><channel>{ALERT.format('Sirens since nine.')}{nameless}</channel></rss>")
    folder.crawl()
    assert folder.rows("SELECT title, guid FROM articles") == [("Air alert on the coast", "alert-2")]
    assert folder.rows("SELECT items, entries, left_out, reason_code FROM polls") == [
        (1, 2, json.dumps({"no_url": 1}), "entries_left_out")
    ]
    assert folder.rows("SELECT state FROM queue") == [("done",)]
    assert site.paths() == ["/rss"]

    site["/rss"] = xml(
        f"<rss><channel>{ALERT.format('Sirens since ten.').replace('Air alert', 'Alert')}</channel></rss>"
    )
    folder.crawl()
    assert folder.rows("SELECT title FROM revisions ORDER BY id") == [
        ("Air alert on the coast",),
        ("Alert on the coast",),
    ]
    assert folder.rows("SELECT count(*) FROM articles WHERE next_check_at IS NOT NULL") == [(0,)]
    assert site.paths() == ["/rss", "/rss"]


def urlset(*paths: str) -> str:
    return f"<urlset>{''.join(f'<url><loc>{path}</loc></url>' for path in paths)}</urlset>"


def test_a_child_sitemap_with_a_frozen_lastmod_is_read_again(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site, feeds=None, sitemaps=[f"{site.base}/index.xml"])
    site["/index.xml"] = xml(
        "<sitemapindex><sitemap><loc>/news.xml</loc><lastmod>2024-01-01T00:00:00+00:00</lastmod></sitemap></sitemapindex>"
    )
    for number in range(3):
        site[f"/{number}"] = html(article_page(f"Story {number}"))
    site["/news.xml"] = xml(urlset("/0", "/1"))
    folder.crawl()
    site["/news.xml"] = xml(urlset("/0", "/1", "/2"))
    folder.crawl()
    assert folder.rows("SELECT count(*) FROM articles") == [(3,)]


def test_the_newest_of_many_undated_child_sitemaps_is_read_and_the_unread_are_reported(
    tmp_path: Path, site: Site
) -> None:
    folder = SourceFolder(tmp_path, site, feeds=None, sitemaps=[f"{site.base}/index.xml"])
    names = [f"/part-{chr(97 + number)}.xml" for number in range(25)]
    site["/index.xml"] = xml(
        f"<sitemapindex>{''.join(f'<sitemap><loc>{name}</loc></sitemap>' for name in names)}</sitemapindex>"
    )
    for name in names:
        site[name] = xml(urlset())
    site[names[0]] = xml(urlset("/newest"))
    site["/newest"] = html(article_page("Newest story"))
    folder.crawl()
    assert folder.rows("SELECT count(*) FROM articles") == [(1,)]
    (row,) = folder.rows("SELECT entries, left_out, error FROM polls WHERE url IS NULL")
    assert row[:2] == (25, json.dumps({"sitemap_unread": 5}))
    assert row[2].startswith("5 of 25 child sitemaps not read yet: http")

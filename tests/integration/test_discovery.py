"""Crawls of feeds, sitemaps and listings: entries without links, child sitemaps, redirects and missing links."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.servers.loopback import Reply, Site, html, xml
from tests.support.source_folder import SourceFolder, article_page, feed_of

ALERT = (
    '<item><title>Air alert on the coast</title><guid isPermaLink="false">alert-2</guid>'
    "<description>{} The harbour office asks everybody to stay in the shelters until noon.</description></item>"
)


def test_feed_entries_without_a_link_are_stored_with_the_text_of_the_feed(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site)
    nameless = "<item><title>Panel discusses fairness</title><description>Watch it.</description></item>"
    site["/rss"] = xml(f"<rss><channel>{ALERT.format('Sirens since nine.')}{nameless}</channel></rss>")
    folder.crawl()
    assert folder.rows("SELECT title, guid FROM articles") == [("Air alert on the coast", "alert-2")]
    assert folder.rows("SELECT items, entries, left_out ->> 'no_url', reason_code FROM polls") == [
        (1, 2, 1, "entries_left_out")
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


def test_a_child_sitemap_is_read_again_although_its_lastmod_has_not_changed(tmp_path: Path, site: Site) -> None:
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


def test_the_newest_of_many_undated_child_sitemaps_is_read_and_skipped_ones_are_reported(
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
    (row,) = folder.rows("SELECT entries, left_out ->> 'sitemap_not_read', error FROM polls WHERE url IS NULL")
    assert row[:2] == (25, 5)
    assert row[2].startswith("5 of 25 child sitemaps not read yet: http")


def redirect(status: int, path: str) -> Reply:
    return Reply(status=status, headers={"Location": path})


def test_the_new_address_of_a_moved_feed_is_read_when_the_old_one_is_gone(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site)
    site["/rss"] = redirect(301, "/new/rss")
    site["/new/rss"] = xml(feed_of("/a"))
    site["/a"] = html(article_page("Story A"))
    site["/b"] = html(article_page("Story B"))
    folder.crawl()
    assert folder.rows("SELECT moved_to, failures FROM seeds") == [(f"{site.base}/new/rss", 0)]

    site["/rss"] = html("<html><p>This domain is for sale</p></html>")
    site["/new/rss"] = xml(feed_of("/a", "/b"))
    folder.crawl()
    assert folder.rows("SELECT count(*) FROM articles") == [(2,)]
    (row,) = folder.rows("SELECT moved_to, failures, reason_code, error FROM seeds")
    assert row[:3] == (f"{site.base}/new/rss", 0, "moved")
    assert row[3].startswith("an HTML page, not a feed")
    assert row[3].endswith(f" at the configured address; read at its new address {site.base}/new/rss")
    assert f"{site.base}/new/rss" in folder.run("health", status=1)

    site["/rss"] = site["/new/rss"] = Reply(status=404)
    folder.crawl(status=1)
    assert folder.rows("SELECT failures, reason_code FROM seeds") == [(1, "http_404")]
    assert "replace" not in folder.run("health"), "the new address has no document"
    site["/new/rss"] = xml(feed_of("/a", "/b"))
    folder.crawl()
    assert folder.rows("SELECT moved_to, failures, reason_code FROM seeds") == [(f"{site.base}/new/rss", 0, "moved")]


def test_the_new_address_of_a_moved_feed_is_read_when_the_old_host_does_not_answer(tmp_path: Path, site: Site) -> None:
    with Site() as old:
        folder = SourceFolder(tmp_path, site, feeds=[f"{old.base}/rss"])
        old["/rss"] = redirect(301, f"{site.base}/new/rss")
        site["/new/rss"] = xml(feed_of("/a"))
        site["/a"], site["/b"] = html(article_page("Story A")), html(article_page("Story B"))
        folder.crawl()
    site["/new/rss"] = xml(feed_of("/a", "/b"))
    folder.crawl()
    assert folder.rows("SELECT count(*) FROM articles") == [(2,)]
    (row,) = folder.rows("SELECT moved_to, failures, reason_code, error FROM seeds")
    assert row[:3] == (f"{site.base}/new/rss", 0, "moved")
    assert row[3].endswith(f" at the configured address; read at its new address {site.base}/new/rss")


@pytest.mark.parametrize(
    ("hops", "moved_to"),
    [
        ([(308, "/x")], "/x"),
        ([(301, "/x"), (302, "/y")], "/x"),
        ([(301, "/x"), (308, "/y")], "/y"),
        ([(302, "/x"), (301, "/y")], None),
        ([(307, "/x")], None),
    ],
)
def test_only_leading_permanent_redirects_count_as_a_move(
    tmp_path: Path, site: Site, hops: list[tuple[int, str]], moved_to: str | None
) -> None:
    folder = SourceFolder(tmp_path, site)
    address = "/rss"
    for status, target in hops:
        site[address] = redirect(status, target)
        address = target
    site[address] = xml(feed_of())
    folder.crawl()
    assert folder.rows("SELECT moved_to FROM seeds") == [(site.base + moved_to if moved_to else None,)]


def test_a_redirect_to_a_page_is_not_a_move(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site)
    site["/rss"] = redirect(301, "/maintenance")
    site["/maintenance"] = html("<html><body><p>Back soon</p></body></html>")
    folder.crawl(status=1)
    assert folder.rows("SELECT moved_to, reason_code FROM seeds") == [(None, "not_a_feed")]


def test_entries_without_a_link_are_reported_by_health_gaps_and_check(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site)
    site["/rss"] = xml(f"<rss><channel>{'<item><title>Live</title></item>' * 3}</channel></rss>")
    folder.crawl()
    assert "3 of 3 entries" in folder.run("health", status=1)
    assert "3 of 3 entries are not links (no_url: 3)" in folder.run("gaps")
    assert json.loads(folder.run("gaps", "--json"))["left_out"][0]["counts"] == {"no_url": 3}
    (checked,) = json.loads(folder.run("sources", "check", "--json", status=1))
    assert (checked["entries"], checked["links"], checked["left_out"]) == (3, 0, {"no_url": 3})


def test_a_feed_that_becomes_empty_and_a_listing_that_shrinks_are_noted(tmp_path: Path, site: Site) -> None:
    listing = {"url": f"{site.base}/latest", "pattern": "^/n/"}
    folder = SourceFolder(tmp_path, site)
    sources = folder.path / "sources.toml"
    sources.write_text(sources.read_text() + f'listings = [{{ url = "{listing["url"]}", pattern = "^/n/" }}]\n')
    site["/rss"] = xml(feed_of("/a", "/b"))
    site["/latest"] = html("".join(f'<a href="/n/{number}">Story number {number}</a>' for number in range(12)))
    for path in ("/a", "/b", *(f"/n/{number}" for number in range(12))):
        site[path] = html(article_page(f"Story {path}"))
    folder.crawl()
    site["/rss"] = xml(feed_of())
    site["/latest"] = html('<a href="/n/1">Story number 1</a>')
    folder.crawl()
    assert folder.rows("SELECT kind, reason_code FROM seeds ORDER BY kind") == [
        ("feed", "emptied"),
        ("listing", "shrunk"),
    ]
    printed = folder.run("health", status=1)
    assert "far fewer links than usual: 1 of usually 12 links to articles" in printed

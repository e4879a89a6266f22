"""Outlets that answer only with a cookie, and links of unusual length."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.cli import scrapy
from tests.support.servers.loopback import Reply, Site, html, xml
from tests.support.source_folder import SourceFolder, article_page, feed_of


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


def cookie_bouncing(site: Site, pages: Mapping[str, Reply]) -> None:
    """Pages that redirect to a page which sets a cookie and redirects back."""

    def bounce(path: str, reply: Reply) -> None:
        def answer(headers: Mapping[str, str]) -> Reply:
            if "seen=1" in headers.get("cookie", ""):
                return reply
            return Reply(status=302, headers={"Location": f"/check_cookie?{path}"})

        site[path] = answer
        site[f"/check_cookie?{path}"] = Reply(status=302, headers={"Location": path, "Set-Cookie": "seen=1; Path=/"})

    for path, reply in pages.items():
        bounce(path, reply)


def test_a_redirect_loop_names_the_key_for_cookies_and_with_it_the_source_is_read(tmp_path: Path, site: Site) -> None:
    cookie_bouncing(site, {"/rss": xml(feed_of("/a")), "/a": html(article_page("Pier closes"))})
    assert "write cookies = true in its table of sources.toml" in SourceFolder(tmp_path, site).crawl(status=1)
    with Site() as other:
        other["/rss"] = Reply(
            body=feed_of("/a").encode(), headers={"Set-Cookie": "other=1", "Content-Type": "text/xml"}
        )
        other["/a"] = html(article_page("Quay opens"))
        folder = SourceFolder(tmp_path, site, cookies=True)
        text = (tmp_path / "sources.toml").read_text()
        (tmp_path / "sources.toml").write_text(
            text + text.replace("gazette", "post").replace(site.base, other.base).replace("cookies = true", "")
        )
        folder.run("crawl", "all", "--force")
        assert all("cookie" not in headers for _, headers in other.requests), "only for the source that has the key"
    assert folder.rows("SELECT title FROM articles ORDER BY title") == [("Pier closes",), ("Quay opens",)]
    assert [headers.get("cookie") for path, headers in site.requests if path == "/robots.txt"] == [None]
    checked = scrapy("sources", "check", "gazette", data=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_link_of_400_cyrillic_letters_is_read(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site)
    raw = "/news/" + "ї" * 400
    encoded = "/news/" + "%D1%97" * 400
    site["/rss"] = xml(feed_of(raw, "/news/" + "%D1%94" * 400))
    site[encoded], site["/news/" + "%D1%94" * 400] = (
        html(article_page("Pier closes")),
        html(article_page("Quay opens", "More.")),
    )
    folder.crawl()
    assert folder.rows("SELECT title FROM articles ORDER BY title") == [("Pier closes",), ("Quay opens",)]


def test_a_queued_url_above_the_limit_is_dropped_with_its_reason(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site)
    site["/rss"] = xml(feed_of("/news/a"))
    folder.crawl()
    db = sqlite3.connect(tmp_path / "archive.db")
    db.execute("UPDATE queue SET url = ?", (f"{site.base}/{'ї' * 8000}",))
    db.commit()
    db.close()
    folder.make_all_due()
    folder.crawl()
    assert folder.rows("SELECT state, reason_code FROM queue") == [("dropped", "url_too_long")]
    assert site.paths().count("/rss") == len(site.paths()) - 1

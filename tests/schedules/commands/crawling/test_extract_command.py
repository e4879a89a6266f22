"""`scrapy extract` on files and on a site on loopback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import scrapy
from tests.support.servers.loopback import Site, html, xml
from tests.support.source_folder import SourceFolder, article_page, feed_of

URL = "https://harbour-gazette.example/news/2026/pier-closes-to-cargo-ships"


def extract(*words: str, data: Path, status: int = 0) -> Any:
    done = scrapy("extract", *words, "--json", data=data)
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def test_a_page_is_printed_with_the_provenance_of_its_fields(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    page = article_page("Pier closes").replace(
        "<head>", "<head><meta property='article:published_time' content='2026-03-01 10:00'>"
    )
    path.write_text(page, encoding="utf-8")
    article = extract(str(path), "--url", URL, "--timezone", "Europe/Kyiv", "--at", "2026-03-01T12:00", data=tmp_path)
    assert (article["kind"], article["status"], article["title"]) == ("article", "ok", "Pier closes")
    assert article["bylines"] == [{"name": "Mara Voss", "kind": "person"}]
    assert article["published"]["at"] == "2026-03-01T08:00:00Z"
    assert (article["published"]["precision"], article["published"]["source"]) == (
        "minute",
        "meta article:published_time",
    )
    assert article["field_sources"]["title"]
    assert article["text"].startswith("The harbour council voted")
    assert not (tmp_path / "archive.db").exists()
    shown = scrapy("extract", str(path), "--url", URL, data=tmp_path)
    assert "Mara Voss (person)" in shown.stdout


def test_both_text_extractors_are_compared(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(article_page("Pier closes"), encoding="utf-8")
    compared = extract(str(path), "--url", URL, "--compare", data=tmp_path)["compared"]
    assert list(compared) == ["wirewatch", "trafilatura"]
    assert compared["wirewatch"]["characters"] > 0
    shown = scrapy("extract", str(path), "--url", URL, "--compare", data=tmp_path).stdout
    assert "only wirewatch: " in shown
    assert "compared" not in extract(str(path), "--url", URL, data=tmp_path)


def test_a_time_after_the_fetch_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(feed_of("/a").replace("</link>", "</link><pubDate>Sun, 01 Mar 2026 10:00:00 +0000</pubDate>"))
    arguments = [str(path), "--url", "https://g.example/rss"]
    assert (
        extract(*arguments, "--at", "2026-03-02", data=tmp_path)["links"][0]["published"]["at"]
        == "2026-03-01T10:00:00Z"
    )
    assert extract(*arguments, "--at", "2026-02-01", data=tmp_path)["links"][0]["published"] is None


@pytest.mark.parametrize(
    ("body", "kind", "links", "codes"),
    [
        (feed_of("/a", "mailto:desk@g.example"), "feed", ["https://g.example/a"], ["not_http"]),
        ('{"version": "https://jsonfeed.org/version/1", "items": [{"url": "/a"}, {"id": 7}]}', "feed",
         ["https://g.example/a"], ["no_url"]),
        ("<urlset><url><loc>/a</loc></url><url/></urlset>", "sitemap", ["https://g.example/a"], ["no_url"]),
        ("<sitemapindex><sitemap><loc>/s.xml</loc></sitemap></sitemapindex>", "sitemap", ["https://g.example/s.xml"], []),
        ('<a href="/2026/02/01/the-old-pier-closes-in-june/">The old pier closes in June</a><a href="/about/">About</a>',
         "listing", ["https://g.example/2026/02/01/the-old-pier-closes-in-june/"], ["not_an_article"]),
    ],
)  # fmt: skip
def test_links_and_entries_left_out_are_printed(
    tmp_path: Path, body: str, kind: str, links: list[str], codes: list[str]
) -> None:
    path = tmp_path / "document"
    path.write_text(body, encoding="utf-8")
    document = extract(str(path), "--url", "https://g.example/latest", data=tmp_path)
    assert document["kind"] == kind
    assert [link["url"] for link in document["links"]] == links
    assert [one["code"] for one in document["left_out"]] == codes
    assert document["entries"] == len(document["links"]) + len(document["left_out"])


def test_a_page_of_dated_cards_is_a_listing(tmp_path: Path) -> None:
    cards = "".join(
        f'<article><h2><a href="/2026/11/2{day}/the-ferry-runs-again-{day}">The ferry runs again on day {day}</a></h2>'
        f"<time>2026-11-2{day}</time><p>The ferry between the islands runs again, the operator said on day {day}.</p></article>"
        for day in range(8)
    )
    path = tmp_path / "latest.html"
    path.write_text(f"<html><head><title>Latest</title></head><body><main>{cards}</main></body></html>")
    ended = scrapy("extract", str(path), "--url", "https://g.example/latest/", "--json", data=tmp_path)
    assert (json.loads(ended.stdout)["kind"], json.loads(ended.stdout)["entries"]) == ("listing", 8)


def test_a_url_is_fetched_with_the_rules_of_its_source_and_nothing_is_stored(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site, only_paths=["^/world/"])
    site["/rss"] = xml(feed_of("/world/a", "/sport/b"))
    site["/world/a"] = html(article_page("Pier closes"))
    feed = extract(f"{site.base}/rss", "--source", "gazette", data=folder.path)
    assert [link["url"] for link in feed["links"]] == [f"{site.base}/world/a"]
    assert [one["code"] for one in feed["left_out"]] == ["only_paths"]
    assert extract(f"{site.base}/world/a", "--source", "gazette", data=folder.path)["title"] == "Pier closes"
    assert not (tmp_path / "archive.db").exists()
    refused = scrapy("extract", f"{site.base}/world/a", data=tmp_path)
    assert refused.returncode == 1
    assert "private" in refused.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "expected one URL or file"),
        (["/nowhere/page.html"], "/nowhere/page.html: cannot be read"),
        (["README.md", "--source", "x", "--timezone", "UTC"], "either --source or --timezone"),
        (["README.md", "--timezone", "Europe/Kiew"], "unknown timezone"),
        (["README.md", "--at", "soon"], "--at soon: write a date"),
        (["file:///etc/passwd"], "not an http(s) URL"),
    ],
)
def test_a_mistake_exits_with_2(tmp_path: Path, words: list[str], message: str) -> None:
    done = scrapy("extract", *words, data=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr + done.stdout
    assert "Traceback" not in done.stderr

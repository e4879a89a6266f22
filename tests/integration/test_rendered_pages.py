"""Single-page apps, which fetch their text after the load event, and articles without their whole text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.cli import scrapy
from tests.support.servers.loopback import Reply, Site, html, xml
from tests.support.source_folder import PARAGRAPHS, SourceFolder, feed_of

PATHS = tuple(f"/news/2026/harbour-council-closes-pier-number-{number}" for number in range(1, 7))
MENU = "<nav><a href='/about'>About</a> <a href='/contact'>Contact</a></nav>"


def app(api: str, code: str, *, delay: int) -> Reply:
    """A page whose script fetches JSON `delay` milliseconds after the load event and shows it."""
    script = f"addEventListener('load', () => setTimeout(async () => {{ const data = await (await fetch('{api}')).json(); {code} }}, {delay}))"
    return html(
        f"<html lang=en><head><title>Gazette</title></head><body>{MENU}<main id=m></main><script>{script}</script></body></html>"
    )


def as_json(data: object) -> Reply:
    return Reply(body=json.dumps(data).encode(), headers={"Content-Type": "application/json"})


SHOW_LIST = "document.getElementById('m').innerHTML = data.map(p => `<h3><a href=\"${p}\">${p.slice(11).replaceAll('-', ' ')}</a></h3>`).join('')"
SHOW_ARTICLE = (
    "document.title = data[0]; document.getElementById('m').innerHTML = '<article><h1>' + data[0] + '</h1>'"
    " + data.slice(1).map(p => '<p>' + p + '</p>').join('') + '</article>'"
)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("selector", [None, "main h3 a::attr(href)"])
def test_a_single_page_app_is_read(tmp_path: Path, site: Site, selector: str | None) -> None:
    listing = {"url": f"{site.base}/news", **({"selector": selector} if selector else {})}
    folder = SourceFolder(tmp_path, site, feeds=None, render=True, max_pages=2)
    inline = ", ".join(f"{key} = {json.dumps(value)}" for key, value in listing.items())
    with (tmp_path / "sources.toml").open("a") as file:
        file.write(f"listings = [{{ {inline} }}]\n")
    site["/news"] = app("/api/list", SHOW_LIST, delay=1500)
    site["/api/list"] = as_json(PATHS)
    for number, path in enumerate(PATHS):
        site[path] = app(f"/api/article/{number}", SHOW_ARTICLE, delay=1000)
        site[f"/api/article/{number}"] = as_json([f"Council closes pier number {number}", *PARAGRAPHS])
    folder.crawl()
    assert folder.rows("SELECT items FROM polls") == [(len(PATHS),)]
    found = folder.rows("SELECT status, text LIKE '%customs hall%' FROM revisions")
    assert found == [("ok", 1)] * 2


ROUTER = """
const titles = ['Council closes the northern pier in June', 'Ferries return to the old harbour quay', 'Fish market opens an hour later today',
  'Dockers ask for shelter from the storm'];
const show = () => { const number = location.hash.split('/')[2]; document.getElementById('m').innerHTML = number
  ? `<article><h1>${titles[number]}</h1>${TEXT}<p>It is report number ${number} of the day.</p></article>`
  : titles.map((title, number) => `<h3><a href="#/news/${number}">${title}</a></h3>`).join('') };
addEventListener('hashchange', show); show();
"""


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_articles_at_fragments_of_one_page_are_different_articles(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site, feeds=None, listings=[f"{site.base}/"], render=True, max_pages=2)
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    head = f"<title>Gazette</title><link rel=canonical href='{site.base}/'>"
    site["/"] = html(f"{head}{MENU}<main id=m></main><script>const TEXT = '{text}';{ROUTER}</script>")
    folder.crawl(WIREWATCH_RENDER_WAIT="1")
    assert folder.rows("SELECT items FROM polls") == [(4,)]
    found = folder.rows("SELECT url, title FROM articles")
    assert len({title for _, title in found}) == 2
    assert {url[:-1] for url, _ in found} == {f"{site.base}/#/news/"}


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_rendered_page_without_text_is_rendered_again_within_minutes(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site, render=True)
    site["/rss"] = xml(feed_of("/a"))
    site["/a"] = app("/api", SHOW_ARTICLE, delay=100)
    site["/api"] = Reply(status=503)
    printed = folder.crawl(WIREWATCH_RENDER_WAIT="1")
    assert "no text" in printed
    minutes = "CAST(round((julianday(next_check_at) - julianday(last_fetched_at)) * 1440) AS INTEGER)"
    assert folder.rows(f"SELECT status, {minutes} FROM articles") == [("empty", 5)]
    site["/api"] = as_json(["Pier closes", *PARAGRAPHS])
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        db.execute("UPDATE articles SET next_check_at = '2000-01-01T00:00:00Z'")
    folder.crawl()
    assert folder.rows("SELECT status, title FROM articles") == [("ok", "Pier closes")]


def test_articles_without_their_text_are_counted_apart_and_are_a_problem_of_the_source(
    tmp_path: Path, site: Site
) -> None:
    folder = SourceFolder(tmp_path, site)
    paths = [f"/news/{number}" for number in range(6)]
    site["/rss"] = xml(feed_of(*paths))
    for number, path in enumerate(paths):
        site[path] = html(f"<html><head><title>Pier number {number} closes</title></head><body>{MENU}</body></html>")
    printed = folder.crawl()
    heading, row = (line.split() for line in printed.replace("no text", "no-text").splitlines()[:2])
    assert dict(zip(heading, row, strict=False))["new"] == "·"
    assert dict(zip(heading, row, strict=False))["no-text"] == "6"
    assert folder.rows("SELECT new, without_text FROM source_runs") == [(6, 6)]
    (listed,) = json.loads(scrapy("sources", "--json", data=tmp_path).stdout)
    assert (listed["last_new"], listed["last_without_text"]) == (0, 6)
    health = scrapy("health", data=tmp_path)
    assert health.returncode == 1
    assert "6 of the last 6 pages had no article text" in health.stdout

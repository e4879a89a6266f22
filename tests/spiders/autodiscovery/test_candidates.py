"""Finding the seeds of an outlet from its home page and robots.txt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import tomllib

from crawler.config.source_template import id_for
from crawler.config.sources import load_sources
from crawler.exceptions import ParseError
from spiders.autodiscovery.candidates import Outlet, ProbeResult, as_toml, discover_seeds, usual_seed_urls

HOME = "https://harbour-gazette.example/"
PAGE = b"""<!doctype html><html lang="uk-UA"><head><title>News of the coast | Harbour Gazette</title>
<meta property="og:site_name" content="Harbour Gazette">
<link rel="alternate" type="application/rss+xml" title="All news" href="/rss/all.xml">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed?u=1">
<link rel="alternate" type="application/atom+xml" href="https://feeds.example/gazette.atom">
<link rel="alternate" hreflang="en" href="/en/"></head><body>
<nav><a href="/">Home</a><a href="/politics/">Politics</a><a href="/latest/">Latest news</a><a href="/about/">About us</a>
<a href="/login/">Log in</a><a href="https://social.example/gazette">Follow</a></nav>
<a href="/ferry-rams-the-old-pier-in-dense-fog-nobody-hurt/">Ferry rams the old pier in dense fog, nobody hurt</a>
<footer><a href="/feed.json">JSON</a><a href="/rss/all.xml">RSS</a></footer></body></html>"""
ROBOTS = """User-agent: *
Disallow: /private/
Sitemap: https://harbour-gazette.example/sitemap.xml
sitemap:/news-sitemap.xml
Sitemap: https://harbour-gazette.example/video-sitemap.xml
"""


def look(body: bytes = PAGE, *, url: str = HOME, robots: str | None = ROBOTS) -> Outlet:
    return discover_seeds(body, url=url, content_type="text/html", robots=robots)


def urls(outlet: Outlet, kind: str) -> list[str]:
    return [candidate.url.removeprefix(HOME) for candidate in outlet.candidates if candidate.kind == kind]


def test_each_feed_of_articles_is_a_candidate_once_and_feeds_of_comments_are_not() -> None:
    assert urls(look(), "feed") == ["rss/all.xml", "https://feeds.example/gazette.atom", "feed.json"]


def test_news_sitemaps_are_first_and_video_sitemaps_are_left_out() -> None:
    assert urls(look(), "sitemap") == ["news-sitemap.xml", "sitemap.xml"]


def test_listings_are_sections_of_the_menu_latest_first_and_the_home_page_last() -> None:
    assert urls(look(), "listing") == ["latest/", "politics/", ""]


def test_a_page_without_robots_txt_has_no_sitemaps() -> None:
    assert urls(look(robots=None), "sitemap") == []


def test_name_language_and_timezone_are_taken_from_the_page() -> None:
    outlet = look()
    assert (outlet.name, outlet.language, outlet.timezone) == ("Harbour Gazette", "uk", "Europe/Kyiv")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("<title>News of the coast | Harbour Gazette</title>", "Harbour Gazette"),
        ("<title>The Harbour Gazette - all the news</title>", "The Harbour Gazette"),
        ("<title>Welcome</title>", "Welcome"),
        ("", "harbour-gazette.example"),
        ('<meta name="application-name" content="Gazette"><title>x</title>', "Gazette"),
    ],
)
def test_the_name_is_that_of_the_site_not_of_the_page(head: str, name: str) -> None:
    assert look(f"<html><head>{head}</head><body>x</body></html>".encode()).name == name


def test_a_page_without_a_language_has_no_language_and_utc() -> None:
    outlet = look(b"<html><body>x</body></html>")
    assert (outlet.language, outlet.timezone) == (None, "UTC")
    assert "unknown" in outlet.timezone_reason


def test_the_error_for_a_feed_instead_of_a_home_page_says_where_to_list_it() -> None:
    with pytest.raises(ParseError, match="list it under feeds"):
        look(b'<?xml version="1.0"?><rss><channel/></rss>')


def test_default_paths_are_on_the_host_and_below_the_home_page() -> None:
    found = [candidate.url for candidate in usual_seed_urls("https://a.example/en", "feed")]
    assert found[0] == "https://a.example/feed/"
    assert "https://a.example/en/feed/" in found
    assert all(url.startswith("https://a.example/") for url in found)
    assert usual_seed_urls(HOME, "listing") == ()


@pytest.mark.parametrize(
    ("name", "home", "taken", "expected"),
    [
        ("The Harbour Gazette", HOME, [], "harbour-gazette"),
        ("The Harbour Gazette", HOME, ["harbour-gazette", "harbour-gazette-2"], "harbour-gazette-3"),
        ("Українська правда", "https://www.pravda.example/", [], "pravda"),
        ("L’Écho d'ici", HOME, [], "lecho-dici"),
        ("All", HOME, [], "all-2"),
        ("!!!", "https://127.0.0.1/", [], "127"),
    ],
)
def test_an_id_is_made_from_the_name_and_is_unused(name: str, home: str, taken: list[str], expected: str) -> None:
    assert id_for(name, home, taken) == expected


def probed(path: str, kind: str = "feed", **known: object) -> ProbeResult:
    return ProbeResult(url=HOME + path, kind=kind, **{"links": 20, **known})  # type: ignore[arg-type]


def test_the_table_is_a_valid_source_with_the_working_seeds(tmp_path: Path) -> None:
    text = as_toml(
        look(),
        [
            probed("rss", newest="2026-05-01 10:00", found_in="home page"),
            probed("dead", fault="HTTP 404"),
            probed("news.xml", "sitemap"),
            probed("latest/", "listing"),
        ],
        source_id="gazette",
        verified_on=date(2026, 5, 2),
    )
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    (source,) = load_sources(path)
    assert [seed.url for seed in source.seeds] == [f"{HOME}rss", f"{HOME}news.xml"]
    assert source.verified_on == date(2026, 5, 2)
    assert f"# left out: feed {HOME}dead: HTTP 404" in text
    assert f"# also works: listing {HOME}latest/: 20 links" in text


def test_listings_are_used_if_no_feed_or_sitemap_works() -> None:
    text = as_toml(look(), [probed("latest/", "listing")], source_id="gazette")
    assert tomllib.loads(text)["gazette"]["listings"] == [f"{HOME}latest/"]


def test_names_that_would_break_toml_are_quoted() -> None:
    name = 'He said "no" \\ \x7f\x01 ünï\n'
    outlet = Outlet(home=HOME, name=name, language=None, timezone="UTC", timezone_reason="x", candidates=())
    assert tomllib.loads(as_toml(outlet, [probed("rss")], source_id="gazette"))["gazette"]["name"] == name


def test_a_fault_with_line_breaks_stays_a_comment() -> None:
    text = as_toml(look(), [probed("atom"), probed("rss", fault="bad\nname = 1\u2028x")], source_id="gazette")
    assert tomllib.loads(text)["gazette"]["name"] == "Harbour Gazette"


def test_a_table_without_working_seeds_consists_of_comments() -> None:
    text = as_toml(look(), [probed("rss", fault="HTTP 404")], source_id="gazette")
    assert tomllib.loads(text) == {}
    assert "# [gazette]" in text
    assert "HTTP 404" in text


def test_feeds_in_link_headers_and_with_rel_feed_are_candidates() -> None:
    headers = [
        '</atom.xml>; rel="alternate"; type="application/atom+xml"; title="All, news", </en>; rel="alternate"; hreflang="en"',
        "<https://harbour-gazette.example/updates>; rel=feed",
    ]
    links = b'<link rel="feed" href="/latest.json"><link rel="alternate" href="/rss" title="News">'
    body = b'<html><head>%s</head><body><a rel="feed" href="/notes">x</a></body></html>' % links
    outlet = discover_seeds(body, url=HOME, content_type="text/html", robots=None, link_headers=headers)
    assert urls(outlet, "feed") == ["atom.xml", "updates", "latest.json", "rss", "notes"]


def test_the_best_listing_is_used_if_no_other_seed_works() -> None:
    few = "too few article links (3) to be used as a listing"
    results = [
        probed("rss", fault="HTTP 404", links=0),
        probed("a/", "listing", fault=few, links=3, http_status=200),
        probed("b/", "listing", fault=few, links=1, http_status=200),
    ]
    text = as_toml(look(), results, source_id="gazette")
    assert tomllib.loads(text)["gazette"]["listings"] == [f"{HOME}a/"]
    assert few in text


def test_a_listing_without_article_links_is_proposed_with_a_selector_to_write() -> None:
    results = [probed("a/", "listing", fault="0 of 9 links look like articles", links=0, entries=9, http_status=200)]
    text = as_toml(look(), results, source_id="gazette")
    assert f'# listings = [{{ url = "{HOME}a/", selector = "" }}]' in text

"""All feeds and sitemaps of the corpus are parsed, or raise an error with a reason."""

from __future__ import annotations

import io
import warnings
from datetime import datetime, timezone
from pathlib import Path

import feedparser
import pytest

from crawler.exceptions import ParseError
from spiders.feeds.parser import parse_feed
from spiders.markup.parsed_document import ParsedDocument
from spiders.sitemaps.parser import parse_sitemap
from tests.support.corpus import corpus_or_skip

NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)


def feed_of(path: Path) -> ParsedDocument:
    return parse_feed(
        path.read_bytes(), url="https://h.example/feed", content_type=None, fetched_at=NOW, timezone="UTC"
    )


def sitemap_of(path: Path) -> ParsedDocument:
    return parse_sitemap(
        path.read_bytes(), url="https://h.example/sitemap.xml", content_type=None, fetched_at=NOW, timezone="UTC"
    )


def feeds() -> list[Path]:
    return [path for folder in ("real", "miniflux") for path in sorted(corpus_or_skip(f"feeds/{folder}").iterdir())]


def test_every_feed_has_at_least_the_items_that_feedparser_finds_or_is_an_error() -> None:
    for path in feeds():
        try:
            links = feed_of(path).links
        except ParseError as error:
            links = ()
            assert "\n" not in error.reason
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # feedparser's deprecations
            expected = [entry for entry in feedparser.parse(io.BytesIO(path.read_bytes())).entries if entry.get("link")]
        assert len(links) >= len(expected), path.name
        assert not any("\ufffd" in f"{link.title} {link.summary}" for link in links), path.name


def test_only_pages_fragments_and_other_xml_are_errors() -> None:
    def is_error(path: Path) -> bool:
        try:
            feed_of(path)
        except ParseError:
            return True
        return False

    errors = {path.name for path in feeds() if is_error(path)}
    assert {name for name in errors if not name.endswith(".html") and "FirstEntry" not in name} == {
        "iso88591.xml",
        "iso88591_utf8_mismatch.xml",
    }


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("miniflux/encoding_WINDOWS-1251.xml", 50),
        ("miniflux/encoding_ISO-8859-1.xml", 40),
        ("miniflux/no_encoding_ISO-8859-1.xml", 9),
        ("miniflux/koi8r.xml", 2),
        ("miniflux/urdu_UTF8.xml", 26),
        ("miniflux/rdf_UTF8.xml", 60),
        ("real/DuplicateContentAtomFeed.xml", 10),  # inside an HTML page
        ("real/InvalidDateFormat.xml", 2),  # truncated
        ("real/itunes.xml", 3),  # undeclared prefixes
        ("real/Permalinks.xml", 4),
        ("real/json_feed_with_escaped_uris.json", 30),
    ],
)
def test_all_items_of_unusual_feeds_are_parsed(name: str, count: int) -> None:
    folder, _, file = name.partition("/")
    links = feed_of(corpus_or_skip(f"feeds/{folder}") / file).links
    assert len(links) == count
    assert all(link.url and (link.title or link.summary) for link in links)


@pytest.mark.parametrize(
    ("name", "links", "children"),
    [
        ("extension_hebdenbridgetimes-articles-sitemap.xml", 74, 0),
        ("extension_shinpaideshou-news-sitemap.xml", 3, 0),
        ("extension_sitemap-news.xml", 2, 0),
        ("rss_xmlRss_pubDate.xml", 7, 0),
        ("sitemaps_atom.xml", 1, 0),
        ("sitemaps_sitemap.badns.xml", 2, 0),
        ("sitemaps_sitemap.index.xml", 0, 15),  # without loc elements
        ("sitemaps_sitemap-with-bom.txt", 2, 0),
        ("sitemaps_sitemap.txt.gz", 5, 0),
        ("sitemaps_xmlSitemap.gz", 5, 0),
    ],
)
def test_all_entries_of_unusual_sitemaps_are_parsed(name: str, links: int, children: int) -> None:
    found = sitemap_of(corpus_or_skip("feeds/sitemaps") / name)
    assert (len(found.links), len(found.children)) == (links, children)


def test_every_sitemap_is_parsed_or_is_an_error() -> None:
    errors = set()
    for path in sorted(corpus_or_skip("feeds/sitemaps").iterdir()):
        if "robots" in path.name:
            continue
        try:
            found = sitemap_of(path)
        except ParseError as error:
            assert "\n" not in error.reason
            errors.add(path.name)
        else:
            assert found.links or found.children, path.name
    assert errors <= {"url-utils_wpt-urltestdata-LICENSE.txt", "url-utils_wpt-urltestdata.json"}

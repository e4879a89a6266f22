"""Every real and odd feed and sitemap of the corpus: read, or refused with a reason."""

from __future__ import annotations

import io
import warnings
from datetime import datetime, timezone

import feedparser
from corpus import corpus_or_skip

from crawler.errors import UnreadableError
from spiders.feeds import parse_feed
from spiders.sitemaps import parse_sitemap

NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
KNOWN = {"content_type": None, "fetched_at": NOW, "timezone": "UTC"}


def test_every_feed_gives_at_least_the_items_that_feedparser_finds_or_is_refused() -> None:
    refused = {}
    for folder in ("real", "miniflux"):
        for path in sorted(corpus_or_skip(f"feeds/{folder}").iterdir()):
            body = path.read_bytes()
            try:
                links = parse_feed(body, url="https://h.example/feed", **KNOWN).links  # type: ignore[arg-type]
            except UnreadableError as error:
                refused[path.name] = error.reason
                links = ()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # feedparser's own deprecations
                theirs = [entry for entry in feedparser.parse(io.BytesIO(body)).entries if entry.get("link")]
            assert len(links) >= len(theirs), path.name
            assert not any("\ufffd" in (link.title or "") for link in links), path.name
    assert all(refused.values())
    assert not [name for name in refused if name.endswith(".json")]


def test_every_sitemap_is_read_or_refused() -> None:
    read = 0
    for path in sorted(corpus_or_skip("feeds/sitemaps").iterdir()):
        if "robots" in path.name:
            continue
        try:
            found = parse_sitemap(path.read_bytes(), url="https://h.example/sitemap.xml", **KNOWN)  # type: ignore[arg-type]
        except UnreadableError as error:
            assert error.reason
            assert "sitemap" not in path.suffix
        else:
            read += bool(found.links or found.children)
    assert read >= 19

"""The web server of the demo outlets: pages, feeds, sitemaps and editions, requested over HTTP."""

from __future__ import annotations

import gzip
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from crawler.config.sources import load_sources
from schedules.demo.outlets import DEMO_OUTLETS, GAZETTE, LANTERN, LEDGER, WIRE, Correction, DemoOutlet, DemoStory
from schedules.demo.pages import AUDIO_NOTICE
from schedules.demo.server import LAST_EDITION, DemoWeb

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=timezone.utc)

DEMO_SEED = LEDGER.stories[0]


@pytest.fixture
def web() -> Iterator[DemoWeb]:
    with DemoWeb(now=NOW) as web:
        yield web


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def story(outlet: DemoOutlet, slug: str) -> DemoStory:
    return next(s for s in outlet.stories if s.slug == slug)


def article(web: DemoWeb, outlet: DemoOutlet, slug: str) -> tuple[int, dict[str, str], bytes]:
    return fetch(web.url(outlet, story(outlet, slug)))


@pytest.mark.parametrize("edition", range(1, LAST_EDITION + 1))
def test_every_published_story_is_served_at_its_canonical_url(web: DemoWeb, edition: int) -> None:
    web.publish(edition)
    for outlet in DEMO_OUTLETS:
        for printed in outlet.printed(edition):
            status, _, body = fetch(web.url(outlet, printed))
            assert status == (403 if printed.kind == "walled" else 200), printed.slug
            assert body


def test_the_first_edition_is_about_twenty_five_articles_and_the_second_adds_to_it() -> None:
    first, second = (sum(len(outlet.printed(n)) for outlet in DEMO_OUTLETS) for n in (1, 2))
    assert 24 <= first <= 30
    assert second > first


def test_no_story_is_published_in_the_future_and_slugs_are_unique() -> None:
    for outlet in DEMO_OUTLETS:
        assert all(s.published(NOW) < NOW for s in outlet.stories)
        assert len({s.slug for s in outlet.stories}) == len(outlet.stories)


def test_the_seed_page_has_the_shape_of_a_news_desk_page(web: DemoWeb) -> None:
    _, _, body = article(web, LEDGER, DEMO_SEED.slug)
    html = body.decode()
    order = [DEMO_SEED.title, "by The Dnipro Ledger news desk", "November 23, 2026 11:50 AM", "Ilse Brandt", AUDIO_NOTICE,
             DEMO_SEED.paragraphs[0], DEMO_SEED.card.title if DEMO_SEED.card else "", DEMO_SEED.paragraphs[-1], "News Feed",
             "Editors' Picks", "Enter your email to subscribe"]  # fmt: skip
    found = [html.index(part, html.index("<h1")) for part in order]
    assert found == sorted(found)
    assert "datetime=" not in html and "published_time" not in html and "ld+json" not in html


def test_the_seed_page_has_three_urls_and_one_canonical_url(web: DemoWeb) -> None:
    bodies = {
        fetch(web.base(LEDGER) + path)[2]
        for path in (f"/news-feed/{DEMO_SEED.slug}", f"/{DEMO_SEED.slug}", f"/{DEMO_SEED.slug}/")
    }
    assert len(bodies) == 1
    assert f'<link rel="canonical" href="{web.url(LEDGER, DEMO_SEED)}">' in bodies.pop().decode()


def test_the_second_edition_changes_the_number_in_the_troop_story(web: DemoWeb) -> None:
    before = article(web, LEDGER, DEMO_SEED.slug)[2].decode()
    web.publish(2)
    after = article(web, LEDGER, DEMO_SEED.slug)[2].decode()
    assert "about 4,000 casualties" in before and "4,700" not in before
    assert "about 4,700 casualties" in after and "about 4,000 casualties" not in after


def test_the_second_edition_changes_a_headline_and_nothing_else_of_that_page(web: DemoWeb) -> None:
    slug = "government-weighs-sending-trainers"
    before = article(web, GAZETTE, slug)[2].decode()
    web.publish(2)
    after = article(web, GAZETTE, slug)[2].decode()
    assert after == before.replace("Government weighs sending", "Government shelves plan to send")
    assert after != before


def test_the_second_edition_syndicates_the_agency_report_retitled() -> None:
    report = story(WIRE, "allies-pledge-three-air-defence-batteries")
    copies = [
        story(LEDGER, "three-batteries-before-the-frost"),
        story(GAZETTE, "batteries-to-guard-railways-and-power-stations"),
    ]
    for copy in copies:
        assert copy.since == 2 and copy.title != report.title and "Coastline Wire" in copy.authors
        shared = set(" ".join(copy.paragraphs).split()) & set(" ".join(report.paragraphs).split())
        assert len(shared) > 0.8 * len(set(" ".join(report.paragraphs).split()))
        assert copy.paragraphs != report.paragraphs


def test_a_restless_page_changes_outside_its_article_text(web: DemoWeb) -> None:
    slug = "grain-ship-reaches-port-after-corridor-reopens"
    before = article(web, WIRE, slug)[2].decode()
    web.publish(2)
    after = article(web, WIRE, slug)[2].decode()
    assert before != after and "Updated 10 minutes ago" in after
    assert all(p in before and p in after for p in story(WIRE, slug).paragraphs)


def test_a_removed_story_is_gone(web: DemoWeb) -> None:
    assert article(web, GAZETTE, "mayor-said-to-have-resigned")[0] == 200
    web.publish(2)
    assert article(web, GAZETTE, "mayor-said-to-have-resigned")[0] == 410


def test_an_unchanged_page_is_answered_with_304_for_its_etag_and_recorded_as_conditional(web: DemoWeb) -> None:
    url = web.url(WIRE, story(WIRE, "nuclear-plant-back-on-two-lines"))
    _, headers, _ = fetch(url)
    web.publish(2)
    status, _, body = fetch(url, If_None_Match=headers["ETag"])
    assert (status, body) == (304, b"")
    assert [(request.status, request.conditional) for request in web.requests] == [(200, False), (304, True)]
    assert fetch(url, If_None_Match='"another"')[0] == 200


def test_rss_has_the_full_content_even_of_the_page_behind_the_bot_wall(web: DemoWeb) -> None:
    channel = ET.fromstring(fetch(web.base(LEDGER) + LEDGER.feeds[0])[2])
    content = {
        item.findtext("link"): item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
        for item in channel.iter("item")
    }
    assert len(content) == len(LEDGER.printed(1))
    walled = next(s for s in LEDGER.stories if s.kind == "walled")
    assert walled.paragraphs[0] in (content[web.url(LEDGER, walled)] or "")


def test_atom_links_have_tracking_parameters_and_json_feed_links_have_none(web: DemoWeb) -> None:
    atom = ET.fromstring(fetch(web.base(WIRE) + "/atom.xml")[2])
    links = [link.attrib["href"] for link in atom.iterfind("{*}entry/{*}link")]
    assert len(links) == len(WIRE.printed(1)) and all("utm_source=" in link for link in links)
    newest = json.loads(fetch(web.base(WIRE) + "/feed.json")[2])["items"][0]["url"]
    assert newest == links[0].split("?")[0] and fetch(links[0])[2] == fetch(newest)[2]


def test_robots_txt_names_a_sitemap_index_with_a_gzipped_news_sitemap(web: DemoWeb) -> None:
    robots = fetch(web.base(GAZETTE) + "/robots.txt")[2].decode()
    index = robots.split("Sitemap: ")[1].strip()
    inner = ET.fromstring(fetch(index)[2]).findtext("{*}sitemap/{*}loc")
    assert inner and inner.endswith(".xml.gz")
    urls = [loc.text for loc in ET.fromstring(gzip.decompress(fetch(inner)[2])).iterfind("{*}url/{*}loc")]
    assert urls == [web.url(GAZETTE, s) for s in GAZETTE.printed(1)]


def test_the_listing_only_outlet_has_no_feed_no_sitemap_and_no_metadata(web: DemoWeb) -> None:
    html = fetch(f"{web.base(LANTERN)}/archive.html")[2].decode()
    assert html.count("story.php?id=") == len(LANTERN.printed(1))
    page = article(web, LANTERN, "1041")[2].decode()
    assert not any(word in page for word in ("og:", "ld+json", "canonical", "datetime="))


def test_the_wrong_charset_page_is_not_the_utf8_that_it_declares(web: DemoWeb) -> None:
    _, headers, body = article(web, GAZETTE, "hafen-bekommt-landstrom")
    assert headers["Content-Type"].endswith("charset=utf-8")
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    assert "Größere Schiffe" in body.decode("cp1252")


def test_the_paywalled_page_shows_its_first_paragraph_only(web: DemoWeb) -> None:
    slug = "inside-the-yard-that-repairs-minesweepers"
    html = article(web, GAZETTE, slug)[2].decode()
    first, second, *_ = story(GAZETTE, slug).paragraphs
    assert first in html and second not in html


@pytest.mark.parametrize("language", ["uk", "ja", "ar", "de"])
def test_there_is_a_story_in(language: str) -> None:
    assert any(s.language == language for outlet in DEMO_OUTLETS for s in outlet.stories)


def test_the_sources_file_names_the_four_outlets(web: DemoWeb, tmp_path: Path) -> None:
    web.write_sources(tmp_path / "sources.toml")
    sources = load_sources(tmp_path / "sources.toml")
    assert [source.id for source in sources] == [outlet.id for outlet in DEMO_OUTLETS]
    assert all(
        source.allow_private and source.home == web.base(outlet) + "/"
        for source, outlet in zip(sources, DEMO_OUTLETS, strict=True)
    )


def test_two_demo_servers_can_run_at_the_same_time() -> None:
    with DemoWeb(now=NOW) as one, DemoWeb(now=NOW) as other:
        assert one.port != other.port


def test_a_correction_of_missing_words_is_an_error() -> None:
    broken = DemoStory(
        slug="x", title="X", paragraphs=("a",), minutes=1, corrections={2: Correction(replacing=(("b", "c"),))}
    )
    assert broken.at(1).paragraphs == ("a",)
    with pytest.raises(ValueError, match="no paragraph says 'b'"):
        broken.at(2)

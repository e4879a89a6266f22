"""Stories of the demo outlets: a syndicated report is one story, two reports from one template are two."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from crawler.archive.stories.queries import earlier_texts, story_articles, story_of
from crawler.config.sources import Source
from crawler.items import FetchRecord
from crawler.models import Page
from crawler.stories.sentence_novelty import novel_sentences
from pipelines.process_page import process_page
from schedules.demo.outlets import LEDGER, WIRE, DemoOutlet, DemoStory
from schedules.demo.pages import article_page
from tests.support.factories import Archive

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=timezone.utc)


def source(outlet: DemoOutlet) -> Source:
    home = f"https://{outlet.id}.example/"
    known = {"id": outlet.id, "name": outlet.name, "home": home, "feeds": [f"{home}feed"], "timezone": outlet.timezone}
    return Source.model_validate(known)


SOURCES = {outlet.id: source(outlet) for outlet in (LEDGER, WIRE)}


def story(outlet: DemoOutlet, slug: str) -> DemoStory:
    return next(story for story in outlet.stories if story.slug == slug)


def record_article(archive: Archive, outlet: DemoOutlet, printed: DemoStory, *, at: datetime = NOW) -> int:
    """Extract and store the page of a story as a crawl does; returns the article ID."""
    outlet_source = SOURCES[outlet.id]
    base = outlet_source.home.rstrip("/")
    html = article_page(outlet, printed, edition=1, now=at, base=base)
    url = base + outlet.path_of(printed)
    page = Page(
        source=outlet.id, url=url, final_url=url, status=200, headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=html.encode(), fetched_at=at,
    )  # fmt: skip
    recorded = archive.record_fetch(
        FetchRecord(
            source=outlet_source, url=url, at=at, http_status=200, processed=process_page(page, outlet_source.hints)
        )
    )  # fmt: skip
    assert recorded.article_id is not None
    return recorded.article_id


def test_a_report_and_its_pickup_are_one_story(tmp_path: Path) -> None:
    archive = Archive(tmp_path, list(SOURCES.values()))
    first = record_article(archive, WIRE, story(WIRE, "allies-pledge-three-air-defence-batteries"))
    unrelated = record_article(archive, WIRE, story(WIRE, "grain-ship-reaches-port-after-corridor-reopens"))
    story_article = record_article(archive, LEDGER, story(LEDGER, "three-batteries-before-the-frost"))
    db = archive.store.db
    number = story_of(db, first)
    assert number is not None
    assert story_of(db, story_article) == number != story_of(db, unrelated)
    assert [one.source for one in story_articles(db, number)] == [WIRE.name, LEDGER.name]
    text = "\n\n".join(story(LEDGER, "three-batteries-before-the-frost").paragraphs)
    assert novel_sentences(text, earlier_texts(db, number, story_article)) == ()


def test_the_next_report_from_the_same_template_is_another_story(tmp_path: Path) -> None:
    archive = Archive(tmp_path, list(SOURCES.values()))
    noon = story(WIRE, "hub-gas-price-noon")
    figures = {"31.40": "33.15", "0.35 euros above Friday's": "1.75 euros above Monday's", "83 per cent": "82 per cent",
               "on Monday": "on Tuesday", "four per cent": "six per cent"}  # fmt: skip
    text = "|".join(noon.paragraphs)
    for old, new in figures.items():
        assert old in text
        text = text.replace(old, new)
    next_day = replace(noon, slug="hub-gas-price-noon-tuesday", paragraphs=tuple(text.split("|")), corrections={})
    one = record_article(archive, WIRE, noon)
    other = record_article(archive, WIRE, next_day, at=NOW + timedelta(days=1))
    assert story_of(archive.store.db, one) != story_of(archive.store.db, other)

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from crawler.models import Byline, ExtractionHints, Link, Status, Timestamp
from pipelines.feed_fallback import article_from_link
from tests.support.news_pages import PARAGRAPHS

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=timezone.utc)
HINTS = ExtractionHints(language="en", site_name="Harbour Gazette", selectors={"text": "#nowhere"})
CONTENT = "".join(f"<p>{text}</p>" for text in PARAGRAPHS * 2)
FULL = "".join(f"<p>{text} ({n})</p>" for n, text in enumerate(PARAGRAPHS * 2))


def timestamp(hours: float) -> Timestamp:
    return Timestamp(at=NOW + timedelta(hours=hours), raw="x", provenance="feed")


def test_full_content_gives_an_article() -> None:
    link = Link(
        url="https://x.example/a",
        title="Pier closes",
        content_html=FULL,
        authors=("Jane Moor",),
        published=timestamp(-3),
    )
    article = article_from_link(link, HINTS, NOW)
    assert article is not None
    assert (article.status, article.title, article.bylines) == (Status.OK, "Pier closes", (Byline(name="Jane Moor"),))
    assert article.text.count("\n\n") == 7
    assert article.field_sources == {"text": "feed", "title": "feed", "byline": "feed", "published": "feed"}


def test_short_content_is_a_teaser_with_a_reason() -> None:
    article = article_from_link(Link(url="https://x.example/a", content_html=f"<p>{PARAGRAPHS[0]}</p>"), HINTS, NOW)
    assert article is not None
    assert (article.status, article.reason) == (Status.TEASER, "only the text of the feed is available")


def test_a_summary_alone_is_a_teaser() -> None:
    article = article_from_link(Link(url="https://x.example/a", summary="The  pier\ncloses."), HINTS, NOW)
    assert article is not None
    assert (article.status, article.text) == (Status.TEASER, "The pier closes.")


def test_a_feed_without_any_text_gives_nothing() -> None:
    assert article_from_link(Link(url="https://x.example/a", title="Pier closes"), HINTS, NOW) is None


def test_content_without_words_gives_way_to_the_summary() -> None:
    link = Link(url="https://x.example/a", content_html="<img src=x>", summary="The pier closes.")
    article = article_from_link(link, HINTS, NOW)
    assert article is not None
    assert article.text == "The pier closes."


def test_a_time_in_the_future_is_ignored() -> None:
    link = Link(url="https://x.example/a", content_html=CONTENT, published=timestamp(5), updated=timestamp(-1))
    article = article_from_link(link, HINTS, NOW)
    assert article is not None
    assert (article.published, article.modified) == (None, timestamp(-1))


def test_hostile_content_raises_nothing() -> None:
    link = Link(url="https://x.example/a", content_html="<div>" * 50_000 + "\ud800 words", summary="The pier closes.")
    assert article_from_link(link, HINTS, NOW) is not None

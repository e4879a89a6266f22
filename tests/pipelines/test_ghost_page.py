"""A page as Ghost generates it, with invented text."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from crawler.models import Article, Byline, ExtractionHints, Status
from tests.support.news_pages import jsonld, meta, read

URL = "https://harbour-independent.example/four-hundred-crates/"
HINTS = ExtractionHints(timezone="Europe/Kyiv", site_name="The Harbour Independent", language="en")
TITLE = "400 crates of salt lost off Mole Island, 2/3 of cargo, harbour master says"
PARAGRAPHS = (
    "A freighter bound for Mole Island has lost 400 crates of salt, two-thirds of its cargo, "
    "harbour master Piet Duin said on Feb. 14.",
    'Speaking at the coast conference in Kettle Bay, Duin said the crew\'s nerve had been "shaken" by the storm, a reporter '
    "of this newspaper heard at the event.",
    '"We understand that they lost more than four hundred. I think two-thirds have gone," he added.',
    "Up to 600 crates were loaded in the port of Alder last autumn to keep the island's fish markets supplied "
    "through the winter.",
    'According to Duin, the crew sailed "almost without any charts."',
)
CARD = """<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="/other-story/">
<div class="kg-bookmark-content"><div class="kg-bookmark-title">Lighthouse struck by lightning, keeper shows video</div>
<div class="kg-bookmark-description">“The tower stands and shows no change in its bearing,” the keeper of
the light said after the strike.</div>
<div class="kg-bookmark-metadata"><span class="kg-bookmark-author">The Harbour Independent</span>
<span class="kg-bookmark-publisher">Ivan Teaser</span></div></div></a></figure>"""
NEWSLETTER = """<div class="newsletter-form"><p>Enter your email to subscribe</p><p>Please, enter correct email address</p>
<button>Subscribe</button><p>* indicates required</p><h3>Explaining the Coast with Ilse Strand</h3>
<p>Successfuly subscribed</p><p>Thank you for signing up for this newsletter. We’ve sent you a confirmation email.</p></div>"""
FEED = """<section class="news-feed"><h2>News Feed</h2><div><time>5:40 PM</time>
<h3><a href="/inside/">Ferry line turning to the mainland? Inside the island's harbour turmoil.</a></h3>
<p>Mole Island, a treeless place off the western coast, is undergoing a dramatic change under harbour board chair Rob Ficus.
As Ficus meets with the mainland's ferry lines and cracks down on critics at home, protests are erupting across the island.</p>
<span class="author">Rosa Other</span></div><a href="/news">MORE NEWS</a></section><section><h2>Editors' Picks</h2></section>"""


def ghost(*, structured: bool = True) -> str:
    """The page, with or without its JSON-LD and meta tags."""
    texts = [f"<p>{text}</p>" for text in PARAGRAPHS]
    head = f"<title>{TITLE}</title>" + meta("og:site_name", "The Harbour Independent") + meta("og:title", TITLE)
    if structured:
        head += jsonld(
            {
                "@context": "https://schema.org",
                "@type": "Article",
                "publisher": {"@type": "Organization", "name": "The Harbour Independent"},
                "author": {"@type": "Person", "name": "The Harbour Independent news desk"},
                "headline": TITLE,
                "url": URL,
                "datePublished": "2025-02-14T11:11:27.000Z",
                "dateModified": "2025-02-14T11:40:02.000Z",
            }
        )
    return f"""<!doctype html><html lang="en"><head>{head}</head><body class="post-template">
<a class="skip" href="#content">Skip to content</a><a href="/ghost/#/editor/post/1">Edit post</a>
<main id="content"><article class="post tag-news-feed"><header class="post-header"><h1>{TITLE}</h1>
<div class="post-meta">by <a class="author" href="/author/desk/">The Harbour Independent news desk</a>
<span class="date">February 14, 2025 1:11 PM</span> <span>2 min read</span></div>
<figure><img src="/i.jpg"><figcaption>Crates on the quay of Alder on Sept. 9, 2018. Photo for illustrative purposes.
(Ed Kai/AFP via Picture Desk)</figcaption></figure></header>
<div class="audio"><p>This audio is created with AI assistance</p></div>
<section class="gh-content post-content">{"".join(texts[:4])}{CARD}{texts[4]}{CARD}</section></article>
{FEED}{NEWSLETTER}{NEWSLETTER}</main><footer><p>© 2025 The Harbour Independent</p></footer></body></html>"""


@pytest.fixture(params=[True, False], ids=["with JSON-LD", "as people see it"])
def article(request: pytest.FixtureRequest) -> Article:
    return read(ghost(structured=request.param), HINTS, url=URL)


def test_the_body_is_the_paragraphs_and_nothing_else(article: Article) -> None:
    assert article.text.split("\n\n") == list(PARAGRAPHS)


def test_the_byline_is_an_organisation_and_not_a_cards_author(article: Article) -> None:
    assert article.bylines == (Byline(name="The Harbour Independent news desk", kind="organisation"),)


def test_the_time_is_read_to_the_minute(article: Article) -> None:
    assert article.published is not None
    assert article.published.at.replace(second=0) == datetime(2025, 2, 14, 11, 11, tzinfo=timezone.utc)
    assert article.published.precision in {"minute", "second"}


def test_title_status_and_language_are_read(article: Article) -> None:
    assert (article.title, article.status, article.language) == (TITLE, Status.OK, "en")


def test_the_modification_is_read_separately() -> None:
    reported = read(ghost(), HINTS, url=URL).modified
    assert reported is not None
    assert reported.at == datetime(2025, 2, 14, 11, 40, 2, tzinfo=timezone.utc)

"""Parsing listings: which links are chosen, what is kept with them, and the errors."""

from __future__ import annotations

import pickle
import time
from datetime import datetime, timedelta, timezone

import pytest

from crawler.exceptions import ParseError
from crawler.reasons import ReasonCode
from spiders.listings.parser import parse_listing
from spiders.markup.parsed_document import ParsedDocument

NOW = datetime(2026, 5, 2, 12, tzinfo=timezone.utc)
AT_TEN = datetime(2026, 5, 1, 10, 11, tzinfo=timezone.utc)
AT = "https://harbour-gazette.example/news-archive/"

PAGE = """<!doctype html><html lang=en><head><title>News archive</title></head><body>
<header><nav class="main-nav"><a href="/">Home</a><a href="/tag/politics/">Politics</a><a href="/tag/sea/">Sea</a>
<a href="/about/">About us</a><a href="/membership/">Become a member of the Gazette today</a></nav></header>
<main>
{items}
</main>
<aside class="sidebar"><h3>Newsletters</h3><a href="/newsletters/">Sign up for our newsletter</a></aside>
<nav class="pagination"><a href="/news-archive/page/2/">Older posts</a></nav>
<footer><a href="/privacy-policy/">Privacy policy</a><a href="/terms-of-use/">Terms of use</a>
<a href="https://social.example/harbour-gazette">Follow us</a><a href="#top">Back to top</a></footer>
</body></html>"""
ARTICLES = {
    "ferry-rams-the-old-pier-in-dense-fog-nobody-hurt": "Ferry rams the old pier in dense fog, nobody hurt",
    "council-votes-to-keep-the-night-market-open": "Council votes to keep the night market open",
    "divers-find-a-bell-from-the-lost-lightship": "Divers find a bell from the lost lightship",
    "lighthouse-goes-dark-for-the-first-time-since-1911": "Lighthouse goes dark for the first time since 1911",
}


def card(slug: str, title: str, *, folder: str = "/news-feed/", extra: str = "") -> str:
    return f"""<article class="card"><a class="card__tag" href="/tag/coast/">Coast</a>
<h3><a href="{folder}{slug}/">{title}</a></h3>{extra}<p class="by">by <a href="/author/ada-quill/">Ada Quill</a></p>
<a href="{folder}{slug}/#comments">12 comments</a></article>"""


def page(*items: str) -> bytes:
    return PAGE.replace("{items}", "\n".join(items or [card(*article) for article in ARTICLES.items()])).encode()


def parse(body: bytes, *, url: str = AT, selector: str | None = None, pattern: str | None = None) -> ParsedDocument:
    return parse_listing(body, url=url, content_type="text/html", fetched_at=NOW, selector=selector, pattern=pattern)


def slugs(listing: ParsedDocument) -> list[str]:
    return [link.url.rstrip("/").rpartition("/")[2] for link in listing.links]


def test_article_links_are_chosen_and_navigation_is_not() -> None:
    listing = parse(page())
    assert slugs(listing) == list(ARTICLES)
    assert [link.title for link in listing.links] == list(ARTICLES.values())
    assert {link.kind for link in listing.links} == {"listing"}
    assert {link.via for link in listing.links} == {AT}
    assert [link.position for link in listing.links] == [0, 1, 2, 3]


@pytest.mark.parametrize("pattern", [None, "/2026/"])
@pytest.mark.parametrize("host", ["бюро-новостей.example", "xn----9sbemuvfcborm1m.example"])
def test_links_in_the_other_spelling_of_an_international_domain_are_of_the_same_outlet(
    host: str, pattern: str | None
) -> None:
    cards = [
        f'<li><h3><a href="https://бюро-новостей.example/news/2026/11/{number}-long-headline-of-a-story-about-the-harbour">'
        f"A long headline of story number {number} about the harbour</a></h3></li>"
        for number in range(6)
    ]
    assert len(parse(page(*cards), url=f"https://{host}/news/", pattern=pattern).links) == 6


def test_the_next_page_is_found() -> None:
    assert parse(page()).next_url == "https://harbour-gazette.example/news-archive/page/2/"


def test_all_links_that_a_selector_matches_are_chosen() -> None:
    body = b'<main><a class=s href="/x1">One</a><a class=s href="https://wire.example/y">Two</a><a href="/z">Three</a></main>'
    listing = parse(body, selector="a.s")
    assert [link.url for link in listing.links] == ["https://harbour-gazette.example/x1", "https://wire.example/y"]


def test_a_selector_of_cards_chooses_their_articles_but_not_their_authors_and_tags() -> None:
    assert slugs(parse(page(), selector="main article")) == list(ARTICLES)


def test_a_selector_of_the_container_of_all_cards_does_the_same() -> None:
    assert slugs(parse(page(), selector="main")) == list(ARTICLES)


def test_a_selector_may_end_in_attr_href() -> None:
    assert slugs(parse(page(), selector="h3 a::attr(href)")) == list(ARTICLES)


def test_a_pattern_is_searched_in_the_path_of_links_to_the_same_domain() -> None:
    body = b"""<a href="/n/1">A</a><a href="/n/2?utm_source=x">B</a><a href="/tag/n">T</a>
    <a href="https://share.example/n/9">Share</a>"""
    listing = parse(body, pattern=r"^/n/\d+")
    assert [link.url for link in listing.links] == [
        "https://harbour-gazette.example/n/1",
        "https://harbour-gazette.example/n/2?utm_source=x",
    ]


def test_a_pattern_that_begins_with_http_is_searched_in_the_whole_url() -> None:
    body = b'<a href="/n/1">A</a><a href="https://wire.example/n/9">B</a>'
    listing = parse(body, pattern=r"^https://wire\.example/n/")
    assert [link.url for link in listing.links] == ["https://wire.example/n/9"]


def test_a_pattern_narrows_a_selector() -> None:
    assert slugs(parse(page(), selector="main a", pattern="/council-")) == [
        "council-votes-to-keep-the-night-market-open"
    ]


def test_forms_of_one_address_become_one_link_with_the_headline_as_title() -> None:
    slug, title = next(iter(ARTICLES.items()))
    body = page(
        f'<div><a href="/news-feed/{slug}/?utm_source=front"><img src="/pier.jpg" alt="The pier"></a>'
        f'<h2><a href="/news-feed/{slug}">{title}</a></h2><a href="/news-feed/{slug}/">Read more</a></div>',
        *(card(*article) for article in list(ARTICLES.items())[1:]),
    )
    listing = parse(body)
    assert slugs(listing)[0] == slug, "the shortest form of the address"
    assert len(listing.links) == 4
    assert listing.links[0].title == title
    assert listing.links[0].image == "https://harbour-gazette.example/pier.jpg"


def test_the_heading_in_a_link_that_wraps_its_card_is_the_title() -> None:
    body = page(
        *(
            f'<a class="row" href="/{slug}/"><span>Coast</span><h4>{title}</h4>'
            f"<p>The harbour office said on Friday that it would say more on Monday.</p><span>3 min read</span></a>"
            for slug, title in ARTICLES.items()
        )
    )
    listing = parse(body)
    assert [link.title for link in listing.links] == list(ARTICLES.values())
    assert listing.links[0].summary == "The harbour office said on Friday that it would say more on Monday."


def test_a_heading_next_to_a_read_more_link_is_its_title() -> None:
    body = page(
        *(f'<li><h4>{title}</h4><a href="/{slug}/">Read more</a></li>' for slug, title in ARTICLES.items()),
    )
    assert [link.title for link in parse(body).links] == list(ARTICLES.values())


@pytest.mark.parametrize(
    ("markup", "at", "offset"),
    [
        ('<time datetime="2026-05-01T13:11:00+03:00">1:11 PM</time>', AT_TEN, 180),
        ('<time datetime="2026-05-01T10:11:00.5Z">today</time>', AT_TEN, 0),
        ('<time datetime="2026-05-01 10:11:00 +0000">today</time>', AT_TEN, 0),
        ('<span data-timestamp="1777630260">today</span>', AT_TEN, 0),
        ('<meta itemprop="datePublished" content="2026-05-01T10:11Z">', AT_TEN, 0),
    ],
)
def test_a_machine_readable_time_is_the_publication_time(markup: str, at: datetime, offset: int) -> None:
    body = page(
        *(card(*article, extra=markup if not number else "") for number, article in enumerate(ARTICLES.items()))
    )
    first, second, *_ = parse(body).links
    assert first.published is not None
    assert first.published.at == at
    assert first.published.offset_minutes == offset
    assert second.published is None


@pytest.mark.parametrize("written", ["2026-05-01", "2026-05-01T10:11", "yesterday at 5", "0000-00-00T00:00:00Z"])
def test_a_time_without_an_offset_is_kept_as_text_only(written: str) -> None:
    body = page(*(card(*article, extra=f'<time datetime="{written}">x</time>') for article in ARTICLES.items()))
    link = parse(body).links[0]
    assert link.published is None
    assert link.published_raw == (written if any(char.isdigit() for char in written) else None)


@pytest.mark.parametrize("at", [NOW + timedelta(days=9), datetime(1970, 1, 1, tzinfo=timezone.utc)])
def test_an_implausible_time_is_not_used(at: datetime) -> None:
    body = page(*(card(*article, extra=f'<time datetime="{at.isoformat()}">x</time>') for article in ARTICLES.items()))
    link = parse(body).links[0]
    assert link.published is None
    assert link.published_raw == at.isoformat()


def test_a_short_headline_in_a_row_of_articles_is_chosen() -> None:
    long = [f'<div class="row"><a href="/news-feed/{slug}/">{title}</a></div>' for slug, title in ARTICLES.items()]
    doubtful = '<div class="row"><a href="/news-feed/fog-returns/">Fog returns again</a></div>'
    assert "fog-returns" in slugs(parse(page(*long, doubtful)))


def test_articles_with_only_a_number_in_the_url_are_chosen() -> None:
    body = page(
        *(f'<li><a href="/view/{number}">{title}</a></li>' for number, title in enumerate(ARTICLES.values(), 481516))
    )
    assert slugs(parse(body)) == ["481516", "481517", "481518", "481519"]


def test_numbered_articles_are_chosen_and_years_are_not() -> None:
    titles = ("Harbour bridge closed after storm damage", "Council votes to raise parking fees",
              "Ferry returns to the old harbour", "School meals programme gets new money")  # fmt: skip
    for first, chosen in ((7, 4), (2019, 0)):
        cards = "".join(f'<h3><a href="/news/{first + n}">{title}</a></h3>' for n, title in enumerate(titles))
        assert len(parse(f"<main>{cards}</main>".encode()).links) == chosen


def test_headlines_without_spaces_between_words_are_chosen() -> None:
    titles = [
        "港の古い桟橋に連絡船が衝突、けが人なし",
        "市議会が夜市の存続を全会一致で可決した",
        "潜水士が沈没した灯台船の鐘を発見",
        "灯台の明かりが百年ぶりに消える",
    ]
    body = page(
        *(f'<li><a href="/news/2026050{n}/k1000{n}.html">{title}</a></li>' for n, title in enumerate(titles, 1))
    )
    assert [link.title for link in parse(body).links] == titles


def test_sponsored_links_are_left_out() -> None:
    body = page(*(card(*article) for article in ARTICLES.items())).replace(
        b'<h3><a href="/news-feed/ferry', b'<h3><a rel="nofollow sponsored" href="/news-feed/ferry'
    )
    assert not [link for link in parse(body).links if link.title and link.title.startswith("Ferry")]


def test_links_to_images_are_left_out() -> None:
    images = [
        f'<a href="/uploads/2026/05/the-old-pier-in-dense-fog-{n}.jpg">The old pier in dense fog</a>' for n in range(6)
    ]
    assert slugs(parse(page(*images, *(card(*article) for article in ARTICLES.items())))) == list(ARTICLES)


def test_relative_links_are_joined_with_the_base_element() -> None:
    body = b'<base href="https://harbour-gazette.example/2026/"><a class=s href="x">Story</a>'
    assert parse(body, selector="a.s").links[0].url == "https://harbour-gazette.example/2026/x"


def test_a_page_in_another_encoding_is_decoded() -> None:
    title = "Паром зіткнувся зі старим пірсом у густому тумані"
    body = f'<meta charset=windows-1251><a class=s href="/x">{title}</a>'.encode("cp1251")
    assert (
        parse_listing(body, url=AT, content_type=None, fetched_at=NOW, selector="a.s", pattern=None).links[0].title
        == title
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty document"),
        (b"   \n", "empty document"),
        (b"nothing here", "not an HTML page"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "list it under feeds"),
        (b'<?xml version="1.0"?><urlset><url/></urlset>', "list it under sitemaps"),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<!-- <html> -->\n<rss version="2.0"/>', "list it under feeds"),
        (b"<!---->", ""),
    ],
)
def test_a_document_that_is_not_html_is_an_error_with_advice(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as error:
        parse(body)
    assert reason in str(error.value)
    assert AT in str(error.value)
    assert "\n" not in str(error.value)


def test_hundreds_of_comments_before_the_page_are_skipped_in_linear_time() -> None:
    started = time.process_time()
    assert slugs(parse(b"<!-- THEME DEBUG -->\n" * 400 + page())) == list(ARTICLES)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        (b"<html><body><div id=app></div></body></html>", "render = true"),
        (b'<a href="/about/">About us</a>', "set a selector or a pattern"),
    ],
)
def test_the_note_on_a_page_without_article_links_has_advice(body: bytes, advice: str) -> None:
    listing = parse(body)
    assert listing.links == ()
    assert listing.note is not None
    assert advice in listing.note.text


def test_the_note_names_a_selector_or_pattern_that_matches_nothing() -> None:
    note = parse(page(), selector=".gone a").note
    assert note is not None
    assert note.text.startswith("selector '.gone a' matches no link")
    note = parse(page(), pattern="^/never/").note
    assert note is not None
    assert note.text == "pattern '^/never/' matches 0 of 26 links"


def test_every_other_address_of_a_page_is_left_out_once_with_the_reason() -> None:
    body = page(
        *(card(*article) for article in ARTICLES.items()),
        '<a href="mailto:desk@harbour-gazette.example">Write to us</a><a href="http://[broken">x</a>',
        '<a rel="sponsored" href="/news-feed/a-holiday-that-everybody-can-afford/">A holiday</a>',
    )
    codes = {one.what: one.code for one in parse(body).left_out}
    assert codes["https://harbour-gazette.example/about/"] is ReasonCode.NOT_AN_ARTICLE
    assert codes["https://social.example/harbour-gazette"] is ReasonCode.OFF_SITE
    assert codes["mailto:desk@harbour-gazette.example"] is ReasonCode.NOT_HTTP
    assert codes["http://[broken"] is ReasonCode.INVALID_URL
    assert (
        codes["https://harbour-gazette.example/news-feed/a-holiday-that-everybody-can-afford/"] is ReasonCode.SPONSORED
    )
    assert not any(slug in what for what in codes for slug in ARTICLES)


@pytest.mark.parametrize(
    "body",
    [
        b"<a href='http://[::1'>x</a>" * 3,
        b"<a href='//'>x</a><a href='http://a:99999/'>x</a>",
        b"<a href='javascript:void(0)'>x</a><a href='mailto:a@b.example'>x</a>",
        b"\x00\xff\xfe<a href=/\x00x>y",
        b"<a href=/x>" * 400,
        b"<div>" * 3000 + b"<a href=/a-story-of-many-words-here/>A story of many words here</a>",
        "<a href='/\ud800'>x</a>".encode("utf-8", "surrogatepass"),
        b"<a href='%00%ff/%'>&#0;&#x110000;</a>",
    ],
)
def test_hostile_pages_result_in_links_or_a_parse_error(body: bytes) -> None:
    try:
        listing = parse(body)
    except ParseError as error:
        assert error.reason
    else:
        assert all(link.url.startswith("http") for link in listing.links)


def test_a_listing_can_be_pickled() -> None:
    listing = parse(page())
    assert pickle.loads(pickle.dumps(listing)) == listing


def test_links_to_the_same_international_host_in_another_spelling_are_on_site() -> None:
    host = "газета-порту.example"
    links = "".join(
        f'<li><h3><a href="https://{host}/2026/05/01/{slug}/">{title}</a></h3></li>' for slug, title in ARTICLES.items()
    )
    listing = parse(f"<ul>{links}</ul>".encode(), url=f"https://{host.encode('idna').decode()}/news/")
    assert slugs(listing) == list(ARTICLES)
    listing = parse(
        f"<ul>{links}</ul>".encode(), url=f"https://{host.encode('idna').decode()}/news/", pattern="^/2026/"
    )
    assert slugs(listing) == list(ARTICLES)

"""Feeds, well-formed or not: what becomes of their items."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import UnreadableError
from crawler.model import Link
from spiders.feeds import MAX_ITEMS, Feed, parse_feed

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
URL = "https://harbour-gazette.example/rss"


def read(body: str | bytes, **known: Any) -> Feed:
    defaults: dict[str, Any] = {"url": URL, "content_type": None, "fetched_at": NOW, "timezone": "Europe/Kyiv"}
    return parse_feed(body.encode() if isinstance(body, str) else body, **{**defaults, **known})


def rss(*items: str, head: str = '<?xml version="1.0"?>', channel: str = "") -> str:
    return (
        f'{head}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>Gazette</title><link>https://harbour-gazette.example/</link>{channel}"
        + "".join(f"<item>{item}</item>" for item in items)
        + "</channel></rss>"
    )


def one(item: str, **known: Any) -> Link:
    (link,) = read(rss(item), **known).links
    return link


LINK = "<link>https://harbour-gazette.example/news/pier</link>"


def test_everything_that_an_item_says_is_kept() -> None:
    link = one(
        "<title>Pier &amp; harbour</title>" + LINK + '<guid isPermaLink="false">hg-17</guid>'
        "<description>&lt;p&gt;The pier &lt;b&gt;closes&lt;/b&gt;.&lt;/p&gt;</description>"
        "<content:encoded><![CDATA[<p>The whole story.</p>]]></content:encoded>"
        "<dc:creator>Mara Voss</dc:creator><category>Harbour</category><category>City</category>"
        "<pubDate>Sun, 01 Mar 2026 12:30:00 +0200</pubDate>"
        '<media:thumbnail url="/img/pier.jpg"/>'
    )
    assert (link.title, link.summary, link.guid) == ("Pier & harbour", "The pier closes.", "hg-17")
    assert link.content_html == "<p>The whole story.</p>"
    assert (link.authors, link.tags) == (("Mara Voss",), ("Harbour", "City"))
    assert link.published is not None
    assert link.published.at == datetime(2026, 3, 1, 10, 30, tzinfo=timezone.utc)
    assert (link.published.offset_minutes, link.published.witness) == (120, "feed")
    assert link.published_raw == "Sun, 01 Mar 2026 12:30:00 +0200"
    assert link.image == "https://harbour-gazette.example/img/pier.jpg"
    assert (link.via, link.position, link.kind) == (URL, 0, "feed")


def test_atom_takes_the_alternate_link_and_tells_published_from_updated() -> None:
    feed = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://harbour-gazette.example/"><title>G</title>'
        '<link rel="next" href="/atom?page=2"/>'
        '<entry><id>tag:g,2026:1</id><title type="html">Pier &amp;lt;em&amp;gt;closes&amp;lt;/em&amp;gt;</title>'
        '<link rel="replies" href="/comments/1"/><link rel="alternate" type="text/html" href="news/pier"/>'
        "<author><name>Mara Voss</name></author><author><name>Iven Hald</name></author>"
        "<published>2026-03-01T08:00:00Z</published><updated>2026-03-01T09:00:00Z</updated></entry></feed>"
    )
    (link,) = feed.links
    assert link.url == "https://harbour-gazette.example/news/pier"
    assert link.title == "Pier closes"
    assert link.authors == ("Mara Voss", "Iven Hald")
    assert link.published is not None and link.updated is not None
    assert (link.published.at.hour, link.updated.at.hour) == (8, 9)
    assert feed.next_url == "https://harbour-gazette.example/atom?page=2"


def test_rdf_is_read() -> None:
    feed = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>G</title></channel>'
        '<item rdf:about="https://harbour-gazette.example/a"><title>A</title>'
        "<link>https://harbour-gazette.example/a</link><dc:date>2026-03-01T09:00+02:00</dc:date></item></rdf:RDF>"
    )
    assert [link.title for link in feed.links] == ["A"]
    assert feed.links[0].published is not None
    assert feed.links[0].published.at.hour == 7


def test_a_json_feed_is_read() -> None:
    feed = read(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "next_url": "/feed.json?page=2",
                "items": [
                    {
                        "id": 17,
                        "url": "/news/pier",
                        "title": "Pier",
                        "content_text": "One.\n\nTwo < three.",
                        "authors": [{"name": "Mara Voss"}],
                        "date_published": "2026-03-01T10:00:00+02:00",
                        "tags": ["Harbour", 3, None],
                    },
                    {"title": "no link"},
                    "not an object",
                ],
            }
        )
    )
    (link,) = feed.links
    assert (link.url, link.guid) == ("https://harbour-gazette.example/news/pier", "17")
    assert link.content_html == "<p>One.</p><p>Two &lt; three.</p>"
    assert link.authors == ("Mara Voss",)
    assert feed.next_url == "https://harbour-gazette.example/feed.json?page=2"


@pytest.mark.parametrize(
    ("written", "hour", "offset"),
    [
        ("Sun, 01 Mar 2026 10:00:00 GMT", 10, 0),
        ("Sun, 01 Mar 2026 10:00:00 CEST", 8, 120),
        ("Sun, 01 Mar 2026 10:00:00 EST", None, None),  # three in the afternoon: ahead of now
        ("Sun, 1 Mar 2026 10:00:00", 8, None),  # in the source's timezone
        ("2026-03-01 10:00", 8, None),
        ("March 1, 2026 9:15 AM", 7, None),
        ("1772355600", 9, 0),
        ("Sat, 00 Jan 0000 00:00:00 GMT", None, None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, None),
        ("Mon, 01 Mar 2027 10:00:00 GMT", None, None),
        ("yesterday, or so", None, None),
    ],
)
def test_a_date_is_understood_or_kept_as_it_was_written(written: str, hour: int | None, offset: int | None) -> None:
    link = one(f"{LINK}<pubDate>{written}</pubDate>")
    assert link.published_raw == written
    if hour is None:
        assert link.published is None
    else:
        assert link.published is not None
        assert (link.published.at.hour, link.published.offset_minutes) == (hour, offset)


def test_relative_links_are_made_absolute_and_others_than_http_dropped() -> None:
    links = read(
        rss("<link>/a</link>", "<link>mailto:desk@example.org</link>", "<link>javascript:void(0)</link>")
    ).links
    assert [link.url for link in links] == ["https://harbour-gazette.example/a"]


def test_a_guid_that_is_a_permalink_serves_as_the_link() -> None:
    assert one('<title>A</title><guid isPermaLink="true">https://x.example/a</guid>').url == "https://x.example/a"


def test_an_item_without_any_link_is_dropped() -> None:
    assert read(rss("<title>Only a title</title>")).links == ()


def test_a_guid_that_several_items_share_tells_nothing_apart_and_is_dropped() -> None:
    links = read(rss("<link>/a</link><guid>x</guid>", "<link>/b</link><guid>x</guid>", "<link>/c</link><guid>y</guid>"))
    assert [(link.url[-2:], link.guid) for link in links.links] == [("/a", None), ("/b", None), ("/c", "y")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251", "iso-8859-5", "koi8-r"])
def test_any_encoding_that_the_prolog_names_is_read(encoding: str) -> None:
    body = rss(f"<title>Причал закрывают в июне</title>{LINK}", head=f'<?xml version="1.0" encoding="{encoding}"?>')
    assert read(body.encode(encoding)).links[0].title == "Причал закрывают в июне"


def test_a_wrong_encoding_in_the_prolog_does_not_garble_the_text() -> None:
    body = rss(f"<title>Причал закрывают</title>{LINK}", head='<?xml version="1.0" encoding="iso-8859-1"?>')
    assert read(body.encode("utf-8")).links[0].title == "Причал закрывают"


@pytest.mark.parametrize(
    "spoiled",
    [
        rss("<title>One &#x110000; two</title>" + LINK),
        rss("<title>Fish & chips <br> today</title>" + LINK),
        "\n\n  junk before\n" + rss("<title>A</title>" + LINK),
        rss("<title>A</title>" + LINK)[:-20],
        rss("<title>A\x0b\x01</title>" + LINK),
        rss("<title>A &nbsp; B</title>" + LINK),
    ],
)
def test_what_is_not_well_formed_is_read_all_the_same(spoiled: str) -> None:
    assert [link.url for link in read(spoiled).links] == ["https://harbour-gazette.example/news/pier"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the answer is empty"),
        (b"<!DOCTYPE html><html><body>Checking your browser</body></html>", "an HTML page, not a feed"),
        (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>', "name it under sitemaps"),
        (b'{"error": "not found"}', "not a JSON Feed"),
        (b"{" * 100_000, "neither XML nor JSON"),
        (b"Service unavailable", "not a feed (it begins with 'Service unavailable')"),
        (b"/etc/passwd", "not a feed"),
    ],
)
def test_what_is_no_feed_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(body)
    assert reason in caught.value.reason


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss()).links == ()


def test_of_a_huge_feed_the_first_items_are_read() -> None:
    body = rss(*(f"<link>/story-{number}</link>" for number in range(12_000)))
    assert len(read(body + " " * 300_000).links) == MAX_ITEMS


SAMPLE = rss("<title>A &amp; B</title>" + LINK + "<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>").encode()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_raises_anything_but_unreadable(data: st.DataObject) -> None:
    body = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(body[: data.draw(st.integers(0, len(body)))]))
    except UnreadableError as error:
        assert "\n" not in error.reason

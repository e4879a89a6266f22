"""Parsing feeds, well-formed or not."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.exceptions import ParseError
from crawler.models import Link
from crawler.reasons import ReasonCode
from spiders.feeds.parser import parse_feed
from spiders.markup.parsed_document import ParsedDocument

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
URL = "https://harbour-gazette.example/rss"


def read(body: str | bytes, **known: Any) -> ParsedDocument:
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


def test_all_fields_of_an_item_are_kept() -> None:
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
    assert (link.published.offset_minutes, link.published.provenance) == (120, "feed")
    assert link.published_raw == "Sun, 01 Mar 2026 12:30:00 +0200"
    assert link.image == "https://harbour-gazette.example/img/pier.jpg"
    assert (link.via, link.position, link.kind) == (URL, 0, "feed")


def test_an_atom_entry_has_its_alternate_link_and_separate_published_and_updated_times() -> None:
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


def test_rdf_is_parsed() -> None:
    feed = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>G</title></channel>'
        '<item rdf:about="https://harbour-gazette.example/a"><title>A</title>'
        "<link>https://harbour-gazette.example/a</link><dc:date>2026-03-01T09:00+02:00</dc:date></item></rdf:RDF>"
    )
    assert [link.title for link in feed.links] == ["A"]
    assert feed.links[0].published is not None
    assert feed.links[0].published.at.hour == 7


def test_a_json_feed_is_parsed() -> None:
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
def test_a_date_is_parsed_or_kept_as_text(written: str, hour: int | None, offset: int | None) -> None:
    link = one(f"{LINK}<pubDate>{written}</pubDate>")
    assert link.published_raw == written
    if hour is None:
        assert link.published is None
    else:
        assert link.published is not None
        assert (link.published.at.hour, link.published.offset_minutes) == (hour, offset)


def test_relative_links_become_absolute_and_links_other_than_http_are_left_out() -> None:
    links = read(
        rss("<link>/a</link>", "<link>mailto:desk@example.org</link>", "<link>javascript:void(0)</link>")
    ).links
    assert [link.url for link in links] == ["https://harbour-gazette.example/a"]


def test_a_guid_that_is_a_permalink_is_the_link() -> None:
    assert one('<title>A</title><guid isPermaLink="true">https://x.example/a</guid>').url == "https://x.example/a"


def test_the_half_address_at_the_end_of_a_cut_document_is_no_link() -> None:
    whole = rss("<title>A</title><link>https://harbour-gazette.example/a-1</link>", f"<title>B</title>{LINK}")
    feed = read(whole[: whole.index("/pier") + 2])
    assert [link.url for link in feed.links] == ["https://harbour-gazette.example/a-1"]
    assert [(one.code, one.what) for one in feed.left_out] == [(ReasonCode.NO_URL, "B")]


def test_a_character_written_as_two_surrogates_is_that_character() -> None:
    assert one(f"<title>Ferry &#xD83D;&#xDE22; sinks</title>{LINK}").title == "Ferry \U0001f622 sinks"


def test_an_item_without_a_link_is_left_out() -> None:
    assert read(rss("<title>Only a title</title>")).links == ()


def test_a_guid_that_several_items_share_is_ignored() -> None:
    links = read(rss("<link>/a</link><guid>x</guid>", "<link>/b</link><guid>x</guid>", "<link>/c</link><guid>y</guid>"))
    assert [(link.url[-2:], link.guid) for link in links.links] == [("/a", None), ("/b", None), ("/c", "y")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251", "iso-8859-5", "koi8-r"])
def test_the_encoding_in_the_prolog_is_used(encoding: str) -> None:
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
        rss("<title>A</title><link>https://harbour-gazette.example/news/pier</link><wfw:comments>1</wfw:comments>"),
        "<br />\n<b>Warning</b>: file in <b>/srv/x.php</b><br />\n" + rss("<title>A</title>" + LINK),
        "<!DOCTYPE html><html><body>" + rss("<title>A</title>" + LINK, head="") + "</body></html>",
        "<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x.dtd'>\n" + rss("<title>A</title>" + LINK, head=""),
    ],
)
def test_a_malformed_feed_is_parsed(spoiled: str) -> None:
    assert [link.url for link in read(spoiled).links] == ["https://harbour-gazette.example/news/pier"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty document"),
        (b"<!DOCTYPE html><html><body>Checking your browser</body></html>", "an HTML page, not a feed"),
        (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>', "list it under sitemaps"),
        (b'{"error": "not found"}', "not a JSON Feed"),
        (b'{"items": [{"id": 17, "price": 3}]}', "no version"),
        (b"\xef\xbb\xbf  \n", "empty document"),
        (b"\x1f\x8bnonsense", "invalid gzip"),
        (gzip.compress(b"") * 1_000, "compressed in more than 256 parts"),
        (b"<!-- <rss> --><html><body><rss></rss></body></html>", "an HTML page, not a feed"),
        (b"{" * 100_000, "neither XML nor valid JSON"),
        (b"Service unavailable", "not a feed (it begins with 'Service unavailable')"),
        (b"/etc/passwd", "not a feed"),
    ],
)
def test_a_document_that_is_not_a_feed_is_an_error_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(body)
    assert reason in caught.value.reason


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss()).links == ()


def test_of_too_many_items_those_at_both_ends_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiders.feeds.rss_atom.MAX_ITEMS", 4)
    feed = read(rss(*(f"<link>/{number}</link>" for number in range(7))))
    assert [link.url[-2:] for link in feed.links] == ["/0", "/1", "/5", "/6"]
    assert [(one.code, one.count) for one in feed.left_out] == [(ReasonCode.TOO_MANY_ENTRIES, 3)]


def test_the_html_of_an_item_is_kept_unchanged() -> None:
    markup = '<p>The <my-el a=1>pier</my-el><br><a href="/r?a=1&b=2">closes</a> &nbsp; <?xml version="1.0"?></p>'
    assert one(f"{LINK}<content:encoded><![CDATA[{markup}]]></content:encoded>").content_html == markup


def test_html_child_elements_of_an_item_are_content() -> None:
    (link,) = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/a"/><content type="xhtml">'
        '<x:div xmlns:x="http://www.w3.org/1999/xhtml"><x:p>Tide &amp; pier<x:br/></x:p></x:div></content></entry></feed>'
    ).links
    assert link.content_html == "<div><p>Tide &amp; pier<br></p></div>"


def test_a_url_in_angle_brackets_does_not_break_the_content() -> None:
    (link,) = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/a"/><title>Pier</title><content type="xhtml">'
        "<div>See <http://h.example/b> there</div></content></entry></feed>"
    ).links
    assert link.title == "Pier"


def test_a_description_of_several_long_paragraphs_is_the_full_text() -> None:
    long = "".join(f"&lt;p&gt;{'The pier stays shut. ' * 30}&lt;/p&gt;" for _ in range(2))
    whole, short = (
        one(f"{LINK}<description>{long}</description>"),
        one(f"{LINK}<description>&lt;p&gt;Shut.&lt;/p&gt;</description>"),
    )
    assert whole.content_html is not None
    assert whole.content_html.startswith("<p>The pier stays shut.")
    assert (short.content_html, short.summary) == (None, "Shut.")


def test_a_feed_with_only_content_has_no_summary() -> None:
    link = one(f"{LINK}<content:encoded>&lt;p&gt;The whole story.&lt;/p&gt;</content:encoded>")
    assert (link.summary, link.content_html) == (None, "<p>The whole story.</p>")


def test_the_widest_image_is_chosen_and_its_title_is_not_the_items_title() -> None:
    link = one(
        '<media:group><media:content url="https://c.example/s.jpg" medium="image" width="80"/>'
        '<media:content url="https://c.example/w.jpg" medium="image" width="1200"><media:title>A gull</media:title>'
        "<media:description>A gull on the pier</media:description></media:content></media:group>"
        f'<media:thumbnail url="https://c.example/t.jpg"/><title>Pier closes</title><description>In June.</description>{LINK}'
    )
    assert (link.title, link.summary, link.image) == ("Pier closes", "In June.", "https://c.example/w.jpg")
    assert link.content_html is None


@pytest.mark.parametrize(
    "image",
    [
        "<image><url>/i.jpg</url><title>Not the title</title><link>https://elsewhere.example/</link></image>",
        '<enclosure url="/i.jpg" type="image/jpeg" length="1"/>',
        '<enclosure url="/i.jpg"/>',
        '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="enclosure" type="image/jpeg" href="/i.jpg"/>',
        '<itunes:image xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" href="/i.jpg"/>',
    ],
)
def test_the_image_of_an_item_is_found_in_every_element_that_may_hold_it(image: str) -> None:
    link = one(f"{image}<title>Pier</title>{LINK}")
    assert link.image == "https://harbour-gazette.example/i.jpg"
    assert (link.title, link.url) == ("Pier", "https://harbour-gazette.example/news/pier")


def test_an_rss_author_is_the_name_next_to_the_mail_address_and_all_creators_are_kept() -> None:
    item = (
        "<dc:creator>Mara Voss</dc:creator><dc:creator>Iven Hald</dc:creator>"
        "<author>desk@harbour-gazette.example (Ada Kern)</author>"
    )
    assert one(LINK + item).authors == ("Mara Voss", "Iven Hald", "Ada Kern")


def test_an_atom_feeds_author_is_the_author_of_its_entries_but_an_rss_channels_editor_is_not() -> None:
    editor = "<managingEditor>ed@harbour-gazette.example (Ed Itor)</managingEditor><dc:creator>Gazette</dc:creator>"
    assert read(rss(LINK, channel=editor)).links[0].authors == ()
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><author><name>Mara Voss</name></author>'
        '<entry><link href="/a"/></entry><entry><link href="/b"/><source><author><name>Iven Hald</name></author></source>'
        "</entry></feed>"
    )
    assert [link.authors for link in read(atom).links] == [("Mara Voss",), ("Iven Hald",)]


def test_relative_links_of_rss_are_joined_with_the_site_and_those_of_atom_with_their_base() -> None:
    feeds = "https://feeds.example/gazette.xml"
    assert read(rss("<link>/a</link>"), url=feeds).links[0].url == "https://harbour-gazette.example/a"
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"{}><link href="https://h.example/"/><entry{}><link href="a"/></entry></feed>'
    assert read(atom.format("", ""), url=feeds).links[0].url == "https://feeds.example/a"
    based = atom.format(' xml:base="https://h.example/x/"', ' xml:base="y/"')
    assert read(based, url=feeds).links[0].url == "https://h.example/x/y/a"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<link>www.harbour-gazette.example/a</link>", "https://www.harbour-gazette.example/a"),
        ("<link>//cdn.example/a</link>", "https://cdn.example/a"),
        ("<link>https://h.example/?a=1&amp;amp;b=2</link>", "https://h.example/?a=1&b=2"),
        ("<link>https://h.example/b#top</link>", "https://h.example/b"),
        ("<link><![CDATA[https://h.example/?a=1&b=2]]></link>", "https://h.example/?a=1&b=2"),
        (
            '<link>https://proxy.example/~r/1</link><f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">'
            "https://h.example/a</f:origLink>",
            "https://h.example/a",
        ),
        ("<guid>https://h.example/g</guid><link>https://h.example/a</link>", "https://h.example/a"),
        ("<link>harbour-gazette.example/a</link>", "https://harbour-gazette.example/a"),
        ("<link>https:/harbour-gazette.example/a</link>", "https://harbour-gazette.example/a"),
        ("<link>feed://harbour-gazette.example/a</link>", "https://harbour-gazette.example/a"),
        (
            '<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="http://www.iana.org/assignments/relation/alternate"'
            ' href="https://h.example/a"/>',
            "https://h.example/a",
        ),
        ('<guid isPermaLink="false">https://h.example/?p=1</guid>', "https://h.example/?p=1"),
    ],
)
def test_the_url_of_an_item_is_found_in_all_forms(written: str, meant: str) -> None:
    assert one(written).url == meant


def test_a_guid_that_is_declared_a_permalink_may_be_relative() -> None:
    assert one('<title>A</title><guid isPermaLink="true">/a</guid>').url == "https://harbour-gazette.example/a"


def test_an_item_without_a_guid_that_links_to_a_place_in_a_page_is_known_by_that_place() -> None:
    assert one("<title>A</title><link>/alerts#77</link>").guid == "/alerts#77"


def test_a_numeric_guid_is_not_a_url() -> None:
    assert read(rss("<title>A</title><guid>12345</guid>")).links == ()
    assert read('{"version": "https://jsonfeed.org/version/1", "items": [{"id": 17, "title": "A"}]}').links == ()


def test_an_item_that_occurs_twice_keeps_its_guid() -> None:
    assert [link.guid for link in read(rss(f"{LINK}<guid>x</guid>", f"{LINK}<guid>x</guid>")).links] == ["x", "x"]


def test_the_language_of_the_item_precedes_that_of_the_feed() -> None:
    feed = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><entry xml:lang="uk"><link href="/a"/></entry>'
        '<entry><link href="/b"/></entry></feed>'
    )
    assert [link.language for link in feed.links] == ["uk", "de"]
    assert read(rss(LINK, channel="<language>en-gb</language>")).links[0].language == "en-gb"


def test_the_first_valid_date_of_several_is_used() -> None:
    link = one(f"{LINK}<pubDate>soon</pubDate><dc:date>2026-03-01T09:00:00Z</dc:date>")
    assert link.published is not None
    assert (link.published.at.hour, link.published_raw, link.updated) == (9, "2026-03-01T09:00:00Z", None)


def test_the_only_date_of_an_atom_entry_is_its_publication_time() -> None:
    (link,) = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/a"/><updated>2026-03-01T09:00:00Z</updated></entry></feed>'
    ).links
    assert link.published is not None
    assert link.published == link.updated


def test_entities_are_not_expanded() -> None:
    body = (
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/hostname">]><rss version="2.0"><channel><item><title>&b; &x;</title>'
        "<link>https://h.example/a</link></item></channel></rss>"
    )
    assert read(body).links[0].title == "&b; &x;"


def test_character_numbers_of_windows_1252_are_quotes() -> None:
    assert one(f"<title>The pier&#146;s end &#8212; &mdash; now</title>{LINK}").title == "The pier’s end — — now"


def test_feedparser_parses_a_feed_of_which_the_xml_parser_would_lose_items() -> None:
    twice = rss("<title>A</title><link>https://h.example/a</link>") + rss(
        "<title>B</title><link>https://h.example/b</link>"
    )
    feed = read(twice)
    assert [link.url for link in feed.links] == ["https://h.example/a", "https://h.example/b"]
    assert feed.note is not None
    assert feed.note.text.startswith("not well-formed")


@pytest.mark.parametrize("second", ["<![CDATA[Quay]]>", "Quay"])
def test_a_cdata_section_without_an_end_does_not_swallow_the_next_item(second: str) -> None:
    feed = read(rss(f"<title><![CDATA[Pier</title>{LINK}", f"<title>{second}</title><link>/quay</link>"))
    assert [link.title for link in feed.links] == ["Pier", "Quay"]
    assert feed.note is not None


def test_a_gzipped_feed_is_decompressed() -> None:
    assert read(gzip.compress(SAMPLE)).links == read(SAMPLE).links


def test_a_feed_is_not_its_own_next_page() -> None:
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="{}"/></feed>'
    assert read(atom.format(URL)).next_url is None
    assert read(atom.format("/rss?page=2")).next_url == "https://harbour-gazette.example/rss?page=2"


def test_a_lone_surrogate_in_json_is_replaced() -> None:
    (link,) = read(
        '{"version": "https://jsonfeed.org/version/1", "items": [{"url": "/a", "title": "A \\ud83d B"}]}'
    ).links
    assert (link.title or "").encode() == b"A ? B"


SAMPLE = rss("<title>A &amp; B</title>" + LINK + "<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>").encode()


ATOM = (
    b'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://h.example/">'
    b'<entry><id>tag:1</id><link href="a"/><title type="html">A &amp;amp; B</title><updated>2026-03-01T09:00:00Z</updated>'
    b'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></content></entry></feed>'
)
JSON = (
    b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "url": "/a", "date_published": 1772355600}]}'
)


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_document_raises_only_parse_errors(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([SAMPLE, ATOM, JSON, gzip.compress(SAMPLE)])))
    for _ in range(data.draw(st.integers(0, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(body[: data.draw(st.integers(0, len(body)))]))
    except ParseError as error:
        assert "\n" not in error.reason


@settings(max_examples=100)
@given(st.binary(max_size=200), st.sampled_from([b"", b"<rss>", b"<feed>", b'{"items":[', b"\x1f\x8b", b"\xff\xfe"]))
def test_arbitrary_bytes_raise_only_parse_errors(body: bytes, start: bytes) -> None:
    try:
        read(start + body)
    except ParseError as error:
        assert "\n" not in error.reason


JSON_ITEMS = [
    {"id": str(number), "url": f"https://x.example/{number}", "title": f"Story {number}"} for number in range(5)
]
JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "language": "uk", "items": JSON_ITEMS})


@pytest.mark.parametrize(
    ("text", "links", "lost"),
    [
        (JSON_FEED[:-30], 4, 1),
        (JSON_FEED[: JSON_FEED.index('"3"')] + "," + JSON_FEED[JSON_FEED.index('"3"') :], 3, 2),
        (JSON_FEED.replace("]}", ",]}"), 5, 0),
    ],
)
def test_a_json_feed_that_is_cut_off_or_damaged_is_read_up_to_the_damage(text: str, links: int, lost: int) -> None:
    feed = read(text)
    assert (len(feed.links), sum(one.count for one in feed.left_out)) == (links, lost)
    assert feed.links[0].language == "uk"
    assert feed.note is not None
    assert feed.note.code is ReasonCode.MALFORMED


@pytest.mark.parametrize(
    "text",
    [
        f"show({JSON_FEED});",
        f")]}}'\n{JSON_FEED}",
        JSON_FEED.replace("Story 1", "Story\n1"),
        json.dumps({"version": "https://jsonfeed.org/version/1", "items": {item["id"]: item for item in JSON_ITEMS}}),
    ],
)
def test_json_feeds_in_other_wrappings_are_read(text: str) -> None:
    feed = read(text)
    assert [link.url for link in feed.links] == [item["url"] for item in JSON_ITEMS]
    assert feed.note is None


def test_a_document_of_one_entry_is_a_feed() -> None:
    feed = read(
        "<entry xmlns='http://www.w3.org/2005/Atom'><title>Pier</title><link href='https://x.example/a'/></entry>"
    )
    assert [link.url for link in feed.links] == ["https://x.example/a"]


def test_other_json_is_advised_as_a_listing() -> None:
    with pytest.raises(ParseError, match="list it under listings"):
        read(json.dumps([{"link": "https://x.example/a", "title": {"rendered": "Pier"}}]))

"""Parsing sitemaps and sitemap indexes."""

from __future__ import annotations

import gzip
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.exceptions import ParseError
from crawler.reasons import ReasonCode
from spiders.markup.parsed_document import ParsedDocument
from spiders.sitemaps.parser import parse_sitemap

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
URL = "https://harbour-gazette.example/sitemap.xml"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def read(body: str | bytes, **known: Any) -> ParsedDocument:
    defaults: dict[str, Any] = {"url": URL, "content_type": None, "fetched_at": NOW, "timezone": "Europe/Kyiv"}
    return parse_sitemap(body.encode() if isinstance(body, str) else body, **{**defaults, **known})


NEWS = (
    f'<?xml version="1.0" encoding="UTF-8"?><urlset {NS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
    "<url><loc>https://harbour-gazette.example/news/pier</loc><lastmod>2026-03-01</lastmod>"
    "<news:news><news:publication><news:name>Gazette</news:name><news:language>en</news:language></news:publication>"
    "<news:publication_date>2026-03-01T10:00:00+02:00</news:publication_date><news:title>Pier &amp; ferry</news:title>"
    "<news:keywords>harbour, ferry</news:keywords></news:news>"
    "<image:image><image:loc>https://cdn.example/pier.jpg</image:loc></image:image></url></urlset>"
)


def test_a_news_sitemap_has_title_time_language_and_image() -> None:
    (link,) = read(NEWS).links
    assert (link.url, link.title, link.language) == ("https://harbour-gazette.example/news/pier", "Pier & ferry", "en")
    assert link.published is not None
    assert (link.published.at.hour, link.published.offset_minutes, link.published.provenance) == (8, 120, "sitemap")
    assert link.updated is not None
    assert link.updated.precision == "day"
    assert (link.tags, link.image, link.kind) == (("harbour", "ferry"), "https://cdn.example/pier.jpg", "sitemap")


def test_gzip_is_decompressed_and_a_truncated_file_is_parsed_as_far_as_possible() -> None:
    packed = gzip.compress(NEWS.encode())
    assert read(packed).links == read(NEWS).links
    cut = read(gzip.compress((NEWS * 50).encode())[:-30])
    assert cut.links[0].title == "Pier & ferry"
    assert cut.note is not None
    assert cut.note.code is ReasonCode.TRUNCATED


def test_a_file_that_is_compressed_twice_is_decompressed_twice() -> None:
    assert read(gzip.compress(gzip.compress(NEWS.encode()))).links == read(NEWS).links


def test_robots_txt_is_an_index_of_the_sitemaps_that_it_names() -> None:
    named = read(
        "User-agent: *\nDisallow: /x\nSitemap: https://x.example/s.xml\nsitemap:/news.xml\nSitemap: mailto:a@x.example\n"
    )
    assert [child.url for child in named.children] == [
        "https://x.example/s.xml",
        "https://harbour-gazette.example/news.xml",
    ]
    assert [one.code for one in named.left_out] == [ReasonCode.NOT_HTTP]


def test_a_gzip_bomb_is_an_error() -> None:
    with pytest.raises(ParseError, match="bytes after decompression"):
        read(gzip.compress(b"\0" * 60_000_000))


def test_an_index_lists_its_child_sitemaps() -> None:
    index = read(
        f"<sitemapindex {NS}><sitemap><loc>/s1.xml</loc><lastmod>2026-02-28T10:00:00Z</lastmod></sitemap>"
        "<sitemap><loc>https://harbour-gazette.example/s2.xml.gz</loc></sitemap></sitemapindex>"
    )
    assert [(child.url, child.lastmod is not None) for child in index.children] == [
        ("https://harbour-gazette.example/s1.xml", True),
        ("https://harbour-gazette.example/s2.xml.gz", False),
    ]
    assert index.links == ()


def test_a_lastmod_in_the_future_counts_as_the_fetch_time() -> None:
    (child,) = read(
        "<sitemapindex><sitemap><loc>/s</loc><lastmod>2026-03-02</lastmod></sitemap></sitemapindex>"
    ).children
    assert child.lastmod == NOW


def test_several_gzip_members_are_one_document() -> None:
    half = len(NEWS) // 2
    assert read(gzip.compress(NEWS[:half].encode()) + gzip.compress(NEWS[half:].encode())).links == read(NEWS).links


def test_an_index_without_loc_elements_is_parsed() -> None:
    found = read("<sitemapindex><sitemap>\nhttps://x.example/s?a=1&amp;b=2\n</sitemap></sitemapindex>")
    assert [child.url for child in found.children] == ["https://x.example/s?a=1&b=2"]


def test_a_url_in_cdata_keeps_its_ampersands() -> None:
    body = "<urlset><url><loc><![CDATA[https://x.example/?a=1&b=2]]></loc><title>&bad</title></url></urlset>"
    assert read(body).links[0].url == "https://x.example/?a=1&b=2"


def test_of_too_many_urls_those_at_both_ends_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiders.sitemaps.parser.MAX_URLS", 10)
    sitemap = read(
        "<urlset>" + "".join(f"<url><loc>https://x.example/{n}</loc></url>" for n in range(15)) + "</urlset>"
    )
    assert [int(link.url.rpartition("/")[2]) for link in sitemap.links] == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]
    assert [(one.code, one.count) for one in sitemap.left_out] == [(ReasonCode.TOO_MANY_ENTRIES, 5)]


@pytest.mark.parametrize(
    "body",
    [
        "<urlset><url><loc> https://x.example/a </loc></url></urlset>",
        '<urlset xmlns="http://wrong.example/"><url><loc><![CDATA[https://x.example/a]]></loc></url></urlset>',
        '<?xml version="1.0"?><!-- made by x --><urlset><url><loc>https://x.example/a</loc></url><url><loc>',
        "https://x.example/a\n\nnot a url\n",
        "# ours\nhttps://x.example/a\t2026-02-01\n",
        "<br />\n<b>Notice</b>: x<br />\n<urlset><url><loc>https://x.example/a</loc></url></urlset>",
        "<url><loc>https://x.example/a</loc></url>",
        "<urlset><url>https://x.example/a</url></urlset>",
        "<urlset><url><s:loc>https://x.example/a</s:loc></url></urlset>",
        '<rss version="2.0"><channel><item><link>https://x.example/a</link></item></channel></rss>',
        "<ns:urlset xmlns:ns='x'><ns:url><ns:loc>https://x.example/a</ns:loc></ns:url></ns:urlset>",
    ],
)
def test_sitemaps_with_common_errors_are_parsed(body: str) -> None:
    assert [link.url for link in read(body).links] == ["https://x.example/a"]


def test_a_bare_ampersand_in_a_url_is_kept() -> None:
    found = read(
        "<urlset><url><loc>https://x.example/?a=1&b=2</loc></url><url><loc>https://x.example/c</loc></url></urlset>"
    )
    assert [link.url for link in found.links] == ["https://x.example/?a=1&b=2", "https://x.example/c"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty document"),
        (b"<!doctype html><html></html>", "an HTML page, not a sitemap"),
        (b"<note><to>x</to></note>", "root element <note>"),
        (b"not here", "it begins with 'not here'"),
        (b"User-agent: *\nDisallow: /x\n", "it begins with 'User-agent"),
        (b"\x1f\x8bnonsense", "invalid gzip"),
    ],
)
def test_a_document_that_is_not_a_sitemap_is_an_error_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(body)
    assert reason in caught.value.reason


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_document_raises_only_parse_errors(data: st.DataObject) -> None:
    body = bytearray(
        data.draw(st.sampled_from([NEWS.encode(), gzip.compress(NEWS.encode()), b"https://x.example/a\n"]))
    )
    for _ in range(data.draw(st.integers(0, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(body[: data.draw(st.integers(0, len(body)))]))
    except ParseError as error:
        assert "\n" not in error.reason


@pytest.mark.parametrize(
    "names", [("SiteMapIndex", "SiteMap", "Loc"), ("sitemapindex", "url", "loc"), ("UrlSet", "uRL", "LOC")]
)
def test_a_sitemap_may_be_listed_in_any_letter_case_and_under_either_name(names: tuple[str, str, str]) -> None:
    root, entry, loc = names
    sitemap = read(
        f"<{root}><{entry}><{loc}>https://harbour-gazette.example/sitemap-2.xml.gz</{loc}></{entry}></{root}>"
    )
    assert [one.url for one in sitemap.children] == ["https://harbour-gazette.example/sitemap-2.xml.gz"]
    assert sitemap.links == ()


def test_entries_with_other_names_are_counted() -> None:
    (left_out,) = read(
        f"<urlset {NS}><page><loc>https://harbour-gazette.example/a</loc></page><page/></urlset>"
    ).left_out
    assert (left_out.code, left_out.count) == (ReasonCode.UNREADABLE_ENTRY, 2)

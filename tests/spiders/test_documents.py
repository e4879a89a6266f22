"""Every entry of a feed, sitemap or listing becomes a link, or is left out with a reason code."""

from __future__ import annotations

import html
import json
from datetime import datetime, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.config.sources import Seed, Source
from crawler.models import SeedKind
from crawler.reasons import ReasonCode
from crawler.urls import absolute, is_hash_route, url_key
from spiders.documents import counted, parse_document
from spiders.markup.parsed_document import ParsedDocument

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
URL = "https://g.example/index"
SOURCE: dict[str, Any] = {"id": "g", "name": "G", "home": "https://g.example/", "feeds": [URL]}


def parse(body: str, kind: SeedKind = "feed", **keys: Any) -> ParsedDocument:
    source = Source.model_validate({**SOURCE, **keys})
    return parse_document(
        body.encode("utf-8", "replace"),
        seed=Seed(url=URL, kind=kind),
        url=URL,
        content_type=None,
        source=source,
        now=NOW,
    )


def rss(*items: str) -> str:
    return f"<rss><channel>{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"


def test_an_item_without_a_link_is_an_article_if_it_has_a_guid_and_a_text() -> None:
    document = parse(rss('<title>A</title><guid isPermaLink="false">alert-2</guid><description>Stay in.</description>',
                         "<title>B</title><description>Watch it.</description>"))  # fmt: skip
    (link,) = document.links
    assert (link.url, link.guid, link.summary, link.has_page) == (f"{URL}#alert-2", "alert-2", "Stay in.", False)
    assert document.entries == 2
    assert [(one.code, one.what) for one in document.left_out] == [(ReasonCode.NO_URL, "B")]
    assert document.note is not None
    assert (document.note.code, document.note.text) == (
        ReasonCode.ENTRIES_LEFT_OUT, "1 of 2 entries left out (no_url: 1)")  # fmt: skip


def test_the_source_of_atom_content_is_the_link() -> None:
    entry = '<entry><id>tag:1</id><title>A</title><content type="text/html" src="/a"/></entry>'
    document = parse(f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>')
    assert [link.url for link in document.links] == ["https://g.example/a"]


def test_a_sitemap_with_upper_case_elements_is_parsed() -> None:
    document = parse(
        "<URLSET><URL><LOC>https://g.example/a</LOC><LASTMOD>2026-02-01</LASTMOD></URL></URLSET>", "sitemap"
    )
    assert [(link.url, link.updated is not None) for link in document.links] == [("https://g.example/a", True)]
    index = parse("<SITEMAPINDEX><SITEMAP><LOC>https://g.example/s.xml</LOC></SITEMAP></SITEMAPINDEX>", "sitemap")
    assert [child.url for child in index.children] == ["https://g.example/s.xml"]


def test_links_excluded_by_the_paths_of_the_source_are_counted() -> None:
    document = parse(rss("<link>/world/a</link>", "<link>/sport/b</link>"), only_paths=["^/world/"])
    assert [link.url for link in document.links] == ["https://g.example/world/a"]
    assert counted(document.left_out) == {ReasonCode.ONLY_PATHS: 1}
    assert document.note is None


def test_items_that_are_lost_in_a_damaged_feed_are_counted() -> None:
    document = parse(rss("<link>/a</link>", "<link>/b</link>")[:-60] + "<item><<<")
    assert document.entries >= 2
    assert document.note is not None


def test_a_listing_without_article_links_is_a_fault_with_its_entries() -> None:
    document = parse('<a href="/about/">About us</a>', "listing")
    assert document.fault is not None
    assert (document.fault.code, document.entries) == (ReasonCode.NO_LINKS, 1)


ADDRESSES = st.one_of(
    st.sampled_from([
        "", "/a", "https://g.example/b", "mailto:x@g.example", "http://[::1", "javascript:void(0)", "//", "#top", "http://a b/",
        "https://other.example/2026/02/01/a-story-with-a-long-slug", "/2026/02/01/another-story-with-a-long-slug",
    ]),
    st.text(max_size=30),
)  # fmt: skip
TEXTS = st.one_of(st.just(""), st.text(max_size=20))
XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=20)


@settings(max_examples=120)
@given(st.lists(st.tuples(ADDRESSES, XML_TEXT, XML_TEXT), max_size=8), st.sampled_from(["rss", "atom", "json"]))
def test_the_entries_of_a_feed_are_its_links_and_those_left_out(entries: list[tuple[str, str, str]], form: str) -> None:
    if form == "json":
        items = [
            {"url": address, "title": title, "id": guid, "content_text": title} for address, title, guid in entries
        ]
        body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items})
    elif form == "rss":
        names = ("link", "title", "guid")
        body = rss(*("".join(f"<{name}>{html.escape(value)}</{name}>" for name, value in zip(names, entry, strict=True)
                             if value) for entry in entries))  # fmt: skip
    else:
        body = "".join(f'<entry><link href="{html.escape(address)}"/><id>{html.escape(guid)}</id>'
                       f"<summary>{html.escape(title)}</summary></entry>" for address, title, guid in entries)  # fmt: skip
        body = f'<feed xmlns="http://www.w3.org/2005/Atom">{body}</feed>'
    document = parse(body)
    left_out = sum(one.count for one in document.left_out)
    assert len(document.links) + left_out == document.entries
    assert document.entries == len(entries)
    assert all(isinstance(one.code, ReasonCode) for one in document.left_out)


@settings(max_examples=80)
@given(st.lists(ADDRESSES, max_size=8), st.booleans())
def test_the_entries_of_a_sitemap_are_its_links_and_those_left_out(addresses: list[str], is_index: bool) -> None:
    tag, root = ("sitemap", "sitemapindex") if is_index else ("url", "urlset")
    body = "".join(f"<{tag}><loc>{html.escape(address)}</loc></{tag}>" for address in addresses)
    document = parse(f"<{root}>{body}</{root}>", "sitemap")
    assert document.entries == len(addresses)


@settings(max_examples=80)
@given(st.lists(ADDRESSES, max_size=8, unique=True))
def test_every_address_of_a_listing_is_a_link_or_left_out(addresses: list[str]) -> None:
    body = "".join(f'<a href="{html.escape(address)}">A long headline of a story</a>' for address in addresses)
    document = parse(f"<html><body>{body}</body></html>", "listing")
    assert len(document.links) + len(document.left_out) == document.entries
    seen = {one.what for one in document.left_out} | {link.url for link in document.links}
    assert {"mailto:x@g.example", "javascript:void(0)"} & set(addresses) <= seen
    shown = (
        address
        for address in addresses
        if address.isprintable() and address.strip() and not address.strip().startswith("#")
    )
    found = (absolute(URL, address) for address in shown if not is_hash_route(address.strip()))
    assert {url_key(url) for url in found if url} <= {url_key(what) for what in seen}


def test_items_with_different_guids_and_texts_at_one_url_are_different_articles() -> None:
    items = [
        f"<title>Alert {n}</title><link>https://g.example/alerts/</link><guid isPermaLink='false'>alert-{n}</guid>"
        f"<description>Text of alert {n}.</description>"
        for n in range(3)
    ]
    for identity in ("guid", "url"):
        document = parse(rss(*items), identity=identity)
        assert [link.summary for link in document.links] == [f"Text of alert {n}." for n in range(3)]
        assert not any(link.has_page for link in document.links)
        assert len({link.url for link in document.links}) == 3


def test_two_items_at_one_url_may_be_versions_of_one_article() -> None:
    item = "<title>{} pier</title><link>https://g.example/pier</link><guid isPermaLink='false'>{}</guid><description>T</description>"
    assert all(link.has_page for link in parse(rss(item.format("Old", 1), item.format("Old", 2))).links)
    assert all(link.has_page for link in parse(rss(item.format("Old", 1), item.format("New", 2))).links)
    other = item.replace("{} pier", "Market opens").format(2)
    assert not any(link.has_page for link in parse(rss(item.format("Old", 1), other)).links), "the titles share no word"


def test_addresses_that_differ_in_tracking_parameters_or_a_slash_are_one_url() -> None:
    for address in ("/alerts?utm_content={}", "/alerts{}", "/alerts"):
        ends = ("/", "", "/") if address == "/alerts{}" else (1, 2, 3)
        items = [f"<title>Alert {n}</title><link>{address.format(end)}</link><description>Text {n}.</description>"
                 for n, end in enumerate(ends)]  # fmt: skip
        links = parse(rss(*items)).links
        assert [(link.guid, link.has_page) for link in links] == [(f"Alert {n}", False) for n in range(3)]


def test_a_pattern_matches_both_spellings_of_a_path() -> None:
    for address in ("/\u043d\u043e\u0432\u0438\u043d\u0438/a", "/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8/a"):
        document = parse(rss(f"<link>{address}</link>"), only_paths=["^/\u043d\u043e\u0432\u0438\u043d\u0438/"])
        assert len(document.links) == 1

"""Reading and writing OPML."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from crawler.config.opml import Imported, parse_opml, read_opml, to_opml
from crawler.config.sources import Source
from crawler.exceptions import ParseError

NOW = datetime(2026, 5, 2, 12, tzinfo=timezone.utc)


def read(outlines: str) -> Imported:
    return parse_opml(f'<opml version="2.0"><body>{outlines}</body></opml>'.encode(), what="feeds.opml")


def source(**known: object) -> Source:
    return Source.model_validate(
        {"id": "gazette", "name": "Gazette", "home": "https://g.example/", "feeds": ["https://g.example/rss"], **known}
    )


def test_an_outline_is_a_subscription() -> None:
    (one,) = read(
        '<outline text="Gazette" type="rss" xmlUrl="https://g.example/rss" htmlUrl="https://g.example/" language="uk-UA"/>'
    ).subscriptions
    assert (one.name, one.home, one.feeds, one.language) == (
        "Gazette",
        "https://g.example/",
        ("https://g.example/rss",),
        "uk",
    )


def test_folders_may_be_nested() -> None:
    (one,) = read(
        '<outline text="News"><outline title="Coast"><outline text="G" xmlUrl="https://g.example/rss"/></outline></outline>'
    ).subscriptions
    assert one.folders == ("News", "Coast")
    assert one.home == "https://g.example/"


def test_attribute_names_are_case_insensitive_and_the_feed_prefix_is_removed() -> None:
    (one,) = read('<outline TEXT="G" XMLURL="feed:https://g.example/rss" HTMLURL="https://g.example/x"/>').subscriptions
    assert (one.feeds, one.home) == (("https://g.example/rss",), "https://g.example/x")


def test_feeds_of_one_home_page_are_one_outlet() -> None:
    (one,) = read(
        '<outline text="G" xmlUrl="https://g.example/a" htmlUrl="https://g.example/"/>'
        '<outline text="G again" xmlUrl="https://g.example/b" htmlUrl="https://g.example/"/>'
        '<outline text="G" xmlUrl="https://g.example/a" htmlUrl="https://g.example/"/>'
    ).subscriptions
    assert (one.name, one.feeds) == ("G", ("https://g.example/a", "https://g.example/b"))


def test_an_outline_with_an_invalid_address_is_reported_and_the_others_are_kept() -> None:
    imported = read('<outline text="Bad" xmlUrl="nowhere"/><outline text="G" xmlUrl="https://g.example/rss"/>')
    assert [one.name for one in imported.subscriptions] == ["G"]
    assert imported.left_out == ("Bad: 'nowhere' is not an http(s) address",)


def test_an_outline_without_an_address_is_reported_and_the_address_of_opml_1_is_read() -> None:
    imported = read('<outline text="L" type="link"/><outline text="A" type="rss" url="https://a.example/rss"/>')
    assert [one.feeds for one in imported.subscriptions] == [("https://a.example/rss",)]
    assert imported.left_out == ("L: no address of a feed (xmlUrl)",)


def test_the_categories_of_opml_2_are_folders() -> None:
    (one,) = read('<outline text="A" category="/War/Ukraine,/Sea" xmlUrl="https://a.example/rss"/>').subscriptions
    assert one.folders == ("War", "Ukraine", "Sea")


def test_a_damaged_file_is_read_as_far_as_possible() -> None:
    body = b'<opml><body><outline text="A & B" xmlUrl="https://g.example/rss"/><outline text="x"'
    assert [one.feeds for one in parse_opml(body, what="x").subscriptions] == [("https://g.example/rss",)]


@pytest.mark.parametrize("body", [b"", b"hello", b"<html><body/></html>", b"\x00\xff", b"{}"])
def test_a_document_that_is_not_opml_is_an_error_in_one_line(body: bytes) -> None:
    with pytest.raises(ParseError, match=r"feeds\.opml: (?:not OPML|invalid XML)"):
        parse_opml(body, what="feeds.opml")


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    body = f'<!DOCTYPE opml [<!ENTITY x SYSTEM "file://{secret}">]><opml><body>&x;<outline text="G" xmlUrl="https://g.example/"/></body></opml>'
    assert "secret" not in repr(parse_opml(body.encode(), what="x").subscriptions[0].name)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="no such file"):
        read_opml(tmp_path / "none.opml")


def test_exported_feeds_can_be_imported() -> None:
    sources = [
        source(name='G & "co" <x>', language="en"),
        source(id="two", name="Дві", home="https://t.example/", feeds=["https://t.example/a", "https://t.example/b"]),
    ]
    back = parse_opml(to_opml(sources, title="t", now=NOW), what="x").subscriptions
    assert [(one.name, one.home, one.feeds, one.language) for one in back] == [
        ('G & "co" <x>', "https://g.example/", ("https://g.example/rss",), "en"),
        ("Дві", "https://t.example/", ("https://t.example/a", "https://t.example/b"), None),
    ]


def test_characters_that_are_invalid_in_xml_are_removed_from_names() -> None:
    assert (
        parse_opml(to_opml([source(name="a\x00\x1bb\ufffe")], title="t", now=NOW), what="x").subscriptions[0].name
        == "ab"
    )


def test_bare_ampersands_and_quotation_marks_are_repaired() -> None:
    imported = read(
        '<outline text="Tide & time" xmlUrl="https://t.example/rss.aspx?tab=8&part=7&most=25" htmlUrl="https://t.example/"/>'
        '<outline text="the "old" pier" title="the "old" pier" type="rss" xmlUrl="https://p.example/feed"/>'
        '<outline text="Z" type="rss" xmlUrl="https://z.example/rss"/>'
    )
    assert [(one.name, one.feeds[0]) for one in imported.subscriptions] == [
        ("Tide & time", "https://t.example/rss.aspx?tab=8&part=7&most=25"),
        ('the "old" pier', "https://p.example/feed"),
        ("Z", "https://z.example/rss"),
    ]
    assert imported.left_out == ()


def test_slips_of_other_programs_are_repaired() -> None:
    imported = read(
        '<outline text="Tide &eacute; time"xmlUrl="https://t.example/rss"/>'
        '<outline text="Pier &amp;amp; quay" xmlUrl="https://p.example/rss?a=1&amp;amp;b=2"/>'
    )
    assert [(one.name, one.feeds[0]) for one in imported.subscriptions] == [
        ("Tide é time", "https://t.example/rss"),
        ("Pier & quay", "https://p.example/rss?a=1&b=2"),
    ]
    (one,) = read(
        '<outline text="E" xmlUrl="https://e.example/" htmlUrl="https://mara:tide7@e.example/"/>'
    ).subscriptions
    assert one.home == "https://e.example/"


@pytest.mark.parametrize(("declared", "used"), [(None, "cp1252"), ("utf-16", "utf-8"), ("utf-8", "cp1252")])
def test_a_file_whose_encoding_is_not_declared_or_declared_wrong_is_decoded(declared: str | None, used: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = f'{prolog}<opml><body><outline text="Café" xmlUrl="https://c.example/rss"/></body></opml>'
    (one,) = parse_opml(text.encode(used), what="x").subscriptions
    assert one.name == "Café"


def test_outlines_that_are_lost_in_a_damaged_file_are_reported() -> None:
    body = b'<opml><body><outline text="A" xmlUrl="https://a.example/"/><outline text="B" xmlUrl="https://b.ex'
    imported = parse_opml(body, what="x")
    assert [one.name for one in imported.subscriptions] == ["A"]
    assert imported.left_out[0].startswith("1 of its feeds could not be read because the file is damaged: ")
    cut_before_the_address = parse_opml(body[: body.rindex(b" xmlUrl")], what="x")
    assert cut_before_the_address.left_out == ("the file is cut off after its first 1 feeds; export it again",)


@pytest.mark.parametrize(
    "address", ["https://mara:tide7@g.example/rss", "//mara:tide7@g.example/", "mara:tide7@g.example"]
)
def test_an_address_with_a_password_is_refused_and_never_printed(address: str) -> None:
    imported = read(
        f'<outline text="Gazette {address}" xmlUrl="{address}"/><outline text="E" xmlUrl="https://e.example/"/>'
    )
    assert [one.name for one in imported.subscriptions] == ["E"]
    assert "user name or password" in imported.left_out[0]
    assert "tide7" not in imported.left_out[0]
    (one,) = read(f'<outline text="E" xmlUrl="https://e.example/" htmlUrl="{address}"/>').subscriptions
    assert "tide7" not in one.home or "//" not in address


def test_feeds_of_one_host_without_a_home_page_are_different_outlets() -> None:
    imported = read(
        '<outline text="Coast" xmlUrl="https://feeds.example/coast"/><outline text="Sea" xmlUrl="https://feeds.example/sea"/>'
    )
    assert [one.name for one in imported.subscriptions] == ["Coast", "Sea"]


def test_the_folders_of_all_feeds_of_an_outlet_are_kept() -> None:
    feeds = [f'<outline text="{name}"><outline text="G" xmlUrl="https://g.example/{name}" htmlUrl="https://g.example/"/></outline>'
             for name in ("Coast", "Sea")]  # fmt: skip
    (one,) = read("".join(feeds)).subscriptions
    assert one.folders == ("Coast", "Sea")

"""robots.txt according to RFC 9309."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest

from crawler.http.robotstxt import (
    DISALLOWED,
    MAX_BYTES,
    MAX_DELAY,
    UNREACHABLE,
    fallback_rules,
    is_fresh,
    parse_robots,
    robots_rules,
)
from crawler.models import StoredRobots
from tests.support.corpus import corpus_or_skip

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
SITE = "https://x.example"


def allows(text: str, path: str) -> bool:
    return parse_robots(text.encode()).refusal(SITE + path) is None


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("", "/a", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: WIREWATCH\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/a", False),
        ("User-agent: wirewatch\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", True),
        (
            "User-agent: *\nDisallow: /example/\nAllow: /example/page",
            "/example/page.html",
            True,
        ),  # the longest match wins
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),  # equal length: the least restrictive rule wins
        ("User-agent: *\nDisallow: /*.gif$", "/x/pic.gif", False),
        ("User-agent: *\nDisallow: /*.gif$", "/x/pic.gif?a=1", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: a\nUser-agent: wirewatch\nDisallow: /x", "/x", False),
        (
            "User-agent: wirewatch\nDisallow: /x\nUser-agent: b\nDisallow: /z\nUser-agent: wirewatch\nDisallow: /y",
            "/y",
            False,
        ),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
        ("user-agent: * # all\ndisallow: /a # secret", "/a/b", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("User-agent: *\rDisallow: /a\r", "/a", False),
        # the whole product token is compared, without what follows it (2.2.1)
        ("User-agent: Wirewatch/2.0 (news)\nDisallow: /a", "/a", False),
        ("User-agent: wirewatch # ours\nDisallow: /a", "/a", False),
        ("User-agent: Wire\nDisallow: /", "/a", True),
        ("User-agent: Wirewatch-news\nDisallow: /", "/a", True),
        ("User-agent: newswirewatch\nDisallow: /", "/a", True),
        ("Useragent: wirewatch\nDisallow: /a", "/a", False),
        # our own group replaces "*", even without rules; an empty line does not end a group
        ("User-agent: wirewatch\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: wirewatch\nCrawl-delay: 3\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: wirewatch\n\n\nDisallow: /a", "/a", False),
        ("Disallow: /a\nUser-agent: *\nDisallow: /b", "/a", True),  # a rule without a group
        ("User-agent: *\nSitemap: https://x.example/s.xml\nDisallow: /a", "/a", False),
        # percent-encoding (2.2.2) and special characters (2.2.3)
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
        ("User-agent: *\nDisallow: /%7Ejoe/", "/~joe/x", False),
        ("User-agent: *\nDisallow: /новини", "/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8/1", False),
        ("User-agent: *\nDisallow: /\nAllow: /$", "/", True),
        ("User-agent: *\nDisallow: /\nAllow: /$", "/a", False),
        ("User-agent: *\nDisallow: /A", "/a", True),
        ("User-agent: *\nDisallow: /robots.txt", "/robots.txt", True),
    ],
)
def test_a_path_is_allowed_or_forbidden_by_the_rules(text: str, path: str, allowed: bool) -> None:
    assert allows(text, path) is allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_without_a_robots_txt_everything_is_allowed(status: int) -> None:
    assert robots_rules(status, b"User-agent: *\nDisallow: /").refusal(SITE) is None


@pytest.mark.parametrize("status", [None, 429, 500, 502, 503])
def test_if_robots_txt_cannot_be_fetched_nothing_is_allowed(status: int | None) -> None:
    assert robots_rules(status, b"").refusal(SITE) == UNREACHABLE


def test_a_web_page_instead_of_robots_txt_has_no_rules() -> None:
    assert allows("<!DOCTYPE html><title>Not found</title>\nUser-agent: *\nDisallow: /", "/a")


def test_crawl_delay_is_obeyed_up_to_a_minute() -> None:
    assert parse_robots(b"User-agent: *\nCrawl-delay: 7.5\nDisallow: /x").delay == 7.5
    assert parse_robots(b"User-agent: *\nCrawl-delay: 86400").delay == MAX_DELAY
    assert parse_robots(b"User-agent: *\nCrawl-delay: soon").delay == 0


def test_a_robots_txt_is_used_for_a_day_or_for_a_month_if_it_cannot_be_fetched_again() -> None:
    def stored(status: int | None, age: timedelta) -> StoredRobots:
        return StoredRobots(http_status=status, body=b"", fetched_at=NOW - age)

    assert is_fresh(stored(200, timedelta(hours=23)), NOW)
    assert not is_fresh(stored(200, timedelta(hours=25)), NOW)
    assert not is_fresh(stored(503, timedelta(hours=1)), NOW)
    assert fallback_rules(stored(200, timedelta(days=29)), NOW) is not None
    assert fallback_rules(stored(200, timedelta(days=31)), NOW) is None
    assert fallback_rules(stored(404, timedelta(days=1)), NOW) is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_determines_the_encoding(encoding: str) -> None:
    assert parse_robots("User-agent: *\nDisallow: /a".encode(encoding)).refusal(SITE + "/a") == DISALLOWED


def test_a_robots_txt_that_is_not_text_has_no_rules() -> None:
    assert parse_robots(bytes(range(256)) * 100).refusal(SITE + "/a") is None


def test_rules_beyond_500_kib_and_the_line_cut_there_are_ignored() -> None:
    head, last = b"User-agent: *\nDisallow: /first\n", b"\nDisallow: /last\n"
    body = head + b"#" * (MAX_BYTES - len(head) - len(b"\nDisallow: /")) + last
    assert body[:MAX_BYTES].endswith(b"\nDisallow: /")
    assert parse_robots(body).refusal(SITE + "/first") == DISALLOWED
    assert parse_robots(body).refusal(SITE + "/last") is None
    assert parse_robots(body).refusal(SITE + "/a") is None


def test_a_long_robots_txt_is_parsed_quickly() -> None:
    rules = b"".join(b"Disallow: /*/%d*/x$\n" % number for number in range(20_000))
    for hostile in (
        b"User-agent: *\n" + rules,
        b"User-agent: *\nDisallow: " + b"/*a" * 150_000,
        b"User-agent: a\n" * 30_000,
    ):
        begun = time.process_time()
        parse_robots(hostile).refusal(SITE + "/a" * 1000)
        assert time.process_time() - begun < 3


def test_a_refusal_has_a_short_reason() -> None:
    assert parse_robots(b"User-agent: *\nDisallow: /").refusal(SITE + "/a") == DISALLOWED


def test_every_robots_txt_of_the_corpus_is_parsed() -> None:
    files = [path for path in corpus_or_skip("feeds/sitemaps").iterdir() if "robots" in path.name]
    assert files
    for path in files:
        rules = parse_robots(path.read_bytes())
        rules.refusal(SITE + "/a")
        assert all(isinstance(url, str) for url in rules.sitemaps)
        assert 0 <= rules.delay <= MAX_DELAY

"""The downloader middlewares in a real engine, against sites on loopback."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.config.app import AppConfig
from crawler.exceptions import ArchiveError, FetchRefusedError
from crawler.http.browser import browser_settings
from crawler.http.host_state import InMemoryHostState
from crawler.http.private_network_proxy import FilteringProxy
from crawler.middlewares.robotstxt import RobotsTxtMiddleware
from crawler.models import StoredRobots
from crawler.reasons import ReasonCode
from tests.support.child_crawl import crawl_in_child
from tests.support.cli import scrapy
from tests.support.servers.loopback import Reply, Site, html

PAGE = "<html><body>" + "<p>The ferry runs again from Monday.</p>" * 200 + "</body></html>\n<!-- cached 12:00 -->"


@pytest.fixture
def other() -> Iterator[Site]:
    with Site() as made:
        yield made


def moved(url: str) -> Reply:
    return Reply(status=302, headers={"Location": url})


# --- Private addresses ------------------------------------------------------------------------------------------------

FORMS = (
    "127.0.0.1", "127.1", "127.0.0.1.", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0", "0", "localhost",
    "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "10.0.0.1",
    "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]",
)  # fmt: skip


def test_private_addresses_are_refused_in_every_notation_directly_and_by_redirect(site: Site) -> None:
    with Site("127.0.0.1") as inside:
        port = urlsplit(inside.base).port
        direct = [f"http://{form}:{port}/secret" for form in FORMS]
        hops = [f"{site.base}/hop{number}" for number in range(len(FORMS))]
        for number, url in enumerate(direct):
            site[f"/hop{number}"] = moved(url)
        responses = crawl_in_child([*direct, *hops], private=[site.address])
        assert inside.requests == []
    for url in (*direct, *hops):
        assert responses[url].refused, responses[url]
        assert "private address; allow_private = true in sources.toml" in responses[url].reason, responses[url]


def test_a_private_host_is_allowed_only_for_its_own_source(site: Site, other: Site) -> None:
    site["/a"] = html(PAGE)
    site["/hop"] = moved(f"{other.base}/secret")
    other["/secret"] = html(PAGE)
    urls = [(f"{site.base}/a", "gazette"), (f"{site.base}/hop", "gazette"), (f"{other.base}/secret", "herald")]
    responses = crawl_in_child(
        urls, private=[site.address, other.address], sources={"gazette": [site.address], "herald": [other.address]}
    )
    assert responses[f"{site.base}/a"].status == 200
    assert responses[f"{site.base}/hop"].reason == f"{other.address} is a private host of another source"
    assert responses[f"{other.base}/secret"].status == 200
    assert [path for path, _ in other.requests] == ["/robots.txt", "/secret"]


def test_behind_an_egress_proxy_private_addresses_stay_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv(name, "" if name == "no_proxy" else site.base)
    site["http://news.example/a"] = html(PAGE)  # a proxy is asked for whole URLs
    responses = crawl_in_child(["http://news.example/a", "http://169.254.169.254/secret"])
    assert responses["http://news.example/a"].status == 200
    assert responses["http://169.254.169.254/secret"].refused
    assert [path for path, _ in site.requests] == ["http://news.example/robots.txt", "http://news.example/a"]


# --- robots.txt and Retry-After ---------------------------------------------------------------------------------------


def plain(text: str, **keys: object) -> Reply:
    return Reply(body=text.encode(), headers={"Content-Type": "text/plain"}, **keys)  # type: ignore[arg-type]  # as Reply


def test_robots_txt_is_fetched_once_first_and_also_obeyed_after_redirects(site: Site, other: Site) -> None:
    site["/robots.txt"] = moved("/rules")
    site["/rules"] = plain("User-agent: Wirewatch/1.0\nDisallow: /no\n\nUser-agent: Wire\nDisallow: /")
    other["/robots.txt"] = plain("User-agent: *\nDisallow: /secret")
    site["/yes"], site["/hop"] = html(PAGE), moved(f"{other.base}/secret")
    urls = [f"{site.base}{path}" for path in ("/no", "/yes", "/no?again", "/hop")]
    responses = crawl_in_child(urls, private=[site.address, other.address])
    assert {url for url in urls if responses[url].reason == "robots.txt disallows it"} == {urls[0], urls[2], urls[3]}
    assert responses[urls[1]].status == 200
    paths = [path for path, _ in site.requests]
    assert paths[:2] == ["/robots.txt", "/rules"]
    assert sorted(paths[2:]) == ["/hop", "/yes"], "requested at the same time, in any order"
    assert [path for path, _ in other.requests] == ["/robots.txt"]


def test_a_truncated_robots_txt_forbids_everything_and_endless_redirects_count_as_no_robots_txt(
    site: Site, other: Site
) -> None:
    rules = gzip.compress(b"User-agent: *\nDisallow: /other\n" * 50)
    site["/robots.txt"] = Reply(body=rules[:-9], headers={"Content-Type": "text/plain", "Content-Encoding": "gzip"})
    other["/robots.txt"] = moved("/robots.txt")
    site["/a"] = other["/a"] = html(PAGE)
    responses = crawl_in_child([f"{site.base}/a", f"{other.base}/a"], private=[site.address, other.address])
    assert responses[f"{site.base}/a"].code == ReasonCode.ROBOTS_UNREACHABLE
    assert site.paths() == []
    assert responses[f"{other.base}/a"].status == 200
    assert len([path for path, _ in other.requests if path == "/robots.txt"]) == 6


def test_crawl_delay_makes_a_domain_slower(site: Site) -> None:
    site["/robots.txt"] = plain("User-agent: *\nCrawl-delay: 1")
    times: list[float] = []

    def page(_: object) -> Reply:
        times.append(time.monotonic())
        return html(PAGE)

    paths = "abcde"
    for path in paths:
        site[f"/{path}"] = page
    crawl_in_child([f"{site.base}/{path}" for path in paths], private=[site.address])
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.95


def test_after_a_429_the_domain_gets_no_more_requests_and_the_response_is_passed_on(site: Site, other: Site) -> None:
    site["/a"] = Reply(status=429, headers={"Retry-After": "120"}, body=b"slow down")
    site["/b"] = site["/c"] = other["/d"] = html(PAGE)
    urls = [f"{site.base}/a", f"{site.base}/b", f"{site.base}/c", f"{other.base}/d"]
    responses = crawl_in_child(urls, private=[site.address, other.address])
    assert (responses[urls[0]].status, responses[urls[0]].body) == (429, "slow down")
    for queued in urls[1:3]:  # they were in the downloader's queue already
        assert responses[queued].reason.startswith("HTTP 429, Retry-After 120: not before 2")
    assert responses[urls[3]].status == 200
    assert site.paths() == ["/a"]


def test_an_invalid_retry_after_means_the_default_wait(site: Site) -> None:
    site["/a"] = Reply(status=503, headers={"Retry-After": "\xb2"}, body=b"later")
    responses = crawl_in_child([f"{site.base}/a"], private=[site.address])
    assert responses[f"{site.base}/a"].status == 503


def test_scrapy_fetch_and_shell_work_without_an_archive_and_obey_robots_txt(site: Site, tmp_path: Path) -> None:
    site["/robots.txt"] = plain("User-agent: *\nDisallow: /no")
    site["/a"] = html(PAGE)
    (tmp_path / "sources.toml").write_text("")
    allow = ("-s", f"WIREWATCH_PRIVATE_HOSTS={site.address}")
    fetched = scrapy("fetch", "--nolog", *allow, f"{site.base}/a", data=tmp_path)
    assert (fetched.returncode, fetched.stdout.strip()) == (0, PAGE)
    shell = scrapy("shell", *allow, "-c", "response.css('p::text').get()", f"{site.base}/a", data=tmp_path)
    assert (shell.returncode, shell.stdout.strip()) == (0, "The ferry runs again from Monday.")
    scrapy("fetch", "--nolog", *allow, f"{site.base}/no", data=tmp_path)
    assert site.paths() == ["/a", "/a"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sources.toml"]


# --- Bodies -----------------------------------------------------------------------------------------------------------


def test_a_truncated_body_is_flagged_and_a_complete_one_is_not(site: Site) -> None:
    packed, kind = gzip.compress(PAGE.encode()), {"Content-Type": "text/html"}
    site["/gzip"] = Reply(body=packed, headers={**kind, "Content-Encoding": "gzip"})
    site["/gzip-cut"] = Reply(body=packed[:-20], headers={**kind, "Content-Encoding": "gzip"})
    site["/gzip-close"] = Reply(body=packed, headers={**kind, "Content-Encoding": "gzip"}, without_length=True)
    site["/close"] = Reply(body=PAGE.encode(), headers=kind, without_length=True)
    site["/close-cut"] = Reply(body=PAGE.encode()[:900], headers=kind, without_length=True)
    site["/mislabelled"] = Reply(body=PAGE.encode(), headers={**kind, "Content-Encoding": "UTF-8"})
    site["/bomb"] = Reply(body=gzip.compress(b"a" * 9_000_000), headers={**kind, "Content-Encoding": "gzip"})
    site["/length"] = Reply(body=PAGE.encode(), headers=kind, length=len(PAGE.encode()) + 9)
    site["/length-cut"] = Reply(body=PAGE.encode()[:900], headers=kind, length=len(PAGE.encode()))
    paths = (
        "/gzip",
        "/gzip-cut",
        "/gzip-close",
        "/close",
        "/close-cut",
        "/mislabelled",
        "/bomb",
        "/length",
        "/length-cut",
    )
    found = crawl_in_child([f"{site.base}{path}" for path in paths], private=[site.address])
    responses = {path: found[f"{site.base}{path}"] for path in paths}
    assert {path: list(each.flags) for path, each in responses.items() if each.flags} == {
        "/gzip-cut": ["truncated"],
        "/close-cut": ["partial"],
        "/length-cut": ["dataloss"],
    }
    assert site.paths().count("/length-cut") == 2, "tried again, because the next response may be whole"
    assert {path for path in paths if responses[path].body == PAGE} == {
        "/gzip",
        "/gzip-close",
        "/close",
        "/mislabelled",
        "/length",
    }
    assert {responses[path].kind for path in paths if responses[path].body == PAGE} == {"HtmlResponse"}
    assert not responses["/bomb"].refused
    assert responses["/bomb"].reason == "larger than 8,388,608 bytes unpacked"


# --- The browser ------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_refusal_by_the_browsers_proxy_is_not_a_page_of_the_outlet(site: Site, other: Site) -> None:
    site["/a"] = html("<body><script>document.body.innerHTML = '<p>rendered</p>'</script></body>")
    site["/hop"] = moved(f"{other.base}/secret")
    with Site() as gone:
        pass
    site["/gone"] = moved(f"{gone.base}/a")
    urls = [f"{site.base}{path}" for path in ("/a", "/hop", "/gone")]
    with FilteringProxy([site.address, gone.address]) as proxy:
        rendering = browser_settings(AppConfig.read(), proxy.url) | {"PLAYWRIGHT_ABORT_REQUEST": None}
        responses = crawl_in_child(urls, private=[site.address], meta={"playwright": True}, **rendering)
    assert "<p>rendered</p>" in responses[urls[0]].body
    assert responses[urls[1]].reason.startswith(f"{other.address} is a private address")
    assert (responses[urls[2]].refused, responses[urls[2]].reason) == (False, "connection refused")
    assert other.requests == []


def test_an_archive_error_is_not_reported_as_a_robots_txt_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class FullDisk(InMemoryHostState):
        async def record_robots(self, origin: str, robots: StoredRobots) -> None:
            raise ArchiveError("archive.db: cannot be written (database or disk is full)")

    class Engine:
        async def download_async(self, request: Request) -> Response:
            return Response(request.url, status=404)

    middleware = RobotsTxtMiddleware(SimpleNamespace(spider=None, engine=Engine()))  # type: ignore[arg-type]
    middleware._store = FullDisk()
    with pytest.raises(FetchRefusedError, match="database or disk is full"):
        asyncio.run(middleware.process_request(Request("https://gazette.example/a")))
    assert not caplog.records


# --- Redirects in pages -----------------------------------------------------------------------------------------------


def test_a_page_that_only_redirects_is_followed_and_a_loop_of_them_ends(site: Site) -> None:
    site["/s/18"] = Reply(headers={"Refresh": "0; url=/news/pier"})
    site["/s/17"] = html("<meta http-equiv=refresh content='0; url=/news/pier'>Redirecting")
    site["/news/pier"] = html(PAGE)
    site["/a"], site["/b"] = html("<script>location.replace('/b')</script>"), html("<script>location='/a'</script>")
    urls = [f"{site.base}/s/17", f"{site.base}/a", f"{site.base}/s/18"]
    responses = crawl_in_child(urls, private=[site.address])
    assert responses[urls[0]].status == 200
    assert "/news/pier" in [path for path, _ in site.requests]
    assert "redirects did not end" in responses[urls[1]].reason
    assert responses[urls[2]].final_url == f"{site.base}/news/pier"
    assert len(site.requests) < 14

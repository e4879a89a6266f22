"""Crawls of one site: robots.txt, Retry-After, conditional requests, private addresses, failures, and the output."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import pty
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import ROOT, scrapy
from tests.support.servers.loopback import Reply, Site, html, xml
from tests.support.source_folder import PARAGRAPHS, SourceFolder, article_page, feed_of


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> SourceFolder:
    return SourceFolder(tmp_path, site)


def test_a_url_that_robots_txt_disallows_is_not_requested_and_is_reported(folder: SourceFolder, site: Site) -> None:
    site["/robots.txt"] = Reply(
        body=b"User-agent: Wirewatch\nDisallow: /private/\n", headers={"Content-Type": "text/plain"}
    )
    site["/rss"] = xml(feed_of("/private/a", "/news/b"))
    site["/news/b"] = html(article_page("Pier closes"))
    printed = folder.crawl()
    assert site.paths() == ["/rss", "/news/b"]
    assert folder.rows("SELECT reason FROM unfetched") == [("robots.txt disallows it",)]
    assert "robots.txt disallows it" in printed


def test_a_copy_of_archive_db_has_everything_that_a_crawl_stored(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of("/news/b"))
    site["/news/b"] = html(article_page("Pier closes"))
    folder.crawl()
    copy = sqlite3.connect(shutil.copy(folder.path / "archive.db", folder.path / "copy.db"))
    assert copy.execute("SELECT title FROM revisions").fetchall() == [("Pier closes",)]
    copy.close()


def test_nothing_is_requested_if_robots_txt_cannot_be_fetched(folder: SourceFolder, site: Site) -> None:
    site["/robots.txt"] = Reply(status=503)
    site["/rss"] = xml(feed_of("/a"))
    assert "robots.txt could not be fetched" in folder.crawl(status=1)
    assert site.paths() == []


def test_the_next_run_obeys_retry_after_too(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of("/a", "/b"))
    site["/a"] = site["/b"] = Reply(
        status=429, headers={"Retry-After": "3600", "Content-Type": "text/html"}, body=b"slow down"
    )
    folder.crawl()
    first = len(site.paths())
    folder.make_all_due()
    assert "HTTP 429, Retry-After 3600: not before" in folder.crawl(status=1)
    assert len(site.paths()) == first


def test_a_second_poll_and_a_recheck_are_conditional_and_a_304_changes_nothing(
    folder: SourceFolder, site: Site
) -> None:
    def tagged(reply: Reply) -> Any:
        def respond(headers: Mapping[str, str]) -> Reply:
            if headers.get("if-none-match") == '"v1"':
                return Reply(status=304, headers={"ETag": '"v1"'})
            return Reply(body=reply.body, headers={**reply.headers, "ETag": '"v1"'})

        return respond

    site["/rss"], site["/a"] = tagged(xml(feed_of("/a"))), tagged(html(article_page("Pier closes")))
    folder.crawl()
    folder.make_all_due()
    folder.crawl()
    assert [(path, "if-none-match" in headers) for path, headers in site.requests if path != "/robots.txt"] == [
        ("/rss", False), ("/a", False), ("/rss", True), ("/a", True),
    ]  # fmt: skip
    assert folder.rows("SELECT outcome FROM fetches ORDER BY id") == [("new",), ("not_modified",)]
    assert folder.rows("SELECT outcome FROM polls ORDER BY id") == [("new",), ("not_modified",)]
    assert folder.rows("SELECT count(*) FROM revisions") == [(1,)]


def test_an_article_that_moved_unchanged_stays_one_article(folder: SourceFolder, site: Site) -> None:
    site["/rss"], site["/news/pier"] = xml(feed_of("/news/pier")), html(article_page("Pier closes"))
    folder.crawl()
    site["/2026/pier-closes"] = site.pages["/news/pier"]  # type: ignore[assignment]
    site["/news/pier"] = Reply(status=301, headers={"Location": "/2026/pier-closes"})
    folder.make_all_due()
    folder.crawl()
    site["/rss"] = xml(feed_of("/2026/pier-closes"))
    folder.crawl()
    assert folder.rows("SELECT outcome FROM fetches ORDER BY id") == [("new",), ("unchanged",)]
    assert folder.rows("SELECT count(*) FROM articles") == [(1,)]


def test_a_recheck_finds_an_edit(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of("/a"))
    site["/a"] = html(article_page("Pier closes"))
    folder.crawl()
    site["/a"] = html(
        article_page("Pier closes", "Correction: nine members voted, not ten, the council's clerk said later.")
    )
    folder.make_all_due()
    assert "gazette" in folder.crawl()
    assert folder.rows("SELECT number, text LIKE '%Correction%' FROM revisions ORDER BY number") == [(1, 0), (2, 1)]


@pytest.mark.parametrize("kind", ["content-length", "gzip"])
def test_a_response_that_was_cut_off_creates_no_revision_and_is_tried_again(
    folder: SourceFolder, site: Site, kind: str
) -> None:
    whole = article_page("Pier closes").encode()
    site["/rss"] = xml(feed_of("/a"))
    if kind == "gzip":
        cut = gzip.compress(whole)[:-12]
        site["/a"] = Reply(body=cut, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})
    else:
        site["/a"] = Reply(body=whole[:400], length=len(whole), headers={"Content-Type": "text/html"})
    assert "the response was cut off" in folder.crawl()
    assert folder.rows("SELECT state, reason FROM unfetched") == [("waiting", "the response was cut off")]
    site["/a"] = html(whole.decode())
    folder.make_all_due()
    folder.crawl()
    assert folder.rows("SELECT status FROM revisions WHERE page_id IS NOT NULL") == [("ok",)]


def test_a_redirect_to_a_private_address_is_refused(folder: SourceFolder, site: Site) -> None:
    with Site() as inside:
        inside["/secret"] = html(article_page("Secret"))
        site["/rss"] = xml(feed_of("/a"))
        site["/a"] = Reply(status=302, headers={"Location": f"{inside.base}/secret"})
        printed = folder.crawl()
        assert inside.requests == []
    assert f"{inside.address} is a private address" in printed


def test_a_private_address_is_refused_unless_its_source_allows_it(tmp_path: Path, site: Site) -> None:
    site["/rss"] = xml(feed_of("/a"))
    folder = SourceFolder(tmp_path, site, allow_private=False)
    assert "is a private address; allow_private = true" in folder.crawl(status=1)
    assert site.requests == []


def test_a_page_larger_than_the_limit_is_refused_with_and_without_compression(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of("/a", "/b"))
    site["/a"] = Reply(
        body=gzip.compress(b"a" * 20_000_000), headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}
    )
    site["/b"] = Reply(body=b"b" * 9_000_000, headers={"Content-Type": "text/html"})
    printed = folder.crawl()
    assert "larger than" in printed
    assert folder.rows("SELECT count(*) FROM pages") == [(0,)]
    assert folder.rows("SELECT state, attempts FROM queue") == [("waiting", 1)] * 2, (
        "each fetch counts as an attempt, and attempts are limited"
    )


def test_articles_beyond_max_pages_wait_for_the_next_run(tmp_path: Path, site: Site) -> None:
    site["/rss"] = xml(feed_of(*(f"/news/{number}" for number in range(6))))
    for number in range(6):
        site[f"/news/{number}"] = html(article_page(f"Story number {number}"))
    folder = SourceFolder(tmp_path, site, max_pages=4)
    folder.crawl()
    assert folder.rows("SELECT count(*) FROM articles") == [(4,)]
    folder.crawl()
    assert folder.rows("SELECT count(*) FROM articles") == [(6,)]
    assert sorted(site.paths()).count("/news/0") == 1


def test_the_user_agent_has_the_contact(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of())
    folder.crawl(WIREWATCH_CONTACT="desk@example.org")
    assert {headers["user-agent"] for _, headers in site.requests} == {
        "Wirewatch/0.1 (news archive; +mailto:desk@example.org)"
    }


def test_the_contact_can_be_given_on_the_command_line_and_a_configured_user_agent_is_kept(
    folder: SourceFolder, site: Site
) -> None:
    site["/rss"] = xml(feed_of("/a"))
    site["/a"] = html(article_page("Pier closes"))
    folder.crawl("-s", "WIREWATCH_CONTACT=desk@example.org")
    assert {headers["user-agent"] for _, headers in site.requests} == {
        "Wirewatch/0.1 (news archive; +mailto:desk@example.org)"
    }
    site.requests.clear()
    scrapy("sources", "check", "-s", "WIREWATCH_CONTACT=desk@example.org", data=folder.path)
    assert all("desk@example.org" in headers["user-agent"] for _, headers in site.requests)
    site.requests.clear()
    folder.crawl("-s", "WIREWATCH_CONTACT=desk@example.org", "-s", "USER_AGENT=Desk/1")
    assert {headers["user-agent"] for _, headers in site.requests} == {"Desk/1"}


def test_the_article_has_the_text_of_a_full_content_feed_if_the_page_cannot_be_fetched(
    folder: SourceFolder, site: Site
) -> None:
    body = "".join(f"&lt;p&gt;{paragraph}&lt;/p&gt;" for paragraph in PARAGRAPHS)
    site["/rss"] = xml(feed_of("/a", extra=f"<description>{body}</description><author>Mara Voss</author>"))
    site["/a"] = Reply(status=403, body=b"<html>no</html>", headers={"Content-Type": "text/html"})
    folder.crawl()
    ((text, page),) = folder.rows("SELECT text, page_id FROM revisions")
    assert PARAGRAPHS[1] in text
    assert page is None
    assert folder.rows("SELECT state, reason FROM unfetched") == [("waiting", "HTTP 403")]


def test_a_page_that_is_not_found_is_requested_again(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of("/a"))
    folder.crawl()
    assert folder.rows("SELECT state, reason FROM unfetched") == [("waiting", "HTTP 404")]
    site["/a"] = html(article_page("Pier closes"))
    folder.make_all_due()
    folder.crawl()
    assert folder.rows("SELECT title FROM articles_latest") == [("Pier closes",)]
    assert folder.rows("SELECT count(*) FROM unfetched") == [(0,)]


def test_a_304_to_an_unconditional_request_is_a_failure(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = Reply(status=304)
    assert "HTTP 304, but no earlier response is stored" in folder.crawl(status=1)
    assert folder.rows("SELECT outcome, failures FROM seeds") == [("failed", 1)]
    site["/rss"], site["/a"] = xml(feed_of("/a")), Reply(status=304)
    folder.crawl()
    assert folder.rows("SELECT state, attempts FROM queue") == [("waiting", 1)]
    site["/a"] = html(article_page("Pier closes"))
    folder.make_all_due()
    folder.crawl()
    assert folder.rows("SELECT title FROM articles_latest") == [("Pier closes",)]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(headers={"Content-Type": "text/html"}), "HTTP 200 with an empty page"),
        (Reply(body=b" \n", headers={"Content-Type": "text/html"}), "HTTP 200 with an empty page"),
        (Reply(status=302), "HTTP 302 without a Location header"),
        (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "HTTP 302 to file:///etc/passwd"),
    ],
    ids=["empty", "blank", "no location", "file"],
)
def test_a_url_whose_response_has_no_page_is_tried_again(
    folder: SourceFolder, site: Site, reply: Reply, reason: str
) -> None:
    site["/rss"], site["/a"] = xml(feed_of("/a")), reply
    assert reason in folder.crawl()
    assert folder.rows("SELECT state, attempts, reason FROM queue") == [("waiting", 1, reason)]
    site["/rss"] = reply
    assert reason in folder.crawl(status=1)
    assert folder.rows("SELECT outcome, error FROM seeds") == [("failed", reason)]


def test_pages_whose_canonical_url_is_the_home_page_are_separate_articles(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of("/news/pier-closes", "/news/ferry-runs"))
    for path in ("/news/pier-closes", "/news/ferry-runs"):
        page = article_page(f"About {path}").replace("<head>", f"<head><link rel=canonical href='{site.base}/'>")
        site[path] = html(page)
    folder.crawl()
    assert folder.rows("SELECT count(*) FROM articles WHERE merged_into IS NULL") == [(2,)]


def test_a_bot_wall_in_place_of_a_feed_is_reported(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = html("<!DOCTYPE html><html><body>Checking your browser</body></html>")
    assert "an HTML page, not a feed; the feed has moved, or this is a bot wall" in folder.crawl(status=1)
    assert folder.rows("SELECT outcome, failures FROM seeds") == [("failed", 1)]


def test_a_page_that_hangs_the_parser_is_stopped_and_other_pages_are_stored(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of("/bomb", "/a"))
    site["/bomb"] = html("<html><body><p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x</p></body></html>")
    site["/a"] = html(article_page("Pier closes"))
    printed = folder.crawl(WIREWATCH_PARSE_TIMEOUT="5")
    assert folder.rows("SELECT title FROM articles_latest WHERE status = 'ok'") == [("Pier closes",)]
    assert "took longer than 5 s and was stopped" in printed
    assert folder.rows("SELECT count(*) FROM pages WHERE url LIKE '%/bomb'") == [(1,)]


@pytest.mark.browser
def test_a_rendered_source_is_extracted_from_the_page_after_its_scripts_ran(tmp_path: Path, site: Site) -> None:
    paragraphs = json.dumps(list(PARAGRAPHS))
    site["/rss"] = xml(feed_of("/a"))
    site["/a"] = html(
        "<html><head><title>x</title></head><body><article id=a></article><script>"
        f"document.title = 'Pier closes'; document.getElementById('a').innerHTML = '<h1>Pier closes</h1>' + {paragraphs}"
        ".map(p => '<p>' + p + '</p>').join('');</script></body></html>"
    )
    folder = SourceFolder(tmp_path, site, render=True)
    folder.crawl()
    ((title, text, rendered),) = folder.rows(
        "SELECT r.title, r.text, p.rendered FROM revisions r JOIN pages p ON p.id = r.page_id"
    )
    assert (title, rendered) == ("Pier closes", 1)
    assert PARAGRAPHS[2] in text


@pytest.mark.browser
def test_the_browser_requests_no_private_address_for_a_page(tmp_path: Path, site: Site) -> None:
    with Site() as inside:
        inside["/secret"] = html("secret")
        site["/rss"] = xml(feed_of("/a", "/b"))
        site["/a"] = html(
            article_page("Pier closes")
            + f"<script>fetch('{inside.base}/secret')</script><img src='{inside.base}/secret'>"
        )
        site["/b"] = Reply(status=302, headers={"Location": f"{inside.base}/secret"})
        SourceFolder(tmp_path, site, render=True).crawl()
        assert inside.requests == []


def test_an_unknown_source_is_reported_with_a_suggestion(folder: SourceFolder) -> None:
    assert "no source 'gazete' (did you mean 'gazette'?)" in folder.run("crawl", "gazete", status=2)


def test_all_mistakes_of_sources_toml_are_reported_together(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site, languge="en", timezone="Europe/Kiyv")
    printed = folder.crawl(status=2)
    assert ", table [gazette], key languge: unknown key" in printed
    assert "key timezone: 'Europe/Kiyv'" in printed


def test_a_missing_sources_toml_is_reported(tmp_path: Path) -> None:
    done = scrapy("crawl", "all", data=tmp_path)
    assert done.returncode == 2
    assert "sources.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_crawl_with_nothing_due_succeeds(tmp_path: Path, site: Site) -> None:
    site["/rss"] = xml(feed_of())
    folder = SourceFolder(tmp_path, site, poll_interval="1h")
    folder.run("crawl", "all")
    assert "Nothing is due (1 source)" in folder.run("crawl", "all")
    assert site.paths() == ["/rss"]


def test_a_refused_connection_is_a_failure(tmp_path: Path) -> None:
    with Site() as gone:
        pass
    folder = SourceFolder(tmp_path, gone)
    assert "connection refused" in folder.crawl(status=1)


def test_quiet_prints_nothing_without_failures(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of())
    assert folder.crawl("--quiet") == ""


def test_json_prints_one_object(folder: SourceFolder, site: Site) -> None:
    site["/rss"], site["/a"] = xml(feed_of("/a")), html(article_page("Pier closes"))
    done = scrapy("crawl", "gazette", "--json", data=folder.path)
    summary = json.loads(done.stdout)
    assert done.stderr == "", "only warnings and errors are logged by default"
    assert summary["exit_status"] == 0
    reported = summary["sources"]["gazette"]
    assert (reported["new"], reported["revised"], reported["failed"], reported["seeds_read"], reported["reasons"]) == (
        1,
        0,
        0,
        1,
        {},
    )


def test_json_log_lines_have_the_requested_level(folder: SourceFolder, site: Site) -> None:
    site["/rss"], site["/a"] = xml(feed_of("/a")), html(article_page("Pier closes"))
    done = scrapy("crawl", "gazette", "--json", "-L", "INFO", data=folder.path)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["level"] for line in lines} == {"INFO"}
    assert any(line["message"].startswith("new ") for line in lines), "one line per page"


def test_a_second_crawl_skips_a_host_that_another_process_crawls(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of())
    code = (
        "import sys, time; from pathlib import Path; from crawler.filesystem.locks import acquire\n"
        "with acquire(Path(sys.argv[1]), [sys.argv[2]]): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(folder.path / "locks"), site.address], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        holder.stdout.readline()
        assert f"process {holder.pid} is crawling {site.address}; skipped" in folder.crawl(status=4)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    folder.crawl()


def test_an_archive_that_is_not_a_database_is_reported(folder: SourceFolder) -> None:
    (folder.path / "archive.db").write_bytes(b"not a database" * 100)
    assert "archive.db: not a readable archive" in folder.crawl(status=3)


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write anywhere")
def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site)
    (tmp_path / "warc").write_text("a file in the way")
    site["/rss"], site["/a"] = xml(feed_of("/a")), html(article_page("Pier closes"))
    assert "warc" in folder.crawl(status=3)


def test_a_terminal_shows_progress_and_then_the_summary(folder: SourceFolder, site: Site) -> None:
    site["/rss"], site["/a"] = xml(feed_of("/a")), html(article_page("Pier closes"))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "gazette"],
        cwd=ROOT,
        env={**os.environ, "WIREWATCH_DATA_DIR": str(folder.path), "COLUMNS": "120", "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error
        while chunk := os.read(ours, 4096):
            seen += chunk
    os.close(ours)
    assert process.wait() == 0, seen
    text = re.sub(r"\x1b\[[\d;]*m", "", seen.decode())
    assert "0/1 sources · 0 new" in text
    assert text.index("/1 sources") < text.index("unchanged  failed  waiting")


def test_an_outlet_that_blocks_its_pages_is_blocked_although_its_feed_has_teasers(
    folder: SourceFolder, site: Site
) -> None:
    paths = [f"/news/{number}" for number in range(6)]
    site["/rss"] = xml(feed_of(*paths, extra="<description>The council met again.</description>"))
    for path in paths:
        site[path] = Reply(status=403, body=b"no", headers={"Content-Type": "text/html"})
    for new in (6, 0):
        reported = json.loads(folder.crawl("--json"))["sources"]["gazette"]
        assert (reported["new"], reported["unchanged"], reported["blocked"], reported["reasons"]) == (
            new,
            0,
            6,
            {"http_403": 6},
        )
        with contextlib.closing(sqlite3.connect(folder.path / "archive.db")) as db, db:
            db.execute("UPDATE queue SET next_try_at = NULL")
    assert folder.rows("SELECT new, blocked FROM source_runs ORDER BY run_id") == [(6, 6), (0, 6)]
    assert folder.rows("SELECT status, count(*) FROM revisions") == [("teaser", 6)]
    health = scrapy("health", data=folder.path)
    assert health.returncode == 1
    assert "gazette: blocked" in health.stdout
    assert "12 of the last 12 pages were blocked: HTTP 403" in health.stdout


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"only_paths": ["^/sport/"]}, "only_paths in sources.toml excludes all 2 links"),
        (
            {"only_paths": ["^/news/"], "ignore_paths": ["/news/"]},
            "only_paths and ignore_paths in sources.toml exclude all",
        ),
    ],
)
def test_a_filter_that_excludes_every_link_is_reported(
    tmp_path: Path, site: Site, keys: dict[str, Any], message: str
) -> None:
    folder = SourceFolder(tmp_path, site, **keys)
    site["/rss"] = xml(feed_of("/news/a", "/news/b"))
    assert message in folder.crawl()
    checked = scrapy("sources", "check", data=folder.path, COLUMNS="250")
    assert (checked.returncode, message in checked.stdout) == (1, True)
    assert message in scrapy("health", data=folder.path).stdout


def test_a_named_source_is_not_crawled_with_due_before_it_is_due(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site, poll_interval="1h")
    site["/rss"] = xml(feed_of("/a"))
    site["/a"] = html(article_page("Pier closes"))
    folder.crawl()
    requested = len(site.requests)
    folder.crawl("--due", status=0)
    assert len(site.requests) == requested


def test_a_data_folder_can_have_any_name_in_any_locale(tmp_path: Path, site: Site) -> None:
    path = tmp_path / "дані ☃"
    path.mkdir()
    folder = SourceFolder(path, site)
    site["/rss"] = xml(feed_of("/a"))
    site["/a"] = html(article_page("Pier closes"))
    folder.crawl("--quiet", LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert folder.rows("SELECT count(*) FROM articles") == [(1,)]


def test_the_language_of_the_source_and_feed_types_are_requested(tmp_path: Path, site: Site) -> None:
    folder = SourceFolder(tmp_path, site, language="uk")
    site["/rss"] = xml(feed_of("/news/b"))
    site["/news/b"] = html(article_page("Pier closes"))
    folder.crawl()
    requests = {path: headers for path, headers in site.requests if path != "/robots.txt"}
    assert requests["/rss"]["accept"].startswith("application/atom+xml, application/rss+xml")
    assert [headers["accept-language"] for headers in requests.values()] == ["uk, en;q=0.5"] * 2


def test_links_headers_and_dates_of_one_outlet_change_nothing_for_another(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of("/news/a", "/news/b"))
    site["/news/a"], site["/news/b"] = html(article_page("Ferry broke down")), html(article_page("Pier closes"))
    with Site() as stranger:
        tables = (folder.path / "sources.toml").read_text()
        (folder.path / "sources.toml").write_text(
            tables.replace("[gazette]", "[a-stranger]").replace(site.base, stranger.base) + tables
        )
        links = ("http://[::1]%09/a", "http://[::1]x/", "http://www.[domain].com/x", "https://\u043f\u0440\u0435\u0437.example:x/",
                 "/" + 300 * "\u0445", "/lost", f"{site.base}/news/a", f"{site.base}/rss", f"{site.base}/robots.txt")  # fmt: skip
        hostile = {"Set-Cookie": "seen=1; Domain=127.0.0.1", "Date": "Fri, 01 Jan 2100 00:00:00 GMT", "Retry-After": "86400",
                   "Expires": "0", "Last-Modified": "soon", "ETag": "W/" + 3000 * "x", "Refresh": "x"}  # fmt: skip
        stranger["/rss"] = xml(feed_of(*links, extra="<pubDate>Fri, 31 Dec 9999 23:59:59 -1200</pubDate>"), **hostile)
        stranger["/lost"] = Reply(status=503, headers=hostile)
        folder.run("crawl", "all")
    rows = folder.rows("SELECT source_id, title FROM articles ORDER BY title")
    assert rows == [("gazette", "Ferry broke down"), ("gazette", "Pier closes")]
    assert folder.rows("SELECT outcome, items, known, error FROM polls WHERE seed_id = 2") == [("new", 2, 0, None)]
    assert site.paths().count("/news/a") == 1


def test_an_invalid_url_in_the_queue_does_not_stop_the_others(folder: SourceFolder, site: Site) -> None:
    site["/rss"] = xml(feed_of("/news/a", "/news/b"))
    folder.crawl(status=0)
    db = sqlite3.connect(folder.path / "archive.db")
    db.execute("UPDATE queue SET url = 'http://[::1]x/' WHERE url LIKE '%/news/a'")
    db.commit()
    db.close()
    folder.make_all_due()
    site["/news/b"] = html(article_page("Pier closes"))
    folder.crawl()
    assert folder.rows("SELECT title FROM articles") == [("Pier closes",)]
    assert ("invalid_url",) in folder.rows("SELECT reason_code FROM fetches")

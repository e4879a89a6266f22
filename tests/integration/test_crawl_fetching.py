"""Whole crawls of one small site: politely, safely, and with a reason for whatever was not read."""

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
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import ROOT, scrapy
from tests.support.loopback_server import Reply, Site, html, xml

WORDS = (
    "The harbour council voted on Tuesday evening to close the northern pier to cargo ships from June on.",
    "Two of its nine members spoke against the closure, which dockers had asked for since the spring storms.",
    "Ferries will use the old quay meanwhile, and the fish market moves into the customs hall for a year.",
)


def story(title: str, *more: str) -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in (*WORDS, *more))
    return (
        f"<html lang='en'><head><title>{title} - The Harbour Gazette</title></head><body><article><h1>{title}</h1>"
        f"<p class='byline'>By Mara Voss</p>{text}</article></body></html>"
    )


def feed(*paths: str, extra: str = "") -> str:
    items = "".join(f"<item><title>Story {path}</title><link>{path}</link>{extra}</item>" for path in paths)
    return f'<rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>'


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


class Desk:
    """A data folder with one source in it."""

    def __init__(self, folder: Path, site: Site, **keys: Any) -> None:
        self.folder = folder
        self.site = site
        table = {"name": "Gazette", "home": f"{site.base}/", "feeds": [f"{site.base}/rss"], "delay": 0.0, "poll_interval": "1s",
                 "allow_private": True, **keys}  # fmt: skip
        lines = ["[gazette]", *(f"{key} = {json.dumps(value)}" for key, value in table.items() if value is not None)]
        (folder / "sources.toml").write_text("\n".join(lines) + "\n")

    def crawl(self, *words: str, status: int = 0, **environ: str) -> str:
        done = scrapy("crawl", *(words or ("gazette",)), data=self.folder, **environ)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        db = sqlite3.connect(f"file:{self.folder / 'archive.db'}?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def later(self) -> None:
        """Let what waits be due, as time would."""
        db = sqlite3.connect(self.folder / "archive.db")
        db.execute("UPDATE queue SET next_try_at = NULL WHERE state = 'waiting'")
        db.execute("UPDATE articles SET next_check_at = '2000-01-01T00:00:00Z' WHERE next_check_at IS NOT NULL")
        db.commit()
        db.close()


@pytest.fixture
def desk(tmp_path: Path, site: Site) -> Desk:
    return Desk(tmp_path, site)


def test_what_robots_txt_disallows_is_not_asked_for_and_says_so(desk: Desk, site: Site) -> None:
    site["/robots.txt"] = Reply(
        body=b"User-agent: Wirewatch\nDisallow: /private/\n", headers={"Content-Type": "text/plain"}
    )
    site["/rss"] = xml(feed("/private/a", "/news/b"))
    site["/news/b"] = html(story("Pier closes"))
    printed = desk.crawl()
    assert site.paths() == ["/rss", "/news/b"]
    assert desk.rows("SELECT reason FROM unfetched") == [("robots.txt disallows it",)]
    assert "robots.txt disallows it" in printed


def test_archive_db_alone_holds_what_a_crawl_has_stored(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("/news/b"))
    site["/news/b"] = html(story("Pier closes"))
    desk.crawl()
    alone = sqlite3.connect(shutil.copy(desk.folder / "archive.db", desk.folder / "copy.db"))
    assert alone.execute("SELECT title FROM revisions").fetchall() == [("Pier closes",)]
    alone.close()


def test_where_robots_txt_cannot_be_had_nothing_is_asked_for(desk: Desk, site: Site) -> None:
    site["/robots.txt"] = Reply(status=503)
    site["/rss"] = xml(feed("/a"))
    assert "robots.txt could not be fetched" in desk.crawl(status=1)
    assert site.paths() == []


def test_retry_after_is_obeyed_by_the_next_run_too(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("/a", "/b"))
    site["/a"] = site["/b"] = Reply(
        status=429, headers={"Retry-After": "3600", "Content-Type": "text/html"}, body=b"slow down"
    )
    desk.crawl()
    first = len(site.paths())
    desk.later()
    assert "HTTP 429, Retry-After 3600: not before" in desk.crawl(status=1)
    assert len(site.paths()) == first


def test_a_second_poll_and_a_visit_are_conditional_and_a_304_leaves_all_as_it_is(desk: Desk, site: Site) -> None:
    def tagged(reply: Reply) -> Any:
        def answer(headers: Mapping[str, str]) -> Reply:
            if headers.get("if-none-match") == '"v1"':
                return Reply(status=304, headers={"ETag": '"v1"'})
            return Reply(body=reply.body, headers={**reply.headers, "ETag": '"v1"'})

        return answer

    site["/rss"], site["/a"] = tagged(xml(feed("/a"))), tagged(html(story("Pier closes")))
    desk.crawl()
    desk.later()
    desk.crawl()
    assert [(path, "if-none-match" in headers) for path, headers in site.requests if path != "/robots.txt"] == [
        ("/rss", False), ("/a", False), ("/rss", True), ("/a", True),
    ]  # fmt: skip
    assert desk.rows("SELECT outcome FROM fetches ORDER BY id") == [("new",), ("not_modified",)]
    assert desk.rows("SELECT outcome FROM polls ORDER BY id") == [("new",), ("not_modified",)]
    assert desk.rows("SELECT count(*) FROM revisions") == [(1,)]


def test_an_article_that_moved_unchanged_is_known_at_its_new_place(desk: Desk, site: Site) -> None:
    site["/rss"], site["/news/pier"] = xml(feed("/news/pier")), html(story("Pier closes"))
    desk.crawl()
    site["/2026/pier-closes"] = site.pages["/news/pier"]  # type: ignore[assignment]
    site["/news/pier"] = Reply(status=301, headers={"Location": "/2026/pier-closes"})
    desk.later()
    desk.crawl()
    site["/rss"] = xml(feed("/2026/pier-closes"))
    desk.crawl()
    assert desk.rows("SELECT outcome FROM fetches ORDER BY id") == [("new",), ("unchanged",)]
    assert desk.rows("SELECT count(*) FROM articles") == [(1,)]


def test_a_silent_edit_is_found_by_a_visit(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("/a"))
    site["/a"] = html(story("Pier closes"))
    desk.crawl()
    site["/a"] = html(story("Pier closes", "Correction: nine members voted, not ten, the council's clerk said later."))
    desk.later()
    assert "gazette" in desk.crawl()
    assert desk.rows("SELECT number, text LIKE '%Correction%' FROM revisions ORDER BY number") == [(1, 0), (2, 1)]


@pytest.mark.parametrize("kind", ["content-length", "gzip"])
def test_a_page_that_was_cut_on_the_way_is_no_revision(desk: Desk, site: Site, kind: str) -> None:
    whole = story("Pier closes").encode()
    site["/rss"] = xml(feed("/a"))
    if kind == "gzip":
        cut = gzip.compress(whole)[:-12]
        site["/a"] = Reply(body=cut, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})
    else:
        site["/a"] = Reply(body=whole[:400], length=len(whole), headers={"Content-Type": "text/html"})
    assert "the response was cut off" in desk.crawl()
    assert desk.rows("SELECT state, reason FROM unfetched") == [("waiting", "the response was cut off")]
    site["/a"] = html(whole.decode())
    desk.later()
    desk.crawl()
    assert desk.rows("SELECT status FROM revisions WHERE page_id IS NOT NULL") == [("ok",)]


def test_a_redirect_to_a_private_address_is_refused(desk: Desk, site: Site) -> None:
    with Site() as inside:
        inside["/secret"] = html(story("Secret"))
        site["/rss"] = xml(feed("/a"))
        site["/a"] = Reply(status=302, headers={"Location": f"{inside.base}/secret"})
        printed = desk.crawl()
        assert inside.requests == []
    assert f"{inside.address} is a private address" in printed


def test_a_private_address_is_refused_unless_its_source_allows_it(tmp_path: Path, site: Site) -> None:
    site["/rss"] = xml(feed("/a"))
    desk = Desk(tmp_path, site, allow_private=False)
    assert "is a private address; allow_private = true" in desk.crawl(status=1)
    assert site.requests == []


def test_a_page_larger_than_the_limit_is_refused_however_it_is_packed(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("/a", "/b"))
    site["/a"] = Reply(
        body=gzip.compress(b"a" * 20_000_000), headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}
    )
    site["/b"] = Reply(body=b"b" * 9_000_000, headers={"Content-Type": "text/html"})
    printed = desk.crawl()
    assert "larger than" in printed
    assert desk.rows("SELECT count(*) FROM pages") == [(0,)]
    assert desk.rows("SELECT state, attempts FROM queue") == [("waiting", 1)] * 2, (
        "each fetch is an attempt, and those end"
    )


def test_what_is_beyond_the_budget_waits_for_the_next_run(tmp_path: Path, site: Site) -> None:
    site["/rss"] = xml(feed(*(f"/news/{number}" for number in range(6))))
    for number in range(6):
        site[f"/news/{number}"] = html(story(f"Story number {number}"))
    desk = Desk(tmp_path, site, max_pages=4)
    desk.crawl()
    assert desk.rows("SELECT count(*) FROM articles") == [(4,)]
    desk.crawl()
    assert desk.rows("SELECT count(*) FROM articles") == [(6,)]
    assert sorted(site.paths()).count("/news/0") == 1


def test_the_user_agent_says_who_we_are(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed())
    desk.crawl(WIREWATCH_CONTACT="desk@example.org")
    assert {headers["user-agent"] for _, headers in site.requests} == {
        "Wirewatch/0.1 (news archive; +mailto:desk@example.org)"
    }


def test_the_contact_may_be_given_on_the_command_line_and_an_own_user_agent_stays(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("/a"))
    site["/a"] = html(story("Pier closes"))
    desk.crawl("gazette", "-s", "WIREWATCH_CONTACT=desk@example.org")
    assert {headers["user-agent"] for _, headers in site.requests} == {
        "Wirewatch/0.1 (news archive; +mailto:desk@example.org)"
    }
    site.requests.clear()
    scrapy("sources", "check", "-s", "WIREWATCH_CONTACT=desk@example.org", data=desk.folder)
    assert all("desk@example.org" in headers["user-agent"] for _, headers in site.requests)
    site.requests.clear()
    desk.crawl("gazette", "-s", "WIREWATCH_CONTACT=desk@example.org", "-s", "USER_AGENT=Desk/1")
    assert {headers["user-agent"] for _, headers in site.requests} == {"Desk/1"}


def test_a_full_content_feed_is_the_article_where_the_page_cannot_be_had(desk: Desk, site: Site) -> None:
    body = "".join(f"&lt;p&gt;{paragraph}&lt;/p&gt;" for paragraph in WORDS)
    site["/rss"] = xml(feed("/a", extra=f"<description>{body}</description><author>Mara Voss</author>"))
    site["/a"] = Reply(status=403, body=b"<html>no</html>", headers={"Content-Type": "text/html"})
    desk.crawl()
    ((text, page),) = desk.rows("SELECT text, page_id FROM revisions")
    assert WORDS[1] in text
    assert page is None
    assert desk.rows("SELECT state, reason FROM unfetched") == [("waiting", "HTTP 403")]


def test_a_page_that_is_not_there_yet_is_asked_for_again(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("/a"))
    desk.crawl()
    assert desk.rows("SELECT state, reason FROM unfetched") == [("waiting", "HTTP 404")]
    site["/a"] = html(story("Pier closes"))
    desk.later()
    desk.crawl()
    assert desk.rows("SELECT title FROM articles_latest") == [("Pier closes",)]
    assert desk.rows("SELECT count(*) FROM unfetched") == [(0,)]


def test_a_304_that_nobody_asked_for_is_a_failure(desk: Desk, site: Site) -> None:
    site["/rss"] = Reply(status=304)
    assert "HTTP 304, but no earlier response is stored" in desk.crawl(status=1)
    assert desk.rows("SELECT outcome, failures FROM seeds") == [("failed", 1)]
    site["/rss"], site["/a"] = xml(feed("/a")), Reply(status=304)
    desk.crawl()
    assert desk.rows("SELECT state, attempts FROM queue") == [("waiting", 1)]
    site["/a"] = html(story("Pier closes"))
    desk.later()
    desk.crawl()
    assert desk.rows("SELECT title FROM articles_latest") == [("Pier closes",)]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(headers={"Content-Type": "text/html"}), "HTTP 200 with an empty page"),
        (Reply(body=b" \n", headers={"Content-Type": "text/html"}), "HTTP 200 with an empty page"),
        (Reply(status=302), "HTTP 302 without a Location header"),
        (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "HTTP 302 to file:///etc/passwd"),
    ],
    ids=["empty", "blank", "nowhere", "file"],
)
def test_an_answer_without_a_page_is_tried_again(desk: Desk, site: Site, reply: Reply, reason: str) -> None:
    site["/rss"], site["/a"] = xml(feed("/a")), reply
    assert reason in desk.crawl()
    assert desk.rows("SELECT state, attempts, reason FROM queue") == [("waiting", 1, reason)]
    site["/rss"] = reply
    assert reason in desk.crawl(status=1)
    assert desk.rows("SELECT outcome, error FROM seeds") == [("failed", reason)]


def test_every_page_canonical_to_the_home_page_is_still_an_article_of_its_own(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("/news/pier-closes", "/news/ferry-runs"))
    for path in ("/news/pier-closes", "/news/ferry-runs"):
        page = story(f"About {path}").replace("<head>", f"<head><link rel=canonical href='{site.base}/'>")
        site[path] = html(page)
    desk.crawl()
    assert desk.rows("SELECT count(*) FROM articles WHERE merged_into IS NULL") == [(2,)]


def test_a_feed_that_became_a_bot_wall_is_named(desk: Desk, site: Site) -> None:
    site["/rss"] = html("<!DOCTYPE html><html><body>Checking your browser</body></html>")
    assert "an HTML page, not a feed; the feed has moved, or this is a bot wall" in desk.crawl(status=1)
    assert desk.rows("SELECT outcome, failures FROM seeds") == [("failed", 1)]


def test_a_page_that_hangs_the_parser_costs_only_itself(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("/bomb", "/a"))
    site["/bomb"] = html("<html><body><p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x</p></body></html>")
    site["/a"] = html(story("Pier closes"))
    printed = desk.crawl(WIREWATCH_PARSE_TIMEOUT="5")
    assert desk.rows("SELECT title FROM articles_latest WHERE status = 'ok'") == [("Pier closes",)]
    assert "took longer than 5 s and was stopped" in printed
    assert desk.rows("SELECT count(*) FROM pages WHERE url LIKE '%/bomb'") == [(1,)]


@pytest.mark.browser
def test_a_rendered_source_is_read_as_a_browser_shows_it(tmp_path: Path, site: Site) -> None:
    paragraphs = json.dumps(list(WORDS))
    site["/rss"] = xml(feed("/a"))
    site["/a"] = html(
        "<html><head><title>x</title></head><body><article id=a></article><script>"
        f"document.title = 'Pier closes'; document.getElementById('a').innerHTML = '<h1>Pier closes</h1>' + {paragraphs}"
        ".map(p => '<p>' + p + '</p>').join('');</script></body></html>"
    )
    desk = Desk(tmp_path, site, render=True)
    desk.crawl()
    ((title, text, rendered),) = desk.rows(
        "SELECT r.title, r.text, p.rendered FROM revisions r JOIN pages p ON p.id = r.page_id"
    )
    assert (title, rendered) == ("Pier closes", 1)
    assert WORDS[2] in text


@pytest.mark.browser
def test_a_page_cannot_make_the_browser_reach_inside(tmp_path: Path, site: Site) -> None:
    with Site() as inside:
        inside["/secret"] = html("secret")
        site["/rss"] = xml(feed("/a", "/b"))
        site["/a"] = html(
            story("Pier closes") + f"<script>fetch('{inside.base}/secret')</script><img src='{inside.base}/secret'>"
        )
        site["/b"] = Reply(status=302, headers={"Location": f"{inside.base}/secret"})
        Desk(tmp_path, site, render=True).crawl()
        assert inside.requests == []


def test_no_source_of_that_name(desk: Desk) -> None:
    assert "no source 'gazete' (did you mean 'gazette'?)" in desk.crawl("gazete", status=2)


def test_all_mistakes_of_sources_toml_are_told_at_once(tmp_path: Path, site: Site) -> None:
    desk = Desk(tmp_path, site, languge="en", timezone="Europe/Kiyv")
    printed = desk.crawl(status=2)
    assert "sources.toml: table [gazette], key languge: unknown key" in printed
    assert "key timezone: 'Europe/Kiyv'" in printed


def test_no_sources_toml(tmp_path: Path) -> None:
    done = scrapy("crawl", "all", data=tmp_path)
    assert done.returncode == 2
    assert "sources.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_due_is_no_failure(tmp_path: Path, site: Site) -> None:
    site["/rss"] = xml(feed())
    desk = Desk(tmp_path, site, poll_interval="1h")
    desk.crawl("all")
    assert "Nothing is due (1 source)" in desk.crawl("all")
    assert site.paths() == ["/rss"]


def test_a_host_that_does_not_answer_is_a_failure(tmp_path: Path) -> None:
    with Site() as gone:
        pass
    desk = Desk(tmp_path, gone)
    assert "connection refused" in desk.crawl(status=1)


def test_quiet_says_nothing_where_all_is_well(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed())
    assert desk.crawl("gazette", "--quiet") == ""


def test_json_is_one_object_for_programs(desk: Desk, site: Site) -> None:
    site["/rss"], site["/a"] = xml(feed("/a")), html(story("Pier closes"))
    done = scrapy("crawl", "gazette", "--json", data=desk.folder)
    summary = json.loads(done.stdout)
    assert done.stderr == "", "warnings and errors alone, unless -L says otherwise"
    assert summary["exit_status"] == 0
    reported = summary["sources"]["gazette"]
    assert (reported["new"], reported["revised"], reported["failed"], reported["ways_read"], reported["reasons"]) == (
        1,
        0,
        0,
        1,
        {},
    )


def test_json_log_lines_are_objects_of_the_level_that_was_asked_for(desk: Desk, site: Site) -> None:
    site["/rss"], site["/a"] = xml(feed("/a")), html(story("Pier closes"))
    done = scrapy("crawl", "gazette", "--json", "-L", "INFO", data=desk.folder)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["level"] for line in lines} == {"INFO"}
    assert any(line["message"].startswith("new ") for line in lines), "a line a page"


def test_a_second_crawl_leaves_alone_what_the_first_is_at(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed())
    code = (
        "import sys, time; from pathlib import Path; from crawler.locks import acquire\n"
        "with acquire(Path(sys.argv[1]), [sys.argv[2]]): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(desk.folder / "locks"), site.address], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        holder.stdout.readline()
        assert f"process {holder.pid} is crawling {site.address}; skipped" in desk.crawl(status=4)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    desk.crawl()


def test_an_archive_that_is_none_is_said_in_one_line(desk: Desk) -> None:
    (desk.folder / "archive.db").write_bytes(b"not a database" * 100)
    assert "archive.db: not a readable archive" in desk.crawl(status=3)


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write anywhere")
def test_a_data_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path, site: Site) -> None:
    desk = Desk(tmp_path, site)
    (tmp_path / "warc").write_text("a file in the way")
    site["/rss"], site["/a"] = xml(feed("/a")), html(story("Pier closes"))
    assert "warc" in desk.crawl(status=3)


def test_a_terminal_sees_a_line_of_progress_and_then_the_summary(desk: Desk, site: Site) -> None:
    site["/rss"], site["/a"] = xml(feed("/a")), html(story("Pier closes"))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "gazette"],
        cwd=ROOT,
        env={**os.environ, "WIREWATCH_DATA_DIR": str(desk.folder), "COLUMNS": "120", "TERM": "xterm"},
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


def test_an_outlet_that_blocks_its_pages_is_not_well_because_its_feed_says_something_of_them(
    desk: Desk, site: Site
) -> None:
    paths = [f"/news/{number}" for number in range(6)]
    site["/rss"] = xml(feed(*paths, extra="<description>The council met again.</description>"))
    for path in paths:
        site[path] = Reply(status=403, body=b"no", headers={"Content-Type": "text/html"})
    for new in (6, 0):
        reported = json.loads(desk.crawl("gazette", "--json"))["sources"]["gazette"]
        assert (reported["new"], reported["unchanged"], reported["blocked"], reported["reasons"]) == (
            new,
            0,
            6,
            {"http_403": 6},
        )
        with contextlib.closing(sqlite3.connect(desk.folder / "archive.db")) as db, db:
            db.execute("UPDATE queue SET next_try_at = NULL")
    assert desk.rows("SELECT new, blocked FROM source_runs ORDER BY run_id") == [(6, 6), (0, 6)]
    assert desk.rows("SELECT status, count(*) FROM revisions") == [("teaser", 6)]
    health = scrapy("health", data=desk.folder)
    assert health.returncode == 1
    assert "gazette: blocked" in health.stdout
    assert "12 of the last 12 pages were blocked: HTTP 403" in health.stdout


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"only_paths": ["^/sport/"]}, "only_paths in sources.toml excludes all 2 links"),
        (
            {"only_paths": ["^/news/"], "ignore_paths": ["/news/"]},
            "only_paths and ignore_paths in sources.toml exclude all",
        ),
    ],
)
def test_a_filter_that_leaves_nothing_is_told(tmp_path: Path, site: Site, keys: dict[str, Any], said: str) -> None:
    desk = Desk(tmp_path, site, **keys)
    site["/rss"] = xml(feed("/news/a", "/news/b"))
    assert said in desk.crawl()
    checked = scrapy("sources", "check", data=desk.folder, COLUMNS="250")
    assert (checked.returncode, said in checked.stdout) == (1, True)
    assert said in scrapy("health", data=desk.folder).stdout


def test_a_named_source_of_which_nothing_is_due_is_no_failure(tmp_path: Path, site: Site) -> None:
    desk = Desk(tmp_path, site, poll_interval="1h")
    site["/rss"] = xml(feed("/a"))
    site["/a"] = html(story("Pier closes"))
    desk.crawl()
    asked = len(site.requests)
    desk.crawl("gazette", "--due", status=0)
    assert len(site.requests) == asked


def test_a_data_folder_may_have_any_name_under_any_locale(tmp_path: Path, site: Site) -> None:
    folder = tmp_path / "дані ☃"
    folder.mkdir()
    desk = Desk(folder, site)
    site["/rss"] = xml(feed("/a"))
    site["/a"] = html(story("Pier closes"))
    desk.crawl("gazette", "--quiet", LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert desk.rows("SELECT count(*) FROM articles") == [(1,)]


def test_the_language_of_the_source_and_feed_types_are_requested(tmp_path: Path, site: Site) -> None:
    desk = Desk(tmp_path, site, language="uk")
    site["/rss"] = xml(feed("/news/b"))
    site["/news/b"] = html(story("Pier closes"))
    desk.crawl()
    requests = {path: headers for path, headers in site.requests if path != "/robots.txt"}
    assert requests["/rss"]["accept"].startswith("application/atom+xml, application/rss+xml")
    assert [headers["accept-language"] for headers in requests.values()] == ["uk, en;q=0.5"] * 2


def test_a_link_that_cannot_be_requested_costs_only_itself(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("http://[::1]%09/a", "http://www.[domain].com/x", "/news/b"))
    site["/news/b"] = html(story("Pier closes"))
    desk.crawl()
    assert desk.rows("SELECT title FROM articles") == [("Pier closes",)]


def test_a_queued_url_that_cannot_be_requested_does_not_stop_the_others(desk: Desk, site: Site) -> None:
    site["/rss"] = xml(feed("/news/a", "/news/b"))
    desk.crawl(status=0)
    db = sqlite3.connect(desk.folder / "archive.db")
    db.execute("UPDATE queue SET url = 'http://[::1]x/' WHERE url LIKE '%/news/a'")
    db.commit()
    db.close()
    desk.later()
    site["/news/b"] = html(story("Pier closes"))
    desk.crawl()
    assert desk.rows("SELECT title FROM articles") == [("Pier closes",)]
    assert ("invalid_url",) in desk.rows("SELECT reason_code FROM fetches")

"""Ctrl-C and SIGTERM at different moments of a crawl: one line, no fault of the outlet's, and the next crawl continues."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.cli import ROOT
from tests.support.servers.loopback import Reply, Site, html, xml
from tests.support.source_folder import SourceFolder, article_page, feed_of

ARTICLES = 6
PATIENCE = 180.0
"""Seconds in which a crawl must have come to the moment on a busy machine."""
ROBOTS, FEED, PAGE = "robots.txt", "the feed", "a page"
"""What a crawl requests, in this order."""


class HeldSite(Site):
    """A site that answers no request from a certain one on until the crawl was interrupted."""

    held_from = ROBOTS
    """ROBOTS, FEED or PAGE; at PAGE, the site answers the first two pages."""

    def __init__(self) -> None:
        super().__init__()
        self.is_held = threading.Event()
        self.interrupted = threading.Event()
        self["/robots.txt"] = self._answer(ROBOTS, Reply(status=404))
        self["/rss"] = self._answer(FEED, xml(feed_of(*(f"/news/{number}" for number in range(ARTICLES)))))
        for number in range(ARTICLES):
            self[f"/news/{number}"] = self._answer(PAGE, html(article_page(f"Story number {number}")))

    def _answer(self, what: str, reply: Reply) -> Callable[[Mapping[str, str]], Reply]:
        def answer(_: Mapping[str, str]) -> Reply:
            pages = sum(path.startswith("/news/") for path in self.paths())
            if what == self.held_from and (what != PAGE or pages > 2):
                self.is_held.set()
                self.interrupted.wait(PATIENCE)
            return reply

        return answer


@pytest.fixture
def site() -> Iterator[HeldSite]:
    with HeldSite() as made:
        yield made


@pytest.fixture(autouse=True)
def _short_path(tmp_path: Path) -> Iterator[None]:
    """A folder for temporary files whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="ww") as folder:
        (tmp_path / "tmp").symlink_to(folder)
        yield


def temporary(folder: SourceFolder) -> Path:
    return (folder.path / "tmp").resolve()


MOMENTS: dict[str, tuple[str, Callable[[HeldSite, SourceFolder], bool]]] = {
    "the archive is created": (ROBOTS, lambda _, folder: (folder.path / "archive.db").exists()),
    "the child processes start": (ROBOTS, lambda _, folder: any(temporary(folder).glob("wirewatch-*/pymp-*"))),
    "robots.txt is requested": (ROBOTS, lambda site, _: site.is_held.is_set()),
    "the feed is requested": (FEED, lambda site, _: site.is_held.is_set()),
    "articles are fetched": (PAGE, lambda site, _: site.is_held.is_set()),
}
"""What the site holds, and how to see that the moment has come."""


def interrupt(folder: SourceFolder, site: HeldSite, moment: str, number: int, *, group: bool) -> tuple[int, str]:
    """Send a signal to `scrapy crawl all` at a moment; returns its exit status and its output."""
    site.held_from, has_come = MOMENTS[moment]
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "all"],
        cwd=ROOT,
        env={**os.environ, "WIREWATCH_DATA_DIR": str(folder.path), "TMPDIR": str(temporary(folder))},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 -- pytest may run with it ignored
    )  # fmt: skip
    try:
        end = time.monotonic() + PATIENCE
        while not has_come(site, folder):
            assert time.monotonic() < end, "the moment did not come"
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        if group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        site.interrupted.set()
        output, _ = process.communicate(timeout=PATIENCE)
    finally:
        site.interrupted.set()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return process.returncode, output


def assert_continues(folder: SourceFolder) -> None:
    """Nothing is noted against the outlet, nothing is lost, and the next crawl reads the rest."""
    if (folder.path / "archive.db").exists() and folder.rows("SELECT 1 FROM sqlite_schema WHERE name = 'seeds'"):
        assert folder.rows("SELECT url, error FROM seeds WHERE failures > 0 OR error IS NOT NULL") == []
        assert folder.rows("SELECT url, reason FROM fetches WHERE outcome IN ('failed', 'refused')") == []
        assert folder.rows("SELECT url FROM queue WHERE state = 'dropped' OR attempts > 0 AND state <> 'done'") == []
        assert folder.rows("SELECT reasons FROM source_runs WHERE reasons IS NOT NULL") == []
        assert folder.rows("SELECT origin FROM robots WHERE http_status IS NULL") == []
    folder.crawl(TMPDIR=str(temporary(folder)))
    assert folder.rows("SELECT count(*) FROM articles") == [(ARTICLES,)]
    assert folder.rows("SELECT count(*) FROM revisions") == [(ARTICLES,)]
    assert list(temporary(folder).iterdir()) == []


@pytest.mark.parametrize(
    ("moment", "group"), [*((moment, True) for moment in MOMENTS), ("articles are fetched", False)]
)
def test_ctrl_c_ends_a_crawl_with_one_line(tmp_path: Path, site: HeldSite, moment: str, group: bool) -> None:
    folder = SourceFolder(tmp_path, site)
    status, output = interrupt(folder, site, moment, signal.SIGINT, group=group)
    assert (status, output.splitlines()) == (130, ["Interrupted. Everything stored so far is kept."])
    assert_continues(folder)


def test_ctrl_c_while_the_commands_are_imported_is_one_line() -> None:
    code = (
        "import signal, schedules.commands;"
        " signal.signal(signal.SIGINT, signal.default_int_handler);"  # a program in the background ignores it
        " signal.raise_signal(signal.SIGINT)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("Interrupted. Everything stored so far is kept.\n", -signal.SIGINT)


def test_sigterm_ends_a_crawl_in_the_same_way(tmp_path: Path, site: HeldSite) -> None:
    folder = SourceFolder(tmp_path, site)
    status, output = interrupt(folder, site, "articles are fetched", signal.SIGTERM, group=True)
    assert (status, output.splitlines()) == (143, ["Interrupted. Everything stored so far is kept."])
    assert_continues(folder)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(
    ("moment", "group"),
    [("the child processes start", True), ("articles are fetched", True), ("articles are fetched", False)],
)
def test_ctrl_c_ends_a_crawl_that_renders_pages_with_one_line(
    tmp_path: Path, site: HeldSite, moment: str, group: bool
) -> None:
    folder = SourceFolder(tmp_path, site, render=True)
    status, output = interrupt(folder, site, moment, signal.SIGINT, group=group)
    assert (status, output.splitlines()) == (130, ["Interrupted. Everything stored so far is kept."])
    if moment == "articles are fetched":
        assert_continues(folder)


def test_the_temporary_folder_of_a_killed_crawl_is_removed_by_the_next(tmp_path: Path, site: HeldSite) -> None:
    folder = SourceFolder(tmp_path, site)
    status, _ = interrupt(folder, site, "articles are fetched", signal.SIGKILL, group=True)
    assert status == -signal.SIGKILL
    assert len(list(temporary(folder).glob("wirewatch-*/pymp-*"))) == 1
    assert_continues(folder)

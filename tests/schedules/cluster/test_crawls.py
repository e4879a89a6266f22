"""`crawl` and `monitor` with a cluster: they fetch and store here, a node reads the pages, and the archive is the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.servers.loopback import Site, html, xml
from tests.support.source_folder import SourceFolder, article_page, feed_of

pytestmark = pytest.mark.xdist_group("cluster")
PATHS = ("/news/pier", "/news/ferry", "/news/market")
STORED = "SELECT title, byline, text_sha256 FROM revisions ORDER BY title"


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> SourceFolder:
    site["/rss"] = xml(feed_of(*PATHS))
    for path in PATHS:
        site[path] = html(article_page(f"News of the {path[6:]}"))
    return SourceFolder(tmp_path, site)


def read_by_nodes(output: str) -> int:
    """Pages that nodes read, by the debug log of the command."""
    return sum(int(count) for count in re.findall(r"gazette: a node read (\d+) pages", output))


def test_a_crawl_on_a_cluster_stores_what_a_local_one_stores(folder: SourceFolder, tmp_path: Path, site: Site) -> None:
    printed = folder.crawl("--cluster", "local:1", "-L", "DEBUG")
    assert read_by_nodes(printed) == len(PATHS), printed

    (tmp_path / "local").mkdir()
    local = SourceFolder(tmp_path / "local", site)
    local.crawl()
    assert len(folder.rows(STORED)) == len(PATHS)
    assert folder.rows(STORED) == local.rows(STORED)
    assert folder.run("archive", "check") != ""


def test_the_crawls_of_a_monitor_use_its_cluster(folder: SourceFolder, tmp_path: Path) -> None:
    log = tmp_path / "debug.log"
    folder.run("monitor", "--once", "--cluster", "local:1", "-s", "LOG_LEVEL=DEBUG", "-s", f"LOG_FILE={log}")
    assert read_by_nodes(log.read_text()) == len(PATHS)
    assert len(folder.rows(STORED)) == len(PATHS)

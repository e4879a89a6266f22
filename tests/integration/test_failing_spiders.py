"""An exception in a spider costs its own source only, and the crawl does not end with status 0."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import scrapy
from tests.support.servers.loopback import Site, html, xml
from tests.support.source_folder import SourceFolder, article_page, feed_of

PLACES = {
    "start": """
    async def start(self):
        raise RuntimeError("a fault of ours")
        yield
""",
    "start after a request": """
    async def start(self):
        async for request in super().start():
            yield request
        raise RuntimeError("a fault of ours")
""",
    "callback": """
    async def polled(self, response, document):
        raise RuntimeError("a fault of ours")
        yield
""",
    "callback of articles": """
    def fetched(self, response, source, entry, recheck):
        raise RuntimeError("a fault of ours")
""",
    "errback": """
    def _document(self, document, url, **options):
        return super()._document(document, "http://127.0.0.1:9/refused", **options)

    async def poll_failed(self, failure):
        raise RuntimeError("a fault of ours")
""",
}


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


@pytest.mark.parametrize("place", PLACES)
def test_an_exception_in_a_spider_is_an_error_of_the_run(tmp_path: Path, site: Site, place: str) -> None:
    folder = SourceFolder(tmp_path, site)
    with Site() as other:
        text = (tmp_path / "sources.toml").read_text()
        (tmp_path / "sources.toml").write_text(
            text + text.replace("[gazette]", "[post]").replace(site.base, other.base)
        )
        for outlet in (site, other):
            outlet["/rss"], outlet["/news/a"] = xml(feed_of("/news/a")), html(article_page("Pier closes"))
        code = f"from spiders.source import SourceSpider\nclass Faulty(SourceSpider):\n    name = 'gazette'\n{PLACES[place]}"
        (tmp_path / "faulty_spiders.py").write_text(code)
        path = os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))
        done = scrapy("crawl", "all", "-s", "SPIDER_MODULES=spiders,faulty_spiders", data=tmp_path, PYTHONPATH=path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "a fault of ours" in done.stderr
    assert ("post", 1) in folder.rows("SELECT source_id, count(*) FROM articles GROUP BY source_id")
    assert folder.rows("SELECT exit_status FROM runs") == [(1,)]

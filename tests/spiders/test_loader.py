"""Every table of sources.toml is a spider; a Python spider of the same name replaces it."""

from __future__ import annotations

import pkgutil
from pathlib import Path

import spiders
from spiders.loader import OWN_MODULES
from tests.support.cli import scrapy
from tests.support.servers.loopback import Site, xml

SPIDER = '''
from spiders.source import SourceSpider


class Gazette(SourceSpider):
    """A spider in code that replaces the spider of a table."""

    name = "gazette"

    async def start(self):
        print("code is at work")
        async for request in super().start():
            yield request
'''


def table(name: str, base: str) -> str:
    return (
        f'[{name}]\nname = "{name}"\nhome = "{base}/"\nfeeds = ["{base}/{name}"]\ndelay = 0.0\nallow_private = true\n\n'
    )


def test_scrapy_list_names_the_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(table("zebra", "http://127.0.0.1") + table("aardvark", "http://127.0.0.1"))
    done = scrapy("list", data=tmp_path)
    assert done.stdout.split() == ["aardvark", "zebra"]


def test_the_modules_that_are_not_searched_for_spiders_are_those_of_wirewatch() -> None:
    assert {module.name for module in pkgutil.iter_modules(spiders.__path__)} == OWN_MODULES


def test_scrapys_own_commands_report_mistakes_in_the_file_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text('[zebra]\nname = "Zebra"\nhome = "nowhere"\n')
    for command in (["list"], ["shell", "--nolog"]):
        done = scrapy(*command, data=tmp_path)
        assert done.returncode == 2
        assert [line.split(": ")[1] for line in done.stderr.splitlines()] == [
            "line 1, table [zebra]",
            "line 3, table [zebra], key home",
        ]


def test_the_error_for_a_python_spider_without_a_table_says_that_it_needs_one(tmp_path: Path) -> None:
    (tmp_path / "ownspiders").mkdir()
    (tmp_path / "ownspiders" / "__init__.py").touch()
    (tmp_path / "ownspiders" / "gazette.py").write_text(SPIDER)
    (tmp_path / "sources.toml").write_text(table("zebra", "http://127.0.0.1"))
    done = scrapy("crawl", "gazette", "-s", "SPIDER_MODULES=ownspiders", data=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "'gazette' has no table in sources.toml" in done.stderr


def test_a_python_spider_of_the_same_name_replaces_the_table(tmp_path: Path) -> None:
    (tmp_path / "ownspiders").mkdir()
    (tmp_path / "ownspiders" / "__init__.py").touch()
    (tmp_path / "ownspiders" / "gazette.py").write_text(SPIDER)
    with Site() as site:
        for name in ("gazette", "herald"):
            site[f"/{name}"] = xml('<rss version="2.0"><channel></channel></rss>')
        (tmp_path / "sources.toml").write_text(table("gazette", site.base) + table("herald", site.base))
        done = scrapy("crawl", "all", "-s", "SPIDER_MODULES=ownspiders", data=tmp_path, PYTHONPATH=str(tmp_path))
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("code is at work") == 1
        assert sorted(site.paths()) == ["/gazette", "/herald"]

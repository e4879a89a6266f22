"""`scrapy sources` with the demo outlets on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
import tomllib

from schedules.demo.server import DemoWeb
from tests.support.cli import scrapy


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb(now=datetime.now(timezone.utc)) as served:
        yield served


@pytest.fixture
def data(web: DemoWeb, tmp_path: Path) -> Path:
    web.write_sources(tmp_path / "sources.toml")
    return tmp_path


def test_add_finds_the_feed_of_a_home_page_and_prints_a_valid_table(web: DemoWeb, data: Path) -> None:
    tables = tomllib.loads((data / "sources.toml").read_text(encoding="utf-8"))
    home = tables["dnipro-ledger"]["home"]
    done = scrapy("sources", "add", home, "--allow-private", data=data, DOWNLOAD_DELAY="0")
    assert done.returncode == 0, done.stderr
    (name, table), *_ = tomllib.loads(done.stdout).items()
    assert name == "dnipro-ledger-2", "the id is unused"
    assert table["name"] == "The Dnipro Ledger"
    assert table["feeds"] == tables["dnipro-ledger"]["feeds"]
    assert "[dnipro-ledger]" in done.stderr, "a warning that the outlet is configured already"


def test_add_accepts_the_url_of_a_feed(web: DemoWeb, data: Path) -> None:
    feed = tomllib.loads((data / "sources.toml").read_text(encoding="utf-8"))["coastline-wire"]["feeds"][0]
    done = scrapy("sources", "add", feed, "--allow-private", "--json", data=data, DOWNLOAD_DELAY="0")
    assert done.returncode == 0, done.stderr
    reported = json.loads(done.stdout)
    assert [seed["fault"] for seed in reported["seeds"] if seed["url"] == feed] == [None], (
        "once, although the home page links to it too"
    )
    assert tomllib.loads(reported["toml"])


def test_add_refuses_a_private_address_without_allow_private(web: DemoWeb, data: Path) -> None:
    home = tomllib.loads((data / "sources.toml").read_text(encoding="utf-8"))["dnipro-ledger"]["home"]
    done = scrapy("sources", "add", home, data=data)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "private" in done.stderr


def test_add_works_without_sources_toml_and_creates_no_archive(web: DemoWeb, data: Path, tmp_path: Path) -> None:
    home = tomllib.loads((data / "sources.toml").read_text(encoding="utf-8"))["dnipro-ledger"]["home"]
    empty = tmp_path / "empty"
    done = scrapy("sources", "add", home, "--allow-private", data=empty, DOWNLOAD_DELAY="0")
    assert done.returncode == 0, done.stderr
    assert list(tomllib.loads(done.stdout)) == ["dnipro-ledger"]
    assert not (empty / "archive.db").exists()


def test_add_prints_why_a_host_cannot_be_reached(data: Path) -> None:
    done = scrapy("sources", "add", "http://127.20.0.9:1/", "--allow-private", data=data, DOWNLOAD_DELAY="0")
    assert done.returncode == 1
    assert done.stderr == "http://127.20.0.9:1/: connection refused\n"


def test_check_probes_every_seed(web: DemoWeb, data: Path) -> None:
    done = scrapy("sources", "check", "--json", data=data)
    assert done.returncode == 0, done.stderr
    reported = json.loads(done.stdout)
    assert {seed["kind"] for seed in reported} == {"feed", "sitemap", "listing"}
    assert all(seed["http_status"] == 200 and seed["links"] > 0 for seed in reported)


def test_check_shows_the_seed_that_fails_and_exits_with_1(web: DemoWeb, data: Path) -> None:
    path = data / "sources.toml"
    feed = tomllib.loads(path.read_text(encoding="utf-8"))["coastline-wire"]["feeds"][0]
    path.write_text(path.read_text(encoding="utf-8").replace("feed.json", "nowhere.json"), encoding="utf-8")
    done = scrapy("sources", "check", "coastline-wire", data=data)
    assert done.returncode == 1
    assert "HTTP 404" in done.stdout
    assert feed.rpartition("/")[2] in done.stdout, "the address of the failing seed is shown"
    assert "dnipro-ledger" not in done.stdout


def test_the_states_are_shown_before_the_first_crawl(data: Path) -> None:
    done = scrapy("sources", data=data)
    assert done.returncode == 0, done.stderr
    assert "never polled" in done.stdout
    reported = json.loads(scrapy("sources", "--json", data=data).stdout)
    assert [state["id"] for state in reported] == list(
        tomllib.loads((data / "sources.toml").read_text(encoding="utf-8"))
    )


def test_exported_opml_can_be_imported(data: Path, tmp_path: Path) -> None:
    exported = tmp_path / "feeds.opml"
    assert scrapy("sources", "export", str(exported), data=data).returncode == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    done = scrapy("sources", "import", str(exported), data=empty)
    assert done.returncode == 0, done.stderr
    assert {"dnipro-ledger", "coastline-wire"} <= set(tomllib.loads(done.stdout))
    again = scrapy("sources", "import", str(exported), data=data)
    assert again.stdout == ""
    assert "already a feed of [dnipro-ledger]" in again.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nonsense"], "unknown action 'nonsense'"),
        (["add"], "expected the URL of a home page"),
        (["add", "file:///etc/passwd"], "expected the URL of a home page"),
        (["add", "not a url"], "expected the URL of a home page"),
        (["import", "README.md"], "README.md: not OPML; export"),
        (["check", "dnipro-leger"], "did you mean 'dnipro-ledger'"),
        (["import", "/nowhere.opml"], "no such file"),
        (["import"], "expected one file"),
        (["export", "/nowhere/x.opml"], "cannot be written"),
    ],
)
def test_a_mistake_exits_with_2_and_one_line(data: Path, words: list[str], message: str) -> None:
    done = scrapy("sources", *words, data=data)
    assert done.returncode == 2
    assert message in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_all_mistakes_in_the_file_are_reported(data: Path) -> None:
    (data / "sources.toml").write_text('[a]\nname = ""\n[b]\nhome = 1\n', encoding="utf-8")
    done = scrapy("sources", data=data)
    assert done.returncode == 2
    assert "table [a]" in done.stderr
    assert "table [b]" in done.stderr
    assert "Traceback" not in done.stderr

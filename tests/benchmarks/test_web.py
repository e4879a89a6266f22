"""The site on loopback serves the pages that it announces."""

from __future__ import annotations

import gzip
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.support.sites import generated_text
from benchmarks.support.sites.static_site import OUTLETS, OutletSeeds, Web, choose_pages
from crawler.config.sources import load_sources

MADE = 30


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with Web(made=MADE) as web:
        yield web


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_every_page_is_served_by_one_of_the_twelve_outlets(web: Web) -> None:
    assert len(web.outlets) == OUTLETS
    assert len({outlet.address for outlet in web.outlets}) == OUTLETS
    assert len(set(web.pages)) == MADE
    bodies = {fetch(url)[2] for url in web.pages}
    assert bodies == {generated_text.page(number).html for number in range(MADE)}


def test_generated_pages_have_different_texts_and_are_the_same_each_time() -> None:
    pages = [generated_text.page(number) for number in range(200)]
    assert len({page.html for page in pages}) == len({page.title for page in pages}) == len(pages)
    assert generated_text.page(7) == pages[7]


@pytest.mark.parametrize("seed", ["sitemap", "feed", "listing"])
def test_each_seed_of_a_small_outlet_links_to_all_of_its_pages(web: Web, seed: str) -> None:
    outlet: OutletSeeds = web.outlets[0]
    text = fetch(getattr(outlet, seed))[2].decode()
    assert all(re.search(re.escape(url.removeprefix(outlet.base)), text) for url in outlet.pages)


def test_pages_are_compressed_on_request_and_answered_with_304_if_unchanged(web: Web) -> None:
    url = web.pages[0]
    _, plain_headers, plain = fetch(url)
    _, packed_headers, packed = fetch(url, Accept_Encoding="gzip")
    assert packed_headers["Content-Encoding"] == "gzip" and gzip.decompress(packed) == plain
    assert fetch(url, If_None_Match=plain_headers["ETag"])[0] == 304
    assert fetch(url.replace(".html", "-no.html"))[0] == 404


def test_the_sources_file_has_every_outlet(web: Web, tmp_path: Path) -> None:
    web.write_sources(tmp_path / "sources.toml")
    sources = load_sources(tmp_path / "sources.toml")
    assert [source.id for source in sources] == [outlet.id for outlet in web.outlets]


def test_the_server_ends_with_the_process_that_started_it() -> None:
    with Web(made=3) as web:
        pid = web.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_any_folder_of_gold_and_pages_can_be_served(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html.gz").write_bytes(gzip.compress(b"<title>Ferry &amp; goats</title>"))
    (tmp_path / "gold.jsonl").write_text(json.dumps({"id": "a", "url": "https://example.org/a"}) + "\n")
    (page,) = choose_pages([tmp_path], None, 0)
    assert (page.id, page.title, page.html) == ("a", "Ferry & goats", b"<title>Ferry &amp; goats</title>")


def test_more_pages_than_there_are_means_copies_with_other_words(tmp_path: Path) -> None:
    text = "The council closes the harbour because several pillars under the northern quay have cracks"
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html.gz").write_bytes(gzip.compress(f"<title>Ferry</title><p>{text}</p>".encode()))
    (tmp_path / "gold.jsonl").write_text(json.dumps({"id": "a", "url": "https://example.org/a"}) + "\n")
    pages = choose_pages([tmp_path], 3, 0)
    assert [page.id for page in pages] == ["a", "a-1", "a-2"]
    assert len({page.html for page in pages}) == 3

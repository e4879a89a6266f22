"""Crawls of a site whose pages have two headlines, of which the feed carries one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.servers.loopback import Site, html, xml
from tests.support.source_folder import SourceFolder, article_page

SEARCHED, SHOWN = "Council: pier number {} to close", "Dockers win their long fight for pier number {}"
"""og:title and h1."""


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> SourceFolder:
    return SourceFolder(tmp_path, site)


def _publish(site: Site, numbers: range, headline: str, *, with_title: bool = True) -> None:
    """Pages with two headlines, and the feed with one of them."""
    items = ""
    for number in numbers:
        og = f'<head><meta property="og:title" content="{SEARCHED.format(number)}">'
        text = f"Pier {number} is {number} metres long, as the harbour master measured in the spring of last year."
        site[f"/news/{number}"] = html(article_page(SHOWN.format(number), text).replace("<head>", og))
        title = f"<title>{headline.format(number)}</title>" if with_title else ""
        items += f"<item>{title}<link>/news/{number}</link></item>"
    site["/rss"] = xml(f'<rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>')


def _titles(folder: SourceFolder) -> list[tuple[str, str, int]]:
    return folder.rows(
        "SELECT a.title, json_extract(r.field_sources, '$.title'), a.revision_count FROM articles a"
        " JOIN revisions r ON r.id = a.latest_revision_id ORDER BY a.id"
    )


def test_the_headline_that_the_feed_carries_is_used_once_it_is_learned(folder: SourceFolder, site: Site) -> None:
    _publish(site, range(5), SHOWN)
    folder.crawl()
    assert folder.rows("SELECT * FROM feed_headlines") == [("gazette", "h1", 5)]
    assert {(source, count) for _, source, count in _titles(folder)} == {("og", 1)}
    _publish(site, range(5, 7), SHOWN, with_title=False)  # the links give no title, the earlier ones decide
    folder.make_all_due()
    folder.crawl()
    titles = _titles(folder)
    assert sorted(title for title, *_ in titles[5:]) == [SHOWN.format(5), SHOWN.format(6)]
    assert {source for _, source, _ in titles[5:]} == {"h1 (as in the feed)"}
    # The stored articles keep their title: another choice between two headlines is not an edit.
    assert sorted(titles[:5]) == sorted((SEARCHED.format(number), "og", 1) for number in range(5))


def test_a_feed_that_carries_both_headlines_decides_nothing(folder: SourceFolder, site: Site) -> None:
    _publish(site, range(3), SHOWN)
    folder.crawl()
    _publish(site, range(3, 6), SEARCHED)
    folder.crawl()
    _publish(site, range(6, 7), SHOWN)
    folder.crawl()
    assert sorted(folder.rows("SELECT headline, pages FROM feed_headlines")) == [("h1", 4), ("og", 3)]
    assert {source for _, source, _ in _titles(folder)} == {"og"}


def test_a_new_text_under_a_kept_headline_is_an_edit_without_another_title(folder: SourceFolder, site: Site) -> None:
    _publish(site, range(5), SHOWN)
    folder.crawl()
    _publish(site, range(5), SHOWN)
    site["/news/3"] = html(
        article_page(SHOWN.format(3), "The fish market moves into the hall of the customs for two years.").replace(
            "<head>", f'<head><meta property="og:title" content="{SEARCHED.format(3)}">'
        )
    )
    folder.make_all_due()
    folder.crawl()
    assert [title for title, _, count in _titles(folder) if count == 2] == [SEARCHED.format(3)]

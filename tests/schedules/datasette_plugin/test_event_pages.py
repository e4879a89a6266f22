"""The pages of events: the list, the timeline, and the links from articles and stories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from tests.support.archives.event_reports import LEDGER, put_event
from tests.support.datasette_client import DatasetteClient, datasette_client
from tests.support.factories import SOURCE, Archive


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatasetteClient]:
    folder: Path = tmp_path_factory.mktemp("events")
    archive = Archive(folder, [SOURCE, LEDGER])
    put_event(archive)
    archive.store.close()
    with datasette_client(folder) as found:
        yield found


def test_the_list_has_each_event_once(reader: DatasetteClient) -> None:
    tree = html.fromstring(reader.text("/events"))
    assert [link.get("href") for link in tree.findall(".//tbody//a")] == ["/event/1"]
    assert "en, uk" in tree.text_content()


def test_the_timeline_shows_who_reported_when_and_what_each_added(reader: DatasetteClient) -> None:
    tree = html.fromstring(reader.text("/event/1"))
    reports = [" ".join(one.text_content().split()) for one in tree.xpath("//ol[@class='timeline']/li")]
    assert len(reports) == 3
    assert "first" in reports[0]
    assert "+30 min" in reports[1]
    assert "Dnipro Ledger" in reports[1]
    assert "+2 h" in reports[2]
    assert "Полтави" in reports[2]
    assert "(across languages)" in reports[2]
    assert "in this event because it shares" in reports[1]


def test_articles_and_stories_link_to_their_event(reader: DatasetteClient) -> None:
    for path in ("/article/1", "/story/2"):
        assert html.fromstring(reader.text(path)).xpath("//a[@href='/event/1']"), path
    for path in ("/article/3", "/story/3"):
        assert not html.fromstring(reader.text(path)).xpath("//a[starts-with(@href, '/event/')]"), path


@pytest.mark.parametrize("path", ["/event/99", "/event/0", "/events?before=x~y"])
def test_an_unknown_event_is_not_found_and_an_odd_page_is_empty(reader: DatasetteClient, path: str) -> None:
    assert reader.get(path).status_code in {200, 404}
    assert path.startswith("/events") or reader.get(path).status_code == 404

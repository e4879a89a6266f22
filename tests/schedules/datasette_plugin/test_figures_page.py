"""The page of a topic's figures: charts whose points lead to their sentences, conflicts and corrections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html

from tests.support.archives.figures import FEBRUARY, empty_archive, figures_archive
from tests.support.datasette_client import DatasetteClient, datasette_client


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatasetteClient]:
    folder = tmp_path_factory.mktemp("figures")
    with figures_archive(folder):
        pass
    with datasette_client(folder) as found:
        yield found


def test_each_point_of_a_chart_leads_to_its_sentence(reader: DatasetteClient) -> None:
    tree = html.fromstring(reader.text("/topic/troops/figures"))
    assert [one.text for one in tree.findall(".//script")] == [None], "only that of the pages"
    points = tree.xpath("//*[contains(@class, 'figures-chart')]//a")
    assert len(points) >= 8
    for point in points:
        link = point.get("href").removeprefix("../..")
        moved = reader.get(link)
        assert moved.status_code == 302
        place = moved.headers["location"]
        assert html.fromstring(reader.text(place.split("#")[0])).get_element_by_id(place.split("#")[1]) is not None


def test_the_page_names_conflicts_corrections_and_speakers(reader: DatasetteClient) -> None:
    tree = html.fromstring(reader.text("/topic/troops/figures"))
    text = " ".join(tree.text_content().split())
    assert (
        "Conflict: NIS at least 300 (14 Feb 2025) and Zelensky two-thirds (2,667) (14 Feb 2025) differ by 89%." in text
    )
    assert "at least 300 corrected from at least 200" in text
    assert "health ministry 55,104–55,432" in text
    marked = [mark.text for mark in tree.xpath("//blockquote[contains(., 'in Munich')]/mark")]
    assert "President Volodymyr Zelensky" in marked
    assert tree.xpath("//h2")[0].text_content().startswith("troops killed")


def test_the_topic_links_to_its_figures_and_an_unknown_topic_is_not_found(reader: DatasetteClient) -> None:
    tree = html.fromstring(reader.text("/topic/troops"))
    assert "/topic/troops/figures" in tree.xpath("//main//a/@href")
    assert reader.get("/topic/none/figures").status_code == 404


def test_hostile_sentences_are_escaped_and_numbers_not_understood_are_listed(tmp_path: Path) -> None:
    archive = empty_archive(tmp_path)
    for day in range(2):
        archive.publish(
            f"Losses: <script>alert({day})</script> said 5{day} soldiers were killed & destroyed 40 pylons.",
            at=FEBRUARY + timedelta(days=day),
        )
    archive.store.close()
    with datasette_client(tmp_path) as reader:
        tree = html.fromstring(reader.text("/topic/troops/figures"))
    assert [one.text for one in tree.findall(".//script")] == [None], "only that of the pages"
    assert "Not understood: 2 numbers" in tree.text_content()


def test_a_topic_without_figures_says_how_to_get_them(tmp_path: Path) -> None:
    empty_archive(tmp_path).store.close()
    with datasette_client(tmp_path) as reader:
        assert "No figures yet" in reader.text("/topic/troops/figures")

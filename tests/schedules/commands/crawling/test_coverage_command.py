"""`scrapy coverage`: what others reported and a source did not, and which lines of a list are not in the archive."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive.articles.search import look_up_article
from crawler.archive.stories.queries import shared_reports
from crawler.config.sources import Source
from tests.support.cli import scrapy
from tests.support.factories import HOME, NOW, SOURCE, Archive, article, hour, link, page, poll, record

OTHERS = [
    Source.model_validate(
        {"id": name, "name": name.title(), "home": f"https://{name}.example/", "feeds": [f"https://{name}.example/rss"]}
    )
    for name in ("lantern", "wire", "ledger")
]
REPORT = (
    "The lighthouse on Amity Rock will be lit again from Friday on, the harbour office said.",
    "It had been dark for seven years, since lightning melted the gears that turn its lens.",
    "A clockmaker from Velden made new ones by hand, of bronze, from drawings of the year 1871.",
)


def fill(folder: Path, *, at: datetime = NOW) -> Archive:
    """Three of four outlets have the report of the lighthouse; one has another article."""
    archive = Archive(folder, [SOURCE, *OTHERS])
    for number, source in enumerate((SOURCE, *OTHERS[:2])):
        when = at + timedelta(hours=number)
        read = article(*REPORT, title="Amity Rock to be lit again after years", published=None)
        received = page(
            f"{source.home}news/amity-rock", " ".join(REPORT).encode() + source.id.encode(), source=source.id
        )
        archive.record_fetch(record(read, received, at=when, source=source))
    other = article("Eels were caught in the inner harbour.", title="Eels are back", published=None)
    archive.record_fetch(
        record(other, page(f"{OTHERS[2].home}eels", b"eels", source="ledger"), at=at, source=OTHERS[2])
    )
    return archive


def test_a_report_of_several_sources_names_them_and_is_the_first_article(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    (one,) = shared_reports(archive.store.db, since=hour(-1), min_sources=3)
    assert one.title == "Amity Rock to be lit again after years"
    assert one.sources == {"gazette", "lantern", "wire"}
    assert shared_reports(archive.store.db, since=hour(-1), min_sources=4) == []
    assert shared_reports(archive.store.db, since=hour(1), min_sources=3) == []


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        (f"{HOME}/news/amity-rock?utm_source=x#top", True),
        ("http://www.harbour-gazette.example/news/amity-rock", True),
        ("https://harbour-gazette.example/news/other", False),
        ("AMITY ROCK to be lit again, after years", True),
        ("Amity Rock to be lit again after seven years", True),
        ("Rock concert again after years", False),
        ("Eels", False),
        ('" OR title : (', False),
        ("???", False),
    ],
)
def test_a_url_in_any_form_and_a_headline_with_a_few_other_words_are_found(
    tmp_path: Path, line: str, is_found: bool
) -> None:
    archive = fill(tmp_path)
    assert (look_up_article(archive.store.db, line).article_id is not None) == is_found


def test_a_known_url_without_an_article_says_why(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    archive.poll(poll(link("/news/waits")))
    assert look_up_article(archive.store.db, f"{HOME}/news/waits").reason == "waiting"


def test_the_command_lists_what_is_missing(tmp_path: Path) -> None:
    archive = fill(tmp_path, at=datetime.now(NOW.tzinfo) - timedelta(hours=5))
    archive.store.close()
    shares = scrapy("coverage", "--events", data=tmp_path)
    assert shares.returncode == 1
    assert ["ledger", "0", "1", "0%"] in [line.split() for line in shares.stdout.splitlines()]
    missing = scrapy("coverage", "--events", "--source", "ledger", data=tmp_path)
    assert "Amity Rock to be lit again after years" in missing.stdout
    assert "ledger has 0 of 1 that 3 or more sources reported." in missing.stdout
    found = json.loads(scrapy("coverage", "--events", "--json", data=tmp_path).stdout)
    assert found[0]["not_in"] == ["ledger"]
    lines = tmp_path / "list.txt"
    lines.write_text(f"# a list\n{HOME}/news/amity-rock\nA headline of nobody\n", encoding="utf-8")
    compared = scrapy("coverage", str(lines), data=tmp_path)
    assert compared.stdout.splitlines() == [
        "not in your archive: A headline of nobody",
        "1 of 2 are in your archive (50%).",
    ]

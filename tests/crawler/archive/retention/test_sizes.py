"""Sizes by source and kind add up to the files, and a year is extrapolated from the last weeks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.retention.sizes import SIZE_KINDS, source_sizes
from tests.support.archives.flagged import WIRE
from tests.support.factories import HOME, NOW, SOURCE, Archive, article, hour, link, page, poll, record


def stored(folder: Path) -> Archive:
    archive = Archive(folder, (SOURCE, WIRE))
    archive.poll(poll(link("/news/0"), link("/news/1"), at=NOW))
    for number in range(40):
        source = WIRE if number % 4 == 0 else SOURCE
        text = " ".join(f"word{number}-{one}" for one in range(300))
        received = page(f"{source.home}news/{number}", f"<p>{text}</p>".encode(), source=source.id)
        archive.record_fetch(record(article(text), received, at=hour(24 * number), source=source))
    archive.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return archive


def test_the_sizes_of_all_sources_add_up_to_the_files(tmp_path: Path) -> None:
    archive = stored(tmp_path)
    first, second = source_sizes(archive.store.db, hour(24 * 40))
    assert (first.source, first.articles, second.source, second.articles) == ("gazette", 30, "wire", 10)
    assert set(first.sizes) == set(SIZE_KINDS)
    database = sum(one.total - one.sizes["raw pages"] for one in (first, second))
    assert database == pytest.approx(archive.db_path.stat().st_size, rel=0.02)
    warc = archive.value("SELECT sum(warc_length) FROM pages")
    assert first.sizes["raw pages"] + second.sizes["raw pages"] == warc
    assert first.sizes["texts"] == pytest.approx(3 * second.sizes["texts"], rel=0.05)
    assert second.sizes["links"] == second.sizes["polls"] == 0 < first.sizes["links"]


def test_a_year_is_the_growth_of_the_last_weeks_extrapolated(tmp_path: Path) -> None:
    archive = stored(tmp_path)
    (gazette, _) = source_sizes(archive.store.db, hour(24 * 40))
    assert gazette.a_year == pytest.approx(gazette.total / 40 * 365, rel=0.1), "it stores three articles in four days"
    later = source_sizes(archive.store.db, hour(24 * 400))
    assert [one.a_year for one in later] == [0, 0], "nothing was stored in the last weeks"


def test_a_new_source_has_no_estimate(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.record_fetch(record(article(), page(f"{HOME}/news/1")))
    assert [one.a_year for one in source_sizes(archive.store.db, NOW + timedelta(hours=23))] == [None]

"""Settings: what is read of the environment, and which files are not to be written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config.app import AppConfig
from crawler.exceptions import ConfigurationError, WirewatchError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WIREWATCH_POLL_INTERVAL", "99999999999999"),
        ("WIREWATCH_BACKFILL_DAYS", "99999999999"),
        ("WIREWATCH_MAX_PAGES", "99999999999999999999"),
        ("DOWNLOAD_DELAY", "-1"),
        ("DOWNLOAD_DELAY", "soon"),
    ],
)
def test_a_number_that_no_clock_and_no_row_can_hold_is_told(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} = '{value}': write a number of"):
        AppConfig.read({name: value})


def test_the_largest_numbers_are_taken() -> None:
    config = AppConfig.read({"WIREWATCH_BACKFILL_DAYS": "36500", "WIREWATCH_POLL_INTERVAL": "3153600000"})
    assert config.backfill.days == config.poll_interval.days == 36_500


@pytest.mark.parametrize("name", ["archive.db", "sources.toml", "warc/a.warc.gz", "../data/topics.toml", "link"])
def test_nothing_that_wirewatch_lives_by_is_written_over(tmp_path: Path, name: str) -> None:
    config = AppConfig.read({"DATA_DIR": str(tmp_path / "data")})
    config.data_dir.mkdir()
    (config.data_dir / "link").symlink_to(config.archive_db)
    with pytest.raises(WirewatchError, match="is a file of the archive or its settings"):
        config.refuse_own(config.data_dir / name)
    assert config.refuse_own(config.data_dir / "feeds.opml") == config.data_dir / "feeds.opml"

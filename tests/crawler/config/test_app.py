"""Settings: where they are read from, their bounds, and the files that are never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.settings import Settings

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
def test_a_number_out_of_bounds_is_a_mistake(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} = '{value}': write a number of"):
        AppConfig.read({name: value})


def test_the_largest_numbers_are_accepted() -> None:
    config = AppConfig.read({"WIREWATCH_BACKFILL_DAYS": "36500", "WIREWATCH_POLL_INTERVAL": "3153600000"})
    assert config.backfill.days == config.poll_interval.days == 36_500


@pytest.mark.parametrize("name", ["archive.db", "sources.toml", "warc/a.warc.gz", "../data/topics.toml", "link"])
def test_a_file_of_the_archive_or_its_configuration_is_never_overwritten(tmp_path: Path, name: str) -> None:
    config = AppConfig.read({"DATA_DIR": str(tmp_path / "data")})
    config.data_dir.mkdir()
    (config.data_dir / "link").symlink_to(config.archive_db)
    with pytest.raises(WirewatchError, match="belongs to the archive or its configuration"):
        config.refuse_own(config.data_dir / name)
    assert config.refuse_own(config.data_dir / "feeds.opml") == config.data_dir / "feeds.opml"


@pytest.mark.parametrize(
    ("name", "variable", "field"),
    [
        ("WIREWATCH_MAX_PAGES", "WIREWATCH_MAX_PAGES", "max_pages"),
        ("DEPTH_LIMIT", "DEPTH_LIMIT", "depth_limit"),
        ("DOWNLOAD_DELAY", "DOWNLOAD_DELAY", "download_delay"),
        ("CLOSESPIDER_TIMEOUT", "CLOSESPIDER_TIMEOUT", "crawl_timeout"),
    ],
)
def test_the_command_line_precedes_the_environment_and_the_environment_settings_py(
    name: str, variable: str, field: str
) -> None:
    settings = Settings()
    assert getattr(AppConfig.read(Settings({name: None}, priority="project"), {variable: "7"}), field) == 7
    settings.set(name, 5, priority="project")
    assert getattr(AppConfig.read(settings, {}), field) == 5
    assert getattr(AppConfig.read(settings, {variable: "7"}), field) == 7
    settings.set(name, "9", priority="cmdline")
    assert getattr(AppConfig.read(settings, {variable: "7"}), field) == 9


def test_the_data_folder_is_named_by_wirewatch_data_dir(tmp_path: Path) -> None:
    environ = {"WIREWATCH_DATA_DIR": str(tmp_path), "DATA_DIR": "/elsewhere"}
    assert AppConfig.read({}, environ).data_dir == tmp_path.resolve()
    settings = Settings()
    settings.set("DATA_DIR", "/given", priority="cmdline")
    assert AppConfig.read(settings, environ).data_dir == Path("/given")


def test_a_number_of_thousands_of_digits_is_a_short_message() -> None:
    with pytest.raises(ConfigurationError) as caught:
        AppConfig.read({}, {"WIREWATCH_MAX_PAGES": "9" * 5000})
    assert len(str(caught.value)) < 200

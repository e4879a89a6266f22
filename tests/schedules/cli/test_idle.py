"""A job is skipped only when its checkpoint and the archive show that it has nothing to do."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.archive.db.open import open_archive
from crawler.archive.monitoring.idle import save_checkpoint
from crawler.config.app import AppConfig
from schedules.cli.idle import files_of, idle_state
from schedules.digest.job import send_due
from schedules.topics.flag_job import flag_new
from tests.support.cli import scrapy
from tests.support.factories import HOME, NOW, Archive, article, hour, link, page, poll, record

TOPICS = '[piers]\ntitle = "Piers"\nquery = "pier"\n'
SOURCES = f'[gazette]\nname = "The Harbour Gazette"\nhome = "{HOME}/"\nfeeds = ["{HOME}/rss"]\nlanguage = "en"\n'
DIGESTS = '[morning]\ntitle = "Morning"\ntimezone = "UTC"\nat = ["18:00"]\nrecipients = ["desk@ngo.example"]\n'
MAIL_SETTINGS = Settings(
    {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": 9, "MAIL_FROM": "wirewatch@ngo.example"}, priority="cmdline"
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    (tmp_path / "sources.toml").write_text(SOURCES)
    (tmp_path / "topics.toml").write_text(TOPICS)
    (tmp_path / "digests.toml").write_text(DIGESTS)
    return Archive(tmp_path)


@pytest.fixture
def config(tmp_path: Path) -> AppConfig:
    return AppConfig.read({"DATA_DIR": str(tmp_path)}, {})


def flag(config: AppConfig, at: datetime = NOW) -> None:
    flag_new(config, now=lambda: at)


def send(config: AppConfig, at: datetime = NOW) -> None:
    db = open_archive(config.archive_db)
    send_due(db, config, MAIL_SETTINGS, now=lambda: at)
    db.close()


def test_flag_runs_when_it_has_never_run(archive: Archive, config: AppConfig) -> None:
    assert idle_state(config, "flag", NOW) is None


def test_flag_is_skipped_until_a_revision_is_stored(archive: Archive, config: AppConfig) -> None:
    flag(config)
    assert idle_state(config, "flag", hour(1)) is not None
    archive.record_fetch(record(article(), page()))
    assert idle_state(config, "flag", hour(1)) is None
    flag(config, hour(1))
    assert archive.value("SELECT count(*) FROM alerts") == 1
    assert idle_state(config, "flag", hour(2)) is not None


@pytest.mark.parametrize("name", ["topics.toml", "sources.toml", "digests.toml"])
def test_flag_runs_after_a_file_was_edited_or_removed(
    archive: Archive, config: AppConfig, tmp_path: Path, name: str
) -> None:
    flag(config)
    (tmp_path / name).write_text((tmp_path / name).read_text() + "\n# edited\n")
    assert idle_state(config, "flag", NOW) is None
    flag(config)
    assert idle_state(config, "flag", NOW) is not None
    (tmp_path / name).unlink()
    assert idle_state(config, "flag", NOW) is None


def test_flag_runs_when_a_failed_match_is_due_for_a_retry(archive: Archive, config: AppConfig) -> None:
    archive.record_fetch(record(article(), page()))
    flag(config)
    with archive.store.transaction() as store:
        store.db.execute(
            "INSERT INTO flag_failures SELECT version_id, 1, 'stopped', 1, '2026-03-01T12:00:00Z', '2026-03-01T12:10:00Z'"
            " FROM topics"
        )
    assert idle_state(config, "flag", NOW) is not None
    assert idle_state(config, "flag", hour(1)) is None


def test_a_job_runs_after_the_clock_was_set_back(archive: Archive, config: AppConfig) -> None:
    flag(config, hour(2))
    assert idle_state(config, "flag", hour(1)) is None


def test_digest_is_skipped_until_its_time(archive: Archive, config: AppConfig) -> None:
    send(config)
    at = datetime(2026, 3, 1, 18, 0, tzinfo=timezone.utc)
    assert idle_state(config, "digest", at - timedelta(seconds=1)) is not None
    assert idle_state(config, "digest", at) is None


def test_digest_runs_when_an_alert_was_created(archive: Archive, config: AppConfig) -> None:
    send(config)
    archive.record_fetch(record(article(), page()))
    flag(config)
    assert idle_state(config, "digest", hour(1)) is None
    send(config)
    assert idle_state(config, "digest", hour(1)) is not None


def test_digest_runs_when_the_file_of_a_feed_was_removed(archive: Archive, config: AppConfig, tmp_path: Path) -> None:
    (tmp_path / "digests.toml").write_text('[feed]\nfeed = "alerts.atom"\n')
    send(config)
    assert idle_state(config, "digest", hour(1)) is not None
    (tmp_path / "alerts.atom").unlink()
    assert idle_state(config, "digest", hour(1)) is None


def test_digest_runs_while_a_message_waits_for_the_mail_server(archive: Archive, config: AppConfig) -> None:
    send(config)
    archive.record_fetch(record(article(), page()))
    flag(config)
    send(config, hour(6))  # 18:00: the message is rendered, and the server refuses the connection
    assert archive.value("SELECT state FROM outbox") == "waiting"
    assert idle_state(config, "digest", hour(6)) is None


def test_digest_runs_for_alerts_of_an_immediate_digest(archive: Archive, config: AppConfig, tmp_path: Path) -> None:
    (tmp_path / "digests.toml").write_text(DIGESTS.replace('at = ["18:00"]', "immediate = true"))
    send(config)
    assert idle_state(config, "digest", hour(24)) is not None
    archive.record_fetch(record(article(), page()))
    flag(config)
    send(config)  # the alert is too new: more may follow within a minute
    assert archive.value("SELECT count(*) FROM outbox") == 0
    assert idle_state(config, "digest", NOW) is None


def crawl_checkpoint(archive: Archive, config: AppConfig, *seeds: str, **known: object) -> None:
    state = {"enabled": 1, "seeds": [("gazette", seed) for seed in seeds or (f"{HOME}/rss",)], **known}
    with archive.store.transaction() as store:
        save_checkpoint(store.db, "crawl", files_of(config, "crawl"), state, NOW)


def test_crawl_is_skipped_until_a_seed_is_due(archive: Archive, config: AppConfig) -> None:
    archive.poll(poll(poll_interval=timedelta(minutes=15)))
    crawl_checkpoint(archive, config)
    assert idle_state(config, "crawl", NOW + timedelta(minutes=1)) is not None
    assert idle_state(config, "crawl", hour(24)) is None


def test_crawl_runs_on_the_day_on_which_a_paused_source_is_polled_again(archive: Archive, config: AppConfig) -> None:
    archive.poll(poll(poll_interval=timedelta(minutes=15)))
    crawl_checkpoint(archive, config, paused_until="2026-03-02")
    assert idle_state(config, "crawl", NOW + timedelta(minutes=1)) is not None
    crawl_checkpoint(archive, config, paused_until="2026-03-01")
    assert idle_state(config, "crawl", NOW + timedelta(minutes=1)) is None


def test_crawl_runs_for_a_seed_that_was_never_polled(archive: Archive, config: AppConfig) -> None:
    archive.poll(poll(poll_interval=timedelta(minutes=15)))
    crawl_checkpoint(archive, config, f"{HOME}/rss", f"{HOME}/sitemap.xml")
    assert idle_state(config, "crawl", NOW + timedelta(minutes=1)) is None


def test_crawl_runs_when_a_url_waits_in_the_queue(archive: Archive, config: AppConfig) -> None:
    archive.poll(poll(link(), poll_interval=timedelta(minutes=15)))
    crawl_checkpoint(archive, config)
    assert idle_state(config, "crawl", NOW + timedelta(minutes=1)) is None


def test_crawl_runs_after_sources_toml_was_edited(archive: Archive, config: AppConfig, tmp_path: Path) -> None:
    archive.poll(poll(poll_interval=timedelta(minutes=15)))
    crawl_checkpoint(archive, config)
    (tmp_path / "sources.toml").write_text(SOURCES + "enabled = true\n")
    assert idle_state(config, "crawl", NOW + timedelta(minutes=1)) is None


def test_the_commands_print_the_same_when_they_are_skipped(archive: Archive, tmp_path: Path) -> None:
    archive.poll(poll(poll_interval=timedelta(minutes=15)))
    with archive.store.transaction() as store:
        store.db.execute("UPDATE seeds SET polled_at = '2026-03-01T12:00:00Z', next_poll_at = '2999-01-01T00:00:00Z'")
    for words in (["crawl", "all"], ["flag"]):
        scrapy(*words, data=tmp_path)
        first, second = scrapy(*words, data=tmp_path), scrapy(*words, data=tmp_path)
        assert (first.returncode, first.stdout) == (second.returncode, second.stdout) == (0, first.stdout)
        assert first.stdout.startswith(("Nothing is due (1 source)", "No new revisions."))


def test_a_crawl_that_was_killed_while_it_created_the_archive_runs_again(config: AppConfig) -> None:
    config.archive_db.touch()
    assert idle_state(config, "crawl", NOW) is None

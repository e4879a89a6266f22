"""The flag job, run by `scrapy flag` and by the monitor: reads topics.toml and new revisions, creates alerts."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.archive.db.open import open_archive
from crawler.archive.monitoring.idle import has_unmatched_revisions, save_checkpoint
from crawler.archive.topics.match_retries import MatchFailure
from crawler.archive.topics.versions import Restart, VersionChange, active_topics, sync_topics
from crawler.config.parsing.toml import read_toml
from crawler.config.topics import TopicFile, load_topics
from crawler.exceptions import ConfigurationError
from crawler.sqlite.connection import Connection
from schedules.cli.idle import files_of

if TYPE_CHECKING:
    from crawler.config.app import AppConfig
    from schedules.topics.flagger import QueueDelivery


@dataclass(slots=True)
class FlagReport:
    """The result of one run of the job."""

    changes: list[VersionChange] = field(default_factory=list)
    revisions: int = 0
    matches: int = 0
    alerts: list[int] = field(default_factory=list)
    """Their IDs."""
    failures: list[MatchFailure] = field(default_factory=list)


def topics_of(config: AppConfig) -> TopicFile:
    """The topics of topics.toml, checked against sources.toml. Raises ConfigurationError."""
    return load_topics(config.topics_toml, sources=languages_of_sources(config))


def flag_new(
    config: AppConfig,
    *,
    now: Callable[[], datetime],
    since: datetime | None = None,
    topics: Sequence[str] = (),
    silently: bool = False,
) -> FlagReport:
    """Flag new revisions. With `since`, `topics` (by default all) are also matched against older articles.

    Raises ConfigurationError and ArchiveError.
    """
    files = files_of(config, "flag")
    file = topics_of(config)
    for topic in topics:
        file.topic(topic, config.topics_toml)
    off = [one.id for one in file.topics if one.id in topics and not one.enabled]
    if off:
        mistakes = [f"[{topic}] has enabled = false: enable it to match older articles" for topic in off]
        raise ConfigurationError(config.topics_toml, mistakes)
    queue_deliveries = _queue_deliveries(config, {topic.id: topic.group for topic in file.topics})
    with contextlib.closing(open_archive(config.archive_db)) as db:
        report = _flag(db, file, queue_deliveries, now, _restart(file, since, topics, silently))
        save_checkpoint(db, "flag", files, {}, now())
        return report


def _restart(file: TopicFile, since: datetime | None, topics: Sequence[str], silently: bool) -> Restart | None:
    if since is None:
        return None
    return Restart(since=since, topics=frozenset(topics or (one.id for one in file.topics)), silently=silently)


def _flag(
    db: Connection,
    file: TopicFile,
    queue_deliveries: QueueDelivery,
    now: Callable[[], datetime],
    restart: Restart | None,
) -> FlagReport:
    result = FlagReport(changes=sync_topics(db, file.topics, now=now(), restart=restart))
    if not has_unmatched_revisions(db, now()):
        return result  # cron runs this every few minutes: avoid the heavy imports below
    from crawler.figures.reader import FigureReader
    from crawler.topics.regex_sandbox import pattern_check
    from schedules.topics.flagger import flag

    with pattern_check() as check:
        for step in flag(
            db,
            lambda: active_topics(db, file.topics),
            now=now,
            found_by_pattern=check,
            queue_deliveries=queue_deliveries,
            figures=FigureReader(),
        ):
            result.revisions += step.revisions
            result.matches += step.matches
            result.alerts.extend(step.alerts)
            result.failures.extend(step.failures)
    return result


def languages_of_sources(config: AppConfig) -> dict[str, str | None] | None:
    """The sources with their languages; None if sources.toml is invalid, which `scrapy crawl` reports."""
    try:
        tables = read_toml(config.sources_toml)
    except ConfigurationError:
        return None
    return {name: _language_of(table) for name, table in tables.items()}


def _language_of(table: object) -> str | None:
    language = table.get("language") if isinstance(table, dict) else None
    return language if isinstance(language, str) else None


def _queue_deliveries(config: AppConfig, topics: Mapping[str, str | None]) -> QueueDelivery:
    """A function that queues an alert's deliveries; it does nothing without digests.toml. Raises ConfigurationError."""
    if not config.digests_toml.exists():
        return lambda *_: None
    from crawler.archive.delivery.recipients import queue_deliveries
    from crawler.archive.topics.alerts import source_tags_of
    from crawler.config.digests import load_digests, subscribers, tags_of

    tags = tags_of(read_toml(config.sources_toml)) if config.sources_toml.exists() else None
    digests = load_digests(config.digests_toml, topics, tags)
    by_tags = functools.cache(lambda tags: subscribers(digests, topics, tags))
    has_tags = any(digest.tags for digest in digests)

    def queue(db: Connection, alert: int, topic: str, now: datetime) -> None:
        by_topic = by_tags(source_tags_of(db, alert) if has_tags else ())
        queue_deliveries(db, alert, by_topic.get(topic, ()), now)

    return queue

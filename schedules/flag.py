"""The flag job: topics.toml and the archive in, alerts out. What `scrapy flag` and the monitor run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.archive.connection import Connection, open_archive
from crawler.archive.flag_failures import Failure, are_due
from crawler.archive.topic_versions import Restart, VersionChange, last_revision, sync_topics, watched
from crawler.errors import ConfigurationError
from crawler.toml import read_toml
from crawler.topics import TopicFile, load_topics

if TYPE_CHECKING:
    from crawler.archive.flagging import Enlist
    from crawler.config import Config


@dataclass(slots=True)
class Flagged:
    """What one run of the job did."""

    changes: list[VersionChange] = field(default_factory=list)
    revisions: int = 0
    matches: int = 0
    alerts: list[int] = field(default_factory=list)
    """Their ids."""
    failures: list[Failure] = field(default_factory=list)


def topics_of(config: Config) -> TopicFile:
    """The user's topics, checked against the user's sources. Raises ConfigurationError."""
    return load_topics(config.topics_toml, sources=_source_ids(config))


def flag_new(
    config: Config,
    *,
    now: Callable[[], datetime],
    since: datetime | None = None,
    topics: Sequence[str] = (),
    silently: bool = False,
) -> Flagged:
    """Flag what is new. With `since`, `topics` (all where none is named) look at older articles too.

    Raises ConfigurationError and ArchiveError.
    """
    file = topics_of(config)
    unknown = [topic for topic in topics if topic not in {one.id for one in file.topics}]
    for topic in unknown:
        file.topic(topic, config.topics_toml)
    off = [one.id for one in file.topics if one.id in topics and not one.enabled]
    if off:
        mistakes = [
            f"[{topic}] has enabled = false: it is not watched, and looks at nothing older either" for topic in off
        ]
        raise ConfigurationError(config.topics_toml, mistakes)
    enlist = _enlist(config, [topic.id for topic in file.topics])
    db = open_archive(config.archive_db)
    try:
        return _flag(db, file, enlist, now, _restart(file, since, topics, silently))
    finally:
        db.close()


def _restart(file: TopicFile, since: datetime | None, topics: Sequence[str], silently: bool) -> Restart | None:
    if since is None:
        return None
    return Restart(since=since, topics=frozenset(topics or (one.id for one in file.topics)), silently=silently)


def _flag(
    db: Connection, file: TopicFile, enlist: Enlist, now: Callable[[], datetime], restart: Restart | None
) -> Flagged:
    result = Flagged(changes=sync_topics(db, file.topics, now=now(), restart=restart))
    if not _has_work(db, file, now()):
        return result  # cron asks every few minutes: nothing heavy was imported yet
    from crawler.archive.flagging import flag
    from crawler.patterns import pattern_check

    with pattern_check() as check:
        for step in flag(db, lambda: watched(db, file.topics), now=now, found_by_pattern=check, enlist=enlist):
            result.revisions += step.revisions
            result.matches += step.matches
            result.alerts.extend(step.alerts)
            result.failures.extend(step.failures)
    return result


def _has_work(db: Connection, file: TopicFile, now: datetime) -> bool:
    last = last_revision(db)
    return any(one.cursor < last for one in watched(db, file.topics)) or are_due(db, now)


def _source_ids(config: Config) -> list[str] | None:
    """Names of the outlets, as far as the file can be read: its own mistakes are told by `scrapy crawl`."""
    try:
        return list(read_toml(config.sources_toml))
    except ConfigurationError:
        return None


def _enlist(config: Config, topics: Sequence[str]) -> Enlist:
    """Notes down who is told of an alert; nobody where there is no digests.toml. Raises ConfigurationError."""
    if not config.digests_toml.exists():
        return lambda *_: None
    from crawler.archive.outbox import enlist
    from crawler.digests import load_digests, subscribers

    told = subscribers(load_digests(config.digests_toml, topics), topics)
    return lambda db, alert, topic, now: enlist(db, alert, told.get(topic, ()), now)

"""Whether `scrapy crawl all`, `flag` and `digest --send` have nothing to do, found out before anything heavy is imported.

See `crawler/archive/monitoring/idle.py`. Each job calls `files_of` before it reads its files, and stores its checkpoint
when it has ended without errors.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from crawler.archive.crawl.due import seeds_not_due, sources_with_work
from crawler.archive.db.open import open_reader
from crawler.archive.monitoring import idle
from crawler.config.app import AppConfig
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection

JobName = Literal["crawl", "flag", "digest"]


def files_of(config: AppConfig, job: JobName) -> str:
    """The hash of the files that a job reads."""
    if job == "crawl":
        return idle.hash_of_files([config.sources_toml])
    return idle.hash_of_files([config.sources_toml, config.topics_toml, config.names_toml, config.digests_toml])


def idle_state(config: AppConfig, job: JobName, now: datetime) -> dict[str, Any] | None:
    """The checkpoint of the job if it proves that nothing is due; None if the job has to run."""
    if not config.archive_db.exists():
        return None
    try:
        db = open_reader(config.archive_db)
    except ArchiveError:  # killed while it was created, or of another version: the job creates it, or says so
        return None
    try:
        state = idle.checkpoint(db, job, files_of(config, job), now)
        return state if state is not None and _PROOFS[job](db, state, now) else None
    finally:
        db.close()


def _no_source_is_due(db: Connection, state: dict[str, Any], now: datetime) -> bool:
    paused_until = state.get("paused_until")
    if paused_until is not None and now.date().isoformat() >= paused_until:
        return False  # the pause of a source is over
    not_due, work = seeds_not_due(db, now=now), sources_with_work(db, now=now)
    return all((source, url) in not_due and source not in work for source, url in state["seeds"])


def _no_revision_is_new(db: Connection, _: dict[str, Any], now: datetime) -> bool:
    return not idle.has_unmatched_revisions(db, now)


def _no_message_is_due(db: Connection, state: dict[str, Any], now: datetime) -> bool:
    return (
        (state["until"] is None or now < datetime.fromisoformat(state["until"]))
        and state["last_alert"] == idle.last_alert(db)
        and all(Path(feed).exists() for feed in state["feeds"])
        and not idle.has_messages_to_send(db)
        and not (state["immediate"] and idle.has_unqueued_deliveries(db))
    )


_PROOFS: dict[JobName, Callable[[Connection, dict[str, Any], datetime], bool]] = {
    "crawl": _no_source_is_due,
    "flag": _no_revision_is_new,
    "digest": _no_message_is_due,
}

"""Wirewatch's own settings: name, type, unit, default, why. Scrapy's stand in `crawler/settings.py`.

Each is read, in this order, from `-s NAME=value` or `crawler/settings.py`, from the environment, from here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from crawler.exceptions import ConfigurationError, WirewatchError

CHECKOUT = Path(__file__).parents[2]
STARTER_DIR = CHECKOUT / "data" / "starter"
"""The tracked files that `scrapy init` copies; the copies are the user's own and are never overwritten."""
ENVIRONMENT_NAMES = {"DATA_DIR": "WIREWATCH_DATA_DIR"}
"""Setting -> environment variable, where the two differ."""
PROJECT_PRIORITY = 20
"""Scrapy's priority of a project's settings file; command line options have 40."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting, as `docs/reference/settings.md` lists it."""

    name: str
    default: Any
    unit: str
    why: str


_MOST = {"seconds": 3_153_600_000, "hours": 876_000, "days": 36_500}
"""A hundred years: what lies further off no calendar has."""

SETTINGS = (
    Setting(name="DATA_DIR", default=str(CHECKOUT / "data"), unit="folder", why="everything of yours: sources.toml, topics.toml, digests.toml, archive.db, warc/"),
    Setting(name="WIREWATCH_CONTACT", default="", unit="e-mail or URL", why="told to every outlet in the User-Agent, so that it can reach you instead of blocking you"),
    Setting(name="WIREWATCH_POLL_INTERVAL", default=900, unit="seconds", why="time between two polls of a seed whose source sets none; feeds of busy newsrooms hold about two hours"),
    Setting(name="DOWNLOAD_DELAY", default=1.0, unit="seconds", why="between two requests to one registered domain where its source does not say"),
    Setting(name="WIREWATCH_MAX_PAGES", default=200, unit="pages", why="article pages asked of one source in one crawl; the others wait in the queue for the next"),
    Setting(name="WIREWATCH_MAX_RECHECKS", default=50, unit="pages", why="of these, pages looked at again for silent edits"),
    Setting(name="CLOSESPIDER_TIMEOUT", default=1800, unit="seconds", why="time that one crawl may take; what is left waits in the queue"),
    Setting(name="DEPTH_LIMIT", default=3, unit="documents", why="how far an index of sitemaps or the next pages of a listing are followed"),
    Setting(name="WIREWATCH_BACKFILL_DAYS", default=14, unit="days", why="older articles of a sitemap are noted, not fetched: a sitemap may list ten years"),
    Setting(name="WIREWATCH_FULL_FETCH_HOURS", default=24, unit="hours", why="after which a conditional request is made unconditional once: some servers answer 304 for ever"),
    Setting(name="WIREWATCH_MAX_ATTEMPTS", default=6, unit="fetches", why="after which a link that cannot be read is dropped, with its reason; a 404 after 5, a 410 after 3"),
    Setting(name="WIREWATCH_WORKERS", default=0, unit="processes", why="that parse untrusted bytes; 0: as many as there are cores"),
    Setting(name="WIREWATCH_PARSE_TIMEOUT", default=15.0, unit="seconds", why="after which a parser is stopped: one tag with 200,000 attributes held libxml2 for more than 90 s"),
    Setting(name="WIREWATCH_CHROMIUM", default="", unit="path", why="the browser for sources with render = true; empty: looked for on the PATH"),
    Setting(name="WIREWATCH_MONITOR_INTERVAL", default=20.0, unit="seconds", why="how often the monitor asks the archive what is due; below the shortest interval of a poll by far"),
    Setting(name="WIREWATCH_MAX_CRAWLS", default=3, unit="crawls", why="that the monitor runs at once, never two at one registered domain; one place is kept for quick polls"),
    Setting(name="WIREWATCH_BACKUP_DIR", default="", unit="folder", why="into which the monitor copies the archive once a day; empty: it makes no backups"),
    Setting(name="WIREWATCH_BACKUP_RETENTION", default=7, unit="backups", why="of the monitor's own, the oldest beyond it are removed; 0: all are kept"),
    Setting(name="WIREWATCH_METRICS_FILE", default="", unit="path", why="written by the monitor for Prometheus' textfile collector; empty: not written"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """The settings, read and checked; paths are made from `data_dir`."""

    data_dir: Path
    contact: str
    poll_interval: timedelta
    download_delay: float
    max_pages: int
    max_rechecks: int
    crawl_timeout: float
    depth_limit: int
    backfill: timedelta
    full_fetch_after: timedelta
    max_attempts: int
    workers: int
    parse_timeout: float
    chromium: str
    monitor_interval: float
    max_crawls: int
    backup_dir: str
    backup_retention: int
    metrics_file: str

    @classmethod
    def read(cls, settings: Mapping[str, Any] | Any = (), environ: Mapping[str, str] = os.environ) -> AppConfig:
        """From Scrapy's settings (anything with `get`) and the environment. Raises ConfigurationError, all mistakes."""
        values: dict[str, Any] = {}
        mistakes: list[str] = []
        for setting in SETTINGS:
            try:
                values[setting.name] = _value(setting, settings, environ)
            except ValueError:
                written = _written(setting, settings, environ)
                mistakes.append(
                    f"{setting.name} = {written!r}: write a number of {setting.unit}, 0 to {_most(setting):,}"
                )
        if mistakes:
            raise ConfigurationError("settings", mistakes)
        return cls(
            data_dir=Path(values["DATA_DIR"]).expanduser().resolve(),
            contact=values["WIREWATCH_CONTACT"],
            poll_interval=timedelta(seconds=values["WIREWATCH_POLL_INTERVAL"]),
            download_delay=values["DOWNLOAD_DELAY"],
            max_pages=values["WIREWATCH_MAX_PAGES"],
            max_rechecks=values["WIREWATCH_MAX_RECHECKS"],
            crawl_timeout=values["CLOSESPIDER_TIMEOUT"],
            depth_limit=values["DEPTH_LIMIT"],
            backfill=timedelta(days=values["WIREWATCH_BACKFILL_DAYS"]),
            full_fetch_after=timedelta(hours=values["WIREWATCH_FULL_FETCH_HOURS"]),
            max_attempts=values["WIREWATCH_MAX_ATTEMPTS"],
            workers=values["WIREWATCH_WORKERS"] or os.cpu_count() or 1,
            parse_timeout=values["WIREWATCH_PARSE_TIMEOUT"],
            chromium=values["WIREWATCH_CHROMIUM"],
            monitor_interval=max(values["WIREWATCH_MONITOR_INTERVAL"], 0.2),
            max_crawls=max(values["WIREWATCH_MAX_CRAWLS"], 1),
            backup_dir=values["WIREWATCH_BACKUP_DIR"],
            backup_retention=values["WIREWATCH_BACKUP_RETENTION"],
            metrics_file=values["WIREWATCH_METRICS_FILE"],
        )

    def refuse_own(self, target: Path) -> Path:
        """`target`, to be written over. Raises WirewatchError where it is one of the files that Wirewatch lives by."""
        whole = target.expanduser().resolve()
        own = (self.sources_toml, self.topics_toml, self.digests_toml, self.archive_db)
        if whole in {path.resolve() for path in own} or self.warc_dir.resolve() in whole.parents:
            raise WirewatchError(f"{target}: is a file of the archive or its settings; name another")
        return target

    @property
    def sources_toml(self) -> Path:
        """The outlets."""
        return self.data_dir / "sources.toml"

    @property
    def topics_toml(self) -> Path:
        """The watch topics."""
        return self.data_dir / "topics.toml"

    @property
    def digests_toml(self) -> Path:
        """The digests."""
        return self.data_dir / "digests.toml"

    @property
    def archive_db(self) -> Path:
        """The archive."""
        return self.data_dir / "archive.db"

    @property
    def warc_dir(self) -> Path:
        """The raw pages."""
        return self.data_dir / "warc"

    @property
    def locks_dir(self) -> Path:
        """One lock file for each registered domain."""
        return self.data_dir / "locks"


def user_agent(contact: str | None = None) -> str:
    """Who we say we are: "Wirewatch/0.1 (news archive; +mailto:desk@example.org)". None: as the environment says."""
    contact = (os.environ.get("WIREWATCH_CONTACT", "") if contact is None else contact).strip()
    if "@" in contact and "://" not in contact and not contact.startswith("mailto:"):
        contact = f"mailto:{contact}"
    printable = "".join(char for char in contact if char.isascii() and char.isprintable() and char not in "()")
    return f"Wirewatch/0.1 (news archive{f'; +{printable}' if printable else ''})"


def _most(setting: Setting) -> int:
    return _MOST.get(setting.unit, 1_000_000_000)


def _written(setting: Setting, settings: Any, environ: Mapping[str, str]) -> Any:
    """The configured value: from the command line, else from the environment, else from `crawler/settings.py`."""
    given = settings.get(setting.name) if settings else None
    in_environment = environ.get(ENVIRONMENT_NAMES.get(setting.name, setting.name))
    if given is not None and (in_environment is None or not _is_project_default(settings, setting.name)):
        return given
    return in_environment


def _is_project_default(settings: Any, name: str) -> bool:
    """Whether a Scrapy setting has the value of `crawler/settings.py` or Scrapy's own."""
    priority: int | None = settings.getpriority(name) if hasattr(settings, "getpriority") else None
    return priority is not None and priority <= PROJECT_PRIORITY


def _value(setting: Setting, settings: Any, environ: Mapping[str, str]) -> Any:
    written = _written(setting, settings, environ)
    if written is None or written == "":
        return setting.default
    value = type(setting.default)(written)
    if isinstance(value, (int, float)) and not 0 <= value <= _most(setting):
        raise ValueError(written)
    return value


assert len(fields(AppConfig)) == len(SETTINGS), "each setting is a field of AppConfig"

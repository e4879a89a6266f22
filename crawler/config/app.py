"""Wirewatch's settings with unit, default and explanation. Scrapy's settings are in `crawler/settings.py`.

A value is taken from the first of these that sets it: the command line (`-s NAME=value`), the environment,
`crawler/settings.py`, the default below.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from crawler.config.paths import expanded
from crawler.config.retention import FOREVER, LEAST_HISTORY
from crawler.exceptions import ConfigurationError, WirewatchError

CHECKOUT = Path(__file__).parents[2]
STARTER_DIR = CHECKOUT / "data" / "starter"
"""The tracked files that `scrapy init` copies; the copies are the user's own and are never overwritten."""
ENVIRONMENT_NAMES = {"DATA_DIR": "WIREWATCH_DATA_DIR"}
"""Setting -> environment variable, if the names differ."""
PROJECT_PRIORITY = 20
"""Scrapy's priority of the project's settings file; options on the command line have 40."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting, as docs/reference/settings.md lists it."""

    name: str
    default: Any
    unit: str
    why: str


_MOST = {"seconds": 3_153_600_000, "hours": 876_000, "days": 36_500}
"""A hundred years, so that no date leaves the calendar."""

SETTINGS = (
    Setting(name="DATA_DIR", default=str(CHECKOUT / "data"), unit="folder", why="holds all your data: sources.toml, topics.toml, names.toml, digests.toml, archive.db, warc/"),
    Setting(name="WIREWATCH_CONFIG_DIR", default="", unit="folder", why="holds sources.toml, topics.toml, names.toml and digests.toml; empty: DATA_DIR. The monitor sets it for its commands: they use the last good files while one has a mistake"),
    Setting(name="WIREWATCH_CONTACT", default="", unit="e-mail or URL", why="sent to outlets in the User-Agent, so that they can write to you instead of blocking you"),
    Setting(name="WIREWATCH_POLL_INTERVAL", default=900, unit="seconds", why="time between two polls of a seed if its source sets no poll_interval; feeds of busy newsrooms hold about two hours"),
    Setting(name="DOWNLOAD_DELAY", default=1.0, unit="seconds", why="time between two requests to one registered domain if its source sets no delay"),
    Setting(name="WIREWATCH_MAX_PAGES", default=200, unit="pages", why="article pages fetched per source and crawl; the others wait in the queue"),
    Setting(name="WIREWATCH_MAX_RECHECKS", default=50, unit="pages", why="of these, pages fetched again to find stealth edits"),
    Setting(name="CLOSESPIDER_TIMEOUT", default=1800, unit="seconds", why="longest duration of a crawl; unfetched links wait in the queue"),
    Setting(name="DEPTH_LIMIT", default=3, unit="documents", why="how many documents are followed from a seed: child sitemaps, next pages of a listing"),
    Setting(name="WIREWATCH_BACKFILL_DAYS", default=14, unit="days", why="older articles of a sitemap are recorded but not fetched: a sitemap may list ten years"),
    Setting(name="WIREWATCH_FULL_FETCH_HOURS", default=24, unit="hours", why="a seed is fetched unconditionally after this time, because some servers answer 304 for ever"),
    Setting(name="WIREWATCH_MAX_ATTEMPTS", default=6, unit="fetches", why="failed fetches after which a link is dropped; 5 for HTTP 404, 3 for HTTP 410"),
    Setting(name="WIREWATCH_WORKERS", default=0, unit="processes", why="child processes that parse untrusted documents; 0: one per core"),
    Setting(name="WIREWATCH_PARSE_TIMEOUT", default=15.0, unit="seconds", why="after which a parser is stopped: one tag with 200,000 attributes held libxml2 for more than 90 s"),
    Setting(name="WIREWATCH_CLUSTER", default="", unit="address", why="Dask cluster whose nodes extract the pages of crawl, monitor, replay and reextract: tls://HOST:PORT, tcp://HOST:PORT or local:N; empty: child processes of this machine"),
    Setting(name="WIREWATCH_CLUSTER_CERTIFICATES", default="", unit="folder", why="holds ca.pem, cert.pem and key.pem for a cluster with a tls:// address"),
    Setting(name="WIREWATCH_CLUSTER_INSECURE", default=0, unit="0 or 1", why="1: accept an unencrypted cluster beyond this machine"),
    Setting(name="WIREWATCH_CHROMIUM", default="", unit="path", why="browser for sources with render = true; empty: searched on the PATH"),
    Setting(name="WIREWATCH_RENDER_WAIT", default=5.0, unit="seconds", why="longest wait for the text of a rendered page after its load event; most pages need less"),
    Setting(name="WIREWATCH_MONITOR_INTERVAL", default=20.0, unit="seconds", why="how often the monitor checks what is due; far below the shortest poll interval"),
    Setting(name="WIREWATCH_MAX_CRAWLS", default=3, unit="crawls", why="crawls that the monitor runs at the same time, never two of one registered domain"),
    Setting(name="WIREWATCH_BACKUP_DIR", default="", unit="folder", why="folder for the daily backups of the monitor; empty: no backups"),
    Setting(name="WIREWATCH_BACKUP_RETENTION", default=7, unit="backups", why="daily backups that are kept; 0: all"),
    Setting(name="WIREWATCH_KEEP_PAGES", default=0, unit="days", why="how long raw pages are kept; 0: for ever. Evidence of alerts is kept longer, see keep_alerted of a topic"),
    Setting(name="WIREWATCH_KEEP_TEXTS", default=0, unit="days", why="how long the text of a version is kept after the next version replaced it; 0: for ever. Current versions are always kept"),
    Setting(name="WIREWATCH_KEEP_POLLS", default=365, unit="days", why="how long polls that found no new article are kept, at least 30; 0: for ever"),
    Setting(name="WIREWATCH_KEEP_FETCHES", default=365, unit="days", why="how long fetches that stored no version and no page are kept, at least 30; 0: for ever"),
    Setting(name="WIREWATCH_KEEP_JOB_RUNS", default=90, unit="days", why="how long runs of the monitor's jobs are kept; 0: for ever"),
    Setting(name="WIREWATCH_KEEP_RUNS", default=365, unit="days", why="how long runs of commands that fetch, and what they did for each source, are kept; 0: for ever"),
    Setting(name="WIREWATCH_METRICS_FILE", default="", unit="path", why="metrics for the textfile collector of Prometheus, written by the monitor; empty: none"),
    Setting(name="WIREWATCH_TSA_URL", default="", unit="URL", why="RFC 3161 authority that time-stamps the daily roots; empty: none"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """The validated settings, most of them with the name of the setting; paths are derived from `data_dir`."""

    data_dir: Path
    config_dir: Path
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
    cluster: str
    cluster_certificates: str
    cluster_insecure: bool
    chromium: str
    render_wait: float
    monitor_interval: float
    max_crawls: int
    backup_dir: str
    backup_retention: int
    keep_pages: timedelta
    keep_texts: timedelta
    keep_polls: timedelta
    keep_fetches: timedelta
    keep_job_runs: timedelta
    keep_runs: timedelta
    metrics_file: str
    tsa_url: str

    @classmethod
    def read(cls, settings: Mapping[str, Any] | Any = (), environ: Mapping[str, str] = os.environ) -> AppConfig:
        """Read Scrapy's settings (anything with `get`) and the environment. Raises ConfigurationError with all mistakes."""
        values: dict[str, Any] = {}
        mistakes: list[str] = []
        for setting in SETTINGS:
            try:
                values[setting.name] = _value(setting, settings, environ)
            except ValueError:
                written = _written(setting, settings, environ)
                mistakes.append(
                    f"{setting.name} = {str(written)[:40]!r}: write a number of {setting.unit}, 0 to {_most(setting):,}"
                )
        mistakes += [
            f"{name} = {values[name]}: write {LEAST_HISTORY.days} or more days, or 0 to keep all"
            for name in ("WIREWATCH_KEEP_POLLS", "WIREWATCH_KEEP_FETCHES")
            if 0 < values.get(name, 0) < LEAST_HISTORY.days
        ]
        if mistakes:
            raise ConfigurationError("settings", mistakes)
        data_dir = data_folder(settings, environ)
        config_dir = values["WIREWATCH_CONFIG_DIR"]
        converted: dict[str, Any] = {
            "data_dir": data_dir,
            "config_dir": expanded(config_dir).resolve() if config_dir else data_dir,
            "poll_interval": timedelta(seconds=values["WIREWATCH_POLL_INTERVAL"]),
            "crawl_timeout": values["CLOSESPIDER_TIMEOUT"],
            "backfill": timedelta(days=values["WIREWATCH_BACKFILL_DAYS"]),
            "full_fetch_after": timedelta(hours=values["WIREWATCH_FULL_FETCH_HOURS"]),
            "workers": values["WIREWATCH_WORKERS"] or os.cpu_count() or 1,
            "cluster_insecure": bool(values["WIREWATCH_CLUSTER_INSECURE"]),
            "monitor_interval": max(values["WIREWATCH_MONITOR_INTERVAL"], 1.0),  # times have whole seconds
            "max_crawls": max(values["WIREWATCH_MAX_CRAWLS"], 1),
        }
        named = {name.removeprefix("WIREWATCH_").lower(): value for name, value in values.items()}
        converted |= {name: _kept(days) for name, days in named.items() if name.startswith("keep_")}
        others = {one.name: named[one.name] for one in fields(cls) if one.name not in converted}
        return cls(**converted, **others)

    def refuse_own(self, target: Path) -> Path:
        """Return `target`, an output file. Raises WirewatchError if it belongs to the archive or its configuration."""
        whole = expanded(target).resolve()
        own = (self.sources_toml, self.topics_toml, self.names_toml, self.digests_toml, self.archive_db)
        if whole in {path.resolve() for path in own} or self.warc_dir.resolve() in whole.parents:
            raise WirewatchError(f"{target}: belongs to the archive or its configuration; choose another file")
        return target

    @property
    def sources_toml(self) -> Path:
        """The outlets."""
        return self.config_dir / "sources.toml"

    @property
    def topics_toml(self) -> Path:
        """The watch topics."""
        return self.config_dir / "topics.toml"

    @property
    def names_toml(self) -> Path:
        """The names with their spellings."""
        return self.config_dir / "names.toml"

    @property
    def digests_toml(self) -> Path:
        """The digests."""
        return self.config_dir / "digests.toml"

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


def data_folder(settings: Mapping[str, Any] | Any = (), environ: Mapping[str, str] = os.environ) -> Path:
    """Return the data folder, whose wirewatch.env is read before all other settings."""
    setting = next(one for one in SETTINGS if one.name == "DATA_DIR")
    return expanded(_value(setting, settings, environ)).resolve()


def user_agent(contact: str | None = None) -> str:
    """Return the User-Agent: "Wirewatch/0.1 (news archive; +mailto:desk@example.org)". None: the configured contact."""
    contact = (os.environ.get("WIREWATCH_CONTACT", "") if contact is None else contact).strip()
    if "@" in contact and "://" not in contact and not contact.startswith("mailto:"):
        contact = f"mailto:{contact}"
    printable = "".join(char for char in contact if char.isascii() and char.isprintable() and char not in "()")
    return f"Wirewatch/0.1 (news archive{f'; +{printable}' if printable else ''})"


def _kept(days: int) -> timedelta:
    return timedelta(days=days) if days else FOREVER


def _most(setting: Setting) -> int:
    return _MOST.get(setting.unit, 1_000_000_000)


def _written(setting: Setting, settings: Any, environ: Mapping[str, str]) -> Any:
    """Return the value from the command line, the environment or `crawler/settings.py`, in this order."""
    given = settings.get(setting.name) if settings else None
    in_environment = environ.get(ENVIRONMENT_NAMES.get(setting.name, setting.name))
    if given is not None and (in_environment is None or not _is_project_default(settings, setting.name)):
        return given
    return in_environment


def _is_project_default(settings: Any, name: str) -> bool:
    """Return whether the value comes from `crawler/settings.py` or is Scrapy's default."""
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

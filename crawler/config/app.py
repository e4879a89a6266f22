"""Wirewatch's settings with unit, default and explanation. Scrapy's settings are in `crawler/settings.py`.

A value is taken from the first of these that sets it: the command line (`-s NAME=value`), the environment,
`crawler/settings.py`, the default below.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
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
    convert: Callable[[Any], Any]
    """From the value as written to the value of the field of `AppConfig`."""


_MOST = {"seconds": 3_153_600_000, "hours": 876_000, "days": 36_500}
"""A hundred years, so that no date leaves the calendar."""


def _setting(
    default: Any, unit: str, why: str, *, name: str = "", convert: Callable[[Any], Any] = lambda it: it
) -> Any:
    """A field of `AppConfig`. `name` of the setting: WIREWATCH_ and the name of the field if it is empty."""
    return field(metadata={"name": name, "default": default, "unit": unit, "why": why, "convert": convert})


def _folder(written: str) -> Path | None:
    return expanded(written).resolve() if written else None


def _kept(days: int) -> timedelta:
    return timedelta(days=days) if days else FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """The validated settings, in the order of docs/reference/settings.md; paths are derived from `data_dir`."""

    # fmt: off
    data_dir: Path = _setting(str(CHECKOUT / "data"), "folder", "holds all your data: sources.toml, topics.toml, names.toml, digests.toml, archive.db, warc/", name="DATA_DIR", convert=_folder)
    config_dir: Path = _setting("", "folder", "holds sources.toml, topics.toml, names.toml and digests.toml; empty: DATA_DIR. The monitor sets it for its commands: they use the last good files while one has a mistake", convert=_folder)
    contact: str = _setting("", "e-mail or URL", "sent to outlets in the User-Agent, so that they can write to you instead of blocking you")
    poll_interval: timedelta = _setting(900, "seconds", "time between two polls of a seed if its source sets no poll_interval; feeds of busy newsrooms hold about two hours", convert=lambda seconds: timedelta(seconds=seconds))
    download_delay: float = _setting(1.0, "seconds", "time between two requests to one registered domain if its source sets no delay", name="DOWNLOAD_DELAY")
    max_pages: int = _setting(200, "pages", "article pages fetched per source and crawl; the others wait in the queue")
    max_rechecks: int = _setting(50, "pages", "of these, pages fetched again to find stealth edits")
    crawl_timeout: float = _setting(1800, "seconds", "longest duration of a crawl; unfetched links wait in the queue", name="CLOSESPIDER_TIMEOUT")
    depth_limit: int = _setting(3, "documents", "how many documents are followed from a seed: child sitemaps, next pages of a listing", name="DEPTH_LIMIT")
    backfill: timedelta = _setting(14, "days", "older articles of a sitemap are recorded but not fetched: a sitemap may list ten years", name="WIREWATCH_BACKFILL_DAYS", convert=lambda days: timedelta(days=days))
    full_fetch_after: timedelta = _setting(24, "hours", "a seed is fetched unconditionally after this time, because some servers answer 304 for ever", name="WIREWATCH_FULL_FETCH_HOURS", convert=lambda hours: timedelta(hours=hours))
    max_attempts: int = _setting(6, "fetches", "failed fetches after which a link is dropped; 5 for HTTP 404, 3 for HTTP 410")
    workers: int = _setting(0, "processes", "child processes that parse untrusted documents; 0: one per core", convert=lambda processes: processes or os.cpu_count() or 1)
    parse_timeout: float = _setting(15.0, "seconds", "after which a parser is stopped: one tag with 200,000 attributes held libxml2 for more than 90 s")
    cluster: str = _setting("", "address", "Dask cluster whose nodes extract the pages of crawl, monitor, replay and reextract: tls://HOST:PORT, tcp://HOST:PORT or local:N; empty: child processes of this machine")
    cluster_certificates: str = _setting("", "folder", "holds ca.pem, cert.pem and key.pem for a cluster with a tls:// address")
    cluster_insecure: bool = _setting(0, "0 or 1", "1: accept an unencrypted cluster beyond this machine", convert=bool)
    chromium: str = _setting("", "path", "browser for sources with render = true; empty: searched on the PATH")
    render_wait: float = _setting(5.0, "seconds", "longest wait for the text of a rendered page after its load event; most pages need less")
    monitor_interval: float = _setting(20.0, "seconds", "how often the monitor checks what is due; far below the shortest poll interval", convert=lambda seconds: max(seconds, 1.0))
    max_crawls: int = _setting(3, "crawls", "crawls that the monitor runs at the same time, never two of one registered domain", convert=lambda crawls: max(crawls, 1))
    backup_dir: str = _setting("", "folder", "folder for the daily backups of the monitor; empty: no backups")
    backup_retention: int = _setting(7, "backups", "daily backups that are kept; 0: all")
    keep_pages: timedelta = _setting(0, "days", "how long raw pages are kept; 0: for ever. Evidence of alerts is kept longer, see keep_alerted of a topic", convert=_kept)
    keep_texts: timedelta = _setting(0, "days", "how long the text of a version is kept after the next version replaced it; 0: for ever. Current versions are always kept", convert=_kept)
    keep_polls: timedelta = _setting(365, "days", "how long polls that found no new article are kept, at least 30; 0: for ever", convert=_kept)
    keep_fetches: timedelta = _setting(365, "days", "how long fetches that stored no version and no page are kept, at least 30; 0: for ever", convert=_kept)
    keep_job_runs: timedelta = _setting(90, "days", "how long runs of the monitor's jobs are kept; 0: for ever", convert=_kept)
    keep_runs: timedelta = _setting(365, "days", "how long runs of commands that fetch, and what they did for each source, are kept; 0: for ever", convert=_kept)
    metrics_file: str = _setting("", "path", "metrics for the textfile collector of Prometheus, written by the monitor; empty: none")
    tsa_url: str = _setting("", "URL", "RFC 3161 authority that time-stamps the daily roots; empty: none")
    ots_calendars: list[str] = _setting("", "URLs", "OpenTimestamps calendars that time-stamp the daily roots, separated by spaces; empty: none", convert=str.split)
    # fmt: on

    @classmethod
    def read(cls, settings: Mapping[str, Any] | Any = (), environ: Mapping[str, str] = os.environ) -> AppConfig:
        """Read Scrapy's settings (anything with `get`) and the environment. Raises ConfigurationError with all mistakes."""
        values: dict[str, Any] = {}
        mistakes: list[str] = []
        for name, setting in _BY_FIELD.items():
            try:
                value = _value(setting, settings, environ)
            except ValueError:
                written = _written(setting, settings, environ)
                mistakes.append(
                    f"{setting.name} = {str(written)[:40]!r}: write a number of {setting.unit}, 0 to {_most(setting):,}"
                )
                continue
            if name in ("keep_polls", "keep_fetches") and 0 < value < LEAST_HISTORY.days:
                mistakes.append(f"{setting.name} = {value}: write {LEAST_HISTORY.days} or more days, or 0 to keep all")
            values[name] = setting.convert(value)
        if mistakes:
            raise ConfigurationError("settings", mistakes)
        return cls(**{**values, "config_dir": values["config_dir"] or values["data_dir"]})

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


_BY_FIELD = {
    one.name: Setting(**{**one.metadata, "name": one.metadata["name"] or f"WIREWATCH_{one.name.upper()}"})
    for one in fields(AppConfig)
}
SETTINGS = tuple(_BY_FIELD.values())


def data_folder(settings: Mapping[str, Any] | Any = (), environ: Mapping[str, str] = os.environ) -> Path:
    """Return the data folder, whose wirewatch.env is read before all other settings."""
    return expanded(_value(_BY_FIELD["data_dir"], settings, environ)).resolve()


def user_agent(contact: str | None = None) -> str:
    """Return the User-Agent: "Wirewatch/0.1 (news archive; +mailto:desk@example.org)". None: the configured contact."""
    contact = (os.environ.get("WIREWATCH_CONTACT", "") if contact is None else contact).strip()
    if "@" in contact and "://" not in contact and not contact.startswith("mailto:"):
        contact = f"mailto:{contact}"
    printable = "".join(char for char in contact if char.isascii() and char.isprintable() and char not in "()")
    return f"Wirewatch/0.1 (news archive{f'; +{printable}' if printable else ''})"


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

"""The configuration files while the monitor runs: after a mistake in one of them, the last good files stay in use.

sources.toml, topics.toml, names.toml and digests.toml refer to each other, so they are replaced together. The monitor's
commands read copies in a folder: a command starts within seconds, and a file may change meanwhile.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from crawler.clock import utc_now
from crawler.config.all_files import check_files
from crawler.config.app import AppConfig
from crawler.config.sources import Source
from crawler.exceptions import ConfigurationError
from crawler.filesystem.files import replace_file
from crawler.filesystem.locks import MONITOR_LOCK, locked

CONFIG_IN_USE = "config-in-use"
"""Folder in DATA_DIR with the copies; it exists while the monitor runs."""
REASON_FILE = "reason.txt"
"""The file in that folder with the line that `scrapy health` prints; it exists while a file has a mistake."""
_Stamp = tuple[float, int]


class ConfigFiles:
    """The four files. `notify` gets a line for each mistake."""

    def __init__(self, config: AppConfig, notify: Callable[[str], None]) -> None:
        self._config = config
        self._notify = notify
        self._paths = (config.sources_toml, config.topics_toml, config.names_toml, config.digests_toml)
        self._folder = config.data_dir / CONFIG_IN_USE
        self._stamps: tuple[_Stamp, ...] | None = None
        self._good: dict[str, bytes] = {}
        self.sources: tuple[Source, ...] = ()
        self.environ = {"WIREWATCH_CONFIG_DIR": str(self._folder)}
        """Environment variables for the monitor's commands."""

    def read(self) -> tuple[Source, ...]:
        """Returns the sources of the newest files without a mistake. Raises ConfigurationError if there are none."""
        stamps = tuple(_stamp(path) for path in self._paths)
        if stamps == self._stamps:
            return self.sources
        contents = {path.name: path.read_bytes() for path in self._paths if path.is_file()}
        sources, errors = check_files(self._config)
        mistakes = [line for error in errors for line in str(error).split("\n")]
        if sources is not None and not (mistakes and self._good):
            self.sources = sources
        elif self._stamps is None:
            raise ConfigurationError(self._config.sources_toml, mistakes)
        self._stamps = stamps
        for mistake in mistakes:
            self._notify(f"monitor: {mistake}")
        if not mistakes:
            self._good = contents
            self._write(self._good, None)
        elif self._good:
            self._write(self._good, mistakes[0])
            self._notify("monitor: continuing with the last good files")
        else:
            self._write(contents, None)  # the commands report the mistakes
        return self.sources

    def close(self) -> None:
        """Delete the folder of the files in use."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, contents: dict[str, bytes], mistake: str | None) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)  # digests.toml has addresses
        line = f"the monitor uses the last good files of before {utc_now():%Y-%m-%d %H:%M} UTC; correct {mistake}"
        wanted = {**contents, **({REASON_FILE: line.encode()} if mistake is not None else {})}
        for name in (*(path.name for path in self._paths), REASON_FILE):
            copy = self._folder / name
            if name in wanted:
                replace_file(copy, wanted[name])
            else:
                copy.unlink(missing_ok=True)


def fallback_line(config: AppConfig) -> str | None:
    """Returns why a running monitor does not use the current files; None if it does."""
    path = config.data_dir / CONFIG_IN_USE / REASON_FILE
    if not path.exists() or not locked(config.locks_dir, [MONITOR_LOCK]):  # a killed monitor leaves it
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return None


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return 0.0, 0
    return status.st_mtime, status.st_size

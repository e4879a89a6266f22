"""Read sources.toml again when it changes while the monitor runs; if it has a mistake, the previous sources stay in use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crawler.config.sources import Source, load_sources
from crawler.exceptions import ConfigurationError


class SourceFile:
    """The configured sources."""

    def __init__(self, path: Path, notify: Callable[[str], None]) -> None:
        self._path = path
        self._notify = notify
        self._stamp: tuple[float, int] | None = None
        self.sources: tuple[Source, ...] = ()

    def read(self) -> tuple[Source, ...]:
        """Returns the sources of the newest version without a mistake. Raises ConfigurationError if there is none."""
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime, stat.st_size)
        except OSError:
            stamp = (0.0, 0)
        if stamp != self._stamp:
            try:
                self.sources = load_sources(self._path)
            except ConfigurationError as error:
                if not self.sources:
                    raise
                self._notify(f"monitor: {error}\nmonitor: continuing with the sources of the last good file")
            self._stamp = stamp
        return self.sources

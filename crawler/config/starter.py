"""Copy the starter files into a data folder, without overwriting anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crawler.config.app import STARTER_DIR
from crawler.exceptions import ConfigurationError
from crawler.filesystem.files import replace_file


def write_starter_files(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Copy each starter file that `folder` lacks; yields each target and whether it was created.

    Raises ConfigurationError if a file cannot be written.
    """
    for starter in sorted(STARTER_DIR.iterdir()):
        target = folder / starter.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            is_new = not target.exists()
            if is_new:
                replace_file(target, starter.read_bytes())
        except OSError as error:
            raise ConfigurationError(target, [f"cannot be written: {error.strerror}"]) from error
        yield target, is_new

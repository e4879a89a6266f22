"""Copy the starter files into a data folder, without overwriting anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from crawler.config.app import STARTER_DIR
from crawler.exceptions import ConfigurationError


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
                # Written next to the target and renamed, so that an interrupted copy leaves no half file.
                copied = target.with_name(f".{target.name}.new")
                shutil.copyfile(starter, copied)
                copied.rename(target)
        except OSError as error:
            raise ConfigurationError(target, [f"cannot be written: {error.strerror}"]) from error
        yield target, is_new

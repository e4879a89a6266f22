"""Remove old backups of the monitor."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

_OURS = re.compile(r"wirewatch-\d{4}-\d\d-\d\dT\d{6}")


def prune_backups(folder: Path, kept: int) -> None:
    """Remove all but the `kept` newest backups that the monitor made; 0 keeps all."""
    if not kept or not folder.is_dir():
        return
    ours = [path for path in folder.iterdir() if _OURS.fullmatch(path.name)]
    for path in sorted(ours)[:-kept]:
        if (path / "archive.db").is_file():
            shutil.rmtree(path, ignore_errors=True)

"""Run Scrapy commands in a child process, and query the archive that they write."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from tests.support.warm_commands import ROOT, run_warm

__all__ = ["ROOT", "archive_rows", "scrapy"]


def scrapy(*words: str, data: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `scrapy WORDS...` with a data folder; returns the exit status and the output."""
    return run_warm(
        ["-m", "scrapy", *words], env={**os.environ, "WIREWATCH_DATA_DIR": str(data), "COLUMNS": "120", **environ}
    )


def archive_rows(data: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a query on the archive in a data folder."""
    db = sqlite3.connect(f"file:{data / 'archive.db'}?mode=ro", uri=True)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()

"""Run Scrapy commands in a child process, and query the archive that they write."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TIME_LIMIT = 120
"""Seconds after which a command is stopped and the test fails."""


def scrapy(*words: str, data: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `scrapy WORDS...` with a data folder; returns the exit status and the output."""
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=ROOT,
        env={**os.environ, "WIREWATCH_DATA_DIR": str(data), "COLUMNS": "120", **environ},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TIME_LIMIT,
        check=False,
    )


def archive_rows(data: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a query on the archive in a data folder."""
    db = sqlite3.connect(f"file:{data / 'archive.db'}?mode=ro", uri=True)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()

"""Run Scrapy commands in a child process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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

"""What the kill benchmarks share: the report, the command line, killing a process, and reading the archive."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[3]
SCRAPY = (sys.executable, "-m", "scrapy")
SHOWN = 10
"""Errors of each kind that are printed."""


@dataclass(slots=True)
class KillReport:
    """Base of the reports: counts, and lists of errors. A list is empty if there is no error of its kind."""

    kills: int = 0

    @property
    def faults(self) -> dict[str, list[str]]:
        """The lists that are not empty."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, list) and value}

    @property
    def figures(self) -> dict[str, int]:
        """Each field as a number: a list as its length, a counter as one number for each key."""
        found: dict[str, int] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Counter):
                found |= {f"{field.name}_{key}": count for key, count in value.items()}
            else:
                found[field.name] = len(value) if isinstance(value, list) else value
        return found

    def progress(self) -> str:
        """The kills so far and the number of errors of each kind, as one line."""
        faults = {name: len(value) for name, value in self.faults.items()}
        return f"{self.kills} kills, faults: {faults or 'none'}"


def kill_options(description: str | None, *, kills: int, quick: str) -> argparse.ArgumentParser:
    """A parser with the options that all kill benchmarks have; `quick` says what --quick does."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=kills, help="number of kills (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random numbers (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    return parser


def finish(report: KillReport, json_file: Path | None) -> int:
    """Print the figures and the first errors, and write the JSON file. Returns the exit status: 1 if there is an error."""
    print("\n".join(f"{name:18}{value:>8}" for name, value in report.figures.items()))
    for name, faults in report.faults.items():
        print(f"{name}:", *faults[:SHOWN], sep="\n  ")
    if json_file:
        json_file.write_text(json.dumps({"figures": report.figures}, indent=1) + "\n")
    return 1 if report.faults else 0


def kill_process(process: subprocess.Popen[bytes], *, seconds: float) -> tuple[int, list[str]]:
    """SIGKILL a process without its children.

    Returns the number of its descendants, and those that still run after `seconds`. These are killed too.
    """
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    end = time.monotonic() + seconds
    alive = children
    while (alive := [child for child in alive if _runs(child)]) and time.monotonic() < end:
        time.sleep(0.05)
    orphans = []
    for child in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            orphans.append(f"{child.pid} {child.status()} {' '.join(child.cmdline())[:200]}")
            child.kill()
    return len(children), orphans


def _runs(process: psutil.Process) -> bool:
    """False also for a process that is dead and only not yet waited for.

    A thread that waits for the disk outlives the others by a moment, and keeps locks and files open.
    """
    try:
        return process.is_running() and (process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1)
    except psutil.NoSuchProcess:
        return False


def scrapy_environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a `scrapy` command with its data in `folder`."""
    return {**os.environ, "WIREWATCH_DATA_DIR": str(folder), **settings}


def run_scrapy(
    arguments: Sequence[str], environment: dict[str, str], *, timeout: float | None = None
) -> tuple[int, str]:
    """Run a `scrapy` command to its end. Returns its exit status and the end of its output."""
    done = subprocess.run(
        [*SCRAPY, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=timeout
    )
    return done.returncode, (done.stdout + done.stderr)[-500:]


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection to the archive of a data folder, as another program would open it."""
    db = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True, timeout=30)
    try:
        yield db
    finally:
        db.close()

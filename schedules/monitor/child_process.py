"""Child processes of the monitor: one `scrapy` command each.

A child asks the kernel to kill it when the monitor dies, and its own children do the same. The kernel takes the thread
that started a child for its parent, so children are started from the main thread only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from crawler.config.app import CHECKOUT

# Looked up here: nothing may be loaded between fork and exec, since another thread may hold the loader's lock.
_PRCTL = getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
MAX_OUTPUT = 64 * 1024
"""Bytes of a child's output that are read: commands print little, and a traceback is shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRun:
    """A command to start, and what is known of its run beforehand."""

    name: str
    """Of the job."""
    command: tuple[str, ...]
    due_at: datetime
    limit: timedelta
    ok_statuses: frozenset[int]
    sources: tuple[str, ...] = ()
    """Source IDs of a crawl."""
    domains: frozenset[str] = frozenset()
    """Registered domains that a crawl sends requests to."""
    cursor: str | None = None


@dataclass(slots=True, kw_only=True)
class Child:
    """A running command."""

    run: CommandRun
    run_id: int
    """job_runs.id."""
    archive_id: object
    """The archive file in which `run_id` stands."""
    started_at: datetime
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.began

    def read_output(self) -> str:
        """Returns the end of what it printed."""
        self.output.seek(0, os.SEEK_END)
        self.output.seek(max(0, self.output.tell() - MAX_OUTPUT))
        return self.output.read().decode("utf-8", "replace").strip()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def close(self) -> None:
        """Wait for its end and close its output."""
        self.process.wait()
        self.output.close()


def start_process(
    command: Sequence[str], environ: Mapping[str, str], *, folder: Path = CHECKOUT
) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """Start `scrapy COMMAND`; returns the process and its output. Call it from the main thread. Raises OSError."""
    output = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the child; a full pipe would block the child
    parent = os.getpid()

    def before_exec() -> None:
        if _PRCTL is not None:
            _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the monitor died before prctl: the kernel sends no signal
            os._exit(1)

    try:
        process = subprocess.Popen(  # noqa: S603 -- our own command, without a shell
            [sys.executable, "-m", "scrapy", *command],
            cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            preexec_fn=before_exec,  # noqa: PLW1509 -- it takes no lock
            start_new_session=True,
        )  # fmt: skip
    except BaseException:
        output.close()
        raise
    return process, output

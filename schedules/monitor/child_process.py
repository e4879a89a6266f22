"""Child processes of the monitor: one `scrapy` command each, started, watched, ended, and gone when the monitor is.

A child asks the kernel to be killed when the monitor dies, however that happens; its own children do the same of it. So
children are started from the main thread only: to the kernel the parent is the thread.
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

# Looked up here: between fork and exec nothing may be loaded, since another thread may hold the loader's lock.
_PRCTL = getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
KEPT_OUTPUT = 64 * 1024
"""Bytes of a child's output that are read: a command of ours says little, and a traceback is less."""


@dataclass(slots=True)
class Child:
    """A running command."""

    name: str
    """Of the job."""
    run_id: int
    """job_runs.id."""
    started_at: datetime
    limit: timedelta
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    about: tuple[str, ...] = ()
    """Sources of a crawl."""
    domains: frozenset[str] = frozenset()
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """For which it has run."""
        return time.monotonic() - self.began

    def status(self) -> int | None:
        """Exit status, below 0 the signal that ended it; None while it runs."""
        return self.process.poll()

    def said(self) -> str:
        """What it wrote, the end of it."""
        self.output.seek(0, os.SEEK_END)
        self.output.seek(max(0, self.output.tell() - KEPT_OUTPUT))
        return self.output.read().decode("utf-8", "replace").strip()

    def stop(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)

    def close(self) -> None:
        """Free what it held here."""
        self.process.wait()
        self.output.close()


def start(
    command: Sequence[str],
    *,
    name: str,
    run_id: int,
    at: datetime,
    limit: timedelta,
    environ: Mapping[str, str],
    about: tuple[str, ...] = (),
    domains: frozenset[str] = frozenset(),
    folder: Path = CHECKOUT,
) -> Child:
    """Start `scrapy COMMAND`. From the main thread."""
    output = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the child; a pipe that nobody reads would block it
    parent = os.getpid()

    def begin() -> None:
        if _PRCTL is not None:
            _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died while we were being made: nobody will tell us
            os._exit(1)

    try:
        process = subprocess.Popen(  # noqa: S603 -- our own command, without a shell
            [sys.executable, "-m", "scrapy", *command],
            cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            preexec_fn=begin,  # noqa: PLW1509 -- it takes no lock
            start_new_session=True,
        )  # fmt: skip
    except BaseException:
        output.close()
        raise
    return Child(
        name=name, run_id=run_id, started_at=at, limit=limit, process=process, output=output, about=about,
        domains=domains,
    )  # fmt: skip

"""Run a command and measure its wall time, and the CPU time and peak memory of its whole process tree."""

from __future__ import annotations

import itertools
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

INTERVAL = 0.2
"""Seconds between samples of the CPU time, of which each costs 4 ms."""
MEMORY_EVERY = 10
"""Samples between those of the memory, after as many at the start. The kernel walks the page tables for it: 10 ms for each
large process. Five times a second, that took a fifth of a core from a crawl with its child processes, and a twentieth from a
single process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of one run."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system, of the process and all its descendants."""
    peak_mb: float
    """Megabytes; the highest sum of proportional set sizes in one sample. Pages that forked children share count once."""
    status: int
    """Exit status."""


class _Watch(threading.Thread):
    """Samples a process tree until it has ended."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(pid)
        self.peak = 0
        self.cpu: dict[int, float] = {}
        self.over = threading.Event()

    def run(self) -> None:
        for number in itertools.count():
            if self.over.wait(INTERVAL):
                return
            self._sample(memory=number < MEMORY_EVERY or number % MEMORY_EVERY == 0)

    def _sample(self, *, memory: bool) -> None:
        total = 0
        try:
            tree = [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in tree:
            try:
                total += _proportional(process) if memory else 0
                times = process.cpu_times()
            except psutil.Error:
                continue
            self.cpu[process.pid] = times.user + times.system
        self.peak = max(self.peak, total)


def _proportional(process: psutil.Process) -> int:
    """Bytes; the resident set size if the system has no proportional one."""
    return getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss


UNUSUAL = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
"""Variables of containers and test runs: each start would compile modules again, each line be written on its own."""


def measure(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> Cost:
    """Run the command to its end, without the variables in UNUSUAL; its output goes to `log`."""
    env = {name: value for name, value in env.items() if name not in UNUSUAL}
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=subprocess.STDOUT)
        watch = _Watch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.over.set()
    watch.join()
    # rusage includes every descendant that was waited for; others are only in the samples
    cpu = max(usage.ru_utime + usage.ru_stime, sum(watch.cpu.values()))
    return Cost(wall=wall, cpu=cpu, peak_mb=watch.peak / 1e6, status=process.returncode)

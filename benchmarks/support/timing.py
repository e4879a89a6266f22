"""Run a command and say what it took: wall time, CPU of the whole process tree, peak memory of the whole tree."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

INTERVAL = 0.2
"""Seconds between looks at the tree's memory: some 1 % of a core, the same for whoever is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system, of the process and all its descendants."""
    peak_mb: float
    """Highest sum at one look of the tree's proportional sets: a page that forked children share counts once."""
    status: int
    """Exit status."""


class _Watch(threading.Thread):
    """Looks at a process tree until it has gone."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(pid)
        self.peak = 0
        self.cpu: dict[int, float] = {}
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(INTERVAL):
            self._look()

    def _look(self) -> None:
        total = 0
        try:
            tree = [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in tree:
            try:
                total += _proportional(process)
                times = process.cpu_times()
            except psutil.Error:
                continue
            self.cpu[process.pid] = times.user + times.system
        self.peak = max(self.peak, total)


def _proportional(process: psutil.Process) -> int:
    """Bytes; the resident set where the system does not tell the proportional one."""
    return getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss


def measure(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> Cost:
    """Run the command to its end; its output goes to `log`."""
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=dict(env), stdout=out, stderr=subprocess.STDOUT)
        watch = _Watch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.over.set()
    watch.join()
    # rusage has every descendant that was waited for; one that was killed and left to init is only in what was seen
    cpu = max(usage.ru_utime + usage.ru_stime, sum(watch.cpu.values()))
    return Cost(wall=wall, cpu=cpu, peak_mb=watch.peak / 1e6, status=process.returncode)

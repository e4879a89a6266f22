"""CPU time and memory of processes and their descendants, which may end in between."""

from __future__ import annotations

import contextlib
import threading
from types import TracebackType

import psutil

INTERVAL = 0.1


class CpuSampler:
    """Samples a process tree in a thread. The CPU time of a child is that of its last sample."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._seconds: dict[tuple[int, float], float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_sampling, daemon=True)
        self.peak_bytes = 0
        """Most resident memory of the process itself."""

    @property
    def total(self) -> float:
        """CPU seconds of the tree."""
        return sum(self._seconds.values())

    @property
    def own(self) -> float:
        """CPU seconds of the process itself."""
        return self._seconds.get((self._root.pid, self._root.create_time()), 0.0)

    def sample(self) -> None:
        """Take a sample now."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (self._root, *self._root.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    self._seconds[process.pid, process.create_time()] = times.user + times.system
            self.peak_bytes = max(self.peak_bytes, self._root.memory_info().rss)

    def __enter__(self) -> CpuSampler:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _keep_sampling(self) -> None:
        while not self._over.wait(INTERVAL):
            self.sample()

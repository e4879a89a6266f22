"""`--cluster local:N`: a scheduler in this process and N nodes on this machine, as `scrapy worker` starts them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

from crawler.config.app import CHECKOUT
from schedules.cluster.address import ClusterAddress
from schedules.cluster.code_version import set_up_dask

END_SECONDS = 10.0
STARTED_BY = "WIREWATCH_NODE_STARTED_BY"
"""Environment variable of a node that ends with the command that started it: the process ID of the command."""


class LocalNodes:
    """A cluster that ends with this process."""

    def __init__(self, count: int, *, seconds: float) -> None:
        """`count`: nodes, with one child process each; `seconds`: the time limit of a page."""
        self._count = count
        self._seconds = seconds
        self._cluster: Any = None
        self._nodes: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> ClusterAddress:
        """Of the scheduler."""
        return ClusterAddress(url=self._cluster.scheduler_address, local_nodes=self._count)

    def __enter__(self) -> LocalNodes:
        set_up_dask()
        from distributed import LocalCluster

        self._cluster = LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0")
        started = threading.Event()
        threading.Thread(target=self._keep, args=(started,), name="nodes", daemon=True).start()
        started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for node in self._nodes:
            node.terminate()
        for node in self._nodes:
            try:
                node.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                node.kill()
                node.wait()
        self._cluster.close(timeout=END_SECONDS)

    def _keep(self, started: threading.Event) -> None:
        """Start the nodes in a thread that lives as long as this process: the kernel ends them when it ends."""
        # Warnings: of a node that is killed because it does not end in time.
        environ = {**os.environ, "PYTHONWARNINGS": "ignore", STARTED_BY: str(os.getpid())}
        command = [
            sys.executable, "-m", "scrapy", "worker", self._cluster.scheduler_address, "--processes", "1", "--quiet",
            "-s", f"WIREWATCH_PARSE_TIMEOUT={self._seconds}",
        ]  # fmt: skip
        for _ in range(self._count):
            self._nodes.append(
                subprocess.Popen(  # noqa: S603 -- our own command, without a shell
                    command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environ
                )
            )
        started.set()
        threading.Event().wait()

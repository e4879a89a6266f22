"""A Dask scheduler, nodes and a coordinator as processes of their own on loopback, with mutual TLS and folders of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from benchmarks.support.cluster.certificates import make_authority, make_certificates
from benchmarks.support.kill.tools import ROOT, SCRAPY, scrapy_environment

START_SECONDS = 120.0
"""On a loaded machine a node takes tens of seconds to start."""


class ClusterProcesses:
    """Starts and ends the processes; each can be killed and started again."""

    def __init__(
        self, folder: Path, *, nodes: int = 2, slots: int = 1, settings: Mapping[str, str] | None = None
    ) -> None:
        """`slots`: pages that a node reads at a time; `settings`: environment variables of nodes and coordinators."""
        self._folder = folder
        self._slots = slots
        self._settings = dict(settings or {})
        self.port = free_port()
        self.address = f"tls://127.0.0.1:{self.port}"
        authority = make_authority("benchmark")
        self.certificates = make_certificates(folder / "tls", authority)
        self.scheduler = self._start_scheduler()
        self.nodes = [self._start_node(number) for number in range(nodes)]

    def __enter__(self) -> ClusterProcesses:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in [*self.nodes, self.scheduler]:
            process.kill()
            process.wait()

    def restart_scheduler(self) -> None:
        """Start a scheduler at the same address in place of a killed one."""
        self.scheduler = self._start_scheduler()

    def restart_node(self, number: int) -> None:
        """Start a node in place of a killed one."""
        self.nodes[number] = self._start_node(number)

    def restart_ended_nodes(self) -> None:
        """Start nodes again that ended by themselves, as the systemd unit does: one that finds no scheduler ends."""
        for number, node in enumerate(self.nodes):
            if node.poll() is not None:
                self.restart_node(number)

    def start_command(self, data: Path, *words: str) -> subprocess.Popen[bytes]:
        """Start a `scrapy` command that uses the cluster; its output is appended to command.log in the data folder.

        Waits until there is a scheduler: without one the command ends with a message.
        """
        while not _is_open(self.port):
            time.sleep(0.1)
        return self._start(
            [*SCRAPY, *words, "--cluster", self.address, "--certificates", str(self.certificates)],
            scrapy_environment(data, **self._settings), data / "command.log",
        )  # fmt: skip

    def wait_for_nodes(self) -> None:
        """Wait until all nodes are connected. Raises TimeoutError."""
        until = time.monotonic() + START_SECONDS
        for number in range(len(self.nodes)):
            log = self._folder / f"node-{number}.log"
            while b"Connected" not in log.read_bytes():
                if time.monotonic() > until:
                    raise TimeoutError(f"{log}: {log.read_text()[-500:]}")
                time.sleep(0.1)

    def _start_scheduler(self) -> subprocess.Popen[bytes]:
        ca, cert, key = (str(self.certificates / name) for name in ("ca.pem", "cert.pem", "key.pem"))
        return self._start(
            [
                sys.executable, "-m", "distributed.cli.dask_scheduler", "--protocol", "tls", "--host", "127.0.0.1",
                "--port", str(self.port), "--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key,
                "--dashboard-address", "127.0.0.1:0",
            ],
            {**os.environ, "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms"},  # as docs/cluster.md sets it
            self._folder / "scheduler.log",
        )  # fmt: skip

    def _start_node(self, number: int) -> subprocess.Popen[bytes]:
        while not _is_open(self.port):
            time.sleep(0.1)
        data = self._folder / f"node-{number}"
        return self._start(
            [*SCRAPY, "worker", self.address, "--certificates", str(self.certificates), "--processes", str(self._slots)],
            scrapy_environment(data, **self._settings), self._folder / f"node-{number}.log",
        )  # fmt: skip

    def _start(self, command: Sequence[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
        output: IO[bytes]
        with log.open("ab") as output:
            return subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )


def free_port() -> int:
    """A port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

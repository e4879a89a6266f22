"""Run commands of Scrapy in processes that are forked from one that has imported everything.

The imports of a crawl and of its parsers take two seconds of CPU time; a test suite runs hundreds of commands. Each pytest
worker starts one server at its first command. The server imports the project once, starts the fork server of the parsers
once, and forks a process for each command: with its own environment, standard streams, exit status and end.

Tests that kill a process start a real one instead (`subprocess.Popen`).
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TIME_LIMIT = 300
"""Seconds after which a command is stopped and the test fails."""
_READ_AT_IMPORT = "crawler.settings"
"""Reads the environment when it is imported, so each command imports it."""
_NOT_IMPORTED = (_READ_AT_IMPORT, "crawler.workers.forkserver", "pipelines.worker_preload")
"""The last two set up the process that imports them."""
_SCRAPY = ("scrapy.commands", "scrapy.downloadermiddlewares", "scrapy.extensions", "scrapy.spidermiddlewares")
_FURTHER = (
    "_strptime", "dateparser", "feedparser", "htmldate", "isal.igzip_lib", "pebble", "pysqlite3", "rich.table",
    "scrapy.cmdline", "scrapy.core.downloader.handlers.http11", "scrapy.core.engine", "scrapy.core.scraper",
    "scrapy.logformatter", "scrapy.pqueues", "scrapy.squeues", "scrapy.statscollectors", "sqlite_utils.db", "trafilatura",
)  # fmt: skip
"""Imported late by the product, or by name by Scrapy."""


def run_warm(
    command: Sequence[str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `python COMMAND...`; returns the exit status and the output.

    `command`: like the arguments of Python: "-m", a module and its arguments. Raises subprocess.TimeoutExpired.
    """
    with contextlib.ExitStack() as stack:
        out, err, into = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        into.write(stdin.encode())
        into.seek(0)
        status = _server().run(
            {"command": list(command), "cwd": str(cwd), "env": dict(os.environ if env is None else env)},
            [into.fileno(), out.fileno(), err.fileno()],
        )
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    if status is None:
        raise subprocess.TimeoutExpired(list(command), TIME_LIMIT, *texts)
    return subprocess.CompletedProcess(list(command), status, *texts)


class _Server:
    """The connection to the process from which commands are forked."""

    def __init__(self) -> None:
        self._connection, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm_commands", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._replies = self._connection.makefile("r", encoding="utf-8")
        atexit.register(self.close)

    def run(self, task: Mapping[str, Any], streams: Sequence[int]) -> int | None:
        """The exit status of a command, below 0 if a signal ended it; None if it took too long and was killed."""
        message = json.dumps(task).encode()
        socket.send_fds(self._connection, [len(message).to_bytes(8, "big")], streams)
        self._connection.sendall(message)
        process_id = int(self._replies.readline())
        self._connection.settimeout(TIME_LIMIT)
        try:
            return int(self._replies.readline())
        except TimeoutError:
            os.kill(process_id, signal.SIGKILL)
            self.close()
            return None
        finally:
            self._connection.settimeout(None)

    def close(self) -> None:
        _server.cache_clear()
        self._replies.close()
        self._connection.close()
        self._process.wait(TIME_LIMIT)


@functools.cache
def _server() -> _Server:
    return _Server()


def _serve(connection: socket.socket) -> Mapping[str, Any] | None:
    """Fork a process for each task. Returns its task in the forked process, None in the server at the end."""
    while True:
        header, streams, _, _ = socket.recv_fds(connection, 8, 3)
        if not header:
            return None
        message = b""
        while len(message) < int.from_bytes(header, "big"):
            message += connection.recv(65536)
        process_id = os.fork()
        if process_id == 0:
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            connection.close()
            task: dict[str, Any] = json.loads(message)
            return task
        for stream in streams:
            os.close(stream)
        connection.sendall(f"{process_id}\n".encode())
        _, status = os.waitpid(process_id, 0)
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _import_everything() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of deprecated modules of Scrapy, which no command uses
        _import_packages()
    gc.collect()
    gc.freeze()  # memory that the garbage collector does not write to is not copied
    assert "twisted.internet.reactor" not in sys.modules, "a reactor must not be shared by two processes"


def _import_packages() -> None:
    for name in ("crawler", "spiders", "pipelines", "schedules", *_SCRAPY):
        for module in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
            # the plugin imports Datasette, which no command needs
            if module.name not in _NOT_IMPORTED and ".datasette_plugin" not in module.name:
                importlib.import_module(module.name)
    for name in _FURTHER:
        importlib.import_module(name)
    sys.modules.pop(_READ_AT_IMPORT, None)


def _start_fork_server() -> None:
    """Start the fork server of the parsers, which all commands then share."""
    from multiprocessing import forkserver

    from crawler.workers.pool import start_fork_server
    from schedules.cluster.workers import PRELOAD

    start_fork_server(PRELOAD)
    server: Any = forkserver._forkserver  # type: ignore[attr-defined]
    server.ensure_running = forkserver.ensure_running = lambda: None


def _run(task: Mapping[str, Any]) -> None:
    """Become the process of a command."""
    from crawler.workers import temporary_folder

    os.chdir(task["cwd"])
    os.environ.clear()
    os.environ.update(task["env"])
    tempfile.tempdir = None  # of the server: read TMPDIR again
    temporary_folder._own.clear()
    temporary_folder._own_folder.cache_clear()
    sys.path[:0] = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = io.open(("stdin", "stdout", "stderr").index(name), mode, encoding="utf-8", closefd=False)  # noqa: SIM115, UP020
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    flag, program, *arguments = task["command"]
    sys.argv = [program, *arguments]
    if flag == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})


def main() -> None:
    """Serve the connection whose file descriptor is the first argument."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    _start_fork_server()
    _import_everything()
    task = _serve(connection)
    if task is not None:
        _run(task)


if __name__ == "__main__":
    main()

"""An archive for tests of the Datasette plugin, and Datasette with it: in this process, or as a server for a browser."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from crawler.sqlite.values import format_utc
from tests.support.archives.flagged import flagged_archive
from tests.support.factories import hour

START_TIMEOUT = 60.0
"""Seconds to wait for a server to start."""


@dataclass
class DatasetteClient:
    """Datasette in this process."""

    datasette: Any
    loop: asyncio.AbstractEventLoop

    def get(self, path: str, **known: Any) -> Any:
        """The response."""
        return self.loop.run_until_complete(self.datasette.client.get(path, **known))

    def post(self, path: str, data: Mapping[str, str], **known: Any) -> Any:
        return self.loop.run_until_complete(self.datasette.client.post(path, data=dict(data), **known))

    def text(self, path: str) -> str:
        """The body of a page; fails unless the status is 200."""
        response = self.get(path)
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return str(response.text)


def fill(folder: Path) -> None:
    """Create an archive: an article with two versions, its copy at another outlet, two alerts of the topic "Pier", a problem, a gap and a publication rate."""
    with flagged_archive(folder) as found:
        db = found.db
        seed = db.execute("SELECT id, source_id FROM seeds ORDER BY id").fetchone()
        db.execute(
            "INSERT INTO problems (source_id, kind, what, since, evidence, advice, opened_at)"
            " VALUES (?, 'silent', '', ?, 'no article in 26 hours', 'open its home page', ?)",
            (seed["source_id"], format_utc(hour(2)), format_utc(hour(3))),
        )
        for state, start, end in (("complete", -48, -24), ("open", -24, -20), ("complete", -20, 0)):
            db.execute(
                "INSERT INTO coverage (source_id, seed_id, from_at, until_at, state, missed) VALUES (?, ?, ?, ?, ?, 3.0)",
                (seed["source_id"], seed["id"], format_utc(hour(start)), format_utc(hour(end)), state),
            )
        db.executemany(
            "INSERT INTO publication_rates (seed_id, hour, arrivals, hours) VALUES (?, ?, ?, 4.0)",
            [(seed["id"], number, number % 24 / 6) for number in range(168)],
        )


@contextmanager
def datasette_client(
    folder: Path,
    *,
    metadata: dict[str, Any] | None = None,
    config: bool = False,
    immutable: bool = False,
    base_url: str = "/",
) -> Iterator[DatasetteClient]:
    """Datasette with `folder`/archive.db; `config`: like `datasette FOLDER`. Request paths without `base_url`."""
    loop = asyncio.new_event_loop()
    if config:
        datasette = Datasette(config_dir=folder)
    else:
        path = [str(folder / "archive.db")]
        datasette = Datasette(
            files=[] if immutable else path,
            immutables=path if immutable else [],
            metadata=metadata,
            settings={"base_url": base_url},
        )
    try:
        loop.run_until_complete(datasette.invoke_startup())
        yield DatasetteClient(datasette, loop)
    finally:
        for database in datasette.databases.values():
            database.close()
        datasette.executor.shutdown()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@contextmanager
def served(folder: Path, *words: str) -> Iterator[str]:
    """`datasette serve` on loopback; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = (folder / "datasette.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "datasette", "serve", str(folder / "archive.db"), "--port", str(port), *words],
        cwd=folder, stdout=log, stderr=log, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + START_TIMEOUT
        while not _is_up(address):
            assert process.poll() is None, (folder / "datasette.log").read_text()
            assert time.monotonic() < end, f"datasette did not start within {START_TIMEOUT:.0f} s"
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()
        log.close()


def _is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/-/versions.json", timeout=5):
            return True
    except OSError:
        return False

"""An archive for tests of the pages, and Datasette on top of it: in this process, or served for a real browser."""

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
from tests.support.factories import hour
from tests.support.flagged_archive import flagged_archive

PATIENCE = 60.0
"""Seconds to wait for a server to start."""


@dataclass
class Desk:
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
    """An article with two versions, a copy elsewhere, two alerts of a topic "Pier", a problem, a gap, a publication rate."""
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
def desk(
    folder: Path,
    *,
    metadata: dict[str, Any] | None = None,
    config: bool = False,
    immutable: bool = False,
    base_url: str = "/",
) -> Iterator[Desk]:
    """Datasette on `folder`/archive.db; `config`: like `datasette FOLDER`. Paths are requested without `base_url`."""
    loop = asyncio.new_event_loop()
    if config:
        made = Datasette(config_dir=folder)
    else:
        path = [str(folder / "archive.db")]
        made = Datasette(
            files=[] if immutable else path,
            immutables=path if immutable else [],
            metadata=metadata,
            settings={"base_url": base_url},
        )
    try:
        loop.run_until_complete(made.invoke_startup())
        yield Desk(made, loop)
    finally:
        for database in made.databases.values():
            database.close()
        made.executor.shutdown()
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
        end = time.monotonic() + PATIENCE
        while not _is_up(address):
            assert process.poll() is None, (folder / "datasette.log").read_text()
            assert time.monotonic() < end, f"datasette did not start within {PATIENCE:.0f} s"
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

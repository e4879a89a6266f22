"""Find out quickly that a job has nothing to do: cron starts each job every few minutes, mostly for nothing.

A job that ends without errors stores a checkpoint: a hash of the configuration files that it read, and what it needs to
see from the archive alone that nothing is due. If a file has changed, or the checkpoint does not prove that there is
nothing to do, the job runs as usual. Imports no libraries, since that is the point.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc


def hash_of_files(paths: Iterable[Path]) -> str:
    """SHA-256 of the contents of files. A missing file differs from an empty one."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            content: bytes | None = path.read_bytes()
        except OSError:
            content = None
        digest.update(f"{path.name}:{'missing' if content is None else len(content)}\n".encode())
        digest.update(content or b"")
    return digest.hexdigest()


def save_checkpoint(db: Connection, job: str, files: str, state: Mapping[str, Any], now: datetime) -> None:
    """Store the checkpoint of a job. `files`: from `hash_of_files`, computed before the job read them."""
    db.execute(
        "INSERT INTO checkpoints (job, files, state, saved_at) VALUES (?, ?, ?, ?) ON CONFLICT (job) DO UPDATE SET"
        " files = excluded.files, state = excluded.state, saved_at = excluded.saved_at",
        (job, files, json.dumps(state), format_utc(now)),
    )


def checkpoint(db: Connection, job: str, files: str, now: datetime) -> dict[str, Any] | None:
    """The state of a job's checkpoint; None if there is none, the files differ, or the clock was set back."""
    row = db.execute("SELECT state FROM checkpoints WHERE job = ? AND files = ? AND saved_at <= ?",
                     (job, files, format_utc(now))).fetchone()  # fmt: skip
    return None if row is None else json.loads(row["state"])


def has_unmatched_revisions(db: Connection, now: datetime) -> bool:
    """Whether an active topic has revisions after its cursor, or a failed match is due for a retry."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM topics JOIN topic_versions ON topic_versions.id = version_id"
        " WHERE retired_at IS NULL AND cursor < (SELECT coalesce(max(id), 0) FROM revisions))"
        " OR EXISTS (SELECT 1 FROM flag_failures WHERE next_try_at <= ?)",
        (format_utc(now),),
    ).fetchone()
    return bool(row[0])


def last_alert(db: Connection) -> int:
    """The ID of the latest alert; 0 if there is none."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM alerts").fetchone()[0])


def has_messages_to_send(db: Connection) -> bool:
    """Whether a message waits to be sent, also if its next attempt is not due yet."""
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'waiting')").fetchone()[0])


def has_unqueued_deliveries(db: Connection) -> bool:
    """Whether an alert waits for a digest."""
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM deliveries WHERE outbox_id IS NULL)").fetchone()[0])

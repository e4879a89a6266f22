"""Store the results of a unit of work exactly once: in one transaction with a row of `completed_tasks`.

A unit that was interrupted left nothing and is done again; one that is in the table is skipped. Whatever carries the work,
a loop in this process or a cluster, needs no list of its own of what is done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from crawler.archive.storage.store import ArchiveStore
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import as_json, clean_text, format_utc

R = TypeVar("R")
TaskResult = Mapping[str, Any]
"""Values of JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A unit of work."""

    key: str
    what: str
    """One line for people."""


def result_of_task(db: Connection, key: str) -> TaskResult | None:
    """What was kept of a completed task; None if it is not completed."""
    row = db.execute("SELECT result FROM completed_tasks WHERE key = ?", (key,)).fetchone()
    return json.loads(row["result"]) if row is not None else None


def forget_task(store: ArchiveStore, key: str) -> None:
    """Remove a completed task whose input changed, so that it is done again."""
    store.db.execute("DELETE FROM completed_tasks WHERE key = ?", (key,))


def forget_superseded(store: ArchiveStore, prefix: str, key: str) -> None:
    """Remove the completed tasks whose key begins with `prefix`, other than `key`: earlier states of the same input."""
    store.db.execute(
        "DELETE FROM completed_tasks WHERE key >= ?1 AND key < ?1 || char(1114111) AND key <> ?2", (prefix, key)
    )


def file_once(
    store: ArchiveStore,
    task: Task,
    calls: Sequence[Callable[[ArchiveStore], R]],
    *,
    at: datetime,
    summarize: Callable[[Sequence[R]], TaskResult | None],
) -> list[R] | None:
    """Run all calls and mark the task as completed, in the current transaction; returns what the calls returned.

    None if another process completed the task in the meantime: then nothing is run. `summarize`: from what the calls
    returned to what is kept of the task; None if the task should be done again, so that it is not marked.
    """
    if result_of_task(store.db, task.key) is not None:
        return None
    results = [call(store) for call in calls]
    kept = summarize(results)
    if kept is not None:
        store.db.execute(
            "INSERT INTO completed_tasks (key, at, what, result) VALUES (?, ?, ?, ?)",
            (task.key, format_utc(at), clean_text(task.what), as_json(kept)),
        )
    return results

"""Delete what is older than the times that the configuration sets, in short transactions.

Each transaction leaves a valid archive. If the process is killed between two of them, the next run continues; records
that are marked as pruned and still in their WARC file are removed from it then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.db.fts_index import index_revisions, remove_from_index
from crawler.archive.retention.prunable import (
    NOT_EVIDENCE,
    PRUNABLE_RUNS,
    PRUNABLE_SOURCE_RUNS,
    PrunedKind,
    prunable_rows,
    prune_parameters,
    worthwhile_files,
)
from crawler.archive.storage.warc_rewrite import erase_scheduled, schedule_erasures
from crawler.config.retention import FOREVER, RetentionPolicy, SourceKind
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import format_utc

_ADD_UP_RUNS = (
    "INSERT INTO pruned_source_runs SELECT s.source_id, sum(s.requests), sum(s.failed + s.blocked) FROM json_each(?) k"
    " JOIN source_runs s ON s.run_id = k.value ->> 0 AND s.source_id = k.value ->> 1 GROUP BY 1"
    " ON CONFLICT (source_id) DO UPDATE SET requests = requests + excluded.requests, failures = failures + excluded.failures"
)
_DELETE_SOURCE_RUNS = (
    "DELETE FROM source_runs WHERE (run_id, source_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"
)
ROWS_AT_ONCE = 500
"""Rows of one transaction: a fraction of a second, for which a crawl waits."""
LEAST_SHARE = 0.2
"""Part of a WARC file that must go before the file is written anew: a page costs at most five times its size in copying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """What was pruned."""

    counts: Mapping[PrunedKind, int]
    """Rows of each kind."""
    freed: int = 0
    """Bytes by which the WARC files became smaller. The space of rows stays in archive.db, for new rows."""


def prune(
    db: Connection,
    warc_dir: Path,
    policy: RetentionPolicy,
    *,
    now: datetime,
    least_share: float = LEAST_SHARE,
    step: Callable[[str], None] = lambda _: None,
) -> PruneResult:
    """Delete polls, fetches, job runs, runs of commands, texts of replaced versions and raw pages, each older than its time.

    A WARC file is written anew if at least `least_share` of its bytes goes; until then its pages stay.
    """
    polls = sum(_delete(db, "polls", ids) for ids in _batches(db, "polls", policy, now, step))
    fetches = sum(_delete(db, "fetches", ids) for ids in _batches(db, "fetches", policy, now, step))
    texts = sum(_remove_texts(db, ids, policy, now) for ids in _batches(db, "texts", policy, now, step))
    pages, freed = _prune_pages(db, warc_dir, policy, now, least_share, step)
    job_runs = _delete_job_runs(db, policy, now)
    source_runs, runs = _delete_runs(db, policy, now, step)
    counts: dict[PrunedKind, int] = {
        "pages": pages, "texts": texts, "polls": polls, "fetches": fetches, "job runs": job_runs, "runs": runs,
        "source runs": source_runs,
    }  # fmt: skip
    return PruneResult(counts={kind: count for kind, count in counts.items() if count}, freed=freed)


def _batches(
    db: Connection, kind: SourceKind, policy: RetentionPolicy, now: datetime, step: Callable[[str], None]
) -> Iterator[Sequence[int]]:
    parameters = prune_parameters(db, kind, policy, now)
    ids = [row[0] for row in db.execute(f"SELECT x.id FROM {prunable_rows(kind)} ORDER BY x.id", parameters)]
    for start in range(0, len(ids), ROWS_AT_ONCE):
        step(kind)
        yield ids[start : start + ROWS_AT_ONCE]


def _delete(db: Connection, table: str, ids: Sequence[int]) -> int:
    with transaction(db):
        if table == "polls":
            db.execute(
                "UPDATE coverage SET poll_id = NULL WHERE poll_id IN (SELECT value FROM json_each(?))", (_list(ids),)
            )
        return db.execute(f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (_list(ids),)).rowcount


def _delete_job_runs(db: Connection, policy: RetentionPolicy, now: datetime) -> int:
    if policy.job_runs >= FOREVER:
        return 0
    with transaction(db):
        limit = format_utc(now - policy.job_runs)
        return db.execute("DELETE FROM job_runs WHERE started_at < ?", (limit,)).rowcount


def _delete_runs(
    db: Connection, policy: RetentionPolicy, now: datetime, step: Callable[[str], None]
) -> tuple[int, int]:
    """Delete old runs of commands; returns how many rows of source_runs and of runs."""
    if policy.runs >= FOREVER:
        return 0, 0
    limit = {"limit": format_utc(now - policy.runs)}
    keys = db.execute(f"SELECT x.run_id, x.source_id FROM {PRUNABLE_SOURCE_RUNS} ORDER BY 1, 2", limit).fetchall()
    for start in range(0, len(keys), ROWS_AT_ONCE):
        step("source runs")
        chosen = json.dumps([list(key) for key in keys[start : start + ROWS_AT_ONCE]])
        with transaction(db):
            db.execute(_ADD_UP_RUNS, (chosen,))
            db.execute(_DELETE_SOURCE_RUNS, (chosen,))
    ids = [row[0] for row in db.execute(f"SELECT x.id FROM {PRUNABLE_RUNS} ORDER BY x.id", limit)]
    # The query leaves out runs that rows refer to, and finished runs get no new ones. SQLite would search all polls and
    # fetches for each deleted run, because they have no index by run.
    db.execute("PRAGMA foreign_keys = OFF")
    try:
        for start in range(0, len(ids), ROWS_AT_ONCE):
            step("runs")
            _delete(db, "runs", ids[start : start + ROWS_AT_ONCE])
    finally:
        db.execute("PRAGMA foreign_keys = ON")
    return len(keys), len(ids)


def _still_prunable(
    db: Connection, table: str, kind: SourceKind, ids: Sequence[int], policy: RetentionPolicy, now: datetime
) -> list[int]:
    """Those that did not become evidence of an alert since they were found. Called in the transaction that prunes them."""
    topics = {topic: format_utc(limit) for topic, limit in policy.evidence_limits(now).items()}
    rows = db.execute(
        f"SELECT x.id FROM {table} x WHERE x.id IN (SELECT value FROM json_each(:ids)) AND {NOT_EVIDENCE[kind]}",
        {"ids": _list(ids), "topics": json.dumps(topics)},
    )
    return [row[0] for row in rows]


def _remove_texts(db: Connection, ids: Sequence[int], policy: RetentionPolicy, now: datetime) -> int:
    """Remove lead and text from versions and from the full-text index. Their hash and everything else stays."""
    with transaction(db):
        found = _still_prunable(db, "revisions", "texts", ids, policy, now)
        for revision_id in found:
            remove_from_index(db, revision_id)
            db.execute("UPDATE revision_segments SET lead = NULL, text = '' WHERE revision_id = ?", (revision_id,))
            db.execute(
                "UPDATE revisions SET lead = NULL, text = '', text_pruned_at = ? WHERE id = ?",
                (format_utc(now), revision_id),
            )
            index_revisions(db, [revision_id])
    return len(found)


def _prune_pages(
    db: Connection,
    warc_dir: Path,
    policy: RetentionPolicy,
    now: datetime,
    least_share: float,
    step: Callable[[str], None],
) -> tuple[int, int]:
    """Remove raw pages file by file; returns their number, and the bytes that became free."""
    freed = erase_scheduled(db, warc_dir, now=now)  # what an interrupted run had marked
    count = 0
    for file_id in worthwhile_files(db, policy, now, least_share):
        step("pages")
        ids = [
            row[0]
            for row in db.execute(
                f"SELECT x.id FROM {prunable_rows('pages')} AND x.warc_file_id = :file ORDER BY x.warc_offset",
                {**prune_parameters(db, "pages", policy, now), "file": file_id},
            )
        ]
        for start in range(0, len(ids), ROWS_AT_ONCE):
            count += _mark_pruned(db, ids[start : start + ROWS_AT_ONCE], policy, now)
        freed += erase_scheduled(db, warc_dir, now=now)
    return count, freed


def _mark_pruned(db: Connection, ids: Sequence[int], policy: RetentionPolicy, now: datetime) -> int:
    with transaction(db):
        return schedule_erasures(db, _still_prunable(db, "pages", "pages", ids, policy, now), now=now)


def _list(ids: Sequence[int]) -> str:
    return json.dumps(ids)

"""Merge other archives into this one, in small units: `scrapy archive merge`.

A unit is one transaction with its row in `completed_tasks`, so a merge that was killed continues, and a repeated one changes
nothing. The key of a unit names the state of its rows: what was added since is copied by a later merge.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.db.migrations import archive_uuid
from crawler.archive.merging.copy_articles import copy_article, copy_fetch, copy_page
from crawler.archive.merging.copy_crawl import (
    copy_coverage,
    copy_link,
    copy_mute,
    copy_poll,
    copy_problem,
    copy_queue_entry,
    copy_saved_search,
    copy_sources,
    refuse_foreign_sources,
)
from crawler.archive.merging.other_archive import MergeCounts, OtherArchive, RowCopier, RowValues, register_archive
from crawler.archive.storage.completed_tasks import Task, file_once, forget_superseded, result_of_task
from crawler.archive.storage.store import ArchiveStore
from crawler.exceptions import ArchiveError

ARTICLES_A_UNIT = 8
"""Articles of a unit. Units of several archives take turns by time, so that of two copies the earlier one begins the story."""
ROWS_A_UNIT = 500
"""Polls, links and queue entries of a unit."""
_ARTICLE_STATE = (
    "SELECT a.*, (SELECT max(id) FROM pages WHERE article_id = a.id) AS last_page,"
    " (SELECT max(id) FROM fetches WHERE article_id = a.id) AS last_fetch,"
    " (SELECT max(id) FROM alerts WHERE article_id = a.id) AS last_alert,"
    " (SELECT group_concat(topic_id || ' ' || judged_at) FROM judgements WHERE article_id = a.id) AS judged,"
    " (SELECT changed_at FROM annotations WHERE article_id = a.id) AS annotated,"
    " (SELECT count(*) FROM matches m JOIN revisions r ON r.id = m.revision_id WHERE r.article_id = a.id) AS matches"
    " FROM articles a WHERE a.id > ? ORDER BY a.id LIMIT ?"
)
_ADDED_COLUMNS = frozenset({"last_page", "last_fetch", "last_alert", "judged", "annotated", "matches"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    kind: str
    rows: tuple[RowValues, ...]

    @property
    def first(self) -> str:
        """What it begins with, the same in later merges. A mute is named: one that was undone here does not come back."""
        row = self.rows[0]
        return f"{row['kind']} {row['target']}" if self.kind == "mutes" else str(row["id"])

    @property
    def begins_at(self) -> str:
        return str(self.rows[0]["first_seen_at"])


def refuse_merge(store: ArchiveStore, others: Sequence[OtherArchive]) -> None:
    """Raise ArchiveError if one of the archives cannot be merged. Changes nothing."""
    seen = {str(archive_uuid(store.db)): "this archive"}
    for other in others:
        if other.uuid in seen:
            raise ArchiveError(f"{other.folder}: is {seen[other.uuid]}, or a copy of it")
        seen[other.uuid] = f"the same as {other.folder}"
        refuse_foreign_sources(store, other)


def merge_archives(
    store: ArchiveStore, others: Sequence[OtherArchive], *, at: datetime, progress: Callable[[int], None] | None = None
) -> MergeCounts:
    """Copy what is not here yet. Raises ArchiveError. `progress` is called with the number of articles so far."""
    refuse_merge(store, others)
    counts = MergeCounts()
    copiers = []
    for other in others:
        with store.transaction():
            copier = RowCopier(store, other, register_archive(store, other, at=at))
            copy_sources(copier)
        copiers.append(copier)
    for copier in copiers:
        for unit in _polls_and_links(copier.other):
            _copy_unit(copier, unit, counts, at)
    done = 0
    for copier, unit in _by_time(copiers):
        _copy_unit(copier, unit, counts, at)
        done += len(unit.rows)
        if progress is not None:
            progress(done)
    for copier in copiers:
        for unit in _rest(copier.other):
            _copy_unit(copier, unit, counts, at)
    return counts


def _polls_and_links(other: OtherArchive) -> Iterator[_Unit]:
    yield from _units(other, "polls", "SELECT * FROM polls WHERE id > ? ORDER BY id LIMIT ?", ROWS_A_UNIT)
    yield from _units(other, "links", "SELECT * FROM links WHERE id > ? ORDER BY id LIMIT ?", ROWS_A_UNIT)


def _rest(other: OtherArchive) -> Iterator[_Unit]:
    """Pages and fetches without an article, the queue, monitoring of the sources, and what people muted and saved."""
    for kind in ("pages", "fetches"):
        select = f"SELECT * FROM {kind} WHERE id > ? AND article_id IS NULL ORDER BY id LIMIT ?"
        yield from _units(other, kind, select, ROWS_A_UNIT)
    select = "SELECT rowid AS id, * FROM queue WHERE rowid > ? ORDER BY rowid LIMIT ?"
    yield from _units(other, "queue", select, ROWS_A_UNIT)
    for kind in ("coverage", "problems", "saved_searches"):
        yield from _units(other, kind, f"SELECT * FROM {kind} WHERE id > ? ORDER BY id LIMIT ?", ROWS_A_UNIT)
    select = "SELECT * FROM (SELECT row_number() OVER (ORDER BY kind, target) AS id, * FROM mutes) WHERE id > ? LIMIT ?"
    yield from _units(other, "mutes", select, 1)


def _by_time(copiers: Sequence[RowCopier]) -> Iterator[tuple[RowCopier, _Unit]]:
    """The units of articles of all archives; always the one that begins first."""
    streams = [(copier, _units(copier.other, "articles", _ARTICLE_STATE, ARTICLES_A_UNIT)) for copier in copiers]
    heads = [(copier, stream, unit) for copier, stream in streams if (unit := next(stream, None)) is not None]
    while heads:
        number = min(range(len(heads)), key=lambda index: heads[index][2].begins_at)
        copier, stream, unit = heads[number]
        yield copier, unit
        following = next(stream, None)
        if following is None:
            del heads[number]
        else:
            heads[number] = (copier, stream, following)


def _units(other: OtherArchive, kind: str, select: str, size: int) -> Iterator[_Unit]:
    last = 0
    while rows := tuple(other.rows(select, last, size)):
        yield _Unit(kind=kind, rows=rows)
        last = rows[-1]["id"]


def _copy_unit(copier: RowCopier, unit: _Unit, counts: MergeCounts, at: datetime) -> None:
    values = [{name: value for name, value in row.items() if unit.kind != "mutes" or name != "id"} for row in unit.rows]
    prefix = f"merge {copier.other.uuid} {unit.kind} {unit.first} "
    what = f"merge {copier.other.folder}, {unit.kind} {unit.first} to {unit.rows[-1]['id']}"
    state = hashlib.sha256(repr([tuple(row.values()) for row in values]).encode()).hexdigest()
    task = Task(key=prefix + state, what=what)
    if result_of_task(copier.store.db, task.key) is not None:
        return
    part = MergeCounts()
    with copier.store.transaction() as store:
        stored = file_once(
            store, task, [functools.partial(_copy_rows, copier=copier, unit=unit, counts=part, at=at)], at=at,
            summarize=lambda _: {"rows": len(unit.rows)} if not part.faults else None,
        )  # fmt: skip
        forget_superseded(store, prefix, task.key)
    if stored is not None:
        counts.add(part)


def _copy_rows(_: ArchiveStore, *, copier: RowCopier, unit: _Unit, counts: MergeCounts, at: datetime) -> None:
    for row in unit.rows:
        if unit.kind == "articles":
            values = {name: value for name, value in row.items() if name not in _ADDED_COLUMNS}
            copy_article(copier, values, counts, at=at)
        elif unit.kind == "pages":
            copy_page(copier, row, counts, at=at)
        elif unit.kind == "queue":
            copy_queue_entry(copier, {name: value for name, value in row.items() if name != "id"}, counts)
        else:
            _COPIERS[unit.kind](copier, row, counts)


_COPIERS: Mapping[str, Callable[[RowCopier, RowValues, MergeCounts], None]] = {
    "polls": copy_poll,
    "links": copy_link,
    "fetches": copy_fetch,
    "coverage": copy_coverage,
    "problems": copy_problem,
    "saved_searches": copy_saved_search,
    "mutes": copy_mute,
}

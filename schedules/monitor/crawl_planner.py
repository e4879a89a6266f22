"""Which sources the next crawls are for: never two crawls at one registered domain, and no quick poll behind a slow one.

Pure. Sources that share a domain stay together. A source with much to fetch (a new one, or one with a long queue) gets a
crawl of its own; all the others share one, which is done within seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

HEAVY = 20
"""Pages waiting from which a source is crawled by itself: at one a second the others would wait as long."""
FIRST_PAUSE, LONGEST_PAUSE = 20.0, 900.0
"""Seconds after a crawl that failed: twice as long after each further one."""
MOST_TOGETHER = 100
"""Sources in one crawl: what fits on a command line that a person can read in `ps`, and into memory with ease."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A source that has something due."""

    id: str
    domains: frozenset[str]
    load: int = 0
    """Pages that wait."""
    render: bool = False
    """It needs the browser, whose start takes as long as a poll."""


def plan(due: Sequence[Due], *, taken: Collection[str], slots: int, most: int) -> list[tuple[str, ...]]:
    """Source ids for each crawl to start now. `taken`: domains at which somebody is; `slots`: crawls that may start;
    `most`: crawls that may run at once. The last free place is kept for quick ones."""
    groups = [group for group in _together(due) if not any(one.domains & set(taken) for one in group)]
    quick = [group for group in groups if not _is_heavy(group)]
    crawls: list[tuple[str, ...]] = []
    for rendered in (False, True):
        for batch in _batches(group for group in quick if any(one.render for one in group) == rendered):
            if len(crawls) < slots:
                crawls.append(batch)
    kept_free = 1 if most > 1 and not crawls else 0
    for group in (group for group in groups if _is_heavy(group)):
        if len(crawls) < slots - kept_free:
            crawls.append(tuple(one.id for one in group))
    return crawls


def _is_heavy(group: Iterable[Due]) -> bool:
    return any(one.load > HEAVY for one in group)


def _batches(groups: Iterable[Sequence[Due]]) -> list[tuple[str, ...]]:
    batches: list[list[str]] = []
    for group in groups:
        if not batches or len(batches[-1]) + len(group) > MOST_TOGETHER:
            batches.append([])
        batches[-1] += [one.id for one in group]
    return [tuple(batch) for batch in batches]


def _together(due: Sequence[Due]) -> list[list[Due]]:
    """Those that share a domain, directly or by way of a third."""
    groups: list[tuple[set[str], list[Due]]] = []
    for one in due:
        domains, members = set(one.domains), [one]
        others = []
        for known, group in groups:
            if known & domains:
                domains |= known
                members = [*group, *members]
            else:
                others.append((known, group))
        groups = [*others, (domains, members)]
    return [members for _, members in groups]


def pause_after(status: int, failures: int, *, tick: float) -> float:
    """Seconds for which a source is left alone after a crawl of it ended: a crawl that cannot write must not spin."""
    return min(FIRST_PAUSE * 2 ** min(failures, 6), LONGEST_PAUSE) if status not in (0, 1) else tick


def loads(waiting: Mapping[str, int], polled: Collection[str], ids: Iterable[str]) -> dict[str, int]:
    """Pages that wait, by source; a source that was never polled counts as a long queue."""
    return {id_: waiting.get(id_, 0) if id_ in polled else HEAVY + 1 for id_ in ids}

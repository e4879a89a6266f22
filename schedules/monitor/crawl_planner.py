"""Distribute due sources over crawls: never two crawls of one registered domain, no short crawl behind a long one. Pure.

Sources that share a domain are in one crawl. A source with much to fetch (a new one, or one with a long queue) gets a
crawl of its own; all others share a crawl, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

HEAVY = 20
"""Waiting pages above which a source gets a crawl of its own: at one page per second the others would wait 20 s."""
FIRST_PAUSE, LONGEST_PAUSE = 20.0, 900.0
"""Seconds for which a source is not crawled after a failed crawl: doubled with each further failure."""
MOST_TOGETHER = 100
"""Most sources in one crawl, so that its command line stays readable in `ps` and its memory small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A source with a due poll or fetch."""

    id: str
    domains: frozenset[str]
    load: int = 0
    """Waiting pages."""
    render: bool = False
    """Whether it needs the browser, whose start takes as long as a poll."""


def plan(due: Sequence[Due], *, taken: Collection[str], slots: int, most: int) -> list[tuple[str, ...]]:
    """Returns the source IDs of each crawl to start now. One slot is kept free for short crawls.

    `taken`: domains of running crawls; `slots`: crawls that may be started; `most`: crawls that may run at the same time.
    """
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
    """Group the sources that share a domain, directly or through another source."""
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
    """Returns the seconds before a source is crawled again, so that a crawl that always fails is not started in a loop."""
    return min(FIRST_PAUSE * 2 ** min(failures, 6), LONGEST_PAUSE) if status not in (0, 1) else tick


def loads(waiting: Mapping[str, int], polled: Collection[str], ids: Iterable[str]) -> dict[str, int]:
    """Returns the waiting pages of each source. A source that was never polled counts as one with a long queue."""
    return {id_: waiting.get(id_, 0) if id_ in polled else HEAVY + 1 for id_ in ids}

"""Run users' regular expressions in a child process that can be killed.

`(a+)+$` keeps Python's `re` busy for hours on one line of text while it holds the interpreter, and no thread can stop it.
So patterns run in a child process with limits of time and memory; a pattern that exceeds one is killed, and the next
pattern gets a new child.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import re
import resource
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.exceptions import WorkerError
from crawler.topics.matcher import PatternCheck

if TYPE_CHECKING:
    from pebble import ProcessPool

PATTERN_SECONDS = 2.0
"""For one pattern on one text. Ordinary patterns take less than a millisecond on the longest article."""
MEMORY = 512 << 20
"""Bytes of address space of the child."""


@contextlib.contextmanager
def pattern_check() -> Iterator[PatternCheck]:
    """A function (pattern, text) -> found, which raises WorkerError if the child had to be killed.

    The child starts with the first pattern, because most topics have none.
    """
    pools: list[ProcessPool] = []

    def check(pattern: str, text: str) -> bool:
        if not pools:
            pools.append(_pool())
        return _found(pools[0], pattern, text)

    try:
        yield check
    finally:
        for pool in pools:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble
            pool.join()


def _pool() -> ProcessPool:
    from pebble import CONSTS, ProcessPool

    CONSTS.term_timeout = 0.05
    return ProcessPool(max_workers=1, initializer=_begin, context=multiprocessing.get_context("spawn"))


def _found(pool: ProcessPool, pattern: str, text: str) -> bool:
    shown = pattern if len(pattern) <= 40 else pattern[:39] + "…"
    try:
        return bool(pool.schedule(_search, args=(pattern, text), timeout=PATTERN_SECONDS).result())
    except TimeoutError as error:
        raise WorkerError(
            f"pattern {shown!r}", f"took longer than {PATTERN_SECONDS:g} s over one text and was stopped"
        ) from error
    except Exception as error:
        raise WorkerError(f"pattern {shown!r}", f"could not be run ({type(error).__name__}: {error})") from error


def _begin() -> None:
    from crawler.workers.pool import die_with_parent

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    parent = multiprocessing.parent_process()
    die_with_parent(parent.pid if parent is not None else None)


def _search(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)

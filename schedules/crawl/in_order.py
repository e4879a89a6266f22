"""Run an asynchronous function on many items: several at a time, results in the order of the items."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def in_order(
    items: Iterable[T], function: Callable[[T], Awaitable[R]], *, in_flight: Callable[[], int]
) -> AsyncIterator[R]:
    """The results of `function` on each item, in order; at most `in_flight()` calls run at a time."""
    running: deque[asyncio.Task[Any]] = deque()
    for item in items:
        running.append(asyncio.ensure_future(function(item)))
        while len(running) >= in_flight():
            yield await running.popleft()
    while running:
        yield await running.popleft()

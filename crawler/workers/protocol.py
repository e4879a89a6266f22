"""What runs parsers elsewhere: the child processes of this machine, or the nodes of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Workers(Protocol):
    """Runs pure functions of the product's modules, with a time limit."""

    @property
    def in_flight(self) -> int:
        """Calls that should be awaited at once: enough that nothing idles, few enough to fit in memory."""

    def labelled(self, label: str) -> Workers:
        """The same workers; `label` names the calls for people: a file or a source."""

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return `function(*args, **kwargs)`. Raises what it raises, and WorkerError if it was stopped or crashed."""

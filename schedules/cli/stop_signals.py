"""Ctrl-C and SIGTERM as a request that a command answers between its steps.

A KeyboardInterrupt in the middle of an import, a callback of the reactor or a child's start prints tracebacks of others.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self


class StopSignals:
    """Remembers the first signal; a second one ends the process at once. Use it as a context manager."""

    def __init__(self) -> None:
        self.number: int | None = None
        """The signal that was received; None so far."""
        self._on_stop: Callable[[], None] | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # the only thread that may set handlers
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:  # as in `nohup` and background jobs of a script
                    self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def exit_status(self) -> int:
        """128 and the number of the signal, as shells do."""
        return 128 + (self.number or 0)

    def check(self) -> None:
        """Raise KeyboardInterrupt if a signal was received."""
        if self.number is not None:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def calling(self, on_stop: Callable[[], None]) -> Iterator[None]:
        """Call `on_stop` when a signal arrives; at once if it arrived before."""
        self._on_stop = on_stop
        try:
            if self.number is not None:
                on_stop()
            yield
        finally:
            self._on_stop = None

    def _receive(self, number: int, _frame: object) -> None:
        if self.number is not None:
            os._exit(128 + number)
        self.number = number
        if self._on_stop is not None:
            self._on_stop()

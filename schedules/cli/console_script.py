"""The console script `scrapy`: Scrapy's own, with one line for Ctrl-C while Scrapy is imported, which takes half a second."""

from __future__ import annotations

import os
import signal

INTERRUPTED = "Interrupted. Everything stored so far is kept."


def run_scrapy() -> None:
    """Run Scrapy's command line. Until a command takes over, Ctrl-C ends the process with status 130."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not under `nohup`
        signal.signal(signal.SIGINT, _end)
    from scrapy.cmdline import execute

    execute()


def take_over() -> None:
    """Let Ctrl-C raise KeyboardInterrupt again: the command handles it from now on."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, _frame: object) -> None:
    line = f"{INTERRUPTED}\n"
    os.write(2, (f"\n{line}" if os.isatty(2) else line).encode())
    os._exit(128 + number)

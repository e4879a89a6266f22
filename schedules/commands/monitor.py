"""scrapy monitor: everything, always, in one process that starts the others."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.cli.output import print_line, warn

if TYPE_CHECKING:
    from crawler.config.app import AppConfig
    from schedules.monitor.monitor import Monitor

BUSY = 4
"""Exit status where another monitor runs, as of a crawl whose outlets are all taken."""

LINES_SHOWN = 5
"""Lines of ended jobs and of mistakes that the terminal view keeps."""


class Command(ScrapyCommand):
    """Polls, flags, digests, checks: whatever is due, when it is due."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """After the command's name."""
        return "[--once] [--live]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Run everything when it is due, for months"

    def long_desc(self) -> str:
        """For --help."""
        return (
            "Crawl each source when it is due, flag what is new, send what is to be sent, look after the sources' health"
            " and the archive, until SIGTERM or Ctrl-C. After any downtime each missed job runs once."
            " Example: scrapy monitor --live; on cron: scrapy monitor --once."
            " Exit status: 0 ended as asked, 1 with --once a job failed, 2 a mistake in the command or in sources.toml,"
            " 3 the archive cannot be used, 4 another monitor is running on this archive."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Ours beside Scrapy's own."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Monitor")
        group.add_argument("--once", action="store_true", help="run what is due now, then end: for cron")
        group.add_argument("--live", action="store_true", help="show sources, due times, paces and alerts")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Watch."""
        from crawler.config.app import AppConfig
        from schedules.cli.errors import expected_errors, fail

        if args:
            raise UsageError(f"no argument {args[0]!r}; sources.toml says what is watched")
        try:
            config = AppConfig.read(self.settings)
            self.exitcode = self._watch(config, opts)
        except expected_errors() as error:  # with --once: nobody is there to try again
            self.exitcode = fail(error)

    def _watch(self, config: AppConfig, opts: argparse.Namespace) -> int:
        from crawler.config.sources import load_sources
        from crawler.locks import acquire
        from schedules.monitor.job_definitions import available
        from schedules.monitor.monitor import MONITOR_LOCK, Monitor
        from schedules.monitor.scheduler import run, run_once

        load_sources(config.sources_toml)  # its mistakes are told before anything begins
        with acquire(config.locks_dir, [MONITOR_LOCK]) as busy:
            if busy:
                warn(f"process {busy[MONITOR_LOCK]} is the monitor of {config.data_dir}; there can be one")
                return BUSY
            jobs = available(_commands(), with_backup=bool(config.backup_dir))
            lines: deque[str] = deque(maxlen=LINES_SHOWN)
            notify = lines.append if opts.live and not opts.once else _print_line
            monitor = Monitor(config=config, jobs=jobs, notify=notify, settings=_overrides(opts))
            monitor.environ["WIREWATCH_MONITOR"] = str(os.getpid())
            try:
                _ = monitor.store
                if opts.once:
                    return 0 if run_once(monitor) else 1
                with _screen(opts.live, lines) as draw:
                    _notify("READY=1")
                    run(monitor, draw=draw, ready=lambda: _notify("WATCHDOG=1"))
                _notify("STOPPING=1")
                return 0
            finally:
                monitor.close()


def _commands() -> set[str]:
    from pkgutil import iter_modules

    import schedules.commands

    return {module.name for module in iter_modules(schedules.commands.__path__)}


def _overrides(opts: argparse.Namespace) -> tuple[str, ...]:
    """`-s NAME=value` of our own command line, for the children."""
    return tuple(word for pair in opts.set for word in ("-s", pair))


def _print_line(line: str) -> None:
    from crawler.clock import utc_now
    from crawler.sqlite.values import format_utc

    # Under systemd the journal adds the time.
    stamp = "" if "JOURNAL_STREAM" in os.environ else f"{format_utc(utc_now())} "
    print_line(f"{stamp}{line}")


@contextlib.contextmanager
def _screen(live: bool, lines: Sequence[str]) -> Iterator[Callable[[Monitor], None] | None]:
    if not live:
        yield None
        return
    from rich.live import Live

    from schedules.cli.console import Terminal
    from schedules.monitor.dashboard import dashboard

    with Live(console=Terminal(width=80), auto_refresh=False, screen=sys.stdout.isatty()) as screen:
        yield lambda monitor: screen.update(dashboard(monitor, monitor.clock(), lines), refresh=True)


def _notify(state: str) -> None:
    """Tell systemd how we are, where it started us with Type=notify."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifier:
        notifier.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)

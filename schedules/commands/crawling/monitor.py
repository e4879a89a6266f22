"""scrapy monitor: run all jobs on schedule."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.sqlite.values import format_utc
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line, warn
from schedules.cluster.options import add_cluster_options, cluster_settings, with_cluster
from schedules.commands import command_modules

if TYPE_CHECKING:
    from crawler.config.app import AppConfig
    from schedules.monitor.job_definitions import Job
    from schedules.monitor.monitor import Monitor

BUSY = 4
"""Exit status when another monitor is running."""
LINES_SHOWN = 5
"""Log lines at the bottom of the terminal view."""


class Command(WirewatchCommand):
    arguments = "[--once | --live | --jobs]"
    summary = "Run crawls, alerts, digests and checks on schedule"
    description = (
        "Crawl each source when it is due, flag new articles, send digests, check the sources and the archive, make"
        " backups; until SIGTERM or Ctrl-C. After downtime each missed job runs once."
    )
    example = "scrapy monitor --live; on cron: scrapy monitor --once; when each job runs: scrapy monitor --jobs"
    statuses = (
        "0 ended as asked, 1 a job failed (with --once), 2 a mistake in the command or in sources.toml, 3 the archive"
        " cannot be used, 4 another monitor is running on this archive"
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Monitor")
        group.add_argument("--once", action="store_true", help="run what is due now, then end; for cron")
        group.add_argument("--live", action="store_true", help="show sources, due times, publication rates and alerts")
        group.add_argument("--jobs", action="store_true", help="list the jobs with their next and last runs, then end")
        add_cluster_options(parser)

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"unexpected argument {args[0]!r}; the sources are those in sources.toml")
        self.exitcode = _list_jobs(config) if opts.jobs else _monitor_with_cluster(with_cluster(config, opts), opts)


def _monitor_with_cluster(config: AppConfig, opts: argparse.Namespace) -> int:
    """Run the monitor; nodes on this machine (`local:N`) live as long as it, because they take seconds to start."""
    from schedules.cluster.address import cluster_address

    address = cluster_address(config)
    if address is None or not address.local_nodes:
        return _run_monitor(config, opts)
    from schedules.cluster.local_nodes import LocalNodes

    with LocalNodes(address.local_nodes, seconds=config.parse_timeout) as nodes:
        return _run_monitor(replace(config, cluster=nodes.address.url), opts)


def _run_monitor(config: AppConfig, opts: argparse.Namespace) -> int:
    from crawler.config.sources import load_sources
    from crawler.filesystem.locks import MONITOR_LOCK, acquire
    from schedules.monitor.monitor import Monitor

    load_sources(config.sources_toml)  # mistakes are reported before anything starts
    with acquire(config.locks_dir, [MONITOR_LOCK]) as busy:
        if busy:
            warn(f"process {busy[MONITOR_LOCK]} is already the monitor of {config.data_dir}")
            return BUSY
        lines: deque[str] = deque(maxlen=LINES_SHOWN)
        notify = lines.append if opts.live and not opts.once else _print_line
        settings = [word for pair in opts.set for word in ("-s", pair)]
        settings += cluster_settings(config)
        with contextlib.closing(Monitor(config, _jobs(config), notify, settings)) as monitor:
            _ = monitor.archive.store  # an archive that cannot be used is reported before anything starts
            if opts.once:
                return 0 if monitor.run_once() else 1
            with _screen(opts.live, monitor, lines) as draw:
                _notify_systemd("READY=1")
                monitor.run(draw=draw, heartbeat=lambda: _notify_systemd("WATCHDOG=1"))
            _notify_systemd("STOPPING=1")
            return 0


def _jobs(config: AppConfig) -> tuple[Job, ...]:
    from schedules.monitor.job_definitions import available_jobs

    return available_jobs(command_modules(), with_backup=bool(config.backup_dir))


def _list_jobs(config: AppConfig) -> int:
    from crawler.archive.crawl.due import next_poll
    from crawler.archive.monitoring.jobs import job_states
    from schedules.cli.columns import print_columns

    with contextlib.closing(open_reader(config.archive_db)) as db:
        states, polled_next = job_states(db), next_poll(db)
    rows, now = [], utc_now()
    commands = {"crawl": "crawl SOURCE … --due", **{job.name: " ".join(job.command) for job in _jobs(config)}}
    for name, command in commands.items():
        state = states.get(name)
        due_at = polled_next if name == "crawl" else state.due_at if state else None
        next_run = "now" if due_at is None or due_at <= now else format_utc(due_at)
        last_run = format_utc(state.last_started_at) if state and state.last_started_at else "never"
        status = "·" if state is None or state.last_status is None else str(state.last_status)
        rows.append((name, f"scrapy {command}", next_run, last_run, status, state.failures if state else 0))
    headings = ("job", "command", "next run", "last run", "exit status", "failures in a row")
    print_columns(headings, rows, wrapped=())
    return 0


def _print_line(line: str) -> None:
    # The systemd journal adds the time.
    stamp = "" if "JOURNAL_STREAM" in os.environ else f"{format_utc(utc_now())} "
    print_line(f"{stamp}{line}")


@contextlib.contextmanager
def _screen(live: bool, monitor: Monitor, lines: Sequence[str]) -> Iterator[Callable[[], None] | None]:
    if not live:
        yield None
        return
    from rich.live import Live

    from schedules.cli.console import Terminal
    from schedules.monitor.dashboard import dashboard

    with Live(console=Terminal(width=80), auto_refresh=False, screen=sys.stdout.isatty()) as screen:

        def draw() -> None:
            view = dashboard(
                monitor.archive.store.db,
                monitor.files.sources,
                monitor.runner.children,
                now=utc_now(),
                messages=lines,
            )
            screen.update(view, refresh=True)

        yield draw


def _notify_systemd(state: str) -> None:
    """Report a state to systemd if it started the monitor with Type=notify."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifier:
        notifier.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)

"""scrapy worker: read pages for other machines."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal

from scrapy.exceptions import UsageError

from crawler.config.app import AppConfig
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line, warn


class Command(WirewatchCommand):
    arguments = "ADDRESS"
    summary = "Read pages for a command on another machine, as a node of a Dask cluster"
    description = (
        "Connect to a Dask scheduler (`dask scheduler`) and extract the pages that `--cluster ADDRESS` of replay,"
        " reextract, crawl and monitor sends there, in child processes, until SIGTERM or Ctrl-C. It needs no data folder"
        " and no configuration file, and the same version of Wirewatch as the machine with the archive."
    )
    example = "scrapy worker tls://scheduler.example:8786 --certificates /etc/wirewatch/tls"
    statuses = "0 ended as asked, 2 a mistake in the command, or the scheduler cannot be used"

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Node")
        group.add_argument("--processes", type=int, metavar="N", help="pages read at a time (default: one per core)")
        group.add_argument("--certificates", metavar="DIR", help="folder with ca.pem, cert.pem and key.pem, for tls://")
        group.add_argument("--insecure", action="store_true", help="accept tcp:// beyond this machine")
        group.add_argument("-q", "--quiet", action="store_true", help="print errors only")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.workers.pool import WorkerPool, die_with_parent
        from schedules.cluster.address import scheduler_address
        from schedules.cluster.local_nodes import STARTED_BY
        from schedules.cluster.workers import require_dask

        if len(args) != 1:
            raise UsageError("expected the address of a scheduler: scrapy worker tls://scheduler.example:8786")
        if opts.processes is not None and not 1 <= opts.processes <= 1024:
            raise UsageError(f"--processes {opts.processes}: expected a number from 1 to 1024")
        require_dask()
        started_by = os.environ.pop(STARTED_BY, "")
        if started_by.isdigit():
            die_with_parent(int(started_by))
        address = scheduler_address(
            args[0],
            certificates=opts.certificates or config.cluster_certificates,
            insecure=opts.insecure or config.cluster_insecure,
            option="scrapy worker",
        )
        from crawler.config.sources import load_sources
        from crawler.text.dictionaries import build_dictionaries
        from schedules.cluster.node import run_node
        from schedules.cluster.workers import PRELOAD

        slots = opts.processes or config.workers
        sources = load_sources(config.sources_toml) if config.sources_toml.exists() else ()
        build_dictionaries({"en", *(source.language for source in sources if source.language)}, warn)

        async def serve(pool: WorkerPool) -> None:
            stop = asyncio.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            notify = (lambda _: None) if opts.quiet else print_line
            await run_node(address, pool, slots=slots, stop=stop, notify=notify)

        with WorkerPool(processes=slots, seconds=config.parse_timeout, preload=PRELOAD) as pool:
            pool.start()
            asyncio.run(serve(pool))

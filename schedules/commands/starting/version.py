"""`scrapy version`: print the version of Wirewatch and of what it runs on."""

from __future__ import annotations

import argparse
import platform

from crawler.config.app import AppConfig
from crawler.sqlite.connection import sqlite_version
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line


class Command(WirewatchCommand):
    summary = "Print the version of Wirewatch, Scrapy, Python and SQLite"
    description = "Print the versions that a report of a fault should name."
    example = "scrapy version"

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("-v", "--verbose", action="store_true", help="accepted, as by Scrapy; changes nothing")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        from importlib.metadata import version

        print_line(
            f"Wirewatch {version('wirewatch')} (Scrapy {version('scrapy')}, Python {platform.python_version()},"
            f" SQLite {sqlite_version()})"
        )

"""`scrapy init`: create the configuration files of a data folder."""

from __future__ import annotations

import argparse

from scrapy.exceptions import UsageError

from crawler.config.app import AppConfig
from crawler.config.paths import expanded
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line


class Command(WirewatchCommand):
    arguments = "[FOLDER]"
    summary = "Create sources.toml, topics.toml, names.toml and digests.toml from the starter files"
    description = (
        "Copy the starter files (sources.toml, topics.toml, names.toml, digests.toml, metadata.yaml, settings.json) that are"
        " missing in FOLDER, or in the data folder (WIREWATCH_DATA_DIR). Existing files are never overwritten."
    )
    example = "scrapy init"

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.config.starter import write_starter_files

        if len(args) > 1:
            raise UsageError(f"expected one folder at most, got {len(args)}")
        folder = expanded(args[0]) if args else config.data_dir
        for path, is_new in write_starter_files(folder):
            print_line(f"{'created' if is_new else 'kept'} {path}")

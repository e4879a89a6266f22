"""`scrapy init`: create the configuration files of a data folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError


class Command(ScrapyCommand):
    """Copies the starter files that are missing."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Arguments after the command name."""
        return "[FOLDER]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Create sources.toml, topics.toml and digests.toml from the starter files"

    def long_desc(self) -> str:
        """Text for --help."""
        return (
            "Copy the starter files (sources.toml, topics.toml, digests.toml, metadata.yaml, settings.json) that are"
            " missing in FOLDER, or in the data folder (WIREWATCH_DATA_DIR). Existing files are never overwritten."
            " Example: scrapy init"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 -- Scrapy's signature
        """Copy and list the files."""
        from crawler.config.app import AppConfig
        from crawler.config.starter import write_starter_files
        from schedules.cli.errors import expected_errors, fail
        from schedules.cli.output import print_line

        if len(args) > 1:
            raise UsageError(f"expected one folder at most, got {len(args)}")
        try:
            folder = Path(args[0]).expanduser() if args else AppConfig.read(self.settings).data_dir
            for path, is_new in write_starter_files(folder):
                print_line(f"{'created' if is_new else 'kept'} {path}")
        except expected_errors() as error:
            self.exitcode = fail(error)

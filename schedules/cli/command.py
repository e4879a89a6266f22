"""The base class of all commands: help texts, settings, error messages and exit status."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import ClassVar

from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.exceptions import UsageError

from crawler.config.app import AppConfig, data_folder
from crawler.exceptions import ConfigurationError
from schedules.cli.errors import end_with_reader, expected_errors, fail, fail_to_write, interrupted
from schedules.cli.output import warn

NEW_OBJECTS = 10_000
"""New objects after which Python looks for cycles. Its own 700 make reading thousands of sources take a third longer."""


class WirewatchCommand(ScrapyCommand):
    """The base class of Wirewatch's commands. A subclass sets the help texts and implements `options` and `execute`."""

    requires_project = True
    requires_crawler_process = False

    arguments: ClassVar[str] = ""
    """Arguments and main options, as shown after the name of the command."""
    summary: ClassVar[str]
    """One line for the list of commands."""
    description: ClassVar[str]
    """A paragraph for --help."""
    example: ClassVar[str]
    """A command line, shown after "Example:"."""
    statuses: ClassVar[str] = "0 OK, 2 a mistake in the command or in a file, 3 the archive cannot be used"
    """The exit status, as docs/reference/commands.md and --help show it."""
    only_prints: ClassVar[bool] = False
    """Whether the command may end silently when its output is piped into `head`."""

    def syntax(self) -> str:
        """Return the arguments for the usage line."""
        return self.arguments

    def short_desc(self) -> str:
        """Return the line for the list of commands."""
        return self.summary

    def long_desc(self) -> str:
        """Return the text of --help, without the options."""
        return f"{self.description}\nExample: {self.example}\nExit status: {self.statuses}."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of the command, then Scrapy's."""
        parser.formatter_class = _ParagraphFormatter
        self.options(parser)
        super().add_options(parser)

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the settings and run the command; an expected error becomes one line and an exit status."""
        from crawler.config.environment import load_environment

        for argument in args:
            if argument.startswith("-") and len(argument) > 1:
                raise UsageError(f"unknown option {argument}")
        gc.set_threshold(NEW_OBJECTS)
        if sys.stdout is None:  # closed by the caller
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 -- until the process ends
        if self.only_prints:
            end_with_reader()
        config: AppConfig | None = None
        try:
            load_environment(data_folder(self.settings))
            config = AppConfig.read(self.settings)
            self.execute(config, args, opts)
        except ConfigurationError as error:
            self.exitcode = fail(error)
            if config is not None:
                _print_other_mistakes(config, error)
        except expected_errors() as error:
            self.exitcode = fail(error)
        except OSError as error:
            self.exitcode = fail_to_write(error)
        except KeyboardInterrupt:
            self.exitcode = interrupted()

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        """Do the work and set `exitcode` unless it is 0. Raises UsageError and WirewatchError."""
        raise NotImplementedError


def _print_other_mistakes(config: AppConfig, found: ConfigurationError) -> None:
    """Print the mistakes of the other files, after a mistake in one, so that all can be corrected in one round."""
    from crawler.config.all_files import check_files

    if found.path in (config.sources_toml, config.topics_toml, config.digests_toml):
        for error in check_files(config)[1]:
            if error.path != found.path and error.path.exists():
                warn(error)


class _ParagraphFormatter(ScrapyHelpFormatter):
    """Scrapy's help formatter, with each line of a description as its own paragraph."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n\n".join(
            super(_ParagraphFormatter, self)._fill_text(line, width, indent) for line in text.split("\n")
        )

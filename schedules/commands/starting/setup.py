"""`scrapy setup`: configure the first outlet, topic and digest, and send a test mail."""

from __future__ import annotations

import argparse
import sys

from scrapy.exceptions import UsageError

from crawler.clock import utc_now
from crawler.config.app import AppConfig
from schedules.cli.command import WirewatchCommand

SETUP_OPTIONS = (
    ("contact", "ADDRESS", "your mail address or web page, which outlets see in the User-Agent"),
    ("outlet", "URL", "home page of an outlet; its feeds, sitemaps and listings are searched"),
    ("topic", "WORDS", "words or phrases between commas, or the ID of a starter topic"),
    ("recipient", "ADDRESS", "mail address that gets the digest"),
    ("smtp-url", "URL", "mail server: smtps://user:password@mail.example.org?from=wirewatch@example.org"),
    ("at", "TIME", "local time of the digest (default: 07:30)"),
    ("timezone", "NAME", "its time zone, such as Europe/Kyiv (default: that of this machine)"),
)


class Command(WirewatchCommand):
    summary = "Configure outlet, topic, recipient and mail server, from nothing to the first digest"
    description = (
        "Ask for what is not configured yet, or take it from the options; find the outlet's seeds, write its table to"
        " sources.toml, the topic to topics.toml and the digest to digests.toml, send a test mail, and print when the next"
        " digest is sent. Contact and mail server are stored in wirewatch.env in the data folder, which only you can read.\n"
        "It can be repeated: what is there is kept, and another --outlet or --topic is added. Only unedited starter files"
        " are replaced."
    )
    example = "scrapy setup --outlet https://harbour-gazette.example/ --topic 'pier closure, ferry'"
    statuses = (
        "0 OK, 2 a mistake in the command or in a file, the outlet has no seeds, or the test mail was not accepted"
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Setup")
        for name, metavar, explanation in SETUP_OPTIONS:
            group.add_argument(f"--{name}", metavar=metavar, help=explanation)
        group.add_argument("--allow-private", action="store_true", help="allow a private address of the outlet")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        from schedules.setup.steps import run_setup

        if args:
            raise UsageError(f"unexpected argument {args[0]!r}")
        assert self.settings is not None
        given = {name: getattr(opts, name.replace("-", "_")) for name, _, _ in SETUP_OPTIONS}
        prompt = input if sys.stdin.isatty() else None
        run_setup(config, self.settings, given, prompt=prompt, now=utc_now(), allow_private=opts.allow_private)

"""scrapy outbox: messages that wait, and why."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.cli.arguments import parse_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crawler.archive.delivery.outbox import Message
    from crawler.config.app import AppConfig

SENT_SHOWN = 10


class Command(ScrapyCommand):
    """The messages of the outbox."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """After the command's name."""
        return "[--retry ID | --drop ID | --send | --all]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Show the messages that wait to be sent, and why"

    def long_desc(self) -> str:
        """For --help."""
        return (
            "Messages that wait, were given up or dropped, with the reason; --all shows the last sent ones too. --send sends"
            " what is due, as `scrapy digest --send` does, without rendering anything new. --retry ID sends one at the next"
            " occasion, also one that was given up; --drop ID never sends it. Its alerts stay in the archive."
            " Example: scrapy outbox --retry 17."
            " Exit status: 0 nothing went wrong, 1 something was not taken or was given up, 2 a mistake in the command or"
            " a setting."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Ours beside Scrapy's own."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Outbox")
        group.add_argument("--retry", type=parse_ids, metavar="ID", help="send it at the next occasion")
        group.add_argument("--drop", type=parse_ids, metavar="ID", help="never send it")
        group.add_argument("--send", action="store_true", help="send what is due")
        group.add_argument("--all", action="store_true", help="the last sent ones too")
        group.add_argument("--quiet", action="store_true", help="with --send: print nothing but what went wrong")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Dispatch."""
        from crawler.archive.db.open import open_existing, open_reader
        from crawler.archive.delivery import outbox
        from crawler.clock import utc_now
        from crawler.config.app import AppConfig
        from crawler.exceptions import WirewatchError
        from schedules.cli.errors import expected_errors, fail

        if args or sum((opts.retry is not None, opts.drop is not None, opts.send)) > 1:
            raise UsageError("one of --retry ID, --drop ID and --send, or none for the list")
        try:
            config = AppConfig.read(self.settings)
            if opts.send:
                self.exitcode = _send(config, self.settings, utc_now, quiet=opts.quiet)
                return
            if opts.retry is not None or opts.drop is not None:
                db = open_existing(config.archive_db)
                try:
                    changed = outbox.retry(db, opts.retry) if opts.retry is not None else outbox.drop(db, opts.drop)
                finally:
                    db.close()
                if not changed:
                    number = opts.retry if opts.retry is not None else opts.drop
                    raise WirewatchError(f"{number}: no message of that number waits; `scrapy outbox` lists them")
            states = ["waiting", "given_up", "dropped"]
            db = open_reader(config.archive_db)
            try:
                shown = outbox.messages(db, states=states)
                shown += outbox.messages(db, states=["sent"], limit=SENT_SHOWN) if opts.all else []
            finally:
                db.close()
            _show(shown)
            if opts.retry is None and opts.drop is None:
                self.exitcode = int(any(message.state == "given_up" for message in shown))
        except expected_errors() as error:
            self.exitcode = fail(error)


def _send(config: AppConfig, settings: Any, now: Callable[[], datetime], *, quiet: bool) -> int:
    from crawler.archive.db.open import open_archive
    from schedules.commands.digest import print_report
    from schedules.delivery.outbox import send_pending
    from schedules.delivery.smtp import server_from
    from schedules.digest.job import DigestReport, sender_of

    server = server_from(settings)
    db = open_archive(config.archive_db)
    try:
        result = DigestReport(attempts=list(send_pending(db, sender_of(server), now=now, locks=config.locks_dir)))
    finally:
        db.close()
    print_report(result, quiet=quiet)
    return int(result.failed)


def _show(messages: Sequence[Message]) -> None:
    from rich.table import Table

    from schedules.cli.console import Terminal

    console = Terminal()
    if not messages:
        console.print("Nothing waits.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold dim")
    table.add_column("id", justify="right")
    for name in ("state", "to", "subject", "made"):
        table.add_column(name, overflow="fold")
    table.add_column("repair_attempts", justify="right")
    table.add_column("next try, or why not", overflow="fold")
    for message in messages:
        again = f"{message.next_try_at:%d %b %H:%M} UTC" if message.state == "waiting" and message.next_try_at else ""
        table.add_row(
            str(message.id),
            message.state.replace("_", " "),
            message.recipient,
            message.subject,
            f"{message.created_at:%d %b %H:%M}",
            str(message.attempts),
            "; ".join(part for part in (again, message.error) if part) or "now" * (message.state == "waiting"),
        )
    console.print(table)

"""scrapy outbox: show, retry and drop messages that were not sent."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_archive, open_existing, open_reader
from crawler.clock import utc_now
from crawler.exceptions import WirewatchError
from schedules.cli.arguments import parse_ids
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.archive.delivery.outbox import Message
    from crawler.config.app import AppConfig

SENT_SHOWN = 10


class Command(WirewatchCommand):
    arguments = "[--retry ID | --drop ID | --send | --all]"
    summary = "Show the messages that were not sent, and why"
    description = (
        "List the messages that wait, were given up or were dropped, with the reason; --all includes the latest sent"
        " ones. --send sends what is due, as `scrapy digest --send` does, without rendering new digests. --retry ID"
        " sends a message at the next run, even if it was given up; --drop ID never sends it. Its alerts stay in the"
        " archive."
    )
    example = "scrapy outbox --retry 17"
    statuses = (
        "0 success, 1 a message was not accepted or was given up, 2 a mistake in a setting or the command, 3 the"
        " archive cannot be used"
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Outbox")
        group.add_argument("--retry", type=parse_ids, metavar="ID", help="send it at the next run")
        group.add_argument("--drop", type=parse_ids, metavar="ID", help="never send it")
        group.add_argument("--send", action="store_true", help="send what is due")
        group.add_argument("--all", action="store_true", help="include the latest sent messages")
        group.add_argument("--quiet", action="store_true", help="with --send: print errors only")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if args or sum((opts.retry is not None, opts.drop is not None, opts.send)) > 1:
            raise UsageError("use one of --retry ID, --drop ID and --send, or none of them for the list")
        if opts.send:
            self.exitcode = _send(config, self.settings, quiet=opts.quiet)
            return
        is_change = opts.retry is not None or opts.drop is not None
        if is_change:
            _change(config, opts)
        messages = _messages(config, sent=opts.all)
        _show(messages)
        self.exitcode = int(not is_change and any(message.state == "given_up" for message in messages))


def _change(config: AppConfig, opts: argparse.Namespace) -> None:
    from crawler.archive.delivery import outbox

    with contextlib.closing(open_existing(config.archive_db)) as db:
        changed = outbox.retry(db, opts.retry) if opts.retry is not None else outbox.drop(db, opts.drop)
    if not changed:
        number = opts.retry if opts.retry is not None else opts.drop
        raise WirewatchError(f"{number}: no unsent message has this ID; `scrapy outbox` lists them")


def _messages(config: AppConfig, *, sent: bool) -> list[Message]:
    from crawler.archive.delivery import outbox

    with contextlib.closing(open_reader(config.archive_db)) as db:
        found = outbox.messages(db, states=["waiting", "given_up", "dropped"])
        return found + (outbox.messages(db, states=["sent"], limit=SENT_SHOWN) if sent else [])


def _send(config: AppConfig, settings: Any, *, quiet: bool) -> int:
    from schedules.commands.alerting.digest import print_digest_report
    from schedules.digest.job import DigestReport, send_waiting

    with contextlib.closing(open_archive(config.archive_db)) as db:
        report = DigestReport(attempts=send_waiting(db, config, settings, now=utc_now))
    print_digest_report(report, quiet=quiet)
    return int(report.failed)


def _show(messages: Sequence[Message]) -> None:
    from schedules.cli.columns import print_columns

    if not messages:
        print_line("The outbox is empty.")
        return
    headings = ("id", "state", "recipient", "subject", "created", "attempts", "next attempt, last error")
    rows = [
        (
            message.id, message.state.replace("_", " "), message.recipient, message.subject,
            f"{message.created_at:%d %b %H:%M}", message.attempts, _outlook(message),
        )
        for message in messages
    ]  # fmt: skip
    print_columns(headings, rows, right={"id", "attempts"})


def _outlook(message: Message) -> str:
    """When it is sent again, and the last error."""
    again = f"{message.next_try_at:%d %b %H:%M} UTC" if message.state == "waiting" and message.next_try_at else ""
    return "; ".join(filter(None, (again, message.error))) or ("now" if message.state == "waiting" else "")

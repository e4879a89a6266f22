"""scrapy digest: show, preview and send digests."""

from __future__ import annotations

import argparse
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_archive, open_reader
from crawler.clock import utc_now
from crawler.config.paths import expanded
from crawler.exceptions import ConfigurationError
from schedules.cli.arguments import since_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.idle import idle_state
from schedules.cli.output import print_line, warn
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.config.app import AppConfig
    from crawler.config.digests import Digest
    from schedules.digest.job import DigestReport

SAMPLE_SINCE = "1d"
NOTHING_DUE = "No digest is due."


class Command(WirewatchCommand):
    arguments = "[DIGEST ...]"
    summary = "Show, preview or send the digests of alerts"
    description = (
        "Without an option: list the digests of digests.toml with their recipients, next time and waiting alerts.\n"
        "--preview writes the next mail as HTML and text and sends nothing; with --sample it contains all alerts since"
        " --since, also those already sent.\n"
        "--send renders the digests that are due, sends waiting messages and writes the feeds. Run it every few minutes;"
        " each digest is sent once. --send --to ADDRESS sends a sample now and changes nothing in the archive.\n"
        "The mail server is set with WIREWATCH_SMTP_URL in the environment, or with Scrapy's MAIL_ settings."
    )
    example = "scrapy digest --preview --sample --since 7d"
    statuses = (
        "0 success, 1 a message was not accepted, 2 a mistake in a file, a setting or the command, 3 the archive"
        " cannot be used"
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Digests")
        group.add_argument(
            "--preview",
            nargs="?",
            const="",
            metavar="FOLDER",
            help="write the next mail to this folder (default: preview in the data folder)",
        )
        group.add_argument("--sample", action="store_true", help="with --preview: all alerts since --since")
        group.add_argument(
            "--send", action="store_true", help="render the digests that are due and send waiting messages"
        )
        group.add_argument("--to", metavar="ADDRESS", help="with --send: send a sample to this address now")
        group.add_argument(
            "--since",
            metavar="DATE",
            help="with --sample or --to: alerts created since then, 2026-11-01 or 7d (default: 1d)",
        )
        group.add_argument("--quiet", action="store_true", help="print errors only, for cron")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        _check_options(args, opts)
        if opts.preview is not None:
            _preview(config, args, opts)
        elif opts.to:
            self.exitcode = _send_sample(config, self.settings, args, opts)
        elif opts.send:
            self.exitcode = _send(config, self.settings, quiet=opts.quiet)
        else:
            _show(config, args)


def _check_options(args: Sequence[str], opts: argparse.Namespace) -> None:
    if opts.preview is not None and opts.send:
        raise UsageError("--preview and --send exclude each other")
    if opts.to and not opts.send:
        raise UsageError("--to needs --send")
    if opts.to == "":
        raise UsageError("--to: write an address")
    if opts.sample and opts.preview is None:
        raise UsageError("--sample needs --preview")
    if opts.since and not opts.sample and not opts.to:
        raise UsageError("--since needs --preview --sample, or --to")
    if args and opts.send and not opts.to:
        raise UsageError("--send sends all digests; name digests with --preview or --to only")


# --- The list -------------------------------------------------------------------------------------------------------


def _show(config: AppConfig, names: Sequence[str]) -> None:
    from crawler.archive.delivery import recipients
    from schedules.cli.columns import print_columns
    from schedules.digest.job import digests_named

    digests = digests_named(config, names)
    if not digests:
        print_line(f"No digests: add one to {config.digests_toml}. `scrapy digest --preview` shows a sample.")
        return
    rows = []
    with contextlib.closing(open_reader(config.archive_db)) as db:
        unsubscribed = recipients.unsubscribed_recipients(db)
        for digest in digests:
            for recipient in digest.destinations or (digest.feed or "",):
                if (digest.id, recipient) in unsubscribed:
                    rows.append((digest.id, recipient, "never: unsubscribed", "·"))
                    continue
                waiting = len(recipients.waiting_alerts(db, digest.id, recipient))
                rows.append((digest.id, recipient, _next(digest, utc_now()), str(waiting or "·")))
        known = {
            (digest.id, one)
            for digest in digests_named(config, ())
            for one in (*digest.destinations, digest.feed or "")
        }
        for digest_id, recipient, waiting in recipients.deliveries_without_recipient(db, known):
            rows.append((digest_id, recipient, "never: removed from digests.toml", str(waiting)))
    print_columns(("digest", "recipient", "next", "waiting"), rows, right={"waiting"})


def _next(digest: Digest, now: datetime) -> str:
    from schedules.delivery.periods import next_end

    if not digest.enabled:
        return "off"
    if digest.immediate:
        return "immediate"
    at = next_end(digest, now=now)
    return f"{at.astimezone(ZoneInfo(digest.timezone)):%a %d %b %H:%M}" if at is not None else "·"


# --- Previews and samples -------------------------------------------------------------------------------------------


def _preview(config: AppConfig, names: Sequence[str], opts: argparse.Namespace) -> None:
    from schedules.delivery.outbox import next_messages
    from schedules.digest.job import SAMPLE, digests_named, group_by_content, sample, write_preview

    folder = _folder(config, opts.preview)
    now = utc_now()
    digests = digests_named(config, names)
    is_sample = opts.sample
    if not is_sample and not any(digest.enabled and digest.destinations for digest in digests):
        print_line("No digest is enabled and has recipients; this is a sample of the last day.")
        is_sample = True
    with contextlib.closing(open_reader(config.archive_db)) as db:
        for digest in digests or [SAMPLE]:
            if is_sample:
                groups = [[sample(db, config, digest, _since(opts, now), now)]]
            else:
                groups = group_by_content(next_messages(db, digest, now=now))
            for number, group in enumerate(groups, 1):
                name = f"{digest.id}-{number}" if number > 1 else digest.id
                subject, paths = write_preview(db, folder, name, group, now)
                heading = name if is_sample else f"{name} for {', '.join(one.recipient for one in group)}"
                print_line(f"{heading}: {subject}", *(f"  {path}" for path in paths))
            if not groups:
                print_line(f"{digest.id}: no alert is waiting, so no mail is due (--sample shows an example)")


def _folder(config: AppConfig, written: str) -> Path:
    """Return the folder for previews. Raises UsageError if it is the name of a digest: the order is wrong."""
    from schedules.digest.job import digests_of

    if not written:
        return config.data_dir / "preview"
    if config.digests_toml.exists() and written in {digest.id for digest in digests_of(config)}:
        raise UsageError(
            f"{written} is a digest: write `scrapy digest {written} --preview`, or ./{written} for a folder of that name"
        )
    return expanded(written)


def _since(opts: argparse.Namespace, now: datetime) -> datetime:
    return since_option(opts.since or SAMPLE_SINCE, now)


def _send_sample(config: AppConfig, settings: Any, names: Sequence[str], opts: argparse.Namespace) -> int:
    from crawler.config.digests import ADDRESS
    from schedules.delivery.mail_server import server_from
    from schedules.delivery.mime import SendError, build
    from schedules.delivery.outbox import message_id_of
    from schedules.delivery.smtp import send
    from schedules.digest.job import SAMPLE, digests_named, render_digest, sample

    if ADDRESS.fullmatch(opts.to) is None:
        raise ConfigurationError("--to", [f"{opts.to!r} is not a mail address; write one such as desk@example.org"])
    server = server_from(settings)
    now, failed = utc_now(), 0
    with contextlib.closing(open_reader(config.archive_db)) as db:
        for digest in digests_named(config, names) or [SAMPLE]:
            rendered = render_digest(db, sample(db, config, digest, _since(opts, now), now), now)
            message_id = message_id_of(digest.id, opts.to, now.isoformat(), server.sender)
            content = build(
                sender=server.sender, recipient=opts.to, subject=rendered.subject, text=rendered.text, html=rendered.html,
                message_id=message_id, digest=digest.id, at=now, reply_to=digest.reply_to,
            )  # fmt: skip
            try:
                send(server, opts.to, content)
            except SendError as error:
                warn(f"{opts.to}: {error}; {digest.id} was not sent and is not retried")
                failed += 1
            else:
                print_line(f"{digest.id}: sent to {opts.to}: {rendered.subject}")
    return int(failed > 0)


# --- Sending --------------------------------------------------------------------------------------------------------


def _send(config: AppConfig, settings: Any, *, quiet: bool) -> int:
    if idle_state(config, "digest", utc_now()) is not None:
        if not quiet:
            print_line(NOTHING_DUE)
        return _ping_dead_mans_switch()
    from crawler.archive.delivery.outbox import is_drained, undelivered
    from schedules.digest.job import send_due

    with contextlib.closing(open_archive(config.archive_db)) as db:
        report = send_due(db, config, settings, now=utc_now)
        drained, faults = is_drained(db), undelivered(db)
    print_digest_report(report, quiet=quiet)
    if report.failed:
        return 1
    if waiting := [(error, number) for state, error, number in faults if state == "waiting"]:
        for error, number in waiting:
            warn(f"{count_phrase(number, 'message')} waiting: {error} (`scrapy outbox`)")
        return 1
    return _ping_dead_mans_switch() if drained else 0


def _ping_dead_mans_switch() -> int:
    """Request the URL of the dead man's switch after every message was accepted."""
    from schedules.delivery.channels import DEADMAN, ping_dead_mans_switch

    url = os.environ.get(DEADMAN, "").strip()
    if not url:
        return 0
    error = ping_dead_mans_switch(url)
    if error is not None:
        warn(error)
    return int(error is not None)


def print_digest_report(report: DigestReport, *, quiet: bool) -> None:
    """Print what was sent; errors go to stderr."""
    for mistake in report.mistakes:
        warn(mistake)
    for attempt in report.attempts:
        if attempt.error is not None:
            then = "given up" if attempt.state == "given_up" else "will be retried"
            warn(f"{attempt.message.recipient}: {attempt.error}; {then} (`scrapy outbox`)")
        elif not quiet:
            print_line(f"sent to {attempt.message.recipient}: {attempt.message.subject}")
    if not quiet and not report.attempts and not report.mistakes:
        print_line(NOTHING_DUE)

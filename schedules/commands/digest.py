"""scrapy digest: what is to be told, as mails: looked at, sent."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.cli.output import print_line, warn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.config.app import AppConfig
    from crawler.config.digests import Digest
    from crawler.sqlite.connection import Connection
    from schedules.digest.job import DigestReport

DEADMAN = "WIREWATCH_DEADMAN_URL"
PREVIEW_SINCE = "1d"


class Command(ScrapyCommand):
    """Digests: state, preview, sending."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """After the command's name."""
        return "[DIGEST ...]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Show, preview or send the digests of what was flagged"

    def long_desc(self) -> str:
        """For --help."""
        return (
            "Without an option: each digest of digests.toml, what waits for it and when it goes out. --preview writes it as"
            " HTML and text into a folder (data/preview) and sends nothing. --send renders what is due, sends what waits and"
            " writes the feeds; run it every few minutes, a digest goes out once whatever happens. --send --to ADDRESS sends"
            " a digest to that address now, beside what is due and without marking anything as told."
            " The server: MAIL_HOST and Scrapy's other MAIL_ settings, or WIREWATCH_SMTP_URL in the environment."
            " Example: scrapy digest --preview --since 7d."
            " Exit status: 0 all well, 1 something was not taken and is tried again, 2 a mistake in a file or in the command,"
            " 3 the archive cannot be used."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Ours beside Scrapy's own."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Digests")
        group.add_argument(
            "--preview", nargs="?", const="", metavar="FOLDER", help="write HTML and text there, send nothing"
        )
        group.add_argument("--send", action="store_true", help="render what is due, send what waits")
        group.add_argument("--to", metavar="ADDRESS", help="with --send: to this address, now")
        group.add_argument("--since", metavar="DATE", help="with --preview or --to: alerts made since then (1d)")
        group.add_argument("--quiet", action="store_true", help="print nothing but what went wrong, for cron")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Dispatch."""
        from crawler.config.app import AppConfig
        from schedules.cli.errors import expected_errors, fail

        if opts.preview is not None and opts.send:
            raise UsageError("--preview and --send: one of the two")
        if opts.to and not opts.send:
            raise UsageError("--to needs --send")
        if opts.to == "":
            raise UsageError("--to: say to which address")
        if opts.since and opts.preview is None and not opts.to:
            raise UsageError("--since goes with --preview or --to")
        try:
            config = AppConfig.read(self.settings)
            if opts.preview is not None:
                _preview(config, args, opts)
            elif opts.to:
                self.exitcode = _send_to(config, self.settings, args, opts)
            elif opts.send:
                if args:
                    raise UsageError("--send looks at all digests; name some with --preview or --to")
                self.exitcode = _send(config, self.settings, quiet=opts.quiet)
            else:
                _show(config, args)
        except expected_errors() as error:
            self.exitcode = fail(error)


def _chosen(config: AppConfig, names: Sequence[str]) -> list[Digest]:
    from crawler.exceptions import ConfigurationError
    from crawler.text.suggestions import did_you_mean
    from schedules.digest.job import digests_of

    digests = {digest.id: digest for digest in digests_of(config)}
    for name in names:
        if name not in digests:
            raise ConfigurationError(config.digests_toml, [f"there is no digest {name!r}{did_you_mean(name, digests)}"])
    return [digests[name] for name in names] or list(digests.values())


def _show(config: AppConfig, names: Sequence[str]) -> None:
    from rich.table import Table

    from crawler.archive.db.open import open_reader
    from crawler.archive.delivery import outbox
    from crawler.clock import utc_now
    from schedules.cli.console import Terminal
    from schedules.delivery.periods import next_end

    console = Terminal()
    digests = _chosen(config, names)
    if not digests:
        console.print(
            f"No digests yet: {config.digests_toml} says who is told when; `scrapy digest --preview` shows one."
        )
        return
    table = Table(box=None, pad_edge=False, header_style="bold dim")
    for name in ("digest", "goes to", "next", "waiting"):
        table.add_column(name, justify="right" if name == "waiting" else "left")
    db = open_reader(config.archive_db)
    try:
        for digest in digests:
            for addressee in digest.destinations or (digest.feed or "",):
                waiting = len(outbox.waiting_alerts(db, digest.id, addressee))
                table.add_row(digest.id, addressee, _next(digest, utc_now(), next_end), str(waiting or "·"))
        readers = {
            (digest.id, one) for digest in _chosen(config, ()) for one in (*digest.destinations, digest.feed or "")
        }
        for digest_id, addressee, number in outbox.deliveries_without_recipient(db, readers):
            table.add_row(digest_id, addressee, "never: not in digests.toml any more", str(number))
    finally:
        db.close()
    console.print(table)


def _next(digest: Digest, now: datetime, next_end: Any) -> str:
    from zoneinfo import ZoneInfo

    if not digest.enabled:
        return "off"
    if digest.immediate:
        return "at once"
    at = next_end(digest, now=now)
    return f"{at.astimezone(ZoneInfo(digest.timezone)):%a %d %b %H:%M}" if at is not None else "·"


def _preview(config: AppConfig, names: Sequence[str], opts: argparse.Namespace) -> None:
    from crawler.archive.db.open import open_reader
    from crawler.clock import utc_now
    from crawler.exceptions import WirewatchError
    from schedules.delivery.channels import write_whole
    from schedules.digest.job import EVERYTHING

    folder = _folder(config, opts.preview)
    db = open_reader(config.archive_db)
    try:
        for digest in _chosen(config, names) or [EVERYTHING]:
            subject, text, html = _rendered(db, digest, opts.since, utc_now())
            try:
                for ending, content in (("html", html), ("txt", f"{subject}\n\n{text}")):
                    write_whole(folder / f"{digest.id}.{ending}", content)
            except OSError as error:
                raise WirewatchError(f"{folder}: cannot hold the preview ({error.strerror}); name a folder") from error
            print_line(f"{digest.id}: {subject}\n  {folder / digest.id}.html\n  {folder / digest.id}.txt")
    finally:
        db.close()


def _folder(config: AppConfig, written: str) -> Path:
    """Where previews go. A digest's name behind --preview is no folder: that digest was meant."""
    from schedules.digest.job import digests_of

    if not written:
        return config.data_dir / "preview"
    if config.digests_toml.exists() and written in {digest.id for digest in digests_of(config)}:
        raise UsageError(
            f"{written} is a digest: `scrapy digest {written} --preview`; a folder of that name is ./{written}"
        )
    return Path(written).expanduser()


def _rendered(db: Connection, digest: Digest, since: str | None, now: datetime) -> tuple[str, str, str]:
    from schedules.cli.time_arguments import since_option
    from schedules.digest.job import alerts_since, render_digest

    begins = since_option(since or PREVIEW_SINCE, now)
    return render_digest(db, digest, alerts_since(db, digest, begins), begins, now, False)


def _send_to(config: AppConfig, settings: Any, names: Sequence[str], opts: argparse.Namespace) -> int:
    from crawler.archive.db.open import open_reader
    from crawler.clock import utc_now
    from crawler.exceptions import ConfigurationError
    from schedules.delivery.mime import SendError, build, is_address
    from schedules.delivery.outbox import message_id_of
    from schedules.delivery.smtp import send, server_from
    from schedules.digest.job import EVERYTHING

    if not is_address(opts.to):
        raise ConfigurationError("--to", [f"{opts.to!r} is no mail address; write one such as desk@example.org"])
    server = server_from(settings)
    now, failed = utc_now(), 0
    db = open_reader(config.archive_db)
    try:
        for digest in _chosen(config, names) or [EVERYTHING]:
            subject, text, html = _rendered(db, digest, opts.since, now)
            content = build(
                sender=server.sender,
                recipient=opts.to,
                subject=subject,
                text=text,
                html=html,
                message_id=message_id_of(digest.id, opts.to, now.isoformat(), server.sender),
                digest=digest.id,
                at=now,
            )
            try:
                send(server, opts.to, content)
            except SendError as error:
                warn(f"{opts.to}: {error}; {digest.id} was not sent, and is not tried again")
                failed += 1
                continue
            print_line(f"{digest.id}: sent to {opts.to}: {subject}")
    finally:
        db.close()
    return int(failed > 0)


def _send(config: AppConfig, settings: Any, *, quiet: bool) -> int:
    from crawler.archive.db.open import open_archive
    from crawler.archive.delivery.outbox import is_drained
    from crawler.clock import utc_now
    from schedules.digest.job import send_due

    db = open_archive(config.archive_db)
    try:
        result = send_due(db, config, settings, now=utc_now)
        drained = is_drained(db)
    finally:
        db.close()
    print_report(result, quiet=quiet)
    if result.failed:
        return 1
    return _ping_deadman() if drained else 0


def _ping_deadman() -> int:
    """Everything was taken, and nothing waits for another attempt: say so to whoever wants to hear it."""
    url = os.environ.get(DEADMAN, "")
    if not url:
        return 0
    from schedules.delivery.channels import still_alive

    error = still_alive(url)
    if error is not None:
        warn(error)
    return int(error is not None)


def print_report(result: DigestReport, *, quiet: bool) -> None:
    """What was made and sent; what went wrong goes to stderr."""
    for mistake in result.mistakes:
        warn(mistake)
    for attempt in result.attempts:
        if attempt.error is not None:
            then = "given up" if attempt.state == "given_up" else "tried again later"
            warn(f"{attempt.message.recipient}: {attempt.error}; {then} (`scrapy outbox`)")
        elif not quiet:
            print_line(f"sent to {attempt.message.recipient}: {attempt.message.subject}")
    if not quiet and not result.attempts and not result.mistakes:
        print_line("Nothing is due.")

"""scrapy mute: keep stories and topics out of digests for a while."""

from __future__ import annotations

import argparse
import contextlib
import re
from datetime import datetime
from typing import Any

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_existing
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.sqlite.connection import Connection
from schedules.cli.arguments import until_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_json, print_line, warn

_TARGET = re.compile(r"(story):([0-9]{1,18})|(topic):([a-z0-9-]{1,200})")


class Command(WirewatchCommand):
    arguments = "[story:ID | topic:ID ...]"
    summary = "Keep the alerts of a story or topic out of digests for a while"
    description = (
        "Mute stories and topics until a time, or list what is muted. Digests leave out the alerts of muted stories and"
        " topics and count them in one line; the archive keeps them, and its pages show them as muted."
    )
    example = "scrapy mute story:12 topic:ceasefire-talks --for 3d"
    statuses = "0 OK, 1 --undo: not muted, 2 a mistake in the command, 3 the archive cannot be used"

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Mute")
        group.add_argument("--for", dest="lasting", metavar="DURATION", help="how long: 12h, 3d, 2w")
        group.add_argument("--until", metavar="TIME", help="until when, in UTC: 2027-01-01 or 2027-01-01T14:00")
        group.add_argument("--undo", action="store_true", help="report these stories and topics again")
        group.add_argument("--list", action="store_true", help="list what is muted, also without arguments")
        group.add_argument("--json", action="store_true", help="print the list as JSON")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        targets = [_target(written) for written in args]
        given = [name for name in ("lasting", "until", "undo") if getattr(opts, name)]
        if not targets and given:
            raise UsageError("name what to mute: scrapy mute story:12 --for 3d")
        if targets and (len(given) != 1 or opts.list):
            raise UsageError("give one of --for 3d, --until 2027-01-01 and --undo with stories and topics")
        with contextlib.closing(open_existing(config.archive_db)) as db:
            if targets:
                self.exitcode = _undo(db, targets) if opts.undo else _mute(db, targets, opts, utc_now())
            else:
                _list(db, utc_now(), as_json=opts.json)


def _target(written: str) -> tuple[Any, str]:
    found = _TARGET.fullmatch(written)
    if found is None:
        raise UsageError(f"{written[:60]!r}: write story:12 or topic:troop-deployments")
    return found[1] or found[3], found[2] or found[4]


def _mute(db: Connection, targets: list[tuple[Any, str]], opts: argparse.Namespace, now: datetime) -> int:
    from crawler.archive.desk.mutes import mute

    option = "--until" if opts.until else "--for"
    until = until_option(opts.until or opts.lasting, now, option=option)
    for kind, target in targets:
        one = mute(db, kind, target, until=until, now=now)
        print_line(f"{one.name} ({one.title or 'no title'}): muted until {until:%Y-%m-%d %H:%M} UTC")
    return 0


def _undo(db: Connection, targets: list[tuple[Any, str]]) -> int:
    from crawler.archive.desk.mutes import unmute

    missing = [f"{kind}:{target}" for kind, target in targets if not unmute(db, kind, target)]
    for name in missing:
        warn(f"{name} is not muted; `scrapy mute --list` shows what is")
    return 1 if missing else 0


def _list(db: Connection, now: datetime, *, as_json: bool) -> None:
    from crawler.archive.desk.mutes import active_mutes

    found = active_mutes(db, now)
    if as_json:
        print_json(found)
        return
    for one in found:
        print_line(f"{one.name} ({one.title or 'no title'}): muted until {one.until_at:%Y-%m-%d %H:%M} UTC")
    if not found:
        print_line("Nothing is muted.")

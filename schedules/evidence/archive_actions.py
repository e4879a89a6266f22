"""The actions `roots` and `prove` of `scrapy archive`."""

from __future__ import annotations

import argparse
import contextlib

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_existing, open_reader
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.config.paths import expanded
from schedules.cli.arguments import parse_id
from schedules.cli.output import print_json, print_line, warn
from schedules.formatting.plain_text import count_phrase


def evidence_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of both actions."""
    prove = parser.add_argument_group(title="prove")
    prove.add_argument("--kind", choices=("revision", "page", "alert"), default="revision", help="what ID is")
    prove.add_argument(
        "--against", default="", metavar="MAIL.eml|ROOT", help="verify with the root in a mail, or a root"
    )
    prove.add_argument("--wacz", default="", metavar="FILE", help="verify an evidence file; needs no archive")
    prove.add_argument("--json", action="store_true", help="print the proof, or the roots, as JSON")


def roots(config: AppConfig, _: list[str], opts: argparse.Namespace) -> int:
    """Record the root of the last complete day, have it time-stamped, and list all roots."""
    from crawler.archive.evidence.daily_roots import daily_roots, record_daily_root, root_line
    from crawler.archive.evidence.leaves import tombstones
    from crawler.archive.evidence.root_timestamps import root_timestamps
    from schedules.evidence.timestamps import stamp_new_roots, timestamp_services

    with contextlib.closing(open_existing(config.archive_db)) as db:
        record_daily_root(db, now=utc_now())
        failures = list(stamp_new_roots(db, timestamp_services(config), now=utc_now()))
        found, removed = daily_roots(db), tombstones(db)
        stamps = root_timestamps(db)
    hosts = {root.day: [one.host for one in stamps if one.day == root.day] for root in found}
    if opts.json:
        print_json(
            [
                {
                    "day": root.day,
                    "root": root.root,
                    **root.counts,
                    "created_at": root.created_at,
                    "time_stamped_by": hosts[root.day],
                }
                for root in found
            ]
        )
    else:
        for root in found:
            counts = ", ".join(count_phrase(number, kind) for kind, number in root.counts.items())
            stamped = f", time-stamped by {', '.join(hosts[root.day])}" if hosts[root.day] else ""
            print_line(f"{root_line(root)}  {counts}{stamped}")
        for one in removed:
            print_line(f"removed on {one.removed_at[:10]}: {one.kind} {one.row_id}: {one.reason}")
        if not found:
            print_line("No root yet: the first is computed when a day with stored pages has ended (UTC).")
    if failures:
        warn(*failures)
    return 1 if failures else 0


def prove(config: AppConfig, args: list[str], opts: argparse.Namespace) -> int:
    """Show the path from a row to a root, or verify an evidence file."""
    from crawler.evidence.verify_pack import VerificationError

    if bool(opts.wacz) == bool(args):
        raise UsageError("give the ID of a revision, or --wacz FILE: scrapy archive prove 12 --against digest.eml")
    try:
        if opts.wacz:
            from schedules.evidence.proof_text import pack_lines

            for line in pack_lines(expanded(opts.wacz), opts.against):
                print_line(line)
            if not opts.against:
                print_line("Verified within itself; --against MAIL.eml|ROOT verifies the date, too.")
            return 0
        return _prove_row(config, args[0], opts)
    except VerificationError as error:
        warn(f"not verified: {error}")
        return 1


def _prove_row(config: AppConfig, written: str, opts: argparse.Namespace) -> int:
    from schedules.evidence.proof_text import proof_lines, proof_of

    row_id = parse_id(written)
    if row_id is None:
        raise UsageError(f"invalid ID {written[:30]!r}: expected a positive integer")
    with contextlib.closing(open_reader(config.archive_db)) as db:
        prover, proof = proof_of(db, config.warc_dir, opts.kind, row_id)
        lines = list(proof_lines(prover, proof, opts.against))
        document = prover.document([proof], [])
    if opts.json:
        print_json(document)
    else:
        print_line(*lines)
    return 0

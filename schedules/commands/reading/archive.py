"""scrapy archive: check, back up, export, describe or prove the archive."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_existing, open_reader
from crawler.archive.monitoring.idle import checkpoint, save_checkpoint
from crawler.clock import utc_now
from crawler.config.paths import expanded
from crawler.sqlite.connection import transaction
from crawler.text.suggestions import did_you_mean
from schedules.cli.arguments import since_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.errors import end_with_reader, file_errors
from schedules.cli.output import draw_progress, print_line, warn, write_data
from schedules.evidence.archive_actions import evidence_options, prove, roots
from schedules.formatting.plain_text import count_phrase
from schedules.retention.copy_commands import merge_action, parquet_action, restore_action, run_backup

if TYPE_CHECKING:
    from crawler.archive.maintenance.export import Format, What
    from crawler.config.app import AppConfig

WITH_ARGUMENT = ("backup", "restore", "export", "forget", "prove")
DELETIONS = "schedules.retention.deletion_commands"
"""Imported when one of its actions runs."""
FAULTS_SHOWN = 20
"""Damaged rows that a backup or an export lists; the others are only counted."""


class Command(WirewatchCommand):
    arguments = (
        "check | backup FOLDER | restore FOLDER | export [FILE] | merge FOLDER... | forget [URL | ARTICLE_ID] | prune | size"
        " | schema | roots | prove ID"
    )
    summary = "Check, back up, export or describe the archive, and prove what it stored when"
    description = (
        "check: verify the database file, foreign keys, the SHA-256 of every text, row and raw page, each raw page against"
        " its WARC record, and the full-text index. With --daily, as the monitor does it, only what is new and a seventh of"
        " the rest; the output says which.\n"
        "backup FOLDER: write a consistent copy of the archive and the configuration files; crawls may go on. WARC files that"
        " the newest backup next to FOLDER has already are linked to it.\n"
        "restore FOLDER: verify a backup and copy it into the data folder, which must have no archive.\n"
        "export [FILE]: write articles or versions as NDJSON or CSV, to standard output without FILE; with --parquet DIR,"
        " articles, versions, alerts, stories and polls as Parquet files by month, for DuckDB, pandas and Spark.\n"
        "merge FOLDER...: copy the archives of other data folders into this one: sources, seeds, polls, links, articles with all"
        " versions and raw pages, alerts, judgements, gaps, problems, mutes and saved searches. Stories are assigned anew."
        " A merge that was interrupted continues, and a later one copies what is new.\n"
        "forget URL | ARTICLE_ID: remove one article everywhere, and keep it from being stored again; without an argument,"
        " finish a removal that was interrupted.\n"
        "prune: delete what is older than the times set by WIREWATCH_KEEP_…, by keep_… of a source and by keep_alerted of a"
        " topic; the monitor does it daily.\n"
        "size: print how many megabytes each source takes, by kind, and how many a year adds.\n"
        "schema: print every table and column with its explanation, in Markdown."
    )
    example = "scrapy archive export --since 2026-03-01 --format csv articles.csv"

    def options(self, parser: argparse.ArgumentParser) -> None:
        check = parser.add_argument_group(title="check")
        check.add_argument(
            "--quick", action="store_true", help="do not check the raw pages, which take most of the time"
        )
        check.add_argument(
            "--daily",
            action="store_true",
            help="check what is new and a seventh of the rest, raw pages included: the whole archive in seven runs",
        )
        backup = parser.add_argument_group(title="backup")
        backup.add_argument(
            "--public",
            action="store_true",
            help="leave out recipients, messages, passwords and local paths",
        )
        backup.add_argument(
            "--keep",
            type=int,
            default=0,
            metavar="N",
            help="then delete all but the newest N backups whose names differ in digits only",
        )
        restoring = parser.add_argument_group(title="restore")
        restoring.add_argument("--to", metavar="FOLDER", help="restore into this folder (default: the data folder)")
        evidence_options(parser)
        export = parser.add_argument_group(title="export")
        export.add_argument("--format", choices=("ndjson", "csv"), help="default: by the extension of FILE, or ndjson")
        export.add_argument(
            "--parquet", metavar="DIR", help="write a new folder of Parquet files (needs the extra parquet)"
        )
        export.add_argument("--revisions", action="store_true", help="export all versions, not only the current ones")
        export.add_argument(
            "--source", action="append", default=[], metavar="ID", help="export only this source; may be repeated"
        )
        export.add_argument(
            "--since",
            metavar="DATE",
            help="export only what was first seen since then: 2026-03-01, 2026-03-01T06:00Z or 7d (UTC)",
        )

        deleting = parser.add_argument_group(title="forget and prune")
        deleting.add_argument("--dry-run", action="store_true", help="only print what would be removed")
        deleting.add_argument(
            "--all", action="store_true", help="prune: write a WARC file anew also if less than a fifth of it goes"
        )
        deleting.add_argument(
            "--erase",
            action="store_true",
            help="prune: also write archive.db anew, so that nothing of deleted texts is left in it (as forget does)",
        )
        forget = parser.add_argument_group(title="forget")
        forget.add_argument("--reason", metavar="TEXT", help="why, for your own records; stored with the tombstone")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        actions: dict[str, Callable[[AppConfig, list[str], argparse.Namespace], int] | str] = {
            "check": _check,
            "backup": _backup,
            "restore": restore_action,
            "export": _export,
            "merge": merge_action,
            "forget": f"{DELETIONS}:run_forget",
            "prune": f"{DELETIONS}:run_prune",
            "size": f"{DELETIONS}:run_size",
            "schema": _schema,
            "roots": roots,
            "prove": prove,
        }
        if not args or args[0] not in actions:
            raise UsageError(f"give an action: {', '.join(actions)}")
        if len(args) > 1 + (args[0] in WITH_ARGUMENT) and args[0] != "merge":
            raise UsageError(f"archive {args[0]}: unexpected argument {args[-1]!r}")
        action = actions[args[0]]
        run = resolve_name(action) if isinstance(action, str) else action
        self.exitcode = run(config, args[1:], opts)


def _check(config: AppConfig, _: list[str], opts: argparse.Namespace) -> int:
    from crawler.archive.maintenance.check_scope import next_scope, state_after, unresolved_faults
    from crawler.archive.maintenance.integrity import check_archive, pruned_totals

    if opts.quick and opts.daily:
        raise UsageError("use only one of --quick and --daily")
    now = utc_now()
    with contextlib.closing(open_existing(config.archive_db)) as db:
        last = checkpoint(db, "check", "", now)
        scope = next_scope(db, last) if opts.daily else None
        faults = unchecked = 0
        first = None
        for finding in check_archive(db, config.warc_dir, pages=not opts.quick, progress=_progress(), scope=scope):
            if finding.is_fault:
                first = first or finding
            faults += finding.is_fault
            unchecked += not finding.is_fault
            print_line(finding)
        counts = {
            table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 -- constants
            for table in ("articles", "revisions", "pages")
        }
        pruned = pruned_totals(db)
        found = f"{count_phrase(faults, 'fault')} on {now:%Y-%m-%d}, the first: {first}" if faults else None
        state = state_after(scope, last, found)
        if state is not None and not opts.quick:
            with transaction(db):
                save_checkpoint(db, "check", "", state, now)
    size = ", ".join(f"{count:,} {table}" for table, count in counts.items())
    unresolved = unresolved_faults(last, scope)
    for part, what in unresolved.items():
        print_line(f"part {part} of the daily check found {what}; repair it, then run `scrapy archive check`")
    print_line(f"{config.archive_db}: {size}: {_summary(faults, unchecked)}")
    if scope is not None:
        print_line(f"checked: {scope}")
    if pruned:
        print_line(f"{pruned}; their hashes were checked, their content is no longer there")
    return 1 if faults or unresolved else 0


def _summary(faults: int, unchecked: int) -> str:
    if faults:
        return count_phrase(faults, "fault")
    return "no problems found in what could be checked" if unchecked else "OK, no problems found"


def _backup(config: AppConfig, args: list[str], opts: argparse.Namespace) -> int:
    if len(args) != 1 or opts.keep < 0:
        raise UsageError(
            "give a folder: scrapy archive backup /mnt/backups/wirewatch-2026-03-01, and 0 or more with --keep"
        )
    faults = run_backup(config, expanded(args[0]), public=opts.public, keep=opts.keep)
    return _warn_of_damage(faults, "they are damaged in the backup, too; keep an older backup")


def _warn_of_damage(faults: Sequence[str], consequence: str) -> int:
    """Print the first damaged rows and their number; returns the exit status."""
    if not faults:
        return 0
    warn(*faults[:FAULTS_SHOWN], f"damaged rows: {len(faults):,}; {consequence}; `scrapy archive check` lists all")
    return 1


def _export(config: AppConfig, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.archive.maintenance.export import lines

    if opts.parquet is not None:
        return parquet_action(config, args, opts)
    target = config.refuse_own(expanded(args[0])) if args else None
    form: Format = opts.format or ("csv" if target is not None and target.suffix == ".csv" else "ndjson")
    since = since_option(opts.since, utc_now()) if opts.since else None
    what: What = "revisions" if opts.revisions else "articles"
    faults: list[str] = []
    with contextlib.closing(open_reader(config.archive_db)) as db:
        known = [row["id"] for row in db.execute("SELECT id FROM sources")]
        for name in opts.source:
            if name not in known:
                raise UsageError(f"--source {name}: no such source in the archive{did_you_mean(name, known)}")
        exported = lines(db, what=what, form=form, sources=opts.source, since=since, faults=faults)
        if target is None:
            end_with_reader()
            write_data(exported)
        else:
            with file_errors(target, "written"), target.open("w", encoding="utf-8", newline="") as file:
                count = sum(file.write(line) > 0 for line in exported) - (form == "csv")
            print_line(f"{target}: {count:,} {what}")
    return _warn_of_damage(faults, "they were exported as they are")


def _schema(_: AppConfig, __: list[str], ___: argparse.Namespace) -> int:
    from crawler.archive.schema.reference import as_markdown

    end_with_reader()
    write_data([as_markdown(), "\n"])
    return 0


def _progress() -> Callable[[str, int, int], None] | None:
    if not sys.stderr.isatty():
        return None

    def notify(what: str, done: int, total: int) -> None:
        if done % 200 == 0 or done == total:
            draw_progress(f"checking {what}: {done:,} of {total:,}" if done < total else "")

    return notify

"""scrapy archive: check it, back it up, export it, explain it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from schedules.cli.command import WirewatchCommand
from schedules.cli.output import draw_progress, print_line, write_data

if TYPE_CHECKING:
    from crawler.archive.maintenance.export import Format, What
    from crawler.config.app import AppConfig

ARCHIVE_ACTIONS = ("check", "backup", "export", "schema")


class Command(WirewatchCommand):
    """One command with four actions."""

    arguments = "check | backup FOLDER | export [FILE] | schema"
    summary = "Check, back up, export or explain the archive"
    description = (
        "check: file, foreign keys, every text and raw page against its SHA-256, each page's time, addresses and"
        " source against its WARC record, the full-text index against its content; exit status 1 where something is"
        " wrong. backup FOLDER: a consistent copy, while crawls go on; --public leaves out who is mailed what, and"
        " passwords and folders of yours. export [FILE]: articles or revisions as NDJSON or CSV. schema: every table"
        " and column."
    )
    example = "scrapy archive export --since 2026-03-01 --format csv articles.csv"

    def options(self, parser: argparse.ArgumentParser) -> None:
        check = parser.add_argument_group(title="check")
        check.add_argument("--quick", action="store_true", help="leave out the raw pages, which take most of the time")
        backup = parser.add_argument_group(title="backup")
        backup.add_argument(
            "--public", action="store_true", help="to be published: without readers, messages, passwords, folders"
        )
        export = parser.add_argument_group(title="export")
        export.add_argument("--format", choices=("ndjson", "csv"), help="default: by the file's name, else ndjson")
        export.add_argument("--revisions", action="store_true", help="every version of every article, not the newest")
        export.add_argument("--source", action="append", default=[], metavar="ID", help="only this; may be repeated")
        export.add_argument(
            "--since", metavar="DATE", help="first seen since, e.g. 2026-03-01, 2026-03-01T06:00Z or 7d"
        )

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if not args or args[0] not in ARCHIVE_ACTIONS:
            raise UsageError(f"say what to do: {', '.join(ARCHIVE_ACTIONS)}")
        if len(args) > 1 + (args[0] in ("backup", "export")):
            raise UsageError(f"archive {args[0]}: {args[-1]!r} is too much")
        actions: dict[str, Callable[[AppConfig, list[str], argparse.Namespace], int]] = {
            "check": _check,
            "backup": _backup,
            "export": _export,
            "schema": _schema,
        }
        self.exitcode = actions[args[0]](config, args[1:], opts)


def _check(config: AppConfig, _: list[str], opts: argparse.Namespace) -> int:
    from crawler.archive.db.open import open_existing
    from crawler.archive.maintenance.integrity import check_archive

    db = open_existing(config.archive_db)
    try:
        findings = unchecked = 0
        for finding in check_archive(db, config.warc_dir, pages=not opts.quick, progress=_progress()):
            findings += finding.is_fault
            unchecked += not finding.is_fault
            print_line(finding)
        counts = {
            table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 -- our names
            for table in ("articles", "revisions", "pages")
        }
    finally:
        db.close()
    reported = ", ".join(f"{count:,} {table}" for table, count in counts.items())
    print_line(f"{config.archive_db}: {reported}: {_faults(findings, unchecked)}")
    return 1 if findings else 0


def _faults(number: int, unchecked: int) -> str:
    well = "what could be checked is as it was stored" if unchecked else "all is as it was stored"
    return well if not number else "1 fault" if number == 1 else f"{number:,} faults"


def _backup(config: AppConfig, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.archive.db.open import open_reader
    from crawler.archive.maintenance.backup import back_up

    if len(args) != 1:
        raise UsageError("say where to: scrapy archive backup /mnt/backups/wirewatch-2026-03-01")
    db = open_reader(config.archive_db)
    try:
        done = back_up(db, config.warc_dir, Path(args[0]).expanduser(), public=opts.public)
    finally:
        db.close()
    print_line(
        f"{done.folder}: {done.articles:,} articles, {done.revisions:,} revisions, {done.pages:,} raw pages,"
        f" {done.size / 1e6:,.1f} MB. To use it: WIREWATCH_DATA_DIR={done.folder} with your sources.toml beside it."
    )
    return 0


def _export(config: AppConfig, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.archive.db.open import open_reader
    from crawler.archive.maintenance.export import lines
    from crawler.clock import utc_now
    from crawler.exceptions import WirewatchError
    from crawler.text.suggestions import did_you_mean
    from schedules.cli.errors import end_with_reader
    from schedules.cli.time_arguments import since_option

    target = config.refuse_own(Path(args[0]).expanduser()) if args else None
    form: Format = opts.format or ("csv" if target is not None and target.suffix == ".csv" else "ndjson")
    since = since_option(opts.since, utc_now()) if opts.since else None
    db = open_reader(config.archive_db)
    try:
        known = [row["id"] for row in db.execute("SELECT id FROM sources")]
        for name in opts.source:
            if name not in known:
                raise UsageError(f"--source {name}: the archive has none of that id{did_you_mean(name, known)}")
        what: What = "revisions" if opts.revisions else "articles"
        exported = lines(db, what=what, form=form, sources=opts.source, since=since)
        if target is None:
            end_with_reader()
            write_data(exported)
            return 0
        with target.open("w", encoding="utf-8", newline="") as file:
            count = sum(file.write(line) > 0 for line in exported) - (form == "csv")
    except OSError as error:
        if target is None:
            raise
        raise WirewatchError(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        db.close()
    print_line(f"{target}: {count:,} {what}")
    return 0


def _schema(_: AppConfig, __: list[str], ___: argparse.Namespace) -> int:
    from crawler.archive.schema.reference import as_markdown
    from schedules.cli.errors import end_with_reader

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

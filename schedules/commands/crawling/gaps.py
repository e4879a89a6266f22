"""scrapy gaps: list gaps, periods in which articles were possibly missed."""

from __future__ import annotations

import argparse
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.exceptions import WirewatchError
from crawler.reasons import ReasonCode
from crawler.text.suggestions import did_you_mean
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_json, print_line

if TYPE_CHECKING:
    from crawler.archive.crawl.coverage_queries import Covered, Gap, LeftOutEntries
    from crawler.config.app import AppConfig


class Command(WirewatchCommand):
    arguments = "[SOURCE]"
    summary = "Show when articles were possibly missed, and what was repaired"
    description = (
        "List the coverage of each source, its gaps, and the entries that polls left out. A poll that does not overlap"
        " with the previous one opens a gap: a period in which articles were possibly missed. Gaps are repaired from"
        " older pages and other seeds of the source; after three days without repair they are unresolved."
    )
    example = "scrapy gaps kyiv-independent --all"
    statuses = "0 no gap is open or unresolved, 1 some are, 2 a mistake in the command, 3 the archive cannot be used"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Gaps")
        group.add_argument("--all", action="store_true", help="include repaired gaps")
        group.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1:
            raise UsageError(f"expected at most one source; unexpected argument {args[1]!r}")
        self.exitcode = _gaps(config, args, opts)


def _gaps(config: AppConfig, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.archive.crawl.coverage_queries import covered, gaps, left_out_entries

    source = args[0] if args else None
    with contextlib.closing(open_reader(config.archive_db)) as db:
        names = [row["id"] for row in db.execute("SELECT id FROM sources ORDER BY id")]
        if source is not None and source not in names:
            raise WirewatchError(f"no source {source!r}{did_you_mean(source, names)} in the archive")
        found = gaps(db, source=source, unrepaired_only=not opts.all)
        shares = [one for one in covered(db) if source in (None, one.source)]
        left_out = [one for one in left_out_entries(db, source=source) if _is_loss(one)]
    if opts.json:
        print_json({"sources": shares, "gaps": found, "left_out": left_out})
    else:
        _print(shares, found)
        print_line("\n".join(map(_left_out_line, left_out)), end="\n" if left_out else "")
    return 1 if any(gap.state != "repaired" for gap in found) else 0


def _print(shares: list[Covered], found: list[Gap]) -> None:
    from schedules.cli.columns import print_columns

    numbers = ("coverage", "watched", "open", "unresolved", "repaired", "estimated missed")
    rows = []
    for one in shares:
        counts = (str(count or "·") for count in (one.open, one.unresolved, one.repaired))
        missed = f"{one.missed:.0f}" if one.missed >= 0.5 else "·"
        rows.append((one.source, f"{one.share:.2%}", _length(one.watched), *counts, missed))
    print_columns(("source", *numbers), rows, right=numbers, wrapped=())
    for gap in found:
        about = _about(gap.missed)
        print_line(
            f"{gap.source}: {gap.from_at:%Y-%m-%d %H:%M} to {gap.until_at:%Y-%m-%d %H:%M} UTC, {about} possibly missed:"
            f" {gap.state}{f' ({gap.resolution})' if gap.resolution else ''}; {gap.kind} {gap.seed}"
        )  # fmt: skip


def _is_loss(document: LeftOutEntries) -> bool:
    """Return whether entries that were left out may be articles. Links of a listing to other pages are not."""
    if document.kind == "listing":
        return ReasonCode.HASH_ROUTE in document.counts
    return document.sitemaps_not_read > 0 or document.lost > 0


def _left_out_line(document: LeftOutEntries) -> str:
    place = f"{document.source}: {document.kind} {document.url or document.seed}"
    if document.note and (document.sitemaps_not_read or ReasonCode.HASH_ROUTE in document.counts):
        return f"{place}: {document.note}"
    counts = ", ".join(f"{code}: {count}" for code, count in document.counts.items())
    return f"{place}: {document.lost} of {document.entries} entries are not links ({counts})"


def _about(missed: float | None) -> str:
    if missed is None:
        return "an unknown number"
    # After a burst, more articles were found than expected, so the number of missed ones is unknown.
    return f"about {missed:.0f}" if missed >= 0.5 else "few or none"


def _length(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{hours / 24:.0f} d" if hours >= 48 else f"{hours:.0f} h"

"""scrapy archive size: what each source takes, and an estimate for a year."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crawler.archive.db.open import open_reader
from crawler.archive.retention.sizes import SIZE_KINDS, SourceSize, source_sizes
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from schedules.cli.output import print_line

if TYPE_CHECKING:
    from rich.table import Table


def run_size(config: AppConfig) -> int:
    """Print the sizes; returns the exit status."""
    from schedules.cli.console import Terminal

    with contextlib.closing(open_reader(config.archive_db)) as db:
        sizes = source_sizes(db, utc_now())
    if not sizes:
        print_line("Nothing is stored yet.")
        return 0
    Terminal().print(_size_table(sizes))
    on_disk = [config.archive_db, config.archive_db.with_name("archive.db-wal"), *config.warc_dir.glob("*")]
    print_line(f"On the disk: {sum(path.stat().st_size for path in on_disk if path.is_file()) / 1e6:,.1f} MB.")
    new = [one.source for one in sizes if one.a_year is None]
    if new:
        print_line(f"No estimate yet, stored for less than a day: {', '.join(new)}.")
    return 0


def _size_table(sizes: Sequence[SourceSize]) -> Table:
    from schedules.cli.console import plain_table

    numbers = ("articles", *SIZE_KINDS, "total MB", "kB per article", "MB a year")
    table = plain_table("source", *numbers, right=numbers)
    for one in sizes:
        table.add_row(
            one.source,
            f"{one.articles:,}",
            *(_megabytes(one.sizes[kind]) for kind in SIZE_KINDS),
            _megabytes(one.total),
            f"{one.total / one.articles / 1e3:,.1f}" if one.articles else "·",
            _megabytes(one.a_year),
        )
    total, articles = sum(one.total for one in sizes), sum(one.articles for one in sizes)
    years = [one.a_year for one in sizes if one.a_year is not None]
    table.add_row(
        "all",
        f"{articles:,}",
        *(_megabytes(sum(one.sizes[kind] for one in sizes)) for kind in SIZE_KINDS),
        _megabytes(total),
        f"{total / articles / 1e3:,.1f}" if articles else "·",
        _megabytes(sum(years) if years else None),
    )
    return table


def _megabytes(size: int | None) -> str:
    return "·" if size is None else f"{size / 1e6:,.2f}"

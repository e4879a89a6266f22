"""Print tables. rich takes 2 ms for a row, and its import as long as all else that `scrapy sources` does."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from crawler.text.sanitize import strip_control_characters
from schedules.cli.output import print_line

MIN_TITLE = 12
"""Columns for titles on a narrow terminal."""
Rows = Sequence[Sequence[object]]


def print_columns(
    headings: Sequence[str],
    rows: Rows,
    *,
    right: Collection[str] = (),
    wrapped: Collection[str] | None = None,
    styles: Sequence[str] | None = None,
    cuts_last: bool = False,
) -> None:
    """Print a table without lines. `right`: headings of columns with numbers; `styles`: a rich style for each row.

    Only a terminal gets styles. A table that is wider than the terminal is laid out by rich: the columns in `wrapped` may
    take several lines, None: all but those in `right`; with `cuts_last`, the cells of the last column are shortened instead.
    """
    cells = [[strip_control_characters(str(cell)).replace("\n", " ") for cell in row] for row in rows]
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        print_line(*_lines(headings, cells, right))
        return
    from rich.table import Table
    from rich.text import Text

    from schedules.cli.console import Terminal

    console = Terminal()
    if cuts_last:
        taken = sum(2 + max(map(cell_len, column)) for column in list(zip(headings, *cells, strict=True))[:-1])
        cells = [[*row[:-1], _shortened(row[-1], max(console.width - taken, MIN_TITLE))] for row in cells]
    lines = list(_lines(headings, cells, right))
    row_styles = styles or [""] * len(cells)
    if cuts_last or max(map(cell_len, lines)) <= console.width:
        styled = zip(lines, ("bold", *row_styles), strict=True)
        console.print(Text("\n").join(Text(line, style) for line, style in styled), soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        no_wrap = heading in right if wrapped is None else heading not in wrapped
        table.add_column(heading, justify="right" if heading in right else "left", no_wrap=no_wrap, overflow="fold")
    for row, style in zip(cells, row_styles, strict=True):
        table.add_row(*row, style=style)
    console.print(table)


def _shortened(cell: str, width: int) -> str:
    return cell if cell_len(cell) <= width else set_cell_size(cell, width - 1).rstrip() + "…"


def _lines(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str]) -> Iterator[str]:
    columns = []
    for heading, *cells in zip(headings, *rows, strict=True):
        widths = [cell_len(cell) for cell in (heading, *cells)]
        widest = max(widths)
        pairs = [(cell, " " * (widest - width)) for cell, width in zip((heading, *cells), widths, strict=True)]
        columns.append([space + cell if heading in right else cell + space for cell, space in pairs])
    return ("  ".join(row).rstrip() for row in zip(*columns, strict=True))

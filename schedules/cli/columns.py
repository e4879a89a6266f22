"""Print long tables. rich takes 2 ms for a row, and its import as long as all else that `scrapy sources` does."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence

from rich.cells import cell_len

from schedules.cli.output import print_line


def print_columns(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[str], styles: Sequence[str]
) -> None:
    """Print a table without lines. `right`: headings of columns with numbers; `styles`: a rich style for each row.

    Only a terminal gets styles; a table that is wider than the terminal is laid out by rich.
    """
    lines = list(_lines(headings, rows, right))
    if not sys.stdout.isatty():
        print_line(*lines)
        return
    from rich.text import Text

    from schedules.cli.console import Terminal, plain_table

    console = Terminal()
    if max(map(cell_len, lines)) <= console.width:
        styled = zip(lines, ("bold", *styles), strict=True)
        console.print(Text("\n").join(Text(line, style) for line, style in styled), soft_wrap=True)
        return
    table = plain_table(*headings, right=right)
    for row, style in zip(rows, styles, strict=True):
        table.add_row(*row, style=style)
    console.print(table)


def _lines(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str]) -> Iterator[str]:
    columns = []
    for heading, *cells in zip(headings, *rows, strict=True):
        widths = [cell_len(cell) for cell in (heading, *cells)]
        widest = max(widths)
        pairs = [(cell, " " * (widest - width)) for cell, width in zip((heading, *cells), widths, strict=True)]
        columns.append([space + cell if heading in right else cell + space for cell, space in pairs])
    return ("  ".join(row).rstrip() for row in zip(*columns, strict=True))

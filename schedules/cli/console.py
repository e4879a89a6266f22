"""Tables, colours and headings on a terminal, by rich, through the door of `terminal.py`.

Texts are never markup: what is to be bold is told by a style, beside the text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from crawler.text.sanitize import strip_control_characters
from schedules.cli.output import writable

UNBOUNDED = 100_000
"""Columns of a file or a pipe, which has no width: a headline or an address stays whole for grep."""
RULE = 80
"""Columns of a heading's line there."""


class Terminal(Console):
    """rich's console, that takes nothing for markup and shows everything as `visible`."""

    def __init__(self, *, width: int | None = None, **settings: Any) -> None:
        """`width`: only where there is no terminal to ask; UNBOUNDED unless it is given, or COLUMNS says one."""
        if sys.stdout.isatty() or os.environ.get("COLUMNS"):
            width = None
        elif width is None:
            width = UNBOUNDED
        writable(sys.stdout)
        super().__init__(markup=False, emoji=False, highlight=False, width=width, **settings)

    def render_str(self, text: str, **how: Any) -> Text:
        """As rich's: cells of a table come through here, before they are measured."""
        return super().render_str(strip_control_characters(text), **how)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich's: everything that is shown comes through here."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=strip_control_characters(segment.text))

    def notify(self, *parts: str | tuple[str, str], soft_wrap: bool = False) -> None:
        """A line of these texts, some of them with a style."""
        self.print(Text.assemble(*parts), soft_wrap=soft_wrap)

    def heading(self, *parts: str | tuple[str, str]) -> None:
        """A line across the terminal that begins with these texts, some of them with a style."""
        from rich.rule import Rule

        title = Text.assemble(*parts)
        width = self.width if self.width < UNBOUNDED else max(RULE, cell_len(title.plain) + 2)
        self.print(Rule(title, align="left"), width=width)

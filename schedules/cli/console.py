"""Colours, headings and sentences of alerts on a terminal, with rich.

Text is never parsed as markup: styles are passed separately. Control characters are removed, as in `output.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from crawler.text.sanitize import strip_control_characters
from schedules.cli.output import writable

if TYPE_CHECKING:
    from crawler.archive.topics.alerts import AlertSentence
    from crawler.text.diff import ParagraphChange

UNBOUNDED = 100_000
"""Width of a file or pipe, in columns, so that titles and URLs are not cut."""
RULE = 80
"""Width of a heading in a file or pipe, in columns."""


class Terminal(Console):
    """A rich console that ignores markup and removes control characters from all output."""

    def __init__(self, *, width: int | None = None, **settings: Any) -> None:
        """`width` is used if there is no terminal and COLUMNS is not set; default UNBOUNDED."""
        if sys.stdout.isatty() or os.environ.get("COLUMNS"):
            width = None
        elif width is None:
            width = UNBOUNDED
        writable(sys.stdout)
        super().__init__(markup=False, emoji=False, highlight=False, width=width, **settings)

    def render_str(self, text: str, **how: Any) -> Text:
        """Clean the text; rich calls this for table cells before it measures them."""
        return super().render_str(strip_control_characters(text), **how)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Clean the segments; rich calls this for everything that it shows."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=strip_control_characters(segment.text))

    def notify(self, *parts: str | tuple[str, str], soft_wrap: bool = False) -> None:
        """Print a line; each part is a text or a (text, style) pair."""
        self.print(Text.assemble(*parts), soft_wrap=soft_wrap)

    def heading(self, *parts: str | tuple[str, str]) -> None:
        """Print a horizontal line with a title; each part is a text or a (text, style) pair."""
        from rich.rule import Rule

        title = Text.assemble(*parts)
        width = self.width if self.width < UNBOUNDED else max(RULE, cell_len(title.plain) + 2)
        self.print(Rule(title, align="left"), width=width)


_STYLES = {"added": "", "removed": "strike", "unchanged": "dim"}
_SIGNS = {"added": "", "removed": "removed: ", "unchanged": ""}


def mark_sentence(sentence: AlertSentence) -> Text:
    """A sentence with its matching words in bold; an edited sentence with its changes."""
    if sentence.replaces is not None:
        return mark_change(sentence.replaces, sentence.text)
    return highlighted(sentence.text, sentence.spans, style=_STYLES[sentence.change], before=_SIGNS[sentence.change])


def highlighted(text: str, spans: Sequence[tuple[int, int]], *, style: str = "", before: str = "") -> Text:
    """Text with the spans in bold."""
    shown = Text(before + text, style=style)
    for start, end in spans:
        shown.stylize("bold yellow", len(before) + start, len(before) + end)
    return shown


def mark_change(before: str, after: str) -> Text:
    """The changes of a sentence, word by word: [-removed-]{+added+}."""
    from crawler.text.diff import diff_paragraphs

    return Text().join(change_text(change) for change in diff_paragraphs([before], [after]))


def change_text(change: ParagraphChange) -> Text:
    """A changed paragraph with colours, and with marks for terminals without colours."""
    text = Text()
    for span in change.inline:
        signs, style = _DIFF_SIGNS[span.kind]
        text.append(signs.replace("…", span.text), style=style)
    return text


_DIFF_SIGNS = {"same": ("…", ""), "added": ("{+…+}", "green"), "removed": ("[-…-]", "red strike")}

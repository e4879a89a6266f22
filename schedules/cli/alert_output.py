"""Sentences of alerts on a terminal, with highlighted words and edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from crawler.archive.topics.alerts import AlertSentence

_STYLES = {"added": "", "removed": "strike", "unchanged": "dim"}
_SIGNS = {"added": "", "removed": "removed: ", "unchanged": ""}


def mark_sentence(sentence: AlertSentence) -> Text:
    """A sentence with its matching words in bold; an edited sentence with its changes."""
    if sentence.replaces is not None:
        return mark_change(sentence.replaces, sentence.text)
    return highlighted(sentence.text, sentence.spans, style=_STYLES[sentence.change], before=_SIGNS[sentence.change])


def highlighted(text: str, spans: Sequence[tuple[int, int]], *, style: str = "", before: str = "") -> Text:
    """Text with the spans in bold."""
    from rich.text import Text

    shown = Text(before + text, style=style)
    for start, end in spans:
        shown.stylize("bold yellow", len(before) + start, len(before) + end)
    return shown


def mark_change(before: str, after: str) -> Text:
    """The changes of a sentence, word by word: [-removed-]{+added+}."""
    from rich.text import Text

    from crawler.text.diff import diff_paragraphs

    shown = Text()
    for change in diff_paragraphs([before], [after]):
        for piece in change.pieces:
            signs, style = _PIECES[piece.kind]
            shown.append(signs.replace("…", piece.text), style=style)
    return shown


_PIECES = {"same": ("…", ""), "added": ("{+…+}", "green"), "removed": ("[-…-]", "red strike")}

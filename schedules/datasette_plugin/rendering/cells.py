"""Cells of Datasette's tables: ids lead to the pages made for people."""

from __future__ import annotations

import re
from typing import Any

from datasette.utils import tilde_encode
from markupsafe import Markup, escape

PAGE_LINKS = {
    "article_id": "article",
    "first_article_id": "article",
    "resembles": "article",
    "story_id": "story",
    "topic_id": "topic",
    "source_id": "source",
    "page_id": "page",
    "alert_id": "alert",
    "merged_into": None,  # of articles or of stories: left as it is
}
"""Column -> page. The value is the id."""


CHANGE_COLUMN = "changed"
"""Column of the ready-made queries that holds `words_changed`."""
_MARKS = re.compile(r"(\[-.*?-\]|\[\+.*?\+\])", re.DOTALL)


def cell(datasette: Any, value: Any, column: str) -> Markup | None:
    """A link, or None where the cell is to be shown as Datasette does."""
    if column == CHANGE_COLUMN and isinstance(value, str):
        return edit(value)
    page = PAGE_LINKS.get(column)
    if page is None or value in (None, ""):
        return None
    label = value["label"] if isinstance(value, dict) else value
    number = value["value"] if isinstance(value, dict) else value
    if isinstance(number, bytes):
        return None
    link = Markup('<a href="{}">{}</a>').format(
        datasette.urls.path(f"/{page}/{tilde_encode(str(number))}"), label if label not in (None, "") else number
    )
    return link if str(label) == str(number) else link + Markup("&nbsp;<em>{}</em>").format(number)


def edit(text: str) -> Markup:
    """[-struck-] and [+added+] words as a browser shows them."""
    parts = []
    for part in _MARKS.split(text):
        if part.startswith("[-") and part.endswith("-]"):
            parts.append(Markup("<del>{}</del>").format(part[2:-2]))
        elif part.startswith("[+") and part.endswith("+]"):
            parts.append(Markup("<ins>{}</ins>").format(part[2:-2]))
        else:
            parts.append(escape(part))
    return Markup("").join(parts)

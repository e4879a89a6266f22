"""Cells of Datasette's tables: IDs become links to the pages, edits get their marks, numbers their units."""

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
}
"""Column -> page whose ID it holds. `merged_into` is left out: it holds IDs of articles or of stories."""
CHANGE_COLUMN = "changed"
"""Column of the canned queries that holds the result of `words_changed`."""
UNITS = {"bytes": "B", "warc_length": "B", "milliseconds": "ms", "seconds": "s", "late_seconds": "s",
         "ahead_seconds": "s", "published_offset": "min", "modified_offset": "min"}  # fmt: skip
"""Column -> unit, for all tables. Datasette's own units take a millisecond for each cell."""
_MARKED = re.compile(r"\[([-+])(.*?)\1\]", re.DOTALL)
_ELEMENTS = {"-": "<del>{}</del>", "+": "<ins>{}</ins>"}


def render_value(datasette: Any, value: Any, column: str) -> Markup | None:
    """HTML of a cell; None to leave it to Datasette. `value`: a dict with value and label for expanded foreign keys."""
    if column == CHANGE_COLUMN and isinstance(value, str):
        return marked_change(value)
    if column in UNITS and isinstance(value, int | float):
        return Markup("{:,}&nbsp;{}").format(value, UNITS[column])
    page = PAGE_LINKS.get(column)
    if page is None or value in (None, ""):
        return None
    label = value["label"] if isinstance(value, dict) else value
    key = value["value"] if isinstance(value, dict) else value
    if isinstance(key, bytes):
        return None
    href = datasette.urls.path(f"/{page}/{tilde_encode(str(key))}")
    link = Markup('<a href="{}">{}</a>').format(href, label if label not in (None, "") else key)
    is_named = str(label) != str(key) and isinstance(key, int)  # the ID of a source or topic repeats its name
    return link + Markup("&nbsp;<em>{}</em>").format(key) if is_named else link


def marked_change(text: str) -> Markup:
    """[-removed-] and [+added+] words as <del> and <ins>."""
    html = _MARKED.sub(lambda found: _ELEMENTS[found[1]].format(found[2]), escape(text))
    return Markup(html)  # noqa: S704 -- the text was escaped

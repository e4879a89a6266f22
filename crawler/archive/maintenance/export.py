"""Export articles or revisions as NDJSON or CSV, one per line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection, Cursor, damaged_text_allowed, file_of
from crawler.sqlite.values import format_utc
from crawler.text.sanitize import escape_json

Format = Literal["ndjson", "csv"]
What = Literal["articles", "revisions"]

_SELECT: dict[What, str] = {
    "articles": (
        "SELECT l.article_id, l.revision_id, l.source_id, l.source, l.url, l.title, l.lead, l.byline, l.published_at,"
        " l.modified_at, l.language, l.section, l.words, l.status, l.revision_count, a.first_seen_at, l.text"
        " FROM articles_latest l JOIN articles a ON a.id = l.article_id"
        " WHERE {source} AND a.first_seen_at >= :since ORDER BY l.article_id"
    ),
    "revisions": (
        "SELECT r.article_id, r.id AS revision_id, r.number, a.source_id, a.url, r.title, r.lead, r.byline,"
        " r.published_at, r.published_offset, r.published_source, r.modified_at, r.language, r.section, r.tags, r.words,"
        " r.status, r.seen_at, p.sha256 AS page_sha256, r.text"
        " FROM revisions r JOIN articles a ON a.id = r.article_id LEFT JOIN pages p ON p.id = r.page_id"
        " WHERE {source} AND r.seen_at >= :since ORDER BY r.id"
    ),
}
DAMAGED_SHOWN = 20
"""Damaged rows that a message names; further ones are counted."""
_FORMULA = re.compile(r"[\s\u200b-\u200f\u2060-\u2064\ufeff\u00ad]*[=+\-@＝＋－＠]|[\t\r]")
"""Beginnings that a spreadsheet takes for a formula, also in full width and after invisible characters."""


def lines(
    db: Connection, *, what: What, form: Format, sources: Sequence[str] = (), since: datetime | None = None
) -> Iterator[str]:
    """The lines of an export, each with its line break; CSV begins with a header.

    Raises ArchiveError at the end if rows were damaged; they are exported with replacement characters.
    """
    parameters = {f"s{number}": source for number, source in enumerate(sources)}
    table = "l" if what == "articles" else "a"
    marks = f"{table}.source_id IN ({', '.join(f':{name}' for name in parameters)})" if parameters else "1"
    damaged: list[int] = []
    with damaged_text_allowed(db):
        yield from _lines(
            db.execute(_SELECT[what].format(source=marks), {"since": format_utc(since) if since else "", **parameters}),
            form,
            damaged,
        )
    if damaged:
        rows = ", ".join(f"revisions row {row}" for row in damaged[:DAMAGED_SHOWN])
        more = f" and {len(damaged) - DAMAGED_SHOWN} more" if len(damaged) > DAMAGED_SHOWN else ""
        raise ArchiveError(
            f"{file_of(db)}: text that is not valid UTF-8 was exported with replacement characters: {rows}{more};"
            " restore a backup"
        )


def _lines(rows: Cursor, form: Format, damaged: list[int]) -> Iterator[str]:
    names = [column[0] for column in rows.description]
    if form == "csv":
        yield _csv(names)
    for row in rows:
        values = dict(zip(names, row, strict=True))
        readable = {name: _readable(value) for name, value in values.items()}
        if readable != values:
            damaged.append(values["revision_id"])
        yield _json(readable) if form == "ndjson" else _csv(list(readable.values()))


def _readable(value: object) -> object:
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _json(row: dict[str, Any]) -> str:
    if row.get("tags"):
        row["tags"] = json.loads(row["tags"])
    return escape_json(json.dumps(row, ensure_ascii=False)) + "\n"


def _csv(values: Sequence[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([_cell(value) for value in values])
    return buffer.getvalue()


def _cell(value: object) -> object:
    """The value, quoted if a spreadsheet would run it as a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value

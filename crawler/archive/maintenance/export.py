"""The archive as lines that other programs read: NDJSON or CSV, an article or a revision a line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from crawler.sqlite.connection import Connection
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
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lines(
    db: Connection, *, what: What, form: Format, sources: Sequence[str] = (), since: datetime | None = None
) -> Iterator[str]:
    """The lines of an export, each with its line break; CSV begins with a heading."""
    relevant = {f"s{number}": source for number, source in enumerate(sources)}
    table = "l" if what == "articles" else "a"
    marks = f"{table}.source_id IN ({', '.join(f':{name}' for name in relevant)})" if relevant else "1"
    rows = db.execute(_SELECT[what].format(source=marks), {"since": format_utc(since) if since else "", **relevant})
    names = [column[0] for column in rows.description]
    if form == "csv":
        yield _csv(names)
    for row in rows:
        yield _json(dict(zip(names, row, strict=True))) if form == "ndjson" else _csv(row)


def _json(row: dict[str, Any]) -> str:
    if row.get("tags"):
        row["tags"] = json.loads(row["tags"])
    return escape_json(json.dumps(row, ensure_ascii=False)) + "\n"


def _csv(values: Sequence[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([_cell(value) for value in values])
    return buffer.getvalue()


def _cell(value: object) -> object:
    """A cell that a spreadsheet shows rather than runs: headlines are written by strangers (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

"""Export articles or revisions as NDJSON or CSV, one per line."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from crawler.archive.maintenance.check_rows import revision_fault
from crawler.archive.maintenance.consistency import ROW_REMEDY
from crawler.archive.topics.revision_texts import FIRST_REVISION
from crawler.sqlite.connection import Connection, damaged_text_allowed
from crawler.sqlite.values import format_utc_or_none
from crawler.text.sanitize import escape_json

Format = Literal["ndjson", "csv"]
What = Literal["articles", "revisions"]

_SELECT: dict[What, str] = {
    "articles": (
        "SELECT l.article_id, l.revision_id, l.source_id, l.source, l.url, l.title, l.lead, l.byline, l.published_at,"
        " l.modified_at, l.language, l.section, l.words, l.status, l.revision_count, a.first_seen_at, l.text"
        " FROM articles_latest l JOIN articles a ON a.id = l.article_id"
        " WHERE {where} ORDER BY l.article_id"
    ),
    "revisions": (
        "SELECT r.article_id, r.id AS revision_id, r.number, a.source_id, a.url, r.title, r.lead, r.byline,"
        " r.published_at, r.published_offset, r.published_source, r.modified_at, r.language, r.section, r.tags, r.words,"
        " r.status, r.seen_at, p.sha256 AS page_sha256, r.text_pruned_at, r.text"
        " FROM revisions r JOIN articles a ON a.id = r.article_id LEFT JOIN pages p ON p.id = r.page_id"
        " WHERE {where} ORDER BY r.id"
    ),
}
_SINCE: dict[What, str] = {
    "articles": "a.first_seen_at >= :since AND a.id >= (SELECT min(+id) FROM articles WHERE first_seen_at >= :since)",
    "revisions": f"r.seen_at >= :since AND r.id >= {FIRST_REVISION}",
}
"""The ID of the first row limits the part of the table that is read."""
_FORMULA = re.compile(r"[\s\u200b-\u200f\u2060-\u2064\ufeff\u00ad]*[=+\-@＝＋－＠]|[\t\r]")
"""Beginnings that a spreadsheet takes for a formula, also in full width and after invisible characters."""


def lines(
    db: Connection,
    *,
    what: What,
    form: Format,
    sources: Sequence[str] = (),
    since: datetime | None = None,
    faults: list[str] | None = None,
) -> Iterator[str]:
    """The lines of an export, each with its line break; CSV begins with a header.

    Damaged rows are exported, too, with replacement characters for bytes that are not UTF-8; a line about each is added to
    `faults`.
    """
    parameters = {f"s{number}": source for number, source in enumerate(sources)}
    table = "l" if what == "articles" else "a"
    conditions = [f"{table}.source_id IN ({', '.join(f':{name}' for name in parameters)})"] if parameters else []
    conditions += [_SINCE[what]] if since is not None else []
    query = _SELECT[what].format(where=" AND ".join(conditions) or "true")
    with damaged_text_allowed(db):
        rows = db.execute(query, {"since": format_utc_or_none(since), **parameters})
        names = [column[0] for column in rows.description]
        if form == "csv":
            yield _csv(names)
        for row in rows:
            values = dict(zip(names, row, strict=True))
            readable = {name: _readable(value) for name, value in values.items()}
            if faults is not None:
                faults.extend(_faults(db, values, [name for name in names if readable[name] != values[name]]))
            yield _json(readable) if form == "ndjson" else _csv(list(readable.values()))


def _faults(db: Connection, values: dict[str, Any], broken: Sequence[str]) -> Iterator[str]:
    """What is wrong with an exported row; `broken`: columns that are not UTF-8."""
    fault = revision_fault(db, values["revision_id"])
    if fault is not None:
        yield f"revisions row {values['revision_id']}: {fault}"
    elif broken:
        yield f"articles row {values['article_id']}: {', '.join(broken)}: not valid UTF-8; {ROW_REMEDY}"


def _readable(value: object) -> object:
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _json(row: dict[str, Any]) -> str:
    if row.get("tags"):
        with contextlib.suppress(ValueError):  # damaged: exported as it is
            row["tags"] = json.loads(row["tags"])
    return escape_json(json.dumps(row, ensure_ascii=False)) + "\n"


def _csv(values: Sequence[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([spreadsheet_cell(value) for value in values])
    return buffer.getvalue()


def spreadsheet_cell(value: object) -> object:
    """The value, quoted if a spreadsheet would run it as a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value

"""Check rows against one another and against the WARC records: when and where a text was seen, and by whom it is.

A hash proves what a page said. Its WARC record was written at the same moment and contains the time, the address and the
source. To move a text to another day or page, someone would have to change all of these rows and the file.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from datetime import datetime, timedelta
from sqlite3 import Row

from crawler.models import Page
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import clean_text_or_none, format_utc, parse_utc

PageFault = tuple[str, str]
"""(row, fault)."""
REMEDY = "restore the row from a backup"
CLOCK_TOLERANCE = timedelta(seconds=5)
"""Row and record are dated by two calls of the same clock."""
_PASSWORD = re.compile(r"(?<=//)[^/?#\s@]*@")
"""Public copies have no passwords in their rows, but WARC records are copied unchanged."""
_MERGED = "coalesce((SELECT merged_into FROM articles WHERE id = {0}), {0})"
_QUERIES = (
    (
        "SELECT r.id, 'belongs to article ' || r.article_id || ', but its raw page ' || p.id || ' to article ' || p.article_id"
        " FROM revisions r JOIN pages p ON p.id = r.page_id WHERE p.article_id IS NOT r.article_id"
        f" AND {_MERGED.format('p.article_id')} IS NOT {_MERGED.format('r.article_id')}"
        # Outlets whose articles are identified by guid can publish several articles on one page.
        " AND NOT EXISTS (SELECT 1 FROM article_urls u WHERE u.url IN (p.url, p.final_url)"
        f" AND u.article_id = {_MERGED.format('r.article_id')})",
        "revisions",
    ),
    (
        "SELECT r.id, 'seen_at is ' || r.seen_at || ', but fetches row ' || f.id || ', which created it, is of ' || f.at"
        " FROM fetches f JOIN revisions r ON r.id = f.revision_id WHERE f.at <> r.seen_at",
        "revisions",
    ),
    (
        "SELECT r.id, 'names raw page ' || coalesce(r.page_id, 'none') || ' of article ' || r.article_id || ', but fetches row '"
        " || f.id || ', which created it, page ' || coalesce(f.page_id, 'none') || ' of article ' || f.article_id"
        " FROM fetches f JOIN revisions r ON r.id = f.revision_id"
        " WHERE f.page_id IS NOT r.page_id OR f.article_id IS NOT r.article_id",
        "revisions",
    ),
    (
        # A re-extraction makes a further revision with the time of the one before.
        "SELECT r.id, 'seen_at is ' || r.seen_at || ', but no fetch or re-extraction of that time created it'"
        " FROM revisions r WHERE NOT EXISTS (SELECT 1 FROM fetches f WHERE f.revision_id = r.id) AND NOT EXISTS"
        " (SELECT 1 FROM revisions b WHERE b.article_id = r.article_id AND b.number < r.number AND b.seen_at = r.seen_at)",
        "revisions",
    ),
    (
        "SELECT p.id, 'fetched_at is ' || p.fetched_at || ', but the first fetch with this page was at ' || min(f.at)"
        " FROM pages p JOIN fetches f ON f.page_id = p.id GROUP BY p.id HAVING min(f.at) <> p.fetched_at",
        "pages",
    ),
    (
        "SELECT a.id, 'url is ' || a.url || ', where it was never seen'"
        " FROM articles a WHERE NOT EXISTS (SELECT 1 FROM article_urls u"
        " WHERE u.article_id = coalesce(a.merged_into, a.id) AND u.url = a.url)",
        "articles",
    ),
    (
        "SELECT a.id, 'names article ' || a.article_id || ' and raw page ' || coalesce(a.page_id, 'none') || ', but its revision'"
        " || ' belongs to article ' || r.article_id || ' and page ' || coalesce(r.page_id, 'none')"
        " FROM alerts a JOIN revisions r ON r.id = a.revision_id"
        f" WHERE a.page_id IS NOT r.page_id OR {_MERGED.format('a.article_id')} <> {_MERGED.format('r.article_id')}",
        "alerts",
    ),
)


def evidence_faults(db: Connection) -> Iterator[PageFault]:
    """Each contradiction between rows, in one snapshot of the archive."""
    db.execute("BEGIN")  # a crawl may be writing
    try:
        for query, table in _QUERIES:
            for row, fault in db.execute(query):
                yield f"{table} row {row}", f"{fault}; {REMEDY}"
        yield from _names(db)
    finally:
        db.execute("COMMIT")


def _names(db: Connection) -> Iterator[PageFault]:
    """`revisions.byline` must consist of the names in `bylines`."""
    rows = db.execute(
        "SELECT r.id, coalesce(r.byline, '') AS byline, coalesce(group_concat(b.name, ', '), '') AS names FROM revisions r"
        " LEFT JOIN (SELECT * FROM bylines ORDER BY revision_id, position) b ON b.revision_id = r.id GROUP BY r.id"
        " HAVING names <> coalesce(r.byline, '')"
    )
    for row in rows:
        yield (
            f"bylines of revision {row['id']}",
            f"names are {row['names']!r}, but revisions.byline is {row['byline']!r}; {REMEDY}",
        )


def page_faults(row: Row, recorded: Page, sources: Container[str]) -> Iterator[str]:
    """Differences between a row of `pages` and its WARC record. `sources`: all IDs in the archive."""
    compared = {
        "url": (_address(row["url"]), _address(recorded.url)),
        "final_url": (_address(row["final_url"]), _address(recorded.final_url)),
        "http_status": (row["http_status"], recorded.status),
        "bytes": (row["bytes"], len(recorded.body)),
        "content_type": (row["content_type"], clean_text_or_none(recorded.header("Content-Type"))),
        "rendered": (bool(row["rendered"]), recorded.rendered),
    }
    if recorded.source in sources:  # others: a record by another program, or an archive with other source IDs
        compared["source_id"] = (row["source_id"], recorded.source)
    if not _is_time(row["fetched_at"], recorded.fetched_at):
        compared["fetched_at"] = (row["fetched_at"], format_utc(recorded.fetched_at))
    for column, (in_row, in_record) in compared.items():
        if in_row != in_record:
            yield f"{column} is {in_row}, but the WARC record has {in_record}; {REMEDY}"


def _address(url: str) -> str:
    """The URL in the form in which a WARC header can hold it."""
    return _PASSWORD.sub("", re.sub(r"[\r\n\0]", " ", url).encode("utf-8", "replace").decode()).strip()


def _is_time(written: str, at: datetime) -> bool:
    try:
        return abs(parse_utc(written) - at) <= CLOCK_TOLERANCE
    except ValueError:
        return False

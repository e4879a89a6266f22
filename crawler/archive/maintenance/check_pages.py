"""Whether rows still say what their raw page's record says, and one another: when a text was seen, where, whose it is.

A hash proves what a page said; its WARC record was written in the same moment and says when, at which address and for
which source. Who would move a text to another day or another page has to change all of them, and the file.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from datetime import datetime, timedelta
from sqlite3 import Row

from crawler.models import Page
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc

WrongPage = tuple[str, str]
"""Where, and what."""
MEND = "restore the row from a backup"
TWO_READINGS = timedelta(seconds=5)
"""The row and the record are dated by the same clock, read twice."""
_PASSWORD = re.compile(r"(?<=//)[^/?#\s@]*@")
"""A public copy has none in its rows; records are copied as they are."""
_ONE_ARTICLE = "coalesce((SELECT merged_into FROM articles WHERE id = {0}), {0})"
_QUERIES = (
    (
        "SELECT r.id, 'is of article ' || r.article_id || ', but its raw page ' || p.id || ' is of article ' || p.article_id"
        " FROM revisions r JOIN pages p ON p.id = r.page_id WHERE p.article_id IS NOT r.article_id"
        f" AND {_ONE_ARTICLE.format('p.article_id')} IS NOT {_ONE_ARTICLE.format('r.article_id')}"
        # Outlets that are told apart by guid alone publish several articles on one page.
        " AND NOT EXISTS (SELECT 1 FROM article_urls u WHERE u.url IN (p.url, p.final_url)"
        f" AND u.article_id = {_ONE_ARTICLE.format('r.article_id')})",
        "revisions",
    ),
    (
        "SELECT r.id, 'says that it was seen at ' || r.seen_at || '; it was filed by fetches row ' || f.id || ', of ' || f.at"
        " FROM fetches f JOIN revisions r ON r.id = f.revision_id WHERE f.at <> r.seen_at",
        "revisions",
    ),
    (
        "SELECT r.id, 'names raw page ' || coalesce(r.page_id, 'none') || ' of article ' || r.article_id || '; it was filed by'"
        " || ' fetches row ' || f.id || ', with page ' || coalesce(f.page_id, 'none') || ' of article ' || f.article_id"
        " FROM fetches f JOIN revisions r ON r.id = f.revision_id"
        " WHERE f.page_id IS NOT r.page_id OR f.article_id IS NOT r.article_id",
        "revisions",
    ),
    (
        # A page that was read again gives a further revision, of the time of the one before.
        "SELECT r.id, 'says that it was seen at ' || r.seen_at || '; no fetch and no reading of its page says so'"
        " FROM revisions r WHERE NOT EXISTS (SELECT 1 FROM fetches f WHERE f.revision_id = r.id) AND NOT EXISTS"
        " (SELECT 1 FROM revisions b WHERE b.article_id = r.article_id AND b.number < r.number AND b.seen_at = r.seen_at)",
        "revisions",
    ),
    (
        "SELECT p.id, 'says that it was fetched at ' || p.fetched_at || '; the first fetch that names it was at ' || min(f.at)"
        " FROM pages p JOIN fetches f ON f.page_id = p.id GROUP BY p.id HAVING min(f.at) <> p.fetched_at",
        "pages",
    ),
    (
        "SELECT a.id, 'says that it stands at ' || a.url || ', where it was never seen'"
        " FROM articles a WHERE NOT EXISTS (SELECT 1 FROM article_urls u"
        " WHERE u.article_id = coalesce(a.merged_into, a.id) AND u.url = a.url)",
        "articles",
    ),
    (
        "SELECT a.id, 'is of article ' || a.article_id || ' and raw page ' || coalesce(a.page_id, 'none') || '; its revision is'"
        " || ' of article ' || r.article_id || ' and page ' || coalesce(r.page_id, 'none')"
        " FROM alerts a JOIN revisions r ON r.id = a.revision_id"
        f" WHERE a.page_id IS NOT r.page_id OR {_ONE_ARTICLE.format('a.article_id')} <> {_ONE_ARTICLE.format('r.article_id')}",
        "alerts",
    ),
)


def wrong_rows(db: Connection) -> Iterator[WrongPage]:
    """Everything in which rows contradict one another."""
    db.execute("BEGIN")  # one moment of the archive: a crawl may be writing
    try:
        for query, table in _QUERIES:
            for row, what in db.execute(query):
                yield f"{table} row {row}", f"{what}; {MEND}"
        yield from _names(db)
    finally:
        db.execute("COMMIT")


def _names(db: Connection) -> Iterator[WrongPage]:
    """`revisions.byline`, which is hashed, is made of the names in `bylines`."""
    rows = db.execute(
        "SELECT r.id, coalesce(r.byline, '') AS byline, coalesce(group_concat(b.name, ', '), '') AS names FROM revisions r"
        " LEFT JOIN (SELECT * FROM bylines ORDER BY revision_id, position) b ON b.revision_id = r.id GROUP BY r.id"
        " HAVING names <> coalesce(r.byline, '')"
    )
    for row in rows:
        yield (
            f"bylines of revision {row['id']}",
            f"name {row['names'] or 'nobody'!r}; its byline reads {row['byline']!r}; {MEND}",
        )


def wrong_page(row: Row, recorded: Page, sources: Container[str]) -> Iterator[str]:
    """Where a row of `pages` says otherwise than the record that it points at. `sources`: all ids in the archive."""
    said = {
        "url": (_address(row["url"]), _address(recorded.url)),
        "final_url": (_address(row["final_url"]), _address(recorded.final_url)),
        "http_status": (row["http_status"], recorded.status),
        "bytes": (row["bytes"], len(recorded.body)),
        "rendered": (bool(row["rendered"]), recorded.rendered),
    }
    if recorded.source in sources:  # others: a record of other makers, or of an archive with other names
        said["source_id"] = (row["source_id"], recorded.source)
    if not _is_moment(row["fetched_at"], recorded.fetched_at):
        said["fetched_at"] = (row["fetched_at"], format_utc(recorded.fetched_at))
    for column, (here, there) in said.items():
        if here != there:
            yield f"{column} is {here}, the WARC record says {there}; {MEND}"


def _address(url: str) -> str:
    """As a header of a record can hold it."""
    return _PASSWORD.sub("", re.sub(r"[\r\n\0]", " ", url).encode("utf-8", "replace").decode()).strip()


def _is_moment(written: str, at: datetime) -> bool:
    try:
        return abs(parse_utc(written) - at) <= TWO_READINGS
    except ValueError:
        return False

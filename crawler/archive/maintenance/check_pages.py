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
from crawler.sqlite.values import clean_text_or_none, format_utc, parse_utc

REMEDY = "restore the row from a backup"
CLOCK_TOLERANCE = timedelta(seconds=5)
"""Row and record are dated by two calls of the same clock."""
_PASSWORD = re.compile(r"(?<=//)[^/?#\s@]*@")
"""Public copies have no passwords in their rows, but WARC records are copied unchanged."""


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

"""Raw pages as WARC/1.1 records: compressed in a child process, appended in the store's transaction, read by offset.

A record is one gzip member, so that a page can be read with the file, the offset and the length alone. It describes the
page completely: `Wirewatch-*` fields (WARC allows extensions) hold what the standard fields do not, so that the archive
can be rebuilt from the files.

Headers are stored as received, but the body is stored decoded, as Common Crawl does: `Content-Encoding`,
`Transfer-Encoding` and a `Content-Length` that no longer fits are renamed to `X-Crawler-...`, and the true length is added.
"""

from __future__ import annotations

import base64
import hashlib
import io
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.encodings.content_encoding import Truncated, decompress
from crawler.exceptions import ArchiveError, ParseError, PrunedPageError
from crawler.items import PackedPage
from crawler.models import Page
from crawler.sqlite.values import format_utc
from crawler.timestamps import parse_timestamp

if TYPE_CHECKING:
    from sqlite3 import Row

    from crawler.sqlite.connection import Connection

COMPRESSION = 2
"""Level of isal's igzip. On 120 pages of the corpus (mean 198 KB): 0.37 ms and 45.1 KB per page; zlib's level 6 takes
4.46 ms for 39.1 KB, igzip's level 3 takes 0.82 ms for 43.7 KB."""
MAX_RECORD = 64 << 20
"""Most bytes of a decompressed record: eight times the largest page that is fetched. A damaged one must not fill memory."""

_RENAMED = {"content-encoding", "transfer-encoding", "content-length"}
"""Headers that do not describe the stored body; they are stored with `_PREFIX`."""
_PREFIX = "X-Crawler-"


def pack(page: Page) -> PackedPage:
    """Return a page as a compressed WARC record. It runs in a child process, so that the writer thread need not compress."""
    digest = hashlib.sha256(page.body)
    http = _http_head(page) + page.body
    head = _warc_head(
        [
            ("WARC-Type", "response"),
            ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid4()}>"),
            ("WARC-Date", format_utc(page.fetched_at)),
            ("WARC-Target-URI", page.final_url),
            ("WARC-Payload-Digest", "sha256:" + base64.b32encode(digest.digest()).decode()),
            ("Wirewatch-Source", page.source),
            *([("Wirewatch-Requested-URI", page.url)] if page.url != page.final_url else []),
            *([("Wirewatch-Rendered", "1")] if page.rendered else []),
            ("Content-Type", "application/http; msgtype=response"),
            ("Content-Length", str(len(http))),
        ]
    )
    record = compress(head + http + b"\r\n\r\n")
    return PackedPage(
        page=replace(page, body=b"", link=None),
        sha256=digest.hexdigest(),
        size=len(page.body),
        record=record,
        record_sha256=hashlib.sha256(record).hexdigest(),
    )


def warcinfo(name: str, at: datetime, operator: str) -> bytes:
    """Return the compressed warcinfo record that a file begins with."""
    fields = _fields([("software", operator), ("format", "WARC File Format 1.1"), ("isPartOf", "Wirewatch archive")])
    head = _warc_head(
        [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid4()}>"),
            ("WARC-Date", format_utc(at)),
            ("WARC-Filename", name),
            ("Content-Type", "application/warc-fields"),
            ("Content-Length", str(len(fields))),
        ]
    )
    return compress(head + fields + b"\r\n\r\n")


def compress(data: bytes) -> bytes:
    """Return the data as one gzip member."""
    try:
        from isal import isal_zlib
    except ImportError:  # isal has no wheel for this platform; zlib's fastest level is the most similar
        compressor: Any = zlib.compressobj(1, zlib.DEFLATED, 31)
    else:
        compressor = isal_zlib.compressobj(COMPRESSION, zlib.DEFLATED, 31)
    return bytes(compressor.compress(data) + compressor.flush())


def read_stored_page(db: Connection, folder: Path, page_id: int) -> Page:
    """Return a raw page of the archive, with its body. Raises ArchiveError with file and offset if it is damaged."""
    row = page_row(db, page_id)
    return replace(recorded_page(row, folder), source=row["source_id"], url=row["url"], final_url=row["final_url"])


def page_row(db: Connection, page_id: int) -> Row:
    """Return the row of a raw page with the name of its WARC file. Raises ArchiveError: there is none, or it was pruned."""
    row: Row | None = db.execute(
        "SELECT pages.*, warc_files.name FROM pages LEFT JOIN warc_files ON warc_files.id = pages.warc_file_id"
        " WHERE pages.id = ?",
        (page_id,),
    ).fetchone()
    if row is None:
        raise ArchiveError(f"no raw page {page_id} in the archive; `SELECT id FROM pages` lists the IDs")
    if row["pruned_at"] is not None:
        raise PrunedPageError(page_id, row["pruned_at"][:10])
    return row


def recorded_page(row: Row, folder: Path) -> Page:
    """Return the page as its WARC record describes it; the row gives its position and the hash of its body.

    Raises ArchiveError with file and offset if the record is damaged.
    """
    page_id, where = row["id"], f"{folder / row['name']} at {row['warc_offset']}"
    try:
        record = read_slice(folder / row["name"], row["warc_offset"], row["warc_length"])
        page = parse_record(record)
    except (OSError, ParseError) as error:
        reason = error.reason if isinstance(error, ParseError) else error.strerror
        raise ArchiveError(
            f"{where}: raw page {page_id} cannot be read ({reason}); restore it from a backup"
        ) from error
    if hashlib.sha256(page.body).hexdigest() != row["sha256"]:
        raise ArchiveError(f"{where}: raw page {page_id} has changed (SHA-256 differs); restore it from a backup")
    if hashlib.sha256(record).hexdigest() != row["record_sha256"]:
        raise ArchiveError(f"{where}: the record of raw page {page_id} has changed; restore it from a backup")
    return page


def read_slice(path: Path, offset: int, length: int) -> bytes:
    """Return `length` bytes of a file from `offset`, fewer at its end."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def has_record(path: Path, offset: int) -> bool:
    """Return whether a complete record begins at `offset`."""
    unzip = zlib.decompressobj(31)
    head, unpacked = b"", 0
    try:
        with path.open("rb") as file:
            file.seek(offset)
            while not unzip.eof and unpacked <= MAX_RECORD:
                packed = file.read(1 << 16)
                if not packed:
                    return False
                data = unzip.decompress(packed)
                head, unpacked = head or data[:5], unpacked + len(data)
    except (zlib.error, OSError):
        return False
    return head == b"WARC/" and unzip.eof


def parse_record(record: bytes) -> Page:
    """Return the page in one gzip member. Raises ParseError."""
    unzip = zlib.decompressobj(31)
    try:
        data = unzip.decompress(record, MAX_RECORD)
    except zlib.error as error:
        raise ParseError("WARC record", f"not a gzip member: {error}") from error
    if not unzip.eof:
        raise ParseError("WARC record", f"cut off, or larger than {MAX_RECORD >> 20} MB")
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    try:
        for found in ArchiveIterator(io.BytesIO(data)):
            page = page_from_record(found)
            if page is not None:
                return page
    except (ArchiveLoadFailed, ValueError, EOFError) as error:
        raise ParseError("WARC record", f"not a WARC record: {error}") from error
    raise ParseError("WARC record", "it has no response")


def page_from_record(record: Any, *, source: str = "") -> Page | None:
    """Return the page in a record of warcio, written by us or by other software; None if it is not an HTTP response.

    `source`: the source ID if the record has none; only ours have one. Raises ParseError if the page is not complete.
    """
    if record.rec_type != "response" or record.http_headers is None:
        return None
    fields = record.rec_headers
    final_url = fields.get_header("WARC-Target-URI") or ""
    try:
        status = int(record.http_headers.get_statuscode())
    except ValueError:
        return None
    at = parse_timestamp(fields.get_header("WARC-Date") or "", timezone.utc, "")  # WARC 1.1 allows days and fractions
    if at is None:
        raise ParseError("WARC record", "invalid WARC-Date")
    renamed = {name.lower() for name, _ in record.http_headers.headers if name.lower().startswith(_PREFIX.lower())}
    return Page(
        source=fields.get_header("Wirewatch-Source") or source,
        url=fields.get_header("Wirewatch-Requested-URI") or final_url,
        final_url=final_url,
        status=status,
        headers=_as_received(record.http_headers.headers, renamed),
        body=_complete_body(record),
        fetched_at=at.at,
        rendered=fields.get_header("Wirewatch-Rendered") == "1",
    )


def _complete_body(record: Any) -> bytes:
    """Return the decoded body. Raises ParseError if it is incomplete: half a page would become a false revision."""
    from warcio.bufferedreaders import ChunkedDataReader

    headers, stream, size = record.http_headers, record.raw_stream, record.payload_length
    if size > MAX_RECORD:
        raise ParseError("WARC record", f"larger than {MAX_RECORD >> 20} MB")
    chunked = (headers.get_header("Transfer-Encoding") or "").strip().lower() == "chunked"
    raw = ChunkedDataReader(stream).read() if chunked else stream.read()
    while stream.read(1 << 16):
        pass  # skip what follows the last chunk
    announced = headers.get_header("Content-Length") or ""
    if stream.limit > 0:
        raise ParseError("WARC record", "cut off: the file ends within it")
    if record.rec_headers.get_header("WARC-Truncated") or (
        announced.isdigit() and not chunked and size < int(announced)
    ):
        raise ParseError("WARC record", "cut off when it was recorded")
    encodings = (value.split(",") for name, value in headers.headers if name.lower() == "content-encoding")
    try:
        return decompress(raw, list(chain.from_iterable(encodings)), max_size=MAX_RECORD)
    except Truncated:
        raise ParseError("WARC record", "cut off when it was recorded") from None
    except ValueError as error:
        raise ParseError("WARC record", str(error)) from error


def _as_received(headers: Sequence[tuple[str, str]], renamed: set[str]) -> tuple[tuple[str, str], ...]:
    """Return the headers with their original names, without the headers that replaced them."""
    return tuple(
        (name[len(_PREFIX) :] if name.lower() in renamed and name[len(_PREFIX) :].lower() in _RENAMED else name, value)
        for name, value in headers
        if (_PREFIX + name).lower() not in renamed and name != "X-Wirewatch-Length"
    )


def _http_head(page: Page) -> bytes:
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [(f"{_PREFIX}{name}" if name.lower() in _RENAMED else name, value) for name, value in page.headers]
    lines.append(("Content-Length", str(len(page.body))))
    return f"HTTP/1.1 {page.status} {phrase}\r\n".encode("ascii") + _fields(lines) + b"\r\n"


def _warc_head(fields: Sequence[tuple[str, str]]) -> bytes:
    return b"WARC/1.1\r\n" + _fields(fields) + b"\r\n"


def _fields(fields: Sequence[tuple[str, str]]) -> bytes:
    """Return header lines. A line break inside a value is replaced by a space, because it would begin another field."""
    text = "".join(f"{_one_line(name)}: {_one_line(value)}\r\n" for name, value in fields)
    return text.encode("utf-8", "replace")


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ").replace("\0", " ")

"""Cut WARC files into units of consecutive records, and skip the units that were replayed before."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from crawler.archive.storage.completed_tasks import TaskResult
from crawler.archive.storage.warc_records import page_from_record
from crawler.exceptions import ParseError
from crawler.models import Page

HEAD_BYTES = 1 << 16
"""Bytes at the beginning of a file that show what it is, and which file it is: the first record of a crawler's file has an
ID, a time and the file's name."""
UNIT_PAGES = 16
"""Pages of a unit: a transaction of about 50 ms, and at most this much work is repeated after a crash."""
UNIT_RECORDS = 256
"""Records of a unit, those without pages included."""
UNIT_BYTES = 16 << 20
"""Unpacked bytes of the pages of a unit, which are all in memory."""
SEARCHED_BYTES = 1 << 20
"""Bytes that are searched at a time for the record behind a damaged one."""
ZSTD, SKIPPABLE = b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"
"""How a file begins that is compressed with zstd: with a frame, or (after a first byte) with its dictionary."""
_RECORD_BEGINS = re.compile(rb"(?P<packed>\x1f\x8b\x08)|\r\n\r\n(?P<plain>WARC/1\.)")
_MARK_BYTES = 10
"""Bytes of the longer of the two beginnings, less one: one that is cut by the end of a search is found by the next."""
MESSAGE_LENGTH = 100
"""Characters of a library's message, which may quote bytes of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedUnit:
    """Consecutive records of a WARC file."""

    key: str
    """Names file, offset and settings."""
    path: Path
    start: int
    end: int
    """Offset of the first record behind the unit; equal to `start` if there is no complete record."""
    sha256: str
    """Of the bytes between them."""
    pages: tuple[Page, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)
    """Reason -> number of records that hold no readable page."""
    damage: str | None = None
    """What is wrong with the file behind the unit; None if nothing is."""
    resume: int | None = None
    """Offset of the next record behind a damaged one; None if nothing is damaged, or if there is no record behind it."""
    is_last: bool = False
    """Whether nothing behind the unit can be read."""
    earlier: TaskResult | None = None
    """The result of an earlier replay of these bytes, which were not read again; None: the unit is new."""


def read_units(path: Path, *, settings: str, earlier: Callable[[str], TaskResult | None]) -> Iterator[RecordedUnit]:
    """The units of a file, in order.

    `settings`: whatever else the results depend on; other settings give other keys. `earlier`: the result of a completed
    unit. A unit is skipped only if its bytes are the same, so a file may grow, and a damaged one may be repaired.
    """
    try:
        with path.open("rb") as stream:
            yield from _units(path, stream, settings, earlier)
    except OSError as error:
        raise ParseError(str(path), f"{error.strerror}; expected a WARC file") from error


def _units(
    path: Path, stream: BinaryIO, settings: str, earlier: Callable[[str], TaskResult | None]
) -> Iterator[RecordedUnit]:
    head = stream.read(HEAD_BYTES)
    size = path.stat().st_size
    offset = 0
    if not _begins_as_warc(head):
        is_packed = head[:4] == ZSTD or head[1:4] == SKIPPABLE
        damage = f"{path}: " + ("compressed with zstd; unpack it with `zstd -d`" if is_packed else "not a WARC file")
        yield RecordedUnit(key="", path=path, start=0, end=0, sha256="", damage=damage, is_last=True)
        return
    identity = hashlib.sha256(settings.encode() + b"\0" + head).hexdigest()
    while offset < size:
        key = f"replay {identity} {offset}"
        known = earlier(key)
        if known is not None and known["end"] > offset and _sha256(stream, offset, known["end"]) == known["sha256"]:
            unit = RecordedUnit(
                key=key, path=path, start=offset, end=known["end"], sha256=known["sha256"], earlier=known
            )
        else:
            # Records behind a damaged one were read before it was repaired.
            unit = _read_unit(
                path, stream, offset, size, key, lambda begin: earlier(f"replay {identity} {begin}") is not None
            )
        yield unit
        if unit.is_last:
            return
        offset = unit.end if unit.resume is None else unit.resume


def _read_unit(
    path: Path, stream: BinaryIO, start: int, size: int, key: str, is_unit: Callable[[int], bool]
) -> RecordedUnit:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    pages: list[Page] = []
    left_out: Counter[str] = Counter()
    damage, resume, is_last = None, None, False
    end, unpacked = start, 0
    stream.seek(start)
    records = ArchiveIterator(stream)
    try:
        for number, record in enumerate(records, start=1):
            page = _page(record, left_out)
            records.read_to_end()
            if getattr(record.raw_stream, "limit", 0) > 0:  # the file ends within the record: it may still be growing
                is_last = True
                break
            if page is not None:
                pages.append(page)
                unpacked += len(page.body)
            if records.offset >= size and not _is_complete(records, stream):
                is_last = True  # its last bytes may follow: the next replay looks at this record again
                break
            end = records.offset
            if len(pages) == UNIT_PAGES or number == UNIT_RECORDS or unpacked >= UNIT_BYTES or is_unit(end):
                break
        else:
            if end < size:
                damage = f"{path}: the file ends within a record; the records before it were processed"
    except (ArchiveLoadFailed, EOFError, ValueError, AttributeError) as error:  # AttributeError: a record without a URL
        if "non-chunked gzip" in str(error):
            damage = f"{path}: one gzip stream, not one for each record; run `warcio recompress OLD NEW` and replay NEW"
            return RecordedUnit(key=key, path=path, start=start, end=start, sha256="", damage=damage, is_last=True)
        message = "".join(char for char in (str(error).strip() or "?").splitlines()[0] if char.isprintable())
        resume = _next_record(stream, end + 1)
        others = "before it" if resume is None else f"before it and from byte {resume} on"
        damage = (
            f"{path}: damaged record at byte {end} ({message[:MESSAGE_LENGTH]}); the records {others} were processed"
        )
    return RecordedUnit(
        key=key, path=path, start=start, end=end, sha256=_sha256(stream, start, end), pages=tuple(pages),
        left_out=left_out, damage=damage, resume=resume,
        is_last=is_last or (damage is not None and resume is None),
    )  # fmt: skip


def _next_record(stream: BinaryIO, offset: int) -> int | None:
    """Offset of the first record that begins at or after an offset; None if there is none."""
    while True:
        stream.seek(offset)
        chunk = stream.read(SEARCHED_BYTES + _MARK_BYTES)
        for found in _RECORD_BEGINS.finditer(chunk):
            begin = offset + found.start(found.lastgroup or 0)
            if found.lastgroup == "plain" or _is_compressed_record(stream, begin):
                return begin
        if len(chunk) <= SEARCHED_BYTES:
            return None
        offset += SEARCHED_BYTES


def _is_compressed_record(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    try:
        return zlib.decompressobj(31).decompress(stream.read(1024), 5) == b"WARC/"
    except zlib.error:  # these three bytes stand within a record
        return False


def _is_complete(records: Any, stream: BinaryIO) -> bool:
    """Whether the last record of the file has all of its bytes, the checksum or the final line breaks included."""
    if records.reader.decompressor:
        return bool(records.reader.decompressor.eof)
    stream.seek(-4, os.SEEK_END)
    return stream.read(4) == b"\r\n\r\n"


def _page(record: Any, left_out: Counter[str]) -> Page | None:
    try:
        page = page_from_record(record)
    except ParseError as error:
        left_out[error.reason] += 1
        return None
    if page is None and record.rec_type == "response":
        left_out["not a readable HTTP response"] += 1
    return page


def _begins_as_warc(head: bytes) -> bool:
    """warcio looks for records in any file, and prints a warning for each that it takes for one."""
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(31).decompress(head, HEAD_BYTES)
        except zlib.error:
            return True  # a damaged one: the reader says where
    return not head or head.lstrip().startswith((b"WARC/", b"filedesc:"))


def _sha256(stream: BinaryIO, start: int, end: int) -> str:
    digest = hashlib.sha256()
    stream.seek(start)
    while start < end and (chunk := stream.read(min(1 << 20, end - start))):
        digest.update(chunk)
        start += len(chunk)
    return digest.hexdigest()

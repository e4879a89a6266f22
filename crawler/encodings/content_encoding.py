"""Decode Content-Encoding, and detect streams that were cut off.

A truncated gzip or brotli body whose Content-Length fits looks like a whole page to HTTP. It would be stored as half an
article, and as a false revision at the next recheck. Pure; the size of the output is limited.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

DECODE_CHUNK = 1 << 16
"""Bytes decoded at a time, so that a decompression bomb is detected before it fills the memory."""
ENCODINGS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})
"""The content encodings that are decoded."""
MISLABELS = frozenset(
    {"identity", "none", "binary", "8bit", "plain", "text", "chunked", "aws-chunked", "utf-8", "utf8"}
)
"""Values of Content-Encoding that servers send with bodies that are not encoded; browsers ignore them."""
MOST_PARTS = 256
"""Most members of a gzip body or frames of a zstd body; servers send one. Each costs a copy of the rest of the body."""
TOO_MANY_PARTS = f"compressed in more than {MOST_PARTS} parts"
CUT_OFF = "the compressed stream is cut off"


_TEXT = re.compile(rb"\s*<(?:[!?]|[a-z])", re.IGNORECASE)
"""How a document begins that is not encoded, although its header says so: recorders of WARC files decode it."""


class TooLarge(ValueError):  # noqa: N818 -- says what the body is
    """The decoded body is larger than allowed. Raised by `decompress`."""


class Truncated(ValueError):  # noqa: N818 -- says what the body is
    """The compressed stream is cut off or damaged. Raised by `decompress`."""


def decompress(body: bytes, encodings: Sequence[str], *, max_size: int) -> bytes:
    """Return `body` with its content encodings decoded; `encodings` in the order in which they were applied.

    `max_size` limits the decoded body, in bytes. Raises Truncated, TooLarge, and ValueError for an unknown encoding or a
    body of too many parts.
    """
    for encoding in reversed([name.strip().lower() for name in encodings if name.strip()]):
        if encoding in MISLABELS:
            continue
        if encoding not in ENCODINGS:
            raise ValueError(f"unknown Content-Encoding {encoding[:40]!r}")
        try:
            body = _decode(body, encoding, max_size)
        except Truncated:
            if not _TEXT.match(body):
                raise
    return body


def _decode(body: bytes, encoding: str, max_size: int) -> bytes:
    if not body:
        return body
    if encoding in ("gzip", "x-gzip"):
        # Many servers announce gzip but do not compress; browsers accept the body as it is.
        return _joined(_gunzip(body), max_size) if body.startswith(b"\x1f\x8b") else body
    if encoding == "deflate":
        try:
            return _joined(_inflate(body, zlib.decompressobj()), max_size)
        except Truncated:  # some servers send a raw deflate stream instead of zlib's format, which is the standard
            return _joined(_inflate(body, zlib.decompressobj(-15)), max_size)
    return _joined(_unbrotli(body) if encoding == "br" else _unzstd(body), max_size)


def _joined(parts: Iterator[bytes], max_size: int) -> bytes:
    decoded = bytearray()
    for part in parts:
        decoded += part
        if len(decoded) > max_size:
            raise TooLarge
    return bytes(decoded)


def _gunzip(body: bytes) -> Iterator[bytes]:
    """Decode all members; zeros after the last one are padding that some servers send."""
    rest = body
    members = 0
    while rest.startswith(b"\x1f\x8b"):
        members += 1
        if members > MOST_PARTS:
            raise ValueError(TOO_MANY_PARTS)
        unzip = _zlib().decompressobj(31)
        yield from _inflate(rest, unzip)
        rest = unzip.unused_data.lstrip(b"\0")


def _inflate(body: bytes, unzip: Any) -> Iterator[bytes]:
    rest = body
    size = DECODE_CHUNK * 4
    while not unzip.eof:
        try:
            part = unzip.decompress(rest, size)
        except Exception as error:  # zlib.error, or isal's equivalent
            raise Truncated(str(error)) from error
        if not part and not rest:  # output may follow after the last byte of input
            raise Truncated(CUT_OFF)
        yield part
        rest = unzip.unconsumed_tail
        size = DECODE_CHUNK


def _unbrotli(body: bytes) -> Iterator[bytes]:
    import brotli

    unpack = brotli.Decompressor()
    rest = body
    while not unpack.is_finished():
        try:
            part = unpack.process(rest, output_buffer_limit=DECODE_CHUNK)
        except brotli.error as error:
            raise Truncated(str(error)) from error
        if not part and (not rest or unpack.can_accept_more_data()):
            raise Truncated(CUT_OFF)
        yield part
        rest = b""


def _unzstd(body: bytes) -> Iterator[bytes]:
    """Decode all frames."""
    zstd = _zstd()
    rest = body
    frames = 0
    while rest:
        frames += 1
        if frames > MOST_PARTS:
            raise ValueError(TOO_MANY_PARTS)
        unpack = zstd.ZstdDecompressor()
        while not unpack.eof:
            try:
                part = unpack.decompress(rest, max_length=DECODE_CHUNK)
            except zstd.ZstdError as error:
                raise Truncated(str(error)) from error
            yield part
            rest = b""
            if not part and unpack.needs_input:
                raise Truncated(CUT_OFF)
        rest = unpack.unused_data.lstrip(b"\0")


_END = re.compile(
    rb"</(?:html|rss|feed|rdf:rdf|urlset|sitemapindex)\s*>(?:\s|<!--(?:(?!-->).)*-->)*\Z", re.IGNORECASE | re.DOTALL
)
"""The lookahead ends a comment at its first `-->`: a lazy `.*?` would try every combination of comments."""
_END_BYTES = 4096
"""Bytes at the end of a body that are searched for its last tag; some servers write comments after it."""


def shows_its_end(body: bytes) -> bool:
    """Return whether the body ends with the closing tag of its document, so that it is complete without a known length."""
    return _END.search(body[-_END_BYTES:]) is not None


def _zstd() -> Any:
    """Return the zstd module: of the standard library from Python 3.14, else its backport (a dependency of Scrapy)."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _zlib() -> Any:
    """Return isal's zlib, which decodes three times as fast, or the standard one where isal has no wheel."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib
    return isal_zlib

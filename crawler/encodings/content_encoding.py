"""Decode Content-Encoding, and detect streams that were cut off.

A truncated gzip or brotli body whose Content-Length fits looks like a whole page to HTTP. It would be stored as half an
article, and as a false revision at the next recheck. Pure; the size of the output is limited.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Sequence
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
        body = _decode(body, encoding, max_size)
    return body


def _decode(body: bytes, encoding: str, max_size: int) -> bytes:
    if not body:
        return body
    if encoding in ("gzip", "x-gzip"):
        return _gunzip(body, max_size)
    if encoding == "deflate":
        return _inflate(body, max_size)
    return _unbrotli(body, max_size) if encoding == "br" else _unzstd(body, max_size)


def _gunzip(body: bytes, max_size: int) -> bytes:
    """Decode all members; zeros after the last one are padding that some servers send."""
    if not body.startswith(b"\x1f\x8b"):
        return body  # many servers announce gzip but do not compress; browsers accept the body as it is
    whole = b""
    rest = body
    parts = 0
    while rest.startswith(b"\x1f\x8b"):
        parts += 1
        if parts > MOST_PARTS:
            raise ValueError(TOO_MANY_PARTS)
        unzip = _zlib().decompressobj(31)
        whole += _drain(unzip, rest, max_size - len(whole))
        rest = unzip.unused_data.lstrip(b"\0")
    return whole


def _inflate(body: bytes, max_size: int) -> bytes:
    """Decode zlib's format as in the standard, or a raw deflate stream, as some servers send it."""
    try:
        return _drain(zlib.decompressobj(), body, max_size)
    except Truncated:
        return _drain(zlib.decompressobj(-15), body, max_size)


def _drain(unzip: Any, body: bytes, max_size: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    rest = body
    try:
        while not unzip.eof:
            part = unzip.decompress(rest, DECODE_CHUNK if size else DECODE_CHUNK * 4)
            if not part and not rest:  # output may follow after the last byte of input
                break
            size += len(part)
            if size > max_size:
                raise TooLarge
            parts.append(part)
            rest = unzip.unconsumed_tail
    except TooLarge:
        raise
    except Exception as error:  # zlib.error, or isal's equivalent
        raise Truncated(str(error)) from error
    if not unzip.eof:
        raise Truncated(CUT_OFF)
    return b"".join(parts)


def _unbrotli(body: bytes, max_size: int) -> bytes:
    import brotli

    unpack = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    data = body
    try:
        while not unpack.is_finished():
            part = unpack.process(data, output_buffer_limit=DECODE_CHUNK)
            if not part and (not data or unpack.can_accept_more_data()):
                break
            data = b""
            size += len(part)
            if size > max_size:
                raise TooLarge
            parts.append(part)
    except brotli.error as error:
        raise Truncated(str(error)) from error
    if not unpack.is_finished():
        raise Truncated(CUT_OFF)
    return b"".join(parts)


def _unzstd(body: bytes, max_size: int) -> bytes:
    """Decode all frames."""
    zstd = _zstd()
    parts: list[bytes] = []
    size = 0
    rest = body
    frames = 0
    while rest:
        frames += 1
        if frames > MOST_PARTS:
            raise ValueError(TOO_MANY_PARTS)
        unpack = zstd.ZstdDecompressor()
        try:
            while not unpack.eof:
                part = unpack.decompress(rest, max_length=DECODE_CHUNK)
                rest = b""
                size += len(part)
                if size > max_size:
                    raise TooLarge
                parts.append(part)
                if not part and unpack.needs_input:
                    raise Truncated(CUT_OFF)
        except zstd.ZstdError as error:
            raise Truncated(str(error)) from error
        rest = unpack.unused_data
    return b"".join(parts)


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

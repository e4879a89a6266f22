"""Content-Encoding undone, with a look at whether the stream came to its end.

A gzip or brotli body that was cut, with a Content-Length that fits, looks like a whole page to HTTP: half an article, and
a false revision at the next visit. Pure; bounded.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Sequence
from typing import Any

DECODE_CHUNK = 1 << 16
"""Bytes unpacked at a time, so that a bomb is noticed before it is unpacked."""
PACKED = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})
MISLABELS = frozenset(
    {"identity", "none", "binary", "8bit", "plain", "text", "chunked", "aws-chunked", "utf-8", "utf8"}
)
"""Said by servers that mean no encoding at all; browsers take their pages as they are."""


MOST_PARTS = 256
"""Members of a gzip body or frames of a zstd one; servers send one. Each costs a copy of what is left of the body."""
TOO_MANY_MEMBERS = f"packed in more than {MOST_PARTS} parts"


class TooLarge(ValueError):  # noqa: N818 -- says what the body is
    """More bytes than allowed."""


class Truncated(ValueError):  # noqa: N818
    """The stream does not come to its end, or is damaged."""


def decompress(body: bytes, encodings: Sequence[str], *, max_size: int) -> bytes:
    """`body` with its content encodings undone, the last applied first.

    Raises Truncated, TooLarge, and ValueError for an encoding that is not known or a body of too many parts.
    """
    for encoding in reversed([name.strip().lower() for name in encodings if name.strip()]):
        if encoding in MISLABELS:
            continue
        if encoding not in PACKED:
            raise ValueError(f"Content-Encoding {encoding[:40]!r} is not known")
        body = _undo(body, encoding, max_size)
    return body


def _undo(body: bytes, encoding: str, max_size: int) -> bytes:
    if not body:
        return body
    if encoding in ("gzip", "x-gzip"):
        return _gunzip(body, max_size)
    if encoding == "deflate":
        return _inflate(body, max_size)
    return _unbrotli(body, max_size) if encoding == "br" else _unzstd(body, max_size)


def _gunzip(body: bytes, max_size: int) -> bytes:
    """All members; zeros after the last one are padding that some servers send."""
    if not body.startswith(b"\x1f\x8b"):
        return body  # many servers say gzip and send none; browsers take it as it is
    whole = b""
    rest = body
    parts = 0
    while rest.startswith(b"\x1f\x8b"):
        parts += 1
        if parts > MOST_PARTS:
            raise ValueError(TOO_MANY_MEMBERS)
        unzip = _zlib().decompressobj(31)
        whole += _drain(unzip, rest, max_size - len(whole))
        rest = unzip.unused_data.lstrip(b"\0")
    return whole


def _inflate(body: bytes, max_size: int) -> bytes:
    """zlib's format as the standard says, or raw as some servers send it."""
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
            if not part and not rest:  # after the last byte of input there may be output still
                break
            size += len(part)
            if size > max_size:
                raise TooLarge
            parts.append(part)
            rest = unzip.unconsumed_tail
    except TooLarge:
        raise
    except Exception as error:  # zlib.error, or isal's of the same meaning
        raise Truncated(str(error)) from error
    if not unzip.eof:
        raise Truncated("the stream does not come to its end")
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
        raise Truncated("the stream does not come to its end")
    return b"".join(parts)


def _unzstd(body: bytes, max_size: int) -> bytes:
    """All frames."""
    zstd = _zstd()
    parts: list[bytes] = []
    size = 0
    rest = body
    frames = 0
    while rest:
        frames += 1
        if frames > MOST_PARTS:
            raise ValueError(TOO_MANY_MEMBERS)
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
                    raise Truncated("the stream does not come to its end")
        except zstd.ZstdError as error:
            raise Truncated(str(error)) from error
        rest = unpack.unused_data
    return b"".join(parts)


_END = re.compile(
    rb"</(?:html|rss|feed|rdf:rdf|urlset|sitemapindex)\s*>(?:\s|<!--(?:(?!-->).)*-->)*\Z", re.IGNORECASE | re.DOTALL
)
"""A comment ends at its first `-->` and nowhere else: a lazy `.*?` would be tried across every combination of comments."""
_END_BYTES = 4096
"""Of a body, in which its end is looked for; some servers write comments behind it."""


def shows_its_end(body: bytes) -> bool:
    """Whether a document's last tag is there: one whose length nobody told was not cut, then."""
    return _END.search(body[-_END_BYTES:]) is not None


def _zstd() -> Any:
    """The standard library's from 3.14 on, its backport before (Scrapy brings it)."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _zlib() -> Any:
    """isal unpacks pages three times as fast; it has wheels for nearly every platform."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib
    return isal_zlib

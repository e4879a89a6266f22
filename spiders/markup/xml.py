"""Parse the XML of feeds and sitemaps, well-formed or not, gzipped or not, into an element tree.

The text is already decoded (`crawler/encodings/charset.py`), so the prolog and its encoding are ignored. The document
type is ignored too: it only declares entities, which may expand without limit or name files.
"""

from __future__ import annotations

import html
import re
import zlib
from typing import TYPE_CHECKING

from crawler.encodings.charset import decode
from crawler.encodings.content_encoding import MOST_PARTS, TOO_MANY_PARTS
from crawler.exceptions import ParseError
from crawler.reasons import Reason, ReasonCode

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

MAX_UNPACKED = 52_428_800
"""Bytes after decompression: the limit of the sitemap protocol (sitemaps.org). Feeds are far smaller."""
PROLOG_BYTES = 16_384
"""Characters within which the root element must begin, after comments, style sheets and PHP warnings."""


def unpack_body(body: bytes, url: str) -> tuple[bytes, Reason | None]:
    """`body`, decompressed if it is gzip, once or twice, and a note if it is truncated.

    Raises ParseError if nothing can be decompressed or the result is too large.
    """
    notes: list[Reason] = []
    for _ in range(2):  # some servers compress a file that is compressed already
        if body[:2] == GZIP:
            body, note = _decompressed(body, url)
            notes += [note] if note else []
    return body, notes[0] if notes else None


GZIP = b"\x1f\x8b"


def _decompressed(body: bytes, url: str) -> tuple[bytes, Reason | None]:
    data, left, whole, parts = b"", body, False, 0
    while left[:2] == GZIP:  # a file may have several members
        parts += 1
        if parts > MOST_PARTS:
            raise ParseError(url, TOO_MANY_PARTS, ReasonCode.BAD_ENCODING)
        unzip = zlib.decompressobj(31)
        try:
            data += unzip.decompress(left, MAX_UNPACKED + 1 - len(data))
        except zlib.error as error:
            if not data:
                raise ParseError(url, f"invalid gzip ({error})", ReasonCode.BAD_ENCODING) from error
            whole = False
            break
        if len(data) > MAX_UNPACKED:
            reason = f"larger than {MAX_UNPACKED:,} bytes after decompression, the limit of a sitemap"
            raise ParseError(url, reason, ReasonCode.TOO_LARGE)
        left, whole = unzip.unused_data, unzip.eof
        if not whole:
            break
    return data, None if whole else Reason(ReasonCode.TRUNCATED, "truncated gzip; parsed up to the truncation")


_ROOT = re.compile(r"<(?:\w[\w.-]*:)?(rss|feed|rdf|channel|urlset|sitemapindex)(?=[\s>/])", re.IGNORECASE)
_ANY_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SAYS_WHAT = re.compile(r"[^<>]*?\b(?:xmlns|version)[\w:]*\s*=", re.IGNORECASE)
_PAGE = re.compile(r"<html\b", re.IGNORECASE)
_PAGE_TYPE = re.compile(r"<!doctype\s+html\b", re.IGNORECASE)
"""Some real Atom feeds have this document type, so it counts only if no root element of a feed follows."""


def decode_xml(body: bytes, content_type: str | None, url: str) -> str:
    """`body` as text. Raises ParseError if it is empty."""
    text = decode(body, content_type).lstrip("\ufeff\x00 \t\r\n\x0b\x0c")
    if not text:
        raise ParseError(url, "empty document", ReasonCode.EMPTY_RESPONSE)
    return text


def root_of(text: str) -> tuple[str, int]:
    """Name (lower case) and offset of the root element of a feed or sitemap, else of any root; ("", 0) without a root."""
    head = _COMMENT.sub(lambda comment: " " * len(comment[0]), text[:PROLOG_BYTES])
    known = _ROOT.search(head)
    page = _PAGE.search(head)
    if known and page and page.start() < known.start():
        # Some servers wrap a feed in a page; an element in a page is a feed's root only with a namespace or version.
        known = next((each for each in _ROOT.finditer(head) if _SAYS_WHAT.match(head, each.end())), None)
    if known:
        return known[1].lower(), known.start()
    if page or _PAGE_TYPE.search(head):
        return "html", page.start() if page else 0
    other = _ANY_ROOT.search(head)
    return (other[1].lower(), other.start()) if other else ("", 0)


def begins_with(text: str) -> str:
    """The first words of a text, for an error message."""
    return f"it begins with {' '.join(text[:80].split())[:30]!r}"


def tree_of(text: str, url: str) -> tuple[_Element, Reason | None]:
    """The tree of `text`, which begins with its root element, and a note if it is not well-formed."""
    from lxml import etree

    try:
        return etree.fromstring(text.encode("utf-8", "replace"), _parser(recover=False)), None
    except etree.XMLSyntaxError as error:
        note = Reason(ReasonCode.MALFORMED, f"not well-formed: {' '.join(str(error.msg).split())}")
    try:
        # A text that is cut off: without the last element's half address, which would be a link to another page.
        root = etree.fromstring(
            tidy(text[: text.rfind(">") + 1] or text).encode("utf-8", "replace"), _parser(recover=True)
        )
    except etree.XMLSyntaxError as error:
        raise ParseError(url, f"invalid XML ({' '.join(str(error.msg).split())})", ReasonCode.MALFORMED) from error
    if root is None:
        raise ParseError(url, "invalid XML", ReasonCode.MALFORMED)
    return root, note


def _parser(*, recover: bool) -> XMLParser:
    from lxml import etree

    return etree.XMLParser(
        recover=recover, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8",
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#[xX](?P<hex>[0-9a-fA-F]{1,9})|#(?P<dec>[0-9]{1,9})|(?P<name>\w{1,32})(?=;))?;?",
    re.DOTALL,
)
_SURROGATES = re.compile(r"&#[xX](d[89ab][0-9a-f]{2});&#[xX](d[c-f][0-9a-f]{2});", re.IGNORECASE)
"""A character beyond U+FFFF as JavaScript and Java programs write it: as the two halves of its UTF-16 form."""
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def tidy(text: str) -> str:
    """`text` with XML errors fixed: control characters, invalid references, HTML entities, bare ampersands."""
    text = _SURROGATES.sub(lambda pair: bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be"), text.translate(_CONTROL))
    return _REFERENCE.sub(_reference, text)


def _reference(found: re.Match[str]) -> str:
    if found[0].startswith("<"):
        return found[0]
    number = int(found["hex"], 16) if found["hex"] else int(found["dec"]) if found["dec"] else None
    if number is not None:
        possible = number in (9, 10, 13) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE
        return f"&#{number};" if possible or 0x10000 <= number < 0x110000 else "\ufffd"
    if found["name"] in _XML_NAMES:
        return found[0]
    meant = html.unescape(found[0]) if found["name"] else found[0]
    return "&amp;" + found[0][1:] if meant == found[0] else meant.replace("&", "&amp;").replace("<", "&lt;")

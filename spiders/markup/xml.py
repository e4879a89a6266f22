"""XML as the web sends it, to an element tree: well-formed or not, packed or not. For feeds and sitemaps alike.

The encoding is settled before (`crawler/encodings/charset.py`), so the prolog's claim is taken off. Document types are taken off
too: nothing of a feed stands in them but entities that expand without end or name files.
"""

from __future__ import annotations

import html
import re
import zlib
from typing import TYPE_CHECKING

from crawler.encodings.charset import decode
from crawler.encodings.content_encoding import MOST_PARTS, TOO_MANY_MEMBERS
from crawler.exceptions import ParseError
from crawler.reasons import Reason, ReasonCode

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

MAX_UNPACKED = 52_428_800
"""Bytes: the sitemap protocol's own limit of a file, unpacked (sitemaps.org); no feed comes near it."""
PROLOG_BYTES = 16_384
"""Characters in which the root element must begin; comments, style sheets and a server's warnings may stand before."""


def unpack_body(body: bytes, url: str) -> tuple[bytes, Reason | None]:
    """`body`, unpacked where it is gzip, and a note where that was cut short. Raises UnreadableError."""
    if body[:2] != b"\x1f\x8b":
        return body, None
    data, left, whole, parts = b"", body, False, 0
    while left[:2] == b"\x1f\x8b":  # members may follow one another
        parts += 1
        if parts > MOST_PARTS:
            raise ParseError(url, TOO_MANY_MEMBERS, ReasonCode.BAD_ENCODING)
        unzip = zlib.decompressobj(31)
        try:
            data += unzip.decompress(left, MAX_UNPACKED + 1 - len(data))
        except zlib.error as error:
            if not data:
                raise ParseError(url, f"gzip that cannot be unpacked ({error})", ReasonCode.BAD_ENCODING) from error
            whole = False
            break
        if len(data) > MAX_UNPACKED:
            reason = f"larger than {MAX_UNPACKED:,} bytes unpacked, which no feed or sitemap may be"
            raise ParseError(url, reason, ReasonCode.TOO_LARGE)
        left, whole = unzip.unused_data, unzip.eof
        if not whole:
            break
    note = Reason(ReasonCode.TRUNCATED, "cut off in transfer; read as far as it came")
    return data, None if whole else note


_ROOT = re.compile(r"<(?:\w[\w.-]*:)?(rss|feed|rdf|channel|urlset|sitemapindex)(?=[\s>/])", re.IGNORECASE)
_ANY_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SAYS_WHAT = re.compile(r"[^<>]*?\b(?:xmlns|version)[\w:]*\s*=", re.IGNORECASE)
_PAGE = re.compile(r"<html\b", re.IGNORECASE)
_PAGE_TYPE = re.compile(r"<!doctype\s+html\b", re.IGNORECASE)
"""A page's document type stands above real Atom feeds too: it tells nothing where a feed's root follows."""


def decode_xml(body: bytes, content_type: str | None, url: str) -> str:
    """The characters of `body`. Raises UnreadableError where there are none."""
    text = decode(body, content_type).lstrip("\ufeff\x00 \t\r\n\x0b\x0c")
    if not text:
        raise ParseError(url, "the response is empty", ReasonCode.EMPTY_RESPONSE)
    return text


def root_of(text: str) -> tuple[str, int]:
    """Name (lower case) and place of a feed's or sitemap's root; of any other root where there is none; or ("", 0)."""
    head = _COMMENT.sub(lambda comment: " " * len(comment[0]), text[:PROLOG_BYTES])
    known = _ROOT.search(head)
    page = _PAGE.search(head)
    if known and page and page.start() < known.start():
        # A feed may stand inside a page (its server wraps all it sends); there it must say what it is.
        known = next((each for each in _ROOT.finditer(head) if _SAYS_WHAT.match(head, each.end())), None)
    if known:
        return known[1].lower(), known.start()
    if page or _PAGE_TYPE.search(head):
        return "html", page.start() if page else 0
    other = _ANY_ROOT.search(head)
    return (other[1].lower(), other.start()) if other else ("", 0)


def begins_with(text: str) -> str:
    """For an error message: the first words."""
    return f"it begins with {' '.join(text[:80].split())[:30]!r}"


def tree_of(text: str, url: str) -> tuple[_Element, Reason | None]:
    """The tree of `text`, which begins with its root element, and a note where it is not well-formed."""
    from lxml import etree

    try:
        return etree.fromstring(text.encode("utf-8", "replace"), _parser(recover=False)), None
    except etree.XMLSyntaxError as error:
        note = Reason(ReasonCode.MALFORMED, f"not well-formed: {' '.join(str(error.msg).split())}")
    try:
        root = etree.fromstring(tidy(text).encode("utf-8", "replace"), _parser(recover=True))
    except etree.XMLSyntaxError as error:
        reason = f"not XML that can be read ({' '.join(str(error.msg).split())})"
        raise ParseError(url, reason, ReasonCode.MALFORMED) from error
    if root is None:
        raise ParseError(url, "not XML that can be read", ReasonCode.MALFORMED)
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
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def tidy(text: str) -> str:
    """`text` with what XML cannot hold put right: control characters, impossible references, HTML's entities, bare &."""
    return _REFERENCE.sub(_reference, text.translate(_CONTROL))


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

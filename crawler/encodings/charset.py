"""Decode bytes of unknown encoding. Declared charsets are often wrong, so one is used only if the bytes are valid in it.

The order is: byte-order mark; the declared charset (HTTP, then meta or XML declaration), if the bytes are valid in it;
UTF-8, if they are valid; then a detector. There are two exceptions. Any bytes are valid in a single-byte charset, so valid
multi-byte UTF-8 wins over it. And a UTF-8 text with a few invalid bytes (a pasted advertisement, a headline cut inside
a character) counts as valid.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from w3lib.encoding import resolve_encoding

DECLARATION_BYTES = 4_096
"""Bytes searched for a declaration. The HTML standard requires 1,024; real pages have scripts before their meta tag."""
DETECTION_SAMPLE = 24_000
"""Bytes given to the detector, whose time grows with the number of candidates; this much text shows the language."""
STRAY_SHARE, DECLARED_STRAY_SHARE = 0.02, 0.3
"""Largest number of invalid sequences per non-ASCII byte in a text that is decoded as UTF-8; the second one is for a text
that declares UTF-8. In text of other encodings, 50 to 100 % of the non-ASCII bytes are invalid as UTF-8."""

_ALIASES = {
    "ansi": "cp1252",
    "unicode-1-1-utf-8": "utf-8",
    "utf-16": "utf-16-le",
    "x-big5": "big5hkscs",
    "x-cp1251": "cp1251",
    "x-gbk": "gb18030",
    "x-mac-cyrillic": "mac-cyrillic",
}
"""Labels of the WHATWG Encoding Standard that w3lib does not read as browsers do."""
_MULTI_BYTE = frozenset(
    {"utf-8", "gb18030", "cp932", "cp949", "big5hkscs", "euc_jp", "iso2022_jp", "utf-16-le", "utf-16-be"}
)
_SINGLE_BYTE = frozenset(
    """cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp866 cp874 koi8-r koi8-u iso8859-2 iso8859-3
    iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16
    mac-cyrillic mac-roman""".split()
)
_READABLE = _MULTI_BYTE | _SINGLE_BYTE
"""Python has further codecs (zlib, rot13, utf-7, unicode_escape), which are not used on the web."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:+-]+)|<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]+)",
    re.IGNORECASE,
)
_MARKUP = re.compile(rb"<script.*?</script>|<style.*?</style>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the text of `body`. `content_type`: value of the HTTP header, None if there is none. Never raises."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    if body.isascii() and b"\x1b" not in body:
        return _ascii(body)
    declared = [name for name in (_from_header(content_type), _from_head(body)) if name]
    utf8 = _strictly(body, "utf-8")
    if utf8 is None:
        utf8 = _nearly_utf8(body, DECLARED_STRAY_SHARE if "utf-8" in declared else STRAY_SHARE)
    if utf8 is not None and all(name in _SINGLE_BYTE or name == "utf-8" for name in declared):
        return utf8
    for name in declared:
        text = _strictly(body, name)
        if text is not None:
            return text
    return utf8 if utf8 is not None else _guess(body)


@lru_cache(maxsize=256)
def readable_charset(label: str) -> str | None:
    """Return Python's name of a declared charset; None if it is unknown or not used on the web."""
    label = label.strip().strip("\"'").lower()
    try:
        name = resolve_encoding(_ALIASES.get(label, label)) or ""
    except ValueError:
        return None
    name = _ALIASES.get(name, name)
    return name if name in _READABLE else None


def _ascii(body: bytes) -> str:
    if body[:2] == b"<\x00" or body[:2] == b"\x00<":
        return body.decode("utf-16-le" if body[1:2] == b"\x00" else "utf-16-be", "replace")
    return body.decode("ascii")


def _from_header(content_type: str | None) -> str | None:
    found = _HEADER_CHARSET.search(content_type or "")
    return readable_charset(found[1]) if found else None


def _from_head(body: bytes) -> str | None:
    if body[:2] == b"<\x00" or body[:2] == b"\x00<":
        return "utf-16-le" if body[1:2] == b"\x00" else "utf-16-be"
    found = _DECLARED.search(body, 0, DECLARATION_BYTES)
    name = readable_charset((found[1] or found[2]).decode("ascii", "replace")) if found else None
    # A declaration that was found as single bytes is not in UTF-16, even if it says so.
    return "utf-8" if name and name.startswith("utf-16") else name


def _strictly(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except UnicodeDecodeError as error:
        # A body cut inside its last character is valid otherwise.
        if name in _MULTI_BYTE and error.start >= len(body) - 3 and error.reason in _INCOMPLETE:
            return body[: error.start].decode(name, "replace")
        return None


_INCOMPLETE = frozenset({"unexpected end of data", "incomplete multibyte sequence", "truncated data"})


def _nearly_utf8(body: bytes, share: float) -> str | None:
    """Return the text of a body that is UTF-8 but for a few invalid sequences; None if there are too many."""
    text = body.decode("utf-8", "replace")
    high = len(body) - len(body.translate(None, _HIGH))
    return text if text.count("\ufffd") <= share * high else None


def _guess(body: bytes) -> str:
    """Decode a body that is not valid in any declared charset, nor in UTF-8."""
    from charset_normalizer import from_bytes

    best = from_bytes(_detection_sample(body), cp_isolation=sorted(_READABLE - {"utf-16-le", "utf-16-be"})).best()
    return body.decode(best.encoding if best else "cp1252", "replace")


_HIGH = bytes(range(0x80, 0x100))


def _detection_sample(body: bytes) -> bytes:
    """Return text without markup for the detector: tags are ASCII, which is the same in every candidate."""
    first = next((index for index, byte in enumerate(body) if byte > 0x7F), 0)
    text = b" ".join(_MARKUP.sub(b" ", body[max(0, first - 200) : first + 8 * DETECTION_SAMPLE]).split())
    return text[:DETECTION_SAMPLE] or body[:DETECTION_SAMPLE]

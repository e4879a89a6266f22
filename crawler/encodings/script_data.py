"""Read the data in the scripts of a page: Next.js, Nuxt, Apollo and similar state, JSON-LD, objects in JavaScript.

The data may be written in a string: as JSON, percent-encoded or in base64.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

MAX_LITERALS = 50
"""Objects and lists of one script that are read."""
MIN_NESTED = 200
"""Characters of a string that may be JSON itself."""
MAX_JAVASCRIPT = 2_000_000
"""Characters of a script that is not JSON."""
_BEGIN = re.compile(r"[{\[]")
_STRING = re.compile(r'"((?:[^"\\]|\\.){80,})"')
_OPENING = r"(?:%7[Bb]|%5[Bb]|e[w-z]|W[w-z])"
_ENCODED = re.compile(rf"""\"({_OPENING}[\w%+/=.!~*()'-]{{198,}})\"|['`]({_OPENING}[\w%+/=.!~*()-]{{198,}})['`]""")
"""A string that may be JSON: percent-encoded, or in base64, where "{" becomes "e" and "[" becomes "W"."""
_BASE64 = re.compile(r"[\w+/-]+={0,2}")
_URL_SAFE = str.maketrans("-_", "+/")
_GUARD = re.compile(
    r"""(?:(?:\)\]\}'?,?|for\s{0,9}\(;;\);|while\s{0,9}\(1\);|/\*.{0,200}?\*/|<textarea[^<>]{0,200}>|[\w$.]{1,100}\()\s*)*(?=[{\["])"""
)
"""What servers write before JSON: a guard against scripts of other sites, the call of JSONP, a form field."""
_FLIGHT_ROW = re.compile(rb"[0-9a-f]*:(?:T([0-9a-f]+),)?")
_ANGULAR = {"q": "&quot;", "l": "&lt;", "g": "&gt;", "a": "&amp;"}
_CALL = re.compile(r"function\s*\(([\w$,\s]*)\)\s*\{\s*return\b")
_TOKEN = re.compile(
    r"""new Date\((?P<date>[^()]*)\)|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<key>[A-Za-z_$][\w$]*)(?=\s*:)"""
    r"""|(?P<no>!1)|(?P<yes>!0)|(?P<comma>,)(?=\s*[}\]])|(?P<name>void 0\b|[A-Za-z_$][\w$.]*)"""
)


def script_values(scripts: Iterable[str]) -> Iterator[Any]:
    """The objects and lists in scripts; of JavaScript that is not data, the long strings."""
    flight: list[str] = []
    for script in scripts:
        encoded = [script.strip(), *(each[1] or each[2] for each in _ENCODED.finditer(script))]
        yield from (value for text in encoded if text[:1] not in "{[" and (value := nested_json(text)) is not None)
        for before, value in _literals(script):
            if before.rstrip(" (").endswith("__next_f.push"):
                flight += [part for part in value[1:] if isinstance(part, str)] if isinstance(value, list) else []
            else:
                yield value
    if flight:
        yield from _flight_values("".join(flight))


def nested_json(text: str) -> Any:
    """The value of a string that is JSON itself, percent-encoded or in base64 too; None if it is not."""
    if len(text) < MIN_NESTED or text[0] not in "{[%eW":
        return None
    if text[0] == "%":
        text = unquote(text)
    elif text[0] in "eW":
        text = _from_base64(text)
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _from_base64(text: str) -> str:
    if text[1] not in "wxyz" or not _BASE64.fullmatch(text):
        return ""
    try:
        return base64.b64decode(text.rstrip("=").translate(_URL_SAFE) + "==").decode()
    except ValueError:
        return ""


def json_document(text: str) -> Any:
    """The value of a document that is JSON, after a guard or in a call of JSONP too; None if it is not JSON."""
    text = text.strip()
    begin = _GUARD.match(text)
    if begin is None:
        return None
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, begin.end())
    except (ValueError, RecursionError):
        return None
    return value if len(text[end : end + 100].strip()) <= len("</textarea></body>") else None


def _literals(script: str) -> Iterator[tuple[str, Any]]:
    """(text before it, value) of the objects and lists in a script."""
    decoder = json.JSONDecoder(strict=False)
    position = rest_start = 0
    is_json = True
    for _ in range(MAX_LITERALS):
        begin = _BEGIN.search(script, position)
        if begin is None:
            break
        try:
            value, end = decoder.raw_decode(script, begin.start())
        except (ValueError, RecursionError):
            if is_json:
                script, position, rest_start, is_json = _javascript_as_json(script[rest_start:]), 0, 0, False
            else:
                position = begin.end()
            continue
        if not is_json:
            yield "", _long_strings(script[rest_start : begin.start()])
        yield script[rest_start : begin.start()], value
        position = rest_start = end
    if not is_json:
        yield "", _long_strings(script[rest_start:])


def _long_strings(script: str) -> list[Any]:
    texts = [_unescaped(text) for text in _STRING.findall(script)]
    return [text if (nested := nested_json(text)) is None else nested for text in texts]


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _javascript_as_json(script: str) -> str:
    """A script with its keys quoted, and with the arguments of its call in place of their names (Nuxt 2)."""
    if '"' not in script:  # escaped: as in an attribute, or in Angular's way
        script = html.unescape(re.sub("&([qlag]);", lambda one: _ANGULAR[one[1]], script).replace("&s;", "'"))
    script = script[:MAX_JAVASCRIPT]
    known = {"true": "true", "false": "false", "null": "null"}
    call = _CALL.search(script)
    if call is not None:
        names = [name.strip() for name in call[1].split(",")]
        written = _TOKEN.sub(
            functools.partial(_token_as_json, known), script[script.rfind("}(") + 2 : script.rfind("))")]
        )
        with contextlib.suppress(ValueError, RecursionError):
            known |= {name: json.dumps(value) for name, value in zip(names, json.loads(f"[{written}]"), strict=False)}
    return _TOKEN.sub(functools.partial(_token_as_json, known), script)


def _token_as_json(known: Mapping[str, str], token: re.Match[str]) -> str:
    written = token[0]
    if token["date"] is not None:
        return token["date"] or "null"
    if token["string"]:
        inner = written[1:-1]
        if written[0] == "'":
            inner = re.sub(r'(?<!\\)"', r"\"", inner.replace("\\'", "'"))
        return '"' + re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", inner) + '"'
    if token["key"]:
        return f'"{written}"'
    if token["name"]:
        return known.get(written, "null")
    return "false" if token["no"] else "true" if token["yes"] else ""


def _flight_values(stream: str) -> Iterator[Any]:
    """The values of the rows that React server components send: `1a:JSON`, `1b:T3f,text`."""
    data, position = stream.encode("utf-8", "replace"), 0
    while position < len(data):
        row = _FLIGHT_ROW.match(data, position)
        line_end = data.find(b"\n", position)
        position = len(data) if line_end < 0 else line_end + 1
        if row is None:
            continue
        if row[1]:
            position = row.end() + int(row[1], 16)
            yield data[row.end() : position].decode("utf-8", "replace")
        elif data[row.end() : row.end() + 1] in (b"{", b"["):
            try:
                yield json.loads(data[row.end() : position], strict=False)
            except (ValueError, RecursionError):
                continue

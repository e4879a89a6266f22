"""Read the article text from the data of pages that are drawn by scripts: Next.js, Nuxt, Apollo and similar state.

The data is JSON of any shape. As in a tree of HTML elements, the article is the part that holds nearly all of the
running text, or the object with the page's headline.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, cast

from lxml import etree

from crawler.encodings.script_data import MIN_NESTED, nested_json, script_values
from crawler.models import Block, BlockKind
from pipelines.content.main_block import DOMINANT
from pipelines.html.document import GOOD, Document, collapse_whitespace, fold_text
from pipelines.html.text_flow import TextFlow

MAX_STATE_DEPTH = 60
_KINDS: dict[str, BlockKind] = {
    "p": "p", "paragraph": "p", "text": "p", "block": "p", "heading": "h", "h2": "h", "h3": "h", "h4": "h", "subhead": "h",
    "li": "li", "list-item": "li", "listitem": "li", "blockquote": "quote", "quote": "quote",
}  # fmt: skip
"""Types of blocks in editors' data and React elements."""
_TYPE_KEYS = ("type", "nodeType", "_type")
_CONTENT_KEYS = ("text", "content", "children", "value", "html", "body", "nodes", "props", "data")
MAX_HOLDERS = 4
"""Objects around a headline that are checked for its text: {"title": {"rendered": …}, "content": …}."""
MAX_HEADLINES = 50
"""Places of the headline that are checked."""
MAX_REFERENCES = 50_000
"""Values that are filled in for numbers."""
_MARKUP = re.compile(r"</?(?:p|br|h[1-6]|li|div|blockquote)\b", re.IGNORECASE)


def state_blocks(document: Document, title: str | None) -> tuple[Block, ...]:
    """The article's blocks from the page's script data; empty if there are none."""
    attributes = cast("list[str]", _LONG_ATTRIBUTES(document.root))
    scripts = [*document.state, *(text for text in attributes if text[0] in "{[")]
    values = list(map(_dereferenced, script_values(scripts)))
    if not values:
        return ()
    key = fold_text(title or document.title_tag)
    best: list[Block] = []
    for holders in islice(_with_headline(values, key, ()) if key else (), MAX_HEADLINES):
        texts = (_blocks(holder, 0) for holder in reversed(holders[-MAX_HOLDERS:]))
        found = next((blocks for blocks in texts if _length(blocks) >= MIN_NESTED), [])
        if _length(found) > _length(best):
            best = found
    return _unique(best or _blocks(_dominant(values), 0), key)


_LONG_ATTRIBUTES = etree.XPath(f"//@*[string-length() > {MIN_NESTED}]")
"""Inertia and Astro put the data of a page into an attribute."""


def _dereferenced(value: Any) -> Any:
    """The data of Nuxt 3, a list whose objects and lists hold the numbers of their values; other data as it is."""
    if not isinstance(value, list) or len(value) < 2 or not _holds_numbers(value[0]):
        return value
    left = iter(range(MAX_REFERENCES))

    def resolved(item: Any, depth: int) -> Any:
        if depth > MAX_STATE_DEPTH or not _holds_numbers(item) or next(left, None) is None:
            return item
        places = item.items() if isinstance(item, dict) else enumerate(item)
        found = {name: resolved(value[place], depth + 1) for name, place in places if 0 <= place < len(value)}
        return found if isinstance(item, dict) else list(found.values())

    return resolved(value[0], 0)


def _holds_numbers(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(parts) and all(type(part) is int for part in parts)


def _with_headline(value: Any, key: str, above: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The objects and lists around each string that is the headline, the outermost first."""
    children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not children or len(above) > MAX_STATE_DEPTH:
        return
    holders = (*above, value)
    if any(isinstance(child, str) and len(child) < 500 and fold_text(child) == key for child in children):
        yield holders
    for child in children:
        yield from _with_headline(nested_json(child) if isinstance(child, str) else child, key, holders)


def _dominant(value: Any) -> Any:
    """The innermost value that holds nearly all of the running text."""
    for _ in range(MAX_STATE_DEPTH):
        children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        lengths = [_length(_blocks(child, 0)) for child in children]
        total = sum(lengths)
        if not total or max(lengths) < DOMINANT * total:
            break
        value = children[lengths.index(max(lengths))]
    return value


def _blocks(value: Any, depth: int) -> list[Block]:
    """The running text below a value, in order."""
    if depth > MAX_STATE_DEPTH:
        return []
    if isinstance(value, str):
        nested = nested_json(value)
        return list(_of_string(value)) if nested is None else _blocks(nested, depth + 1)
    if isinstance(value, list) and len(value) > 3 and value[0] == "$" and value[1] in _KINDS:
        return _joined(value[3], _KINDS[value[1]])
    if isinstance(value, dict):
        kind = _KINDS.get(next((str(value[name]) for name in _TYPE_KEYS if value.get(name)), "").lower())
        kind = _KINDS.get(str(value.get("style")), kind) if kind else None
        if kind and not any(_MARKUP.search(text) for text in _strings(value, 0)):
            return _joined(value, kind)
        return [block for child in value.values() for block in _blocks(child, depth + 1)]
    if isinstance(value, list):
        return [block for child in value for block in _blocks(child, depth + 1)]
    return []


def _joined(value: Any, kind: BlockKind) -> list[Block]:
    text = collapse_whitespace("".join(_strings(value, 0)))
    return [Block(text=text, kind=kind)] if len(text) >= 2 else []


def _strings(value: Any, depth: int) -> Iterator[str]:
    """The text of one block: strings in its content, in order."""
    if depth > MAX_STATE_DEPTH:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name in _CONTENT_KEYS:
            if name in value:
                yield from _strings(value[name], depth + 1)
    elif isinstance(value, list):
        element = len(value) > 3 and value[0] == "$"
        for item in value[3:4] if element else value:
            yield from _strings(item, depth + 1)


def _of_string(text: str) -> Iterator[Block]:
    if len(text) < GOOD or " " not in text[: 4 * GOOD] or text.startswith(("http://", "https://", "{", "[")):
        return
    if "&lt;" in text:
        text = html.unescape(text)
    if _MARKUP.search(text):
        root = etree.fromstring(f"<html><body>{text}</body></html>", etree.HTMLParser(encoding="utf-8"))
        if root is not None:
            flow = TextFlow(root)
            yield from (Block(text=run.text, kind=run.kind) for run in flow.runs if run.links < 0.7 * len(run.text))
            flow.release()
        return
    for line in text.split("\n"):
        plain = collapse_whitespace(line)
        if len(plain) >= 2 * GOOD and plain.count(" ") >= len(plain) / 20:
            yield Block(text=plain)


def _unique(blocks: Sequence[Block], title_key: str) -> tuple[Block, ...]:
    """The blocks without repeats, summaries that repeat the beginning of the text, and the headline."""
    keys = [fold_text(block.text) for block in blocks]
    kept: dict[str, Block] = {}
    for key, block in zip(keys, blocks, strict=True):
        if key and key != title_key and not any(len(other) > len(key) and key[:120] in other for other in keys):
            kept.setdefault(key, block)
    return tuple(kept.values())


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)

"""Split live blogs into entries with their times.

An entry begins with a block of kind "entry" ("2026-05-01 13:05 UTC · Bridge closed"); its paragraphs follow. Entries are
sibling nodes of one kind that each have a time. If scripts draw the entries, JSON-LD's `liveBlogUpdate` has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from lxml import etree

from crawler.models import Block
from crawler.timestamps import parse_timestamp
from pipelines.content.main_block import upwards
from pipelines.html import jsonld
from pipelines.html.document import Document, collapse_whitespace, element_text, fold_text
from pipelines.html.text_flow import BlockNode, TextRun

_LIVE = (frozenset({"liveblog"}), frozenset({"live", "blog"}), frozenset({"liveticker"}), frozenset({"live", "ticker"}))
_CLOCK = re.compile(r"^\D{0,12}\b([01]?\d|2[0-3])[:.h]([0-5]\d)(?:\s*([ap])\.?m\.?)?(?:\s*(?:[Uu]hr|h|[A-Z]{2,4}))?\b")
MIN_ENTRIES = 3
"""Smallest number of entries; fewer are just dated paragraphs."""
KEY = 40
"""Characters of an update's text that are compared with the page."""


def with_entries(document: Document, kept: Sequence[TextRun], zone: tzinfo) -> tuple[Block, ...] | None:
    """The blocks of a live blog; None if the page is not one, or its entries cannot be separated."""
    updates = _updates(document)
    if not updates and not _is_live(document, kept):
        return None
    starts = _from_boxes(kept, zone)
    if not starts and updates:
        starts = _from_updates(kept, updates, zone)
        if len(starts) < min(MIN_ENTRIES, len(updates)):
            return (*(Block(text=run.text, kind=run.kind) for run in kept), *_blocks_of_updates(updates, zone))
    if not starts:
        return None
    return tuple(_blocks(kept, starts))


def _is_live(document: Document, kept: Sequence[TextRun]) -> bool:
    if "LiveBlogPosting" in jsonld.types(document.article):
        return True
    nodes_below = {id(run.node): run.node for run in kept}.values()
    return any(names <= up.words for node in nodes_below for up in upwards(node) for names in _LIVE)


def _updates(document: Document) -> list[Mapping[str, Any]]:
    given = document.article.get("liveBlogUpdate")
    items = given if isinstance(given, list) else [given]
    return [item for item in items if isinstance(item, Mapping)]


def _from_boxes(kept: Sequence[TextRun], zone: tzinfo) -> dict[int, str]:
    """Index of an entry's first run -> its time, for the outermost nodes of one kind that each have a time."""
    firsts: dict[BlockNode, int] = {}
    for index, run in enumerate(kept):
        for node in upwards(run.node):
            firsts.setdefault(node, index)
    kinds: dict[tuple[int, str, frozenset[str]], list[BlockNode]] = {}
    for node in firsts:
        if node.parent is not None:
            kinds.setdefault((id(node.parent), node.tag, node.words), []).append(node)
    for _, nodes_below in sorted(kinds.items(), key=lambda item: item[1][0].depth):
        if len(nodes_below) >= MIN_ENTRIES:
            times = {firsts[node]: time for node in nodes_below if (time := _time_of(node.element, zone))}
            if len(times) >= max(MIN_ENTRIES, 0.8 * len(nodes_below)):
                return times
    return {}


def _time_of(element: etree._Element, zone: tzinfo) -> str | None:
    """The entry's time: from <time datetime>, or from the time of day in its first lines."""
    for found in element.iter("time"):
        if written := _utc(found.get("datetime") or "", zone):
            return written
        if clock := _CLOCK.match(element_text(found)):
            return clock[0].strip()
    for child in element.iterdescendants("span", "div", "p", "strong", "h2", "h3", "h4", "small"):
        text = element_text(child)
        if len(text) <= 24 and (clock := _CLOCK.match(text)):
            return clock[0].strip()
    return None


def _utc(raw: str, zone: tzinfo) -> str | None:
    timestamp = parse_timestamp(raw, zone, "live blog")
    return timestamp.at.strftime("%Y-%m-%d %H:%M UTC") if timestamp else None


def _from_updates(kept: Sequence[TextRun], updates: Sequence[Mapping[str, Any]], zone: tzinfo) -> dict[int, str]:
    """The entries in JSON-LD that are on the page, found by their headline or the beginning of their text."""
    runs = {fold_text(run.text)[:KEY]: index for index, run in reversed(list(enumerate(kept)))}
    starts: dict[int, str] = {}
    for update in updates:
        time = _utc(jsonld.text(update.get("datePublished")), zone)
        for text in (jsonld.text(update.get("headline")), jsonld.text(update.get("articleBody"))):
            index = runs.get(fold_text(text)[:KEY]) if text else None
            if index is not None and time:
                starts.setdefault(index, time)
                break
    return starts


def _blocks(kept: Sequence[TextRun], starts: Mapping[int, str]) -> Iterator[Block]:
    time = None
    for index, run in enumerate(kept):
        time = starts.get(index, time)
        if time is not None and _CLOCK.fullmatch(run.text) and index + 1 not in starts and index + 1 < len(kept):
            continue  # the line repeats the entry's time
        if time is None:
            yield Block(text=run.text, kind=run.kind)
        elif run.kind == "h":
            yield Block(text=f"{time} · {run.text}", kind="entry")
        else:
            yield Block(text=time, kind="entry")
            yield Block(text=run.text, kind=run.kind)
        time = None


def _blocks_of_updates(updates: Sequence[Mapping[str, Any]], zone: tzinfo) -> Iterator[Block]:
    for update in updates:
        time = _utc(jsonld.text(update.get("datePublished")), zone)
        parts = [part for part in (time, collapse_whitespace(jsonld.text(update.get("headline")))) if part]
        if parts:
            yield Block(text=" · ".join(parts), kind="entry")
        for line in jsonld.text(update.get("articleBody")).splitlines():
            if text := collapse_whitespace(re.sub(r"<[^>]{0,200}>", " ", line)):
                yield Block(text=text)

"""Choose the links to articles among those of a page: by a selector, by a pattern, or by their scores."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crawler.urls import host_of, registered_domain
from spiders.listings.cards import Anchor, box_of, is_headline, position_of
from spiders.listings.link_classifier import WEIGHTS, score
from spiders.markup.spellings import spellings

if TYPE_CHECKING:
    from lxml.etree import _Element

ROW_LEAST = 4
"""Links that make a row; fewer may look alike by chance."""
ROW_SHARE = 0.5
"""Share of a row's mean score that is added to each of its links: decides doubtful links, not clear ones."""
ROW_MOST = 1.5
"""Maximum log-odds that a row adds or subtracts."""


def chosen_anchors(anchors: Sequence[Anchor], *, url: str, selector: str | None, pattern: str | None) -> list[Anchor]:
    """The anchors that match the pattern or the selector; without them, those that the classifier accepts."""
    if pattern is not None:
        return _matching(anchors, pattern, None if selector else url)
    if selector is not None:
        return _selected(anchors)
    home = registered_domain(host_of(url))
    return _classified([anchor for anchor in anchors if registered_domain(host_of(anchor.url)) == home])


def _matching(anchors: Sequence[Anchor], pattern: str, url: str | None) -> list[Anchor]:
    """The anchors whose path and query match the pattern, or whose URL matches a pattern that begins with http."""
    if pattern.lstrip("^").startswith("http"):
        return [anchor for anchor in anchors if any(re.search(pattern, form) for form in spellings(anchor.url))]
    home = registered_domain(host_of(url)) if url else None
    return [
        anchor
        for anchor in anchors
        if (home is None or registered_domain(host_of(anchor.url)) == home)
        and any(re.search(pattern, re.sub(r"^https?://[^/?]*", "", form) or "/") for form in spellings(anchor.url))
    ]


def _selected(anchors: Sequence[Anchor]) -> list[Anchor]:
    """The selected anchors; of a card with several addresses, only those that the classifier accepts.

    A selector of cards also selects the links to their author and section. If the classifier accepts no link of a
    card, all are kept.
    """
    keys_of: dict[_Element, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        keys_of[_card_element(anchor)].append(anchor)
    chosen: list[Anchor] = []
    for group in keys_of.values():
        articles = [anchor for anchor in group if score(anchor.url, anchor.text, None, position_of(anchor)) > 0]
        chosen += articles if len({anchor.key for anchor in group}) > 1 and articles else group
    order = {id(anchor): index for index, anchor in enumerate(anchors)}
    return sorted(chosen, key=lambda anchor: order[id(anchor)])


def _card_element(anchor: Anchor) -> _Element:
    box = box_of(anchor.element)
    return anchor.element if box is None else box


def _classified(anchors: Sequence[Anchor]) -> list[Anchor]:
    """The anchors that the classifier accepts; of several anchors with one key, the best score counts."""
    series = _series(anchors)
    own = [
        (
            score(one.url, one.text, None, position_of(one)) + WEIGHTS["number"] * (one.key in series),
            row_of(one.element),
        )
        for one in anchors
    ]
    rows: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for anchor, (points, place) in zip(anchors, own, strict=True):
        row = rows[place]
        row[anchor.key] = max(points, row.get(anchor.key, points))
    best: dict[str, float] = {}
    for anchor, (points, place) in zip(anchors, own, strict=True):
        row = rows[place]
        mean = sum(row.values()) / len(row) if len(row) >= ROW_LEAST else 0.0
        bonus = max(-ROW_MOST, min(ROW_MOST, ROW_SHARE * mean))
        best[anchor.key] = max(best.get(anchor.key, points + bonus), points + bonus)
    return [anchor for anchor in anchors if best[anchor.key] > 0]


def _series(anchors: Sequence[Anchor]) -> set[str]:
    """The keys of numbered articles: links with headlines that differ in a number too short to be one by itself."""
    series: dict[str, dict[str, str]] = defaultdict(dict)
    for anchor in anchors:
        found = _LAST_NUMBER.search(anchor.key)
        if found and is_headline(anchor.text):
            series[anchor.key[: found.start()]][anchor.key] = found[1]
    several = (numbers for numbers in series.values() if len(numbers) >= ROW_LEAST)
    return {key for numbers in several if not all(map(_YEAR.fullmatch, numbers.values())) for key in numbers}


_LAST_NUMBER = re.compile(r"[/=](\d{1,4})(?:\.\w{2,5})?$")
_YEAR = re.compile(r"(?:19|20)\d\d")


def row_of(element: _Element) -> tuple[str, ...]:
    """Tags and classes of a link and its next ancestors: the same for all items of a list."""
    line = [element]
    for ancestor in element.iterancestors():
        line.append(ancestor)
        if len(line) == 4:
            break
    return tuple(_kind(str(one.tag), one.get("class") or "") for one in line)


@functools.lru_cache(maxsize=4096)
def _kind(tag: str, classes: str) -> str:
    return f"{tag}.{re.sub('[0-9]+', '', classes)}"

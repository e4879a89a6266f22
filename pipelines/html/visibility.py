"""Decide which elements of a page a reader does not see: hidden ones, and notices for screen readers."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from pipelines.html.document import GOOD, element_text, raw_text

_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDING_CLASSES = frozenset(
    "hidden hide sr-only visually-hidden visuallyhidden screen-reader-text screenreader d-none u-hidden is-hidden".split()
)
MAX_HIDDEN = 20
"""Children from which a hidden element counts as shown, since paywall scripts uncover it."""


def is_hidden(element: etree._Element, classes: str | None) -> bool:
    """Whether an element with these classes is hidden."""
    if classes and _hides(classes):
        return len(element) < MAX_HIDDEN
    get = element.get
    style = get("style")
    if style and _HIDING.search(style) and len(element) < MAX_HIDDEN:
        return True
    if get("hidden", "false") != "false":
        return True
    return get("aria-hidden") == "true" and not _repeats_screen_reader_text(element) and not _is_paragraph(element)


def _is_paragraph(element: etree._Element) -> bool:
    """Whether the element is a paragraph of running text. Paywalls hide paragraphs from screen readers only."""
    return element.tag == "p" and len(raw_text(element)) >= GOOD


def _repeats_screen_reader_text(element: etree._Element) -> bool:
    """Whether a sibling for screen readers only repeats the text of an `aria-hidden` element."""
    parent = element.getparent()
    if parent is None or not element.text:
        return False
    return any(
        other is not element and other.text == element.text and _hides(other.get("class") or "") for other in parent
    )


@lru_cache(maxsize=20_000)
def _hides(classes: str) -> bool:
    return not _HIDING_CLASSES.isdisjoint(classes.split())


_WINDOW_NOTICE = re.compile(
    r"\(.{5,60}\)$|.{0,12}\b(?:opens?|öffnet|ouvre|abre|apre|opent|öppnas|åpnes|åbner|відкри\w+|откро\w+|otwiera)\b.{0,50}$",
    re.IGNORECASE,
)


def is_window_notice(element: etree._Element) -> bool:
    """Whether an element at the end of a link describes its target for screen readers: "(opens in a new window)"."""
    parent = element.getparent()
    if parent is None or parent.get("target") != "_blank" or not element.get("class") or (element.tail or "").strip():
        return False
    return element is parent[-1] and _WINDOW_NOTICE.match(element_text(element)) is not None

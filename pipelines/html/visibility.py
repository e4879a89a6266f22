"""Decide which elements of a page a reader does not see: hidden ones, and notices for screen readers."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from pipelines.html.document import GOOD, element_text, raw_text

_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|clip\s*:\s*rect\(\s*0", re.IGNORECASE)
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
    if (style and _HIDING.search(style) and len(element) < MAX_HIDDEN) or get("hidden", "false") != "false":
        return not _is_panel(element)
    return get("aria-hidden") == "true" and not _repeats_screen_reader_text(element) and not _continues_text(element)


_HEADINGS = ("button", "h2", "h3", "h4", "h5", "summary", "dt")


def _is_panel(element: etree._Element) -> bool:
    """Whether the element is the closed panel of an accordion: running text below a heading that opens it."""
    heading = element.getprevious()
    if (
        heading is None
        or len(raw_text(element)) < MIN_PANEL
        or next(element.iter("form", "nav", "button"), None) is not None
    ):
        return False
    opener = next(heading.iter(*_HEADINGS), None)
    if opener is None or len(element_text(heading)) > MAX_PANEL_HEADING:
        return False
    opens = opener.tag != "button" or opener.getparent().tag in _HEADINGS  # type: ignore[union-attr]  # inside `heading`
    return opens or next(heading.iter("*"), heading).get("aria-controls") == element.get("id", "")


MIN_PANEL, MAX_PANEL_HEADING = 2 * GOOD, 150
"""Characters of the text of a panel, and of its heading."""


def _continues_text(element: etree._Element) -> bool:
    """Whether the element is running text in a paragraph, after one, or beside one of the same class.

    Paywalls hide it from screen readers only.
    """
    parent = element.getparent()
    if len(raw_text(element)) < GOOD or parent is None:
        return False
    return "p" in {element.tag, parent.tag} or (
        element.find("p") is not None
        and any(
            other.get("aria-hidden") is None and len(raw_text(other)) >= GOOD
            for other in parent
            if other.tag == "p" or (other.tag == element.tag and other.get("class") == element.get("class"))
        )
    )


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


MAX_NOTICE = 60
"""Characters of a notice for screen readers."""
_WINDOW = re.compile(
    r"^\(.*\)$|\b(?:window|tab|fenster|fenêtre|onglet|ventana|pestaña|janela|aba|finestra|scheda|venster|tabblad|fönster|flik|vindue?|"
    r"fane|ikkuna|okn\w|kar\w{2,3}|вікн\w|окн\w|вклад\w{2}|pencere\w*|sekme\w*)\b|새 ?창|새 ?탭|ウィンドウ|タブ|窗口|نافذة|پنجره",
    re.IGNORECASE,
)
"""Words for a window or a tab."""


def is_window_notice(element: etree._Element) -> bool:
    """Whether an element at the end of a link describes its target for screen readers: "(opens in a new window)"."""
    if not element.get("class") or (element.tail or "").strip():
        return False
    link = next(element.iterancestors("a"), None)
    if link is None or link.get("target") != "_blank":
        return False
    text = element_text(element)
    return len(text) <= MAX_NOTICE and _WINDOW.search(text) is not None and len(raw_text(link).strip()) > len(text)

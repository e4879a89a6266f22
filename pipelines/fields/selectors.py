"""What a source's own selectors say, for the rare page that the general way cannot read.

CSS selectors stand in `sources.toml` (title, lead, text, byline, published, modified, section, remove). What a selector
finds wins over every other witness; where it finds nothing on a page, the general way is taken, so that a redesign of
the site costs the override and not the articles.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import cast

from lxml import etree
from lxml.cssselect import CSSSelector

from crawler.models import Byline, ExtractionHints, Timestamp
from crawler.timestamps import is_plausible, parse_timestamp, zone_of
from pipelines.bylines.names import read_names
from pipelines.dates import date_parser
from pipelines.html.document import Document, element_text

PROVENANCE = "selector"


def remove_selected(document: Document, hints: ExtractionHints) -> None:
    """Take out of the tree what the source's `remove` selector names. Text that follows an element stays."""
    for element in select(document, hints, "remove"):
        parent = element.getparent()
        if parent is not None:
            before, tail = element.getprevious(), element.tail or ""
            if before is not None:
                before.tail = (before.tail or "") + tail
            else:
                parent.text = (parent.text or "") + tail
            parent.remove(element)


def select(document: Document, hints: ExtractionHints, field: str) -> list[etree._Element]:
    """The elements that the source's selector for a field finds, in page order. Raises ValueError on a bad selector."""
    css = hints.selectors.get(field)
    if not css:
        return []
    return cast("list[etree._Element]", _compiled(field, css)(document.root))


@lru_cache(maxsize=512)
def _compiled(field: str, css: str) -> CSSSelector:
    try:
        return CSSSelector(css, translator="html")
    except Exception as error:  # cssselect and lxml raise several unrelated kinds
        raise ValueError(
            f"selectors.{field}: {css!r} is not a CSS selector ({error}); mend it in sources.toml"
        ) from None


def selected_line(document: Document, hints: ExtractionHints, field: str) -> str | None:
    """The text of the first element with any; None where the selector finds none, or is not given."""
    return next((text for element in select(document, hints, field) if (text := element_text(element))), None)


def bylines(document: Document, hints: ExtractionHints, own: frozenset[str]) -> tuple[Byline, ...]:
    """The names in all elements that the selector finds."""
    found = (
        name for element in select(document, hints, "byline") for name in read_names(element_text(element), own=own)
    )
    return tuple({name.name: name for name in found}.values())


def timestamp(document: Document, hints: ExtractionHints, field: str, fetched_at: datetime) -> Timestamp | None:
    """The first believable time: of `datetime` or `content`, else of the text."""
    zone = zone_of(hints.timezone)
    language = hints.language or document.html_lang or "en"
    for element in select(document, hints, field):
        raw = element.get("datetime") or element.get("content") or element_text(element)
        found = parse_timestamp(raw, zone, PROVENANCE) or date_parser.parse_date(raw, zone, language, PROVENANCE)
        if is_plausible(found, fetched_at):
            return found
    return None

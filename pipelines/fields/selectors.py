"""Apply the CSS selectors of a source, for pages that the general rules cannot read.

`sources.toml` may have selectors for title, lead, text, byline, published, modified, section and remove. A value found
by a selector wins over every other value. If the selector finds nothing, the general rules apply, so that a redesign of
the site does not lose articles.
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
    """Remove the elements that the source's `remove` selector matches. Text after an element stays."""
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
    """Elements that the source's selector for a field matches, in page order. Raises ValueError for an invalid selector."""
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
            f"selectors.{field}: {css!r} is not a valid CSS selector ({error}); correct it in sources.toml"
        ) from None


def selected_line(document: Document, hints: ExtractionHints, field: str) -> str | None:
    """Text of the first matching element that has text; None if there is no selector or no match."""
    return next((text for element in select(document, hints, field) if (text := element_text(element))), None)


def bylines(document: Document, hints: ExtractionHints, own: frozenset[str]) -> tuple[Byline, ...]:
    """Names in all elements that the byline selector matches."""
    found = (
        name for element in select(document, hints, "byline") for name in read_names(element_text(element), own=own)
    )
    return tuple({name.name: name for name in found}.values())


def timestamp(document: Document, hints: ExtractionHints, field: str, fetched_at: datetime) -> Timestamp | None:
    """The first plausible time in `datetime`, `content` or the text of a matching element."""
    zone = zone_of(hints.timezone)
    language = hints.language or document.html_lang or "en"
    for element in select(document, hints, field):
        raw = element.get("datetime") or element.get("content") or element_text(element)
        found = parse_timestamp(raw, zone, PROVENANCE) or date_parser.parse_date(raw, zone, language, PROVENANCE)
        if is_plausible(found, fetched_at):
            return found
    return None

"""The lead (standfirst, Vorspann, chapô): the summary between headline and text, kept apart from the paragraphs.

Known by its class, or by saying what the page's own description says. A description that stands nowhere on the page is
no lead: it was written for search engines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.html import jsonld
from pipelines.html.document import Document
from pipelines.html.text_flow import BlockNode, TextRun

_WORDS = frozenset(
    """standfirst lead lede leadin leadtext dek deck subtitle subheadline subhead subheading subtitulo intro introduction vorspann
    chapo sapo teaser summary excerpt entradilla ingress preamble abstract untertitel bajada copete sommario occhiello catenaccio
    description strapline subline einleitung anriss sottotitolo sumario spot perex underrubrik""".split()
)
SHORTEST, LONGEST = 25, 1_000
"""Characters. Leads in 133 gold texts have 40 to 560; a named one of 840 was seen beside them."""
MAX_UNITS_BEFORE = 40
"""Units before the text in which a lead is looked for: byline, date, share buttons and captions stand between."""
FIRST = 2
"""Units of the text itself that may be the lead."""


def find_lead(
    document: Document, units: Sequence[TextRun], kept: Sequence[TextRun], title: str | None
) -> TextRun | None:
    """The unit that is the lead; None where there is none. `units`: all of the page, `kept`: those of the text."""
    if not kept:
        return None
    described = [key for key in map(_folded, _descriptions(document)) if len(key) >= SHORTEST]
    relevant = _folded(title or "")
    start = units.index(kept[0])
    before = units[max(0, start - MAX_UNITS_BEFORE) : start]
    heading = max(
        (i for i, unit in enumerate(before) if unit.level == "h1" or (relevant and _folded(unit.text) == relevant)),
        default=-1,
    )
    for unit in [*before[heading + 1 :], *kept[:FIRST]]:
        if not SHORTEST <= len(unit.text) <= LONGEST or unit.links > 0.5 * len(unit.text):
            continue
        key = _folded(unit.text)
        if key == relevant:
            continue
        named = _is_named(unit.box) and (unit not in kept or len(kept) > 1)
        if (named and (heading >= 0 or unit in kept)) or any(_same(key, other) for other in described):
            return unit if unit is not kept[-1] else None
    return None


def _descriptions(document: Document) -> tuple[str, ...]:
    return (
        document.first("og:description") or "",
        document.first("description") or "",
        jsonld.text(document.article.get("description")),
        jsonld.text(document.article.get("alternativeHeadline")),
    )


def _same(key: str, other: str) -> bool:
    """Equal, or one the beginning of the other: descriptions are cut, and some pages add a place before the lead."""
    shorter, longer = sorted((key, other), key=len)
    return len(shorter) >= SHORTEST and len(shorter) > 0.5 * len(longer) and shorter in longer


def _is_named(box: BlockNode) -> bool:
    up: BlockNode | None = box
    for _ in range(3):
        if up is None or up.tag in {"article", "main", "body"}:
            return False
        if not _WORDS.isdisjoint(up.words):
            return up.text <= LONGEST
        up = up.parent
    return False


def _folded(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())

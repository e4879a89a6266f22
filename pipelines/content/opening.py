"""Find the opening of an article: its lead (standfirst, Vorspann, chapô) and paragraphs outside the main node.

The lead is the text run that repeats the page's description, or the first one in an element that is named like a lead.
Further running text between the headline and the main node belongs to the article text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipelines.content import wording
from pipelines.content.main_block import upwards
from pipelines.html import jsonld
from pipelines.html.document import GOOD, Document, fold_text, letters
from pipelines.html.text_flow import BlockNode, TextFlow, TextRun

_WORDS = frozenset(
    """standfirst lead lede leadin leadtext dek deck subtitle subheadline subhead subheading subtitulo intro introduction vorspann
    chapo sapo teaser summary excerpt entradilla ingress preamble abstract untertitel bajada copete sommario occhiello catenaccio
    description strapline subline einleitung anriss sottotitolo sumario spot perex underrubrik""".split()
)
SHORTEST, LONGEST = 25, 1_000
"""Characters of a lead. Leads in 133 gold texts have 40 to 560; a named one has 840."""
MAX_RUNS_BEFORE = 40
"""Text runs before the main text that are checked: byline, date, share buttons and captions come between."""
FIRST = 2
"""Text runs of the main text that may be the lead."""
_NOT_TEXT = frozenset(
    "paywall offer subscribe subscription newsletter form nav footer caption disclaimer disclosure".split()
)
"""Words of nodes whose sentences never belong to the opening."""


class Opening(NamedTuple):
    """The lead and the text runs with the paragraphs of the opening before them."""

    lead: TextRun | None
    runs: list[TextRun]


def find_opening(
    document: Document,
    flow: TextFlow,
    kept: Sequence[TextRun],
    pruned: frozenset[BlockNode],
    headlines: frozenset[str],
) -> Opening:
    """The lead, and `kept` with the paragraphs that precede it and without the lead."""
    if not kept:
        return Opening(None, [])
    described = [key for key in map(fold_text, descriptions(document)) if len(key) >= SHORTEST and key not in headlines]
    start = flow.runs.index(kept[0])
    before = flow.runs[max(0, start - MAX_RUNS_BEFORE) : start]
    places = [i for i, run in enumerate(before) if run.level == "h1" or fold_text(run.text) in headlines]
    own = (i for i in places if before[i].level == "h1" and fold_text(before[i].text) in headlines)
    heading = next(own, max(places or [i for i, run in enumerate(before) if run.level == "h2"], default=-1))
    candidates = [run for run in [*before, *kept[:FIRST]] if _is_candidate(run) and not _has_headline(run, headlines)]
    after_heading = set(before[heading + 1 :]) if heading >= 0 else set()
    lead = next((run for run in candidates if _is_described(run, described)), None)
    if lead is None:
        lead = next((run for run in candidates if _is_named_lead(run, kept, after_heading)), None)
    if lead is None and heading >= 0:
        below = (run for run in before[heading + 1 : heading + 2] if run in candidates)
        lead = next((run for run in below if _is_subheadline(run, before[heading])), None)
    if lead is kept[-1]:
        lead = None
    more = [run for run in before if run in candidates and _is_opening(run, lead, after_heading, pruned, kept)]
    texts = {run.text for run in (*kept, *filter(None, [lead]))}
    rest = [run for run in kept if run is not lead and (lead is None or run.text != lead.text)]
    return Opening(lead, [*(run for run in more if run.text not in texts), *rest])


def _is_subheadline(run: TextRun, headline: TextRun) -> bool:
    """Whether a heading directly follows the headline in the same node."""
    is_next_heading = run.kind == "h" and run.node.parent is headline.node.parent
    return is_next_heading and not run.links and not wording.is_byline_or_date(run.text)


def _is_candidate(run: TextRun) -> bool:
    return letters(run.text) >= SHORTEST and len(run.text) <= LONGEST and run.links <= 0.5 * len(run.text)


def _has_headline(run: TextRun, headlines: frozenset[str]) -> bool:
    key = fold_text(run.text)
    return any(headline in key for headline in headlines if len(headline) >= SHORTEST or headline == key)


def _is_described(run: TextRun, described: Sequence[str]) -> bool:
    key = fold_text(run.text)
    return any(_is_same(key, other) for other in described)


def _is_named_lead(run: TextRun, kept: Sequence[TextRun], after_heading: set[TextRun]) -> bool:
    if _named_node(run.node) is None:
        return False
    return len(kept) > 1 if run in kept else run in after_heading and not _is_never_text(run.node)


def _is_opening(
    run: TextRun,
    lead: TextRun | None,
    after_heading: set[TextRun],
    pruned: frozenset[BlockNode],
    kept: Sequence[TextRun],
) -> bool:
    """Whether a text run before the main text is a further part of the lead, or running text after the headline."""
    if wording.is_boilerplate_line(run.text):
        return False
    outside = run not in after_heading or any(up in pruned for up in upwards(run.node)) or _is_never_text(run.node)
    is_text = wording.ends_sentence(run.text) and not wording.is_byline_or_date(run.text)
    is_alike = lead is not None and not run.links and run.level != "h1" and (is_text or run.kind == "h")
    if is_alike and not outside and _named_node(run.node) is not None:
        return True  # a second standfirst
    if run.kind == "h":
        return False
    named = _named_node(lead.node) if lead else None
    if named is not None and any(up is named for up in upwards(run.node)):
        return True
    if outside:
        return False
    if run.kind == "li":
        return not run.links and _is_in_list(run, after_heading)
    if letters(run.text) < 2 * GOOD:
        return run.level == "p" and not run.links and is_text and _shares_words(run, kept)
    return letters(run.text) - run.links >= 2 * GOOD and (wording.ends_sentence(run.text) or run.text.endswith(":"))


def _shares_words(run: TextRun, kept: Sequence[TextRun]) -> bool:
    """Whether a short paragraph has words of the text, which a prompt or a notice has not."""
    text = " ".join(other.text for other in kept).lower()
    return sum(word in text for word in set(_LONG_WORD.findall(run.text.lower()))) >= MIN_SHARED


_LONG_WORD, MIN_SHARED = re.compile(r"\w{5,}"), 2


def _is_in_list(run: TextRun, others: set[TextRun]) -> bool:
    """Whether the list has several items that may be parts of the lead, and no line of boilerplate."""
    items = [other for other in others if other.kind == "li" and other.node.parent is run.node.parent]
    return sum(map(_is_candidate, items)) > 1 and not any(wording.is_boilerplate_line(item.text) for item in items)


def _is_never_text(node: BlockNode) -> bool:
    return any(not _NOT_TEXT.isdisjoint(up.words) for up in upwards(node) if up.weight <= LONGEST)


def descriptions(document: Document) -> tuple[str, ...]:
    """The summaries in the page's metadata."""
    return (
        document.first("og:description") or "",
        document.first("description") or "",
        jsonld.text(document.article.get("description")),
        jsonld.text(document.article.get("alternativeHeadline")),
    )


def _is_same(key: str, other: str) -> bool:
    """Whether one key contains the other and more than half of it: descriptions are shortened."""
    shorter, longer = sorted((key, other), key=len)
    return len(shorter) >= SHORTEST and len(shorter) > 0.5 * len(longer) and shorter in longer


def _named_node(node: BlockNode) -> BlockNode | None:
    """The node that is named like a lead: this one or one of its two ancestors; None if there is none."""
    up: BlockNode | None = node
    for _ in range(3):
        if up is None or up.tag in {"article", "main", "body"}:
            return None
        if not _WORDS.isdisjoint(up.words):
            return up if up.text <= LONGEST else None
        up = up.parent
    return None

"""Ask for a second opinion where our own extraction of the text is doubtful, and decide which of the two is right.

JSON-LD's articleBody and the data of pages drawn by scripts cost nothing and come first. Trafilatura reads the page if the
text is short, if weak class words removed most of the main node, or if the page declares many more words than were found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from copy import deepcopy
from typing import Literal, NamedTuple

from lxml import etree

from crawler.models import Block, BlockKind
from pipelines.content import wording
from pipelines.content.body import Body
from pipelines.content.script_state import state_blocks
from pipelines.html import jsonld
from pipelines.html.class_names import class_words
from pipelines.html.document import GOOD, Document, collapse_whitespace, element_text, fold_text, letters
from pipelines.html.page_regions import is_outside_article

SHORT_ARTICLE = 750
"""Letters of text below which another opinion is asked for. On four of 43 such pages of 614 it found twice as much."""
SHELL = 300
"""Characters of a page drawn by scripts before they run: a notice about the browser or about cookies, perhaps the lead."""
COVERED_BY_DATA = 0.5
"""Share of the paragraphs of a longer page that the text in its data must have."""
MORE = 2.0
"""How much longer than a short text the other one must be."""
MIN_FALLBACK_LENGTH = 1_000
"""Characters of the other text; a shorter one often adds teasers only."""
PRUNED = 0.5
"""Share of the main node removed by weak class words from which the names are doubtful."""
DECLARED = 2.0
"""How many times the found words the page must declare (`wordCount`, `articleBody`)."""
MIN_DECLARED = 150
"""Words by which the declared count must exceed the found one."""
LONGER, COVERED = 1.2, 0.7
"""For doubts other than a short text: how much longer the other text must be, and the share of our paragraphs in it."""
MAX_FALLBACK_MARKUP = 2_000_000
"""Characters of a page that trafilatura reads; longer pages take seconds."""

Doubt = Literal["", "short", "pruned", "declared"]


class Opinion(NamedTuple):
    """The text that was believed, with its provenance, and why another opinion was asked for ("" if it was not)."""

    blocks: tuple[Block, ...]
    provenance: str
    doubt: Doubt = ""


def second_opinion(document: Document, body: Body, title: str | None, extractor: str = "auto") -> Opinion:
    """The text to believe. `extractor`: "auto", "trafilatura" (always read with it) or "wirewatch" (never)."""
    own = Opinion(body.blocks, body.provenance)
    if extractor == "trafilatura":
        blocks = tuple(trafilatura_blocks(document, body.other_texts))
        return Opinion(blocks, "trafilatura") if blocks else own
    doubt = doubt_of(document, body)
    if not doubt:
        return own
    length = _length(body.blocks) + len(body.lead or "")
    if doubt == "short":
        for provenance, found in (("json-ld", _article_body(document)), ("script data", _state(document, title))):
            credible = length < SHELL or _covered(body.blocks, found) >= COVERED_BY_DATA
            if credible and _length(found) >= max(MIN_DECLARED, MORE * length):
                return Opinion(found, provenance, doubt)
        captions = _captions(document)
        if len(captions) >= MIN_CAPTIONS and _length(captions) >= MORE * length:
            return Opinion((*body.blocks, *captions), "captions", doubt)
        enough = max(MIN_FALLBACK_LENGTH, MORE * length)
        if extractor == "wirewatch" or _possible_text(document, body) < enough:
            return own._replace(doubt=doubt)
        other = _without_boilerplate(trafilatura_blocks(document, body.other_texts))
        return Opinion(other, "trafilatura", doubt) if _length(other) >= enough else own._replace(doubt=doubt)
    if extractor == "wirewatch":
        return own
    other = _without_boilerplate(trafilatura_blocks(document, body.other_texts))
    better = _length(other) >= LONGER * length and _covered(body.blocks, other) >= COVERED
    return Opinion(other, "trafilatura", doubt) if better else own._replace(doubt=doubt)


def doubt_of(document: Document, body: Body) -> Doubt:
    """Why the text may be wrong; "" if there is no reason."""
    if sum(letters(block.text) for block in body.blocks) < SHORT_ARTICLE:
        return "short"
    if body.pruned_share > PRUNED:
        return "pruned"
    declared = jsonld.declared_words(document.article)
    if not declared:
        return ""
    words = sum(len(block.text.split()) for block in body.blocks)
    return "declared" if declared > DECLARED * words and declared - words > MIN_DECLARED else ""


def _possible_text(document: Document, body: Body) -> int:
    """Characters of running text that may be an article: what the page shows outside comments and footers, or hides."""
    return max(body.running_text - body.comments, _running_text(document) - body.running_text)


def _running_text(document: Document) -> int:
    """Characters of the running text directly in the elements of the page, also of hidden ones."""
    total = 0
    for element in document.root.iter(*_TEXT_ELEMENTS):
        own = "".join([element.text or "", *(child.tail or "" for child in element)])
        length = len(collapse_whitespace(own))
        total += length if length >= GOOD else 0
    return total


_TEXT_ELEMENTS = ("p", "div", "td", "li", "section", "article", "span", "blockquote")


def _length(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.text) for block in blocks)


def _covered(own: tuple[Block, ...], other: tuple[Block, ...]) -> float:
    """Share of our paragraphs that the other text has as well."""
    whole = fold_text(" ".join(block.text for block in other))
    parts = [fold_text(block.text) for block in own if block.kind == "p"]
    return sum(part in whole for part in parts) / len(parts) if parts else 0.0


def _state(document: Document, title: str | None) -> tuple[Block, ...]:
    return _without_boilerplate(state_blocks(document, title))


def _without_boilerplate(blocks: tuple[Block, ...] | Iterator[Block]) -> tuple[Block, ...]:
    return tuple(block for block in blocks if not wording.is_boilerplate_line(block.text))


def _article_body(document: Document) -> tuple[Block, ...]:
    """JSON-LD's articleBody: a block for each line."""
    body = jsonld.text(document.article.get("articleBody"))
    lines = (
        collapse_whitespace(re.sub(r"<[^>]{0,500}>", " ", line)) for line in re.split(r"\s*\n\s*|</p>|<br\s*/?>", body)
    )
    return _without_boilerplate(Block(text=line) for line in lines if line)


def _captions(document: Document) -> tuple[Block, ...]:
    """The captions of a photo essay that are running text, without credits."""
    found = []
    for caption in document.root.iter("figcaption"):
        box = next(caption.iterancestors("figure"), caption).getparent()
        if box is None or is_outside_article(box, _NO_WORDS):
            continue
        text = element_text(caption)
        for part in caption.iter("span", "small", "cite", "em"):
            if not _CREDITS.isdisjoint(class_words(part.get("class"), None)):
                text = text.replace(element_text(part), "").strip()
        if letters(text) >= GOOD:
            found.append(Block(text=text))
    return tuple(dict.fromkeys(found))


MIN_CAPTIONS = 3
"""Captions of a photo essay."""
_CREDITS = frozenset("credit credits copyright source".split())
_NO_WORDS: frozenset[str] = frozenset()


def _without(root: etree._Element, removed: Collection[etree._Element]) -> etree._Element:
    """A copy of the page in which some elements are empty."""
    copied = deepcopy(root)
    for element, copy in zip(list(root.iter()), list(copied.iter()), strict=True):
        if element in removed:
            del copy[:]
            copy.text = None
    return copied


_KINDS: dict[str, BlockKind] = {"p": "p", "head": "h", "quote": "quote", "item": "li", "code": "pre", "cell": "p"}


def trafilatura_blocks(document: Document, without: Collection[etree._Element] = ()) -> Iterator[Block]:
    """The text that trafilatura finds on a page. `without`: elements that are not part of it."""
    root = _without(document.root, set(without)) if without else document.root
    markup = etree.tostring(root, encoding="unicode", method="html")
    if len(markup) > MAX_FALLBACK_MARKUP:
        return
    from trafilatura import bare_extraction

    found = bare_extraction(markup, url=document.url or None, include_comments=False, with_metadata=False)
    body = getattr(found, "body", None)
    if body is None:
        return
    for element in body.iter(*_KINDS):
        # The paragraphs of a quotation or an item are part of its text.
        if any(parent.tag in {"quote", "item", "cell"} for parent in element.iterancestors(*_KINDS)):
            continue
        if text := element_text(element):
            yield Block(text=text, kind=_KINDS[str(element.tag)])

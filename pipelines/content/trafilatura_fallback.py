"""A second reading of the text, for pages of which the first found little: JSON-LD's articleBody, then trafilatura.

Most short texts are short articles: of 43 on 614 real pages four were read again with twice as much found, three of
them rightly. The rest stays as the first reading gave it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from crawler.models import Block, BlockKind
from pipelines.content import boilerplate
from pipelines.content.pruning import DISCUSSION
from pipelines.html import jsonld
from pipelines.html.document import Document, collapse_whitespace, element_text
from pipelines.html.text_flow import OUTERMOST, class_words

SHORT_ARTICLE = 750
"""Letters of text below which a second reading is tried. Those four pages had 79 to 718; the second reading costs
more than the first, so it is for one page in fifteen and not for all."""
MORE = 2.0
"""How many times the first reading's length the second must have."""
MIN_FALLBACK_LENGTH = 1_000
"""Characters that the second must have: below, what it adds is as often teasers as text."""
MAX_FALLBACK_MARKUP = 2_000_000
"""Characters of a page that are read again; longer ones take trafilatura seconds."""


def trafilatura_blocks(document: Document, first: int, shown: int) -> tuple[tuple[Block, ...], str] | None:
    """(blocks, witness) where a second reading finds much more than the `first` characters; None where none does.

    `shown`: characters of text on the whole page. Where it has no more than that, nobody can find more.
    """
    more = shown >= max(MIN_FALLBACK_LENGTH, MORE * first)
    for provenance, read in (("json-ld", _told), *((("trafilatura", _trafilatura),) if more else ())):
        blocks = tuple(block for block in read(document) if not boilerplate.is_boilerplate_line(block.text))
        if sum(len(block.text) for block in blocks) >= max(MIN_FALLBACK_LENGTH, MORE * first):
            return blocks, provenance
    return None


def _told(document: Document) -> Iterator[Block]:
    """What JSON-LD carries as the article's body: paragraphs where it has line breaks, else one."""
    body = jsonld.text(document.article.get("articleBody"))
    for line in re.split(r"\s*\n\s*|</p>|<br\s*/?>", body):
        if text := collapse_whitespace(re.sub(r"<[^>]{0,500}>", " ", line)):
            yield Block(text=text)


def _without_discussion(root: etree._Element) -> etree._Element:
    """A copy of the page without what readers said: trafilatura knows some of its names, and a long one is much text."""
    copied = deepcopy(root)
    headline = _around_headlines(copied)
    for element in list(copied.iter(etree.Element)):
        words = class_words(element.get("class"), element.get("id"))
        if not DISCUSSION.isdisjoint(words) and element not in headline and element.tag not in OUTERMOST:
            del element[:]
            element.text = None
    return copied


def _around_headlines(root: etree._Element) -> set[etree._Element]:
    """The elements that hold an h1; each is met once, however many they hold."""
    found: set[etree._Element] = set()
    for heading in root.iter("h1"):
        for up in heading.iterancestors():
            if up in found:
                break
            found.add(up)
    return found


_KINDS: dict[str, BlockKind] = {"p": "p", "head": "h", "quote": "quote", "item": "li", "code": "pre", "cell": "p"}


def _trafilatura(document: Document) -> Iterator[Block]:
    markup = etree.tostring(_without_discussion(document.root), encoding="unicode", method="html")
    if len(markup) > MAX_FALLBACK_MARKUP:
        return
    from trafilatura import bare_extraction

    found = bare_extraction(markup, url=document.url or None, include_comments=False, with_metadata=False)
    body = getattr(found, "body", None)
    if body is None:
        return
    for element in body.iter(*_KINDS):
        # A quote's or an item's paragraphs are its text.
        if any(parent.tag in {"quote", "item", "cell"} for parent in element.iterancestors(*_KINDS)):
            continue
        if text := element_text(element):
            yield Block(text=text, kind=_KINDS[str(element.tag)])

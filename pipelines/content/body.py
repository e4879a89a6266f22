"""The article's text as blocks that keep their kind: which box of the page holds it, and what in it is not the article.

The box is found by `mainbox.py`. What in it is not the article goes by three signs, in this order: what the markup
calls it (class and id words, `_FOREIGN`), what it consists of (links), and what it says (`furniture.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from crawler.models import Block
from pipelines.content import boilerplate, liveblogs, standfirst
from pipelines.content.main_block import DOMINANT, WHOLE_PAGE_SHARE, boxes, find_main, is_within, says_body, upwards
from pipelines.html.document import Document
from pipelines.html.text_flow import GOOD, OUTERMOST, BlockNode, TextFlow, TextRun

DISCUSSION = frozenset(
    "comment comments commentlist disqus kommentar kommentare commentaires comentarios respond discussion".split()
)
"""Words that say that readers speak."""
_STRONG = DISCUSSION | frozenset(
    """opinary nav footer cookie cookies consent onetrust cmp newsletter newsletters outbrain taboola recirc mostread
    webpush""".split()
)
"""Words that are believed however much text stands below them, unless the headline does too."""
_FOREIGN = _STRONG | frozenset(
    """aside form related relateds recommended recommendation recommendations recirculation readmore morefrom sidebar
    breadcrumb breadcrumbs share sharing sharebar social advert adverts advertisement advertising ad ads anzeige sponsored
    sponsor teaser teasers promo promos promotion promobox trending popular caption captions figcaption credit credits copyright
    byline bylines author authors bio tags toolbar navigation navbar menu carousel slideshow gallery player subscribe subscription
    signup login register registration toc poll popup modal overlay bookmark card cards thumbnail widget widgets tooltip
    metadata dateline
    timestamp kicker disclaimer correction donate donation feedback hashtag hashtags notification embed audio
    video podcast ticker linklist topics infobox""".split()
)
"""Words of class and id, and names of elements, that say "not the article's own text"."""
_OWN_CARDS = frozenset({"callout", "toggle", "accordion"})
"""Cards in which editors set text of the article (Ghost's "kg-callout-card")."""
MAIN_SHARE = 0.4
"""A box that holds more than this share of the page's running text is not pruned by its name: names lie ("no-sidebar",
"article-with-comments")."""


class Body(NamedTuple):
    """What `read_body` returns."""

    blocks: tuple[Block, ...]
    lead: str | None
    provenance: str


def read_body(
    document: Document,
    title: str | None,
    zone: tzinfo = timezone.utc,
    *,
    within: Sequence[etree._Element] = (),
    lead: str | None = None,
) -> Body:
    """The article's blocks. Empty where the page holds no running text.

    `zone`: the source's, for the times of live blogs. `within`: what a selector of the source found; nothing else is
    read then. `lead`: what another selector found; it is not repeated in the blocks.
    """
    flow, units = _of_elements(within) if within else _of_page(document)
    kept = boilerplate.without(units, title, (document.html_lang or "en")[:2].lower())
    if lead is None:
        unit = standfirst.find_lead(document, flow.units, kept, title)
        kept, lead = [other for other in kept if other is not unit], unit.text if unit else None
    else:
        kept = [unit for unit in kept if unit.text != lead]
    blocks = liveblogs.with_entries(document, kept, zone)
    if blocks is None:
        blocks = tuple(Block(text=unit.text, kind=unit.kind) for unit in kept)
    flow.release()
    return Body(blocks, lead, "selector" if within else "dom")


def _of_page(document: Document) -> tuple[TextFlow, list[TextRun]]:
    element = document.root.find("body")
    flow = TextFlow(document.root if element is None else element)
    pruned = _foreign(flow.root)
    main = find_main(flow.root, pruned)
    return flow, [unit for unit in flow.units if is_within(unit.box, main) and not _under(unit.box, pruned, main)]


def _of_elements(elements: Sequence[etree._Element]) -> tuple[TextFlow, list[TextRun]]:
    """The text of the elements that a selector found, and the flow of the last of them; nested ones count once."""
    known = set(elements)
    outermost = [element for element in elements if known.isdisjoint(element.iterancestors())]
    flows = [TextFlow(element) for element in outermost]
    flows[-1].units = [unit for flow in flows for unit in flow.units]
    for flow in flows[:-1]:
        flow.release()
    return flows[-1], flows[-1].units


def _foreign(root: BlockNode) -> set[BlockNode]:
    """The boxes that are not the article by their name."""
    found: set[BlockNode] = set()
    all_boxes = list(boxes(root))
    headline = {up for box in all_boxes if box.tag == "h1" for up in upwards(box)}
    named = [box for box in all_boxes if box.words and box.tag not in OUTERMOST and _is_foreign(box.words)]
    for box in named:
        if (
            not _STRONG.isdisjoint(box.words)
            and box not in headline
            and (box.weight < 0.9 * root.weight or _is_discussion(box, root, headline))
            and not _within_any(box, found)
        ):
            found.add(box)
    total = root.weight - sum(box.weight for box in found)
    # Boxes of one name are judged together: an article may be made of many "cards".
    alike: dict[frozenset[str], float] = {}
    for box in named:
        alike[box.words] = alike.get(box.words, 0.0) + box.weight
    with_text = [box for box in headline if box.weight >= WHOLE_PAGE_SHARE]
    for box in named:
        if _STRONG.isdisjoint(box.words) and _is_article(box, headline):
            continue
        share = alike[box.words] if len(box.words) > 1 else box.weight
        near_misses = box not in headline and any(
            not is_within(box, other) and not is_within(other, box) for other in with_text
        )
        if (share <= MAIN_SHARE * total or near_misses) and not _within_any(box, found):
            found.add(box)
    return found


@lru_cache(maxsize=20_000)
def _is_foreign(words: frozenset[str]) -> bool:
    return not _FOREIGN.isdisjoint(words - {"card"} if "card" in words and not _OWN_CARDS.isdisjoint(words) else words)


def _is_article(box: BlockNode, headline: set[BlockNode]) -> bool:
    """Whether a box is the article although one of its names says otherwise: it holds the headline and a text
    ("with-sidebar"), or another name says so and it holds running text and little else ("post-content video")."""
    if box in headline:
        return box.weight >= WHOLE_PAGE_SHARE
    return says_body(box) and box.weight >= max(WHOLE_PAGE_SHARE, DOMINANT * box.text)


def _is_discussion(box: BlockNode, root: BlockNode, headline: set[BlockNode]) -> bool:
    """Whether readers speak below a short article that has a headline and a text of its own."""
    return bool(headline) and not DISCUSSION.isdisjoint(box.words) and root.weight - box.weight >= GOOD


def _within_any(box: BlockNode, boxes: Iterable[BlockNode]) -> bool:
    up: BlockNode | None = box
    while up is not None:
        if up in boxes:
            return True
        up = up.parent
    return False


def _under(box: BlockNode, pruned: set[BlockNode], main: BlockNode) -> bool:
    up: BlockNode | None = box
    while up is not None and up is not main:
        if up in pruned:
            return True
        up = up.parent
    return False

"""Which box of a page its article is in: from the outermost one down, into whichever child holds nearly all the running text,
until none does. A text goes on beside that child where paragraphs, or sections of the same name, stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipelines.html.text_flow import GOOD, BlockNode

_BODY_NAMES = tuple(
    frozenset(names.split())
    for names in (
        "articlebody", "article body", "article content", "article text", "entry content", "post content", "post body",
        "story body", "story content", "story text", "news text", "news body", "content body", "rich text", "richtext",
        "bodytext", "maincontent",
    )
)  # fmt: skip
"""Words that together name the place of an article's text, in the markup of common content systems."""
HINTED = 0.4
"""Share of the running text from which a box so named is believed to be the article where no child is dominant."""
WHOLE_PAGE_SHARE = 400
"""Characters of running text around the headline from which an article is there, and a box elsewhere on the page is what
its name says, however much it holds."""
SECTION = 3
"""Paragraphs from which a box is a section of the text; what stands below it has fewer."""
DOMINANT = 0.8
"""Share of a box's running text that one child must hold for the article to be in that child alone."""


def find_main(root: BlockNode, pruned: set[BlockNode]) -> BlockNode:
    """The smallest box that holds nearly all the running text."""
    weights = _net_weights(root, pruned)
    box = root
    hints = [says_body, _says_article]
    while weights.get(box):
        best = max(box.children, key=lambda child: weights.get(child, 0.0), default=None)
        if best is None:
            break
        if weights.get(best, 0.0) < DOMINANT * weights[box]:
            best = _hinted(box, weights, hints)
        if (
            best is None
            or not _divisible(best)
            or _has_paragraphs_of_its_own(box, weights)
            or _goes_on(best, box, weights)
        ):
            break
        box = best
        # Within what says that it is the text, nothing else can say so better.
        hints = [said for said in hints if not said(box)] if not says_body(box) else []
    return box


def _has_paragraphs_of_its_own(box: BlockNode, weights: dict[BlockNode, float]) -> bool:
    """Whether paragraphs stand beside the dominant child: the beginning of a text that goes on in a "read all" box. One
    alone is the lead."""
    return sum(1 for child in box.children if not child.children and weights.get(child)) > 1


def _goes_on(best: BlockNode, box: BlockNode, weights: dict[BlockNode, float]) -> bool:
    """Whether a box of the same name beside the dominant one holds running text and little else: a text in sections."""
    name = best.element.get("class")
    return bool(name) and any(
        child is not best
        and child.tag == best.tag
        and child.element.get("class") == name
        and weights.get(child, 0.0) >= max(WHOLE_PAGE_SHARE, DOMINANT * child.text)
        and _paragraphs(child) >= SECTION
        for child in box.children
    )


def _paragraphs(box: BlockNode) -> int:
    """Units of running text in a box."""
    return sum(len(unit.text) - unit.links >= GOOD for unit in box.units) + sum(map(_paragraphs, box.children))


def _hinted(
    box: BlockNode, weights: dict[BlockNode, float], hints: Sequence[Callable[[BlockNode], bool]]
) -> BlockNode | None:
    """The box below that says it is the article and holds a good part of the text; of several, what encloses them."""
    for said in hints:
        outermost: list[BlockNode] = []
        for below in boxes(box):
            if (
                below is not box
                and weights.get(below)
                and said(below)
                and not (outermost and is_within(below, outermost[-1]))
            ):
                outermost.append(below)
        together = sum(weights[below] for below in outermost)
        if not outermost or together < HINTED * weights[box]:
            continue
        largest = max(outermost, key=lambda below: weights[below])
        if weights[largest] >= DOMINANT * together:
            return largest
        enclosing = _enclosing(outermost)
        return enclosing if enclosing is not box else None
    return None


def _enclosing(several: Sequence[BlockNode]) -> BlockNode:
    """The smallest box around all of them."""
    common = list(upwards(several[0]))
    for box in several[1:]:
        ups = set(upwards(box))
        common = [up for up in common if up in ups]
    return common[0]


def says_body(box: BlockNode) -> bool:
    """Whether the box is named the place of an article's text."""
    return "articleBody" in (box.element.get("itemprop") or "") or any(names <= box.words for names in _BODY_NAMES)


def _says_article(box: BlockNode) -> bool:
    return box.tag in {"article", "main"}


def _divisible(box: BlockNode) -> bool:
    """Whether the box holds several blocks: a paragraph is not a place where an article is, nor is an item or a cell, but
    where a page is laid out with them."""
    if box.tag in {"li", "blockquote", "td"}:
        return len(box.children) > 1 or len(box.units) > 2
    return box.tag not in {"p", "pre", "h1", "h2", "h3"} and (len(box.children) > 0 or len(box.units) > 1)


def _net_weights(root: BlockNode, pruned: set[BlockNode]) -> dict[BlockNode, float]:
    weights: dict[BlockNode, float] = {}
    _add_net(root, pruned, weights)
    return weights


def _add_net(box: BlockNode, pruned: set[BlockNode], weights: dict[BlockNode, float]) -> float:
    if box in pruned:
        return 0.0
    own = box.weight - sum(child.weight for child in box.children)
    net = weights[box] = own + sum(_add_net(child, pruned, weights) for child in box.children)
    return net


def boxes(box: BlockNode) -> Iterator[BlockNode]:
    """The box and all below it, in page order."""
    yield box
    for child in box.children:
        yield from boxes(child)


def upwards(box: BlockNode | None) -> Iterator[BlockNode]:
    """The box and all that enclose it, the innermost first."""
    while box is not None:
        yield box
        box = box.parent


def is_within(box: BlockNode, main: BlockNode) -> bool:
    """Whether the box is `main` or stands in it."""
    up: BlockNode | None = box
    while up is not None and up.depth >= main.depth:
        if up is main:
            return True
        up = up.parent
    return False

"""Find the node that holds the article: from the outermost node down into the child with nearly all of the running text.

The search stops where no child has enough, or where paragraphs or sections of the same class stand next to that child.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache

from pipelines.html.document import GOOD
from pipelines.html.text_flow import BlockNode

_BODY_NAMES = tuple(
    frozenset(names.split())
    for names in (
        "articlebody", "article body", "article content", "article text", "entry content", "post content", "post body",
        "story body", "story content", "story text", "news text", "news body", "content body", "rich text", "richtext",
        "bodytext", "maincontent",
    )
)  # fmt: skip
"""Words that together name the article text in the markup of common content systems."""
HINTED = 0.4
"""Smallest share of the running text of a node with such a name, if no child is dominant."""
WHOLE_PAGE_SHARE = 400
"""Characters of running text in a node with the headline from which it holds the article."""
SECTION = 3
"""Paragraphs from which a node is a section of the text."""
DOMINANT = 0.8
"""Share of a node's running text that a dominant child holds."""

LINKED = 0.7
"""Share of a text run inside links from which it only points to something else."""


def find_main(root: BlockNode, pruned: Collection[BlockNode]) -> BlockNode:
    """The smallest node that holds nearly all of the running text."""
    weights = _NetWeights(pruned)
    node = root
    hints = [has_body_name, _is_article_element]
    while weights.of(node):
        best = max(node.children, key=weights.of, default=None)
        if best is None:
            break
        if weights.of(best) < DOMINANT * weights.of(node):
            best = _hinted(node, weights, hints)
        if (
            best is None
            or not _divisible(best)
            or _has_paragraphs_of_its_own(node, weights)
            or _goes_on(best, node, weights)
        ):
            break
        node = best
        hints = [named for named in hints if not named(node)] if not has_body_name(node) else []
    return node


def _has_paragraphs_of_its_own(node: BlockNode, weights: _NetWeights) -> bool:
    """Whether several paragraphs stand next to the dominant child, which is then only the rest of the text."""
    return sum(1 for child in node.children if not child.children and weights.of(child)) > 1


def _goes_on(best: BlockNode, node: BlockNode, weights: _NetWeights) -> bool:
    """Whether a sibling of the dominant child has the same class and holds running text: a text in sections."""
    name = best.classes
    return bool(name) and any(
        child is not best
        and child.tag == best.tag
        and child.classes == name
        and weights.of(child) >= max(WHOLE_PAGE_SHARE, DOMINANT * child.text)
        and paragraphs(child) >= SECTION
        for child in node.children
    )


def paragraphs(node: BlockNode) -> int:
    """Number of paragraphs of running text in a node."""
    return sum(len(run.text) - run.links >= GOOD for run in node.runs) + sum(map(paragraphs, node.children))


def _hinted(node: BlockNode, weights: _NetWeights, hints: Sequence[Callable[[BlockNode], bool]]) -> BlockNode | None:
    """The descendant that is named as the article and holds much of the text; of several, the node around them."""
    for named in hints:
        outermost: list[BlockNode] = []
        for below in nodes_below(node, weights.pruned):
            if (
                below is not node
                and weights.of(below)
                and named(below)
                and not (outermost and is_within(below, outermost[-1]))
            ):
                outermost.append(below)
        together = sum(map(weights.of, outermost))
        if not outermost or together < HINTED * weights.of(node):
            continue
        largest = max(outermost, key=weights.of)
        if weights.of(largest) >= DOMINANT * together:
            return largest
        enclosing = _enclosing(outermost)
        return enclosing if enclosing is not node else None
    return None


def _enclosing(several: Sequence[BlockNode]) -> BlockNode:
    """The smallest node around all of them."""
    common = list(upwards(several[0]))
    for node in several[1:]:
        ups = set(upwards(node))
        common = [up for up in common if up in ups]
    return common[0]


def has_body_name(node: BlockNode) -> bool:
    """Whether the names of the node say that it is the article text."""
    return _name_body(node.words) or "articleBody" in (node.element.get("itemprop") or "")


@lru_cache(maxsize=20_000)
def _name_body(words: frozenset[str]) -> bool:
    return any(names <= words for names in _BODY_NAMES)


def _is_article_element(node: BlockNode) -> bool:
    return node.tag in {"article", "main"}


def _divisible(node: BlockNode) -> bool:
    """Whether the node can hold an article: a paragraph cannot, an item or a cell only if it holds several blocks."""
    if node.tag in {"li", "blockquote", "td"}:
        return len(node.children) > 1 or len(node.runs) > 2
    return node.tag not in {"p", "pre", "h1", "h2", "h3"} and (len(node.children) > 0 or len(node.runs) > 1)


class _NetWeights:
    """The running text of nodes without that of the pruned nodes in them."""

    def __init__(self, pruned: Collection[BlockNode]) -> None:
        self.pruned = pruned
        self._less: dict[BlockNode, int] = {node: node.weight for node in pruned}
        for node in pruned:
            above = list(upwards(node.parent))
            if node.weight and not any(up in pruned for up in above):
                for up in above:
                    self._less[up] = self._less.get(up, 0) + node.weight

    def of(self, node: BlockNode) -> int:
        """Characters; for nodes that are not inside a pruned one."""
        return node.weight - self._less.get(node, 0)


def nodes_below(node: BlockNode, without: Collection[BlockNode] = ()) -> Iterator[BlockNode]:
    """The node and its descendants, in page order; nothing of the nodes `without`."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current not in without:
            yield current
            stack.extend(reversed(current.children))


def upwards(node: BlockNode | None) -> Iterator[BlockNode]:
    """The node and its ancestors, the innermost first."""
    while node is not None:
        yield node
        node = node.parent


def is_within(node: BlockNode, main: BlockNode) -> bool:
    """Whether the node is `main` or a descendant of it."""
    return main.place <= node.place < main.end

"""Split a page into text runs (paragraphs, subheads, list items) inside a tree of block nodes.

The tree is walked once, in the order in which a browser lays it out: inline elements extend the current line, block
elements end it. Each `BlockNode` records how much running text it contains. `body.py` then decides which node is the
article and which parts of it are not.
"""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from crawler.models import BlockKind
from pipelines.html.class_names import class_words
from pipelines.html.document import GOOD, collapse_whitespace, letters, raw_text
from pipelines.html.visibility import is_hidden, is_window_notice

_INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rb rp rt rtc ruby s samp small
    span strike strong sub sup time tt u var wbr amp-fit-text""".split()
)
_SKIPPED = frozenset(
    """button figure figcaption picture img select menu label legend progress meter head title area applet frameset
    amp-ad amp-sidebar amp-img amp-embed amp-carousel optgroup""".split()
)
_LINES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
OUTERMOST = frozenset({"html", "body", "main", "article"})
"""Elements that are the page or the article. Their classes ("has-comments", "author-jane") are ignored."""
_NAMED_TAGS = frozenset({"nav", "footer", "aside", "form", "header"})
"""Elements whose name counts like a class word of the node."""
_KINDS: dict[str, BlockKind] = {
    "p": "p", "h1": "h", "h2": "h", "h3": "h", "h4": "h", "h5": "h", "h6": "h", "li": "li", "dd": "li", "dt": "li",
    "blockquote": "quote", "q": "quote", "pre": "pre", "td": "p", "th": "p", "center": "p",
}  # fmt: skip
_IN_FIGURES = frozenset({"table", "blockquote"})
"""Elements in a figure that are text; WordPress puts tables and quotations into figures."""
MAX_CELL = 200
"""Characters of a cell in a data row; a longer one is a text that is laid out with a table."""
CELL_SEPARATOR = " | "
"""Between the cells of a data row."""
MAX_NESTING = 300
"""Levels of elements that are walked recursively. Python allows about 1,000 calls; each level takes two."""


class BlockNode:
    """A block element with its text length and the length of its running text."""

    __slots__ = (
        "children", "classes", "depth", "element", "end", "identifier", "links", "parent", "place", "runs", "tag", "text",
        "weight", "words",
    )  # fmt: skip

    def __init__(
        self, element: etree._Element, tag: str, classes: str | None, parent: BlockNode | None, nodes: list[BlockNode]
    ) -> None:
        self.element = element
        self.tag = tag
        self.classes = classes
        self.identifier = element.get("id")
        self.words = _node_words(tag, classes, self.identifier)
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.place = len(nodes)
        """Number of the node in page order; its descendants have the numbers up to `end`."""
        self.end = self.place + 1
        self.children: list[BlockNode] = []
        self.runs: list[TextRun] = []
        self.weight = 0
        """Characters of running text; those of list items count 0.6."""
        self.text = 0
        self.links = 0
        nodes.append(self)
        if parent is not None:
            parent.children.append(self)

    def close(self, end: int) -> None:
        """Add the complete node to its parent's numbers."""
        self.end = end
        parent = self.parent
        if parent is not None:
            parent.text += self.text
            parent.links += self.links
            parent.weight += self.weight

    def add_run(self, run: TextRun) -> None:
        """Add a text run of this node itself."""
        self.runs.append(run)
        free = len(run.text) - run.links
        if run.level == "tr":  # short cells are no running text, however many there are
            free = sum(len(cell) for cell in run.text.split(CELL_SEPARATOR) if len(cell) >= GOOD)
        self.text += len(run.text)
        self.links += run.links
        if (
            (free >= GOOD or (2 * free >= GOOD and letters(run.text) - run.links >= GOOD))
            and free > run.links
            and run.kind != "h"
        ):
            self.weight += free if run.kind != "li" else 6 * free // 10


class TextRun:
    """One run of text: a paragraph, a subhead or a list item."""

    __slots__ = ("kind", "level", "link_count", "links", "node", "text")

    def __init__(self, text: str, kind: BlockKind, links: int, link_count: int, node: BlockNode, level: str) -> None:
        self.text = text
        self.kind = kind
        self.links = links
        """Characters of the text that are inside links."""
        self.link_count = link_count
        self.node = node
        self.level = level
        """Name of the block element that contains it: "p", "h2", "div"."""


class TextFlow:
    """The text runs and the nodes of one tree in page order (`runs`, `nodes`); `root` is the outermost node."""

    def __init__(self, body: etree._Element) -> None:
        self.runs: list[TextRun] = []
        self._pieces: list[str] = []
        self._links = 0
        self._link_count = 0
        self._in_link = 0
        self._breaks = 0
        self.nodes: list[BlockNode] = []
        self.root = BlockNode(body, str(body.tag), None, None, self.nodes)
        self.root.words = frozenset()
        self._walk(body, self.root, "p", 0)
        self._flush(self.root, "p")
        self.root.close(len(self.nodes))

    def release(self) -> None:
        """Break the reference cycles between nodes, so that the page is freed without the garbage collector."""
        for node in self.nodes:
            node.parent = None
            node.runs.clear()

    def _walk(self, element: etree._Element, node: BlockNode, kind: BlockKind, depth: int) -> None:
        pieces = self._pieces
        # White space at the beginning of a line is dropped anyway.
        if (text := element.text) and (pieces or not text.isspace()):
            self._add(text)
        if not len(element):
            return
        for child in element:
            tag = child.tag
            classes = child.get("class")
            if tag == "br":
                self._break(node, kind)
            elif not isinstance(tag, str) or is_hidden(child, classes):
                if tag not in _INLINE and pieces:
                    pieces.append(" ")
            elif tag in _INLINE or (node.tag in _LINES and _is_in_line(tag, node.tag)):
                if not (self._in_link and is_window_notice(child)):
                    self._inline(child, node, kind, depth)
            elif (tag in _SKIPPED and not _is_text_figure(child)) or (tag == "nav" and _is_menu(child)):
                if pieces:
                    pieces.append(" ")
            elif depth > MAX_NESTING:
                self._deep(child, node, kind, depth)
            elif tag == "tr" and _is_data_row(child):
                self._row(child, node, kind, depth)
            else:
                self._block(child, tag, classes, node, kind, depth)
            if (tail := child.tail) and (pieces or not tail.isspace()):
                self._add(tail)

    def _deep(self, child: etree._Element, node: BlockNode, kind: BlockKind, depth: int) -> None:
        """Walk wrappers with a single child without recursion; deeper branches become one line."""
        inner = child
        while len(inner) == 1 and not (inner.text or "").strip() and not (inner[0].tail or "").strip():
            inner = inner[0]
        if depth < MAX_NESTING + 20 and isinstance(inner.tag, str):
            self._block(inner, inner.tag, inner.get("class"), node, kind, depth)
        else:
            self._add(raw_text(child))

    def _inline(self, child: etree._Element, node: BlockNode, kind: BlockKind, depth: int) -> None:
        if child.tag == "a" and child.get("href") and depth <= MAX_NESTING:
            self._in_link += 1
            self._link_count += 1
            self._walk(child, node, kind, depth + 1)
            self._in_link -= 1
        elif len(child):
            if depth > MAX_NESTING:
                self._add(raw_text(child))
            else:
                self._walk(child, node, kind, depth + 1)
        elif text := child.text:
            self._add(text)

    def _block(
        self, child: etree._Element, tag: str, classes: str | None, node: BlockNode, kind: BlockKind, depth: int
    ) -> None:
        self._flush(node, kind)
        inner = BlockNode(child, tag, classes, node, self.nodes)
        if not len(child) and not child.text:
            inner.end = len(self.nodes)
            return
        own = _KINDS.get(tag)
        # A paragraph in a quotation or a list item keeps the kind of the quotation or item.
        inner_kind: BlockKind = kind if own in {None, "p"} and kind in {"quote", "li"} else own or "p"
        self._walk(child, inner, inner_kind, depth + 1)
        self._flush(inner, inner_kind)
        inner.close(len(self.nodes))

    def _row(self, row: etree._Element, node: BlockNode, kind: BlockKind, depth: int) -> None:
        """The cells of a data row become one text run: "1 | Jane Doe | 27 points"."""
        self._flush(node, kind)
        inner = BlockNode(row, "tr", row.get("class"), node, self.nodes)
        for cell in row.iterchildren("td", "th"):
            if is_hidden(cell, cell.get("class")) or not raw_text(cell).strip():
                continue
            if any(map(str.strip, self._pieces)):
                self._pieces.append(CELL_SEPARATOR)
            self._walk(cell, inner, "p", depth + 1)
        self._flush(inner, "p")
        inner.close(len(self.nodes))

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        if self._in_link:
            self._links += len(text.strip())
        if self._breaks and not text.isspace():
            self._breaks = 0

    def _break(self, node: BlockNode, kind: BlockKind) -> None:
        self._breaks += 1
        if self._breaks > 1:
            self._flush(node, kind)
        else:
            self._add("\n")

    def _flush(self, node: BlockNode, kind: BlockKind) -> None:
        if self._pieces:
            if text := collapse_whitespace("".join(self._pieces)):
                run = TextRun(text, kind, min(self._links, len(text)), self._link_count, node, node.tag)
                node.add_run(run)
                self.runs.append(run)
            self._pieces.clear()
            self._links = 0
        self._link_count = self._breaks = 0


@lru_cache(maxsize=20_000)
def _node_words(tag: str, classes: str | None, identifier: str | None) -> frozenset[str]:
    words = class_words(classes, identifier)
    return words | {tag} if tag in _NAMED_TAGS else words


def _is_data_row(row: etree._Element) -> bool:
    """Whether a table row has several short cells without blocks in them. Layout tables have blocks in their cells."""
    cells = list(row.iterchildren("td", "th"))
    return (
        len(cells) > 1
        and all(
            all(inner.tag in _INLINE or inner.tag in {"br", "img"} for inner in cell.iterdescendants())
            for cell in cells
        )
        and all(len(raw_text(cell)) <= MAX_CELL for cell in cells)
    )


def _is_in_line(tag: str, around: str) -> bool:
    """Whether an element continues the line in a paragraph or heading: a custom element, or a button that opens a panel."""
    return tag == "button" if around != "p" else "-" in tag and tag not in _SKIPPED


def _is_menu(nav: etree._Element) -> bool:
    """Whether a <nav> has no headline and no running text. A fourth of the elements of a page are in its menus."""
    return not _TEXT_OF_MENU(nav)


_TEXT_OF_MENU = etree.XPath(f"boolean(.//h1 | .//p | .//article | .//text()[string-length() > {2 * GOOD}])")


def _is_text_figure(element: etree._Element) -> bool:
    if element.tag != "figure" or "pull" in (element.get("class") or ""):
        return False
    return next(element.iter(*_IN_FIGURES), None) is not None

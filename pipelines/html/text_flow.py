"""Split a page into text runs (paragraphs, subheads, list items) inside a tree of block nodes.

The tree is walked once, in the order in which a browser lays it out: inline elements extend the current line, block
elements end it. Each `BlockNode` records how much running text it contains. `body.py` then decides which node is the
article and which parts of it are not.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from crawler.models import BlockKind
from pipelines.html.class_names import class_words
from pipelines.html.document import collapse_whitespace, element_text, raw_text

_INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby s samp small
    span strike strong sub sup time tt u var wbr amp-fit-text""".split()
)
_SKIPPED = frozenset(
    """button figure figcaption picture img select menu label legend progress meter head title area applet frameset
    amp-ad amp-sidebar amp-img amp-embed amp-carousel optgroup""".split()
)
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

    __slots__ = ("children", "depth", "element", "links", "parent", "runs", "tag", "text", "weight", "words")

    def __init__(self, element: etree._Element, parent: BlockNode | None, words: frozenset[str]) -> None:
        self.element = element
        self.tag = str(element.tag)
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.words = words
        self.children: list[BlockNode] = []
        self.runs: list[TextRun] = []
        self.weight = 0.0
        self.text = 0
        self.links = 0


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
    """The text runs of one tree in page order (`runs`) and its outermost node (`root`)."""

    def __init__(self, body: etree._Element) -> None:
        self.runs: list[TextRun] = []
        self._pieces: list[str] = []
        self._links = 0
        self._link_count = 0
        self._in_link = 0
        self._breaks = 0
        self.root = BlockNode(body, None, frozenset())
        self._walk(body, self.root, "p", 0)
        self._flush(self.root, "p")
        _weigh(self.root)

    def release(self) -> None:
        """Break the reference cycles between nodes, so that the page is freed without the garbage collector."""
        nodes = [self.root]
        for node in nodes:
            nodes += node.children
            node.children.clear()
            node.runs.clear()

    def _walk(self, element: etree._Element, node: BlockNode, kind: BlockKind, depth: int) -> None:
        if element.text:
            self._add(element.text)
        for child in element:
            tag = child.tag
            if tag in _INLINE:
                if not hidden(child) and not (self._in_link and _is_window_notice(child)):
                    self._inline(child, node, kind, depth)
            elif tag == "br":
                self._break(node, kind)
            elif not isinstance(tag, str) or hidden(child) or (tag in _SKIPPED and not _is_text_figure(child)):
                self._add(" ")
            elif depth > MAX_NESTING:
                self._deep(child, node, kind, depth)
            elif tag == "tr" and _is_data_row(child):
                self._row(child, node, kind, depth)
            else:
                self._block(child, tag, node, kind, depth)
            if child.tail:
                self._add(child.tail)

    def _deep(self, child: etree._Element, node: BlockNode, kind: BlockKind, depth: int) -> None:
        """Walk wrappers with a single child without recursion; deeper branches become one line."""
        inner = child
        while len(inner) == 1 and not (inner.text or "").strip() and not (inner[0].tail or "").strip():
            inner = inner[0]
        if depth < MAX_NESTING + 20 and isinstance(inner.tag, str):
            self._block(inner, inner.tag, node, kind, depth)
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
        elif child.text:
            self._add(child.text)

    def _block(self, child: etree._Element, tag: str, node: BlockNode, kind: BlockKind, depth: int) -> None:
        self._flush(node, kind)
        words = class_words(child.get("class"), child.get("id"))
        inner = BlockNode(child, node, words | {tag} if tag in _NAMED_TAGS else words)
        node.children.append(inner)
        own = _KINDS.get(tag)
        # A paragraph in a quotation or a list item keeps the kind of the quotation or item.
        inner_kind: BlockKind = kind if own in {None, "p"} and kind in {"quote", "li"} else own or "p"
        self._walk(child, inner, inner_kind, depth + 1)
        self._flush(inner, inner_kind)

    def _row(self, row: etree._Element, node: BlockNode, kind: BlockKind, depth: int) -> None:
        """The cells of a data row become one text run: "1 | Jane Doe | 27 points"."""
        self._flush(node, kind)
        inner = BlockNode(row, node, class_words(row.get("class"), row.get("id")))
        node.children.append(inner)
        for cell in row.iterchildren("td", "th"):
            if hidden(cell) or not raw_text(cell).strip():
                continue
            if any(map(str.strip, self._pieces)):
                self._pieces.append(CELL_SEPARATOR)
            self._walk(cell, inner, "p", depth + 1)
        self._flush(inner, "p")

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
            self._pieces.append("\n")

    def _flush(self, node: BlockNode, kind: BlockKind) -> None:
        if self._pieces:
            if not all(map(str.isspace, self._pieces)) and (text := collapse_whitespace("".join(self._pieces))):
                run = TextRun(text, kind, min(self._links, len(text)), self._link_count, node, node.tag)
                node.runs.append(run)
                self.runs.append(run)
            self._pieces = []
            self._links = 0
        self._link_count = 0
        self._breaks = 0


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


_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


_HIDING_CLASSES = frozenset(
    "hidden hide sr-only visually-hidden visuallyhidden screen-reader-text screenreader d-none u-hidden is-hidden".split()
)


def hidden(element: etree._Element) -> bool:
    """Whether the element is hidden. Large hidden parts count as shown, since paywall scripts uncover them."""
    get = element.get
    classes = get("class")
    if classes and _hides(classes):
        return len(element) < 20
    style = get("style")
    if style and _HIDING.search(style) and len(element) < 20:
        return True
    if get("hidden", "false") != "false":
        return True
    return get("aria-hidden") == "true" and not _repeats_screen_reader_text(element) and not _is_paragraph(element)


def _is_paragraph(element: etree._Element) -> bool:
    """Whether the element is a paragraph of running text. Paywalls hide paragraphs from screen readers only."""
    return element.tag == "p" and len(raw_text(element)) >= GOOD


def _is_text_figure(element: etree._Element) -> bool:
    if element.tag != "figure" or "pull" in (element.get("class") or ""):
        return False
    return next(element.iter(*_IN_FIGURES), None) is not None


_WINDOW_NOTICE = re.compile(
    r"\(.{5,60}\)$|.{0,12}\b(?:opens?|öffnet|ouvre|abre|apre|opent|öppnas|åpnes|åbner|відкри\w+|откро\w+|otwiera)\b.{0,50}$",
    re.IGNORECASE,
)


def _is_window_notice(element: etree._Element) -> bool:
    """Whether an element at the end of a link describes its target for screen readers: "(opens in a new window)"."""
    parent = element.getparent()
    if parent is None or parent.get("target") != "_blank" or not element.get("class") or (element.tail or "").strip():
        return False
    return element is parent[-1] and _WINDOW_NOTICE.match(element_text(element)) is not None


def _repeats_screen_reader_text(element: etree._Element) -> bool:
    """Whether a sibling for screen readers only repeats the text of an `aria-hidden` element."""
    parent = element.getparent()
    if parent is None or not element.text:
        return False
    return any(
        other is not element and other.text == element.text and _hides(other.get("class") or "") for other in parent
    )


@lru_cache(maxsize=20_000)
def _hides(classes: str) -> bool:
    return not _HIDING_CLASSES.isdisjoint(classes.split())


GOOD = 40
"""Characters from which a run counts as running text; shorter ones are labels, names, buttons."""


def _weigh(node: BlockNode) -> None:
    """Fill in how much text, and how much running text, each node contains."""
    for run in node.runs:
        free = len(run.text) - run.links
        if run.level == "tr":  # short cells are no running text, however many there are
            free = sum(len(cell) for cell in run.text.split(CELL_SEPARATOR) if len(cell) >= GOOD)
        node.text += len(run.text)
        node.links += run.links
        if run.kind != "h" and free >= GOOD and free > run.links:
            node.weight += free if run.kind != "li" else 0.6 * free
    for child in node.children:
        _weigh(child)
        node.text += child.text
        node.links += child.links
        node.weight += child.weight

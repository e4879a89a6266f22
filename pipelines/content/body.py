"""Read the article text as blocks: choose the node of the page that holds it and remove everything else in it.

`main_block.py` chooses the node. Parts of it are removed by their class and id (`pruned_nodes`), by their links and by
their wording (`boilerplate.py`). `opening.py` adds the paragraphs between the headline and the node.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timezone, tzinfo
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from crawler.models import Block
from pipelines.bylines.names import WEB_ADDRESS, is_plausible_name, read_names
from pipelines.content import boilerplate, liveblogs, opening
from pipelines.content.main_block import find_main, is_within
from pipelines.content.pruning import NEVER_TEXT, Pruned, pruned_nodes
from pipelines.html import jsonld
from pipelines.html.document import GOOD, Document, fold_text
from pipelines.html.text_flow import BlockNode, TextFlow, TextRun


class Body(NamedTuple):
    """The article text and what the decision about a second opinion needs."""

    blocks: tuple[Block, ...]
    lead: str | None
    provenance: str
    pruned_share: float = 0.0
    """Share of the running text of the main node that was removed because of weak class words."""
    running_text: int = 0
    """Characters of running text that the whole page shows."""
    comments: int = 0
    """Those of them in comments, footers and notices about cookies."""
    other_texts: tuple[etree._Element, ...] = ()
    """Elements with comments of readers or further articles."""
    signature: str | None = None
    """A line at the beginning or end of the text that consists only of names."""


def read_body(
    document: Document,
    title: str | None,
    zone: tzinfo = timezone.utc,
    *,
    within: Sequence[etree._Element] = (),
    lead: str | None = None,
) -> Body:
    """The article's blocks; empty if the page has no running text.

    `zone`: the source's, for times in live blogs. `within`: elements matched by a selector of the source; only their
    text is read. `lead`: text matched by another selector; it is not repeated in the blocks.
    """
    flow = _of_elements(within) if within else _of_page(document)
    titles = _headlines(document, title)
    pruned = Pruned(frozenset(), frozenset()) if within else pruned_nodes(flow.nodes, _host(document), titles)
    main = find_main(flow.root, pruned.nodes)
    runs = flow.runs if within else [run for run in flow.runs if _belongs(run.node, main, pruned.nodes)]
    kept = boilerplate.without_boilerplate(runs, title, titles, (document.html_lang or "en")[:2].lower())
    if lead is None:
        found = opening.find_opening(document, flow, kept, pruned.nodes, titles)
        kept, lead = found.runs, found.lead.text if found.lead else None
    else:
        kept = [run for run in kept if run.text != lead]
    blocks = liveblogs.with_entries(document, kept, zone)
    if blocks is None:
        blocks = tuple(Block(text=run.text, kind=run.kind) for run in kept)
    share = _pruned_share(main, pruned)
    signature = None if within else _signature(kept)
    running_text = flow.root.weight
    comments = sum(node.weight for node in pruned.nodes - pruned.weak if not NEVER_TEXT.isdisjoint(node.words))
    other_texts = tuple(node.element for node in pruned.others)
    flow.release()
    return Body(blocks, lead, "selector" if within else "dom", share, running_text, comments, other_texts, signature)


MAX_SIGNATURE = 80
"""Characters of a line of names."""


def _signature(kept: Sequence[TextRun]) -> str | None:
    """The first or last line of the text if it consists only of people's names."""
    if len(kept) < MIN_SIGNED:
        return None
    for run in (kept[0], kept[-1]):
        text = WEB_ADDRESS.sub("", run.text).strip("()（）[]【】 ")
        if (
            run.kind != "p"
            or len(run.text) > MAX_SIGNATURE
            or not (text != run.text or boilerplate.is_set_apart(run.node.element))
        ):
            continue
        names = list(read_names(text))
        total = sum(len(byline.name) for byline in names)
        if (
            names
            and total >= (0.5 if "@" in run.text else 0.8) * len(text)
            and all(name.kind == "person" and is_plausible_name(name) for name in names)
        ):
            return run.text
    return None


MIN_SIGNED = 3
"""Text runs of a text that may have a signature."""


MIN_HEADLINE = 10
"""Letters of a headline; shorter ones are names of sections."""


def _headlines(document: Document, title: str | None) -> frozenset[str]:
    """Keys of all headlines of the article: the metadata and the page may have different ones."""
    given = (title, document.first("og:title"), jsonld.text(document.article.get("headline")), document.title_tag)
    keys = [fold_text(text or "") for text in given]
    summaries = set(map(fold_text, opening.descriptions(document)))
    others = {key for key in keys[1:] if len(key) >= MIN_HEADLINE} - summaries
    return frozenset(others.union(filter(None, keys[:1])))


def _host(document: Document) -> str:
    return (urlsplit(document.url).hostname or "").removeprefix("www.")


def _of_page(document: Document) -> TextFlow:
    element = document.root.find("body")
    return TextFlow(document.root if element is None else element)


def _of_elements(elements: Sequence[etree._Element]) -> TextFlow:
    """The flow of the last element with the text runs of all of them. Nested elements count once."""
    known = set(elements)
    outermost = [element for element in elements if known.isdisjoint(element.iterancestors())]
    flows = [TextFlow(element) for element in outermost]
    flows[-1].runs = [run for flow in flows for run in flow.runs]
    for flow in flows[:-1]:
        flow.release()
    return flows[-1]


def _belongs(node: BlockNode, main: BlockNode, pruned: frozenset[BlockNode]) -> bool:
    """Whether a node is in the main node and not in a pruned part of it."""
    if not is_within(node, main):
        return False
    up: BlockNode | None = node
    while up is not None and up is not main:
        if up in pruned:
            return False
        up = up.parent
    return True


def _pruned_share(main: BlockNode, pruned: Pruned) -> float:
    removed = sum(node.weight for node in pruned.weak if node is not main and is_within(node, main))
    return removed / main.weight if main.weight > GOOD else 0.0

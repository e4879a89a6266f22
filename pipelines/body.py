"""The article's text as blocks that keep their kind: paragraphs, subheads, quotes, list items, preformatted text."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from lxml import etree

from crawler.model import Block, BlockKind
from pipelines.document import one_line

_KINDS: dict[str, BlockKind] = {"head": "h", "quote": "quote", "item": "li", "code": "pre"}

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def by_trafilatura(root: etree._Element, url: str) -> tuple[Block, ...]:
    """The text as trafilatura reads it."""
    from lxml.html import HtmlElement, document_fromstring
    from trafilatura import bare_extraction

    tree: HtmlElement = document_fromstring(etree.tostring(root, encoding="unicode", method="html"))
    found = bare_extraction(tree, url=url, include_comments=False, include_tables=False, favor_precision=True)
    return tuple(_blocks(found.body)) if found is not None and found.body is not None else ()


def _blocks(body: etree._Element) -> Iterator[Block]:
    for element in body:
        if element.tag in {"list", "table"}:
            for item in element:
                if text := one_line("".join(item.itertext())):
                    yield Block(text=text, kind="li")
        elif text := one_line("".join(element.itertext())):
            yield Block(text=text, kind=_KINDS.get(str(element.tag), "p"))

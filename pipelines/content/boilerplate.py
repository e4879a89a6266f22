"""Remove lines between the paragraphs that are not article text: share prompts, reading times, dates, bylines, links."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from lxml import etree

from pipelines.content.main_block import LINKED, nodes_below
from pipelines.content.wording import (
    MAX_BOILERPLATE_LENGTH,
    ends_with_date,
    is_boilerplate_line,
    is_byline_or_date,
    is_date,
)
from pipelines.html.document import GOOD, fold_text, letters
from pipelines.html.text_flow import BlockNode, TextRun

_LINKED_SENTENCE = re.compile(r"(?:\S+\s+){4,}\S*[.。][\"'”“’»)]*$", re.DOTALL)
"""Questions and exclamations that are links point to other pages."""
_COMMENTS = re.compile(
    r"^\W*(?:\d+ )?(?:leser|reader )?(?:comments?|kommentare|commentaires|comentarios|commenti|reacties|komentarze|"
    r"комментарии|коментарі|comentários|kommentit|yorumlar)\W*\d*\W*$",
    re.IGNORECASE,
)
"""The heading of the readers' comments."""
OPENING = 3
"""Text runs at the beginning in which a byline line is removed."""
BOXED = 3
"""Ancestors of a heading in which its list of links is looked for."""


def without_boilerplate(
    runs: Sequence[TextRun], title: str | None, headlines: frozenset[str], language: str = "en"
) -> list[TextRun]:
    """The text runs that are article text, without empty subheads.

    `headlines`: keys of the article's headlines, which are removed where they are an h1. `language`: the page's.
    """
    title_key = fold_text(title or "")
    kept: list[TextRun] = []
    seen: set[str] = set()
    for index, run in enumerate(runs):
        if run.kind == "h" and kept and _COMMENTS.match(run.text):
            break
        if run.level == "h1" and not any(map(_is_running_text, kept)):
            kept.clear()  # kicker and other labels above the headline
            continue
        if (
            (_is_link(run) and not _is_linked_text(runs, index))
            or _is_pointer(run)
            or _is_prompt(run)
            or (run.level not in _CELLS and is_date(run.text, language))
            or (len(kept) < OPENING and is_byline_or_date(run.text, language))
            or _is_headline(run, title_key, headlines)
        ):
            continue
        if len(run.text) > 60 and run.text in seen:
            continue
        seen.add(run.text)
        kept.append(run)
    while kept and kept[-1].kind == "h":
        kept.pop()
    for index, first in enumerate(kept):
        if _is_running_text(first):
            kept[:index] = [run for run in kept[:index] if not _is_label(run, first, language)]
            break
    text = frozenset(kept)
    return [run for run in kept if run.kind != "h" or not _is_above_links(run, text)]


_NUMBER = re.compile(r"\d+")


def _is_label(run: TextRun, first: TextRun, language: str) -> bool:
    """Whether a text run above the first paragraph is a label: a kicker, a byline, a reading time.

    It ends like no part of a text, and its element differs from that of the paragraph.
    """
    if run.kind != "p" or run.level in _CELLS or len(run.text) == 1:
        return False
    if letters(run.text) >= GOOD:
        return run.level != "p" and ends_with_date(run.text, language)
    if is_set_apart(run.node.element):
        return False  # perhaps the names of the authors
    if not run.text[-1].isalnum() or not run.text[0].isalnum() or len(_NUMBER.findall(run.text)) > 1:
        return False  # a place ("KYIV —"), the beginning of a quotation, the time of an entry, a result
    parent = run.node.parent
    return (
        run.level != "p"
        or bool(run.node.classes)
        or parent is not first.node.parent
        or (parent is not None and any(child.tag == "h1" for child in parent.children))
    )


def is_set_apart(element: etree._Element) -> bool:
    """Whether an element is aligned to the right, or all of its text is in one bold or italic element."""
    children = [child for child in element if child.tag != "br"]
    return "right" in f"{element.get('style')} {element.get('class')} {element.get('align')}" or (
        len(children) == 1
        and children[0].tag in {"strong", "b", "em", "i"}
        and not (element.text or "").strip()
        and not (children[0].tail or "").strip()
    )


def _is_headline(run: TextRun, title_key: str, headlines: frozenset[str]) -> bool:
    if run.level != "h1" and run.text[0].isalnum() and run.text[0].lower() != title_key[:1]:
        return False  # most paragraphs
    key = fold_text(run.text)
    return bool(key) and (key == title_key or (run.level == "h1" and key in headlines))


_CELLS = frozenset({"tr", "td", "th"})


def _is_above_links(heading: TextRun, kept: Container[TextRun]) -> bool:
    """Whether a heading shares its node only with links to other pages."""
    node: BlockNode | None = heading.node.parent
    for _ in range(BOXED):
        if node is None:
            return False
        others = [run for inner in nodes_below(node) for run in inner.runs if run is not heading and run.kind != "h"]
        if others:
            return not any(run in kept for run in others) and any(map(_is_link, others))
        node = node.parent
    return False


_POINTER = re.compile(r"\W*[^:：/\d]{2,25}[:：]\s*(?P<target>\S+\s\S.*|[^\x00-\u2fff].{7,})", re.DOTALL)
"""A label before the headline of another page: "Read also: …", in any language."""


def _is_pointer(run: TextRun) -> bool:
    """Whether a line consists of a label with a colon and one link."""
    if run.link_count != 1 or run.level in _CELLS or len(run.text) > MAX_BOILERPLATE_LENGTH:
        return False
    found = _POINTER.fullmatch(run.text)
    return found is not None and run.links >= 0.9 * len(found["target"])


def _is_link(run: TextRun) -> bool:
    return run.links >= LINKED * len(run.text) and len(run.text) < MAX_BOILERPLATE_LENGTH


def _is_linked_text(runs: Sequence[TextRun], index: int) -> bool:
    """Whether a linked line is part of the text: a sentence, or several linked names, between paragraphs of its kind."""
    run = runs[index]
    if run.kind == "li":
        return len(run.text.split()) <= MAX_LISTED_WORDS and _introduces(runs, index)
    if run.level != "p" or not (run.link_count > 1 or _LINKED_SENTENCE.match(run.text)):
        return False
    parent = run.node.parent
    return all(
        any(
            len(other.text) - other.links >= GOOD and other.node.parent is parent and other.level == "p"
            for other in neighbours
        )
        for neighbours in (runs[max(0, index - 4) : index], runs[index + 1 : index + 5])
    )


MAX_LISTED_WORDS = 3
"""Words of a linked name in a list; headlines of other pages are longer."""


def _introduces(runs: Sequence[TextRun], index: int) -> bool:
    """Whether a list follows a paragraph that ends with a colon, and a paragraph follows the list."""
    parent = runs[index].node.parent
    outside = [other for other in runs[max(0, index - 20) : index] if other.node.parent is not parent]
    following = next((other for other in runs[index + 1 :] if other.node.parent is not parent), None)
    return bool(outside) and outside[-1].text.endswith(":") and following is not None and _is_running_text(following)


def _is_prompt(run: TextRun) -> bool:
    if run.level in _CELLS and any(map(str.isdigit, run.text)):
        return False  # numbers, decimals and amounts of money in a table
    return is_boilerplate_line(run.text)


def _is_running_text(run: TextRun) -> bool:
    return run.kind != "h" and letters(run.text) - run.links >= GOOD

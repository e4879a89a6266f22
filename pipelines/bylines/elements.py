"""Texts of one byline element: its links, its innermost elements, or the line after "By"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from pipelines.bylines.labels import BEFORE_LABEL, LABEL, begins_with_label
from pipelines.bylines.vocabulary import NOT_AUTHORS
from pipelines.html.document import LINE_BREAK, collapse_whitespace, element_text, raw_text

MAX_BYLINE_LENGTH = 140
"""Characters of a byline element. A longer one is running text or a biography."""
MAX_OUTSIDE_LINKS = 60
"""Characters outside the links of a byline element: "By", a date, "and". More is a biography with links."""
MAX_WITH_LEAVES = 1_000
"""Characters of an element whose innermost elements are names: several people with roles and short biographies."""


def labelled_names(element: etree._Element) -> str:
    """The line after "By" in the element, or in its parent if the element contains only the label."""
    text = collapse_whitespace(
        raw_text(element).lstrip(BEFORE_LABEL).partition(LINE_BREAK)[0]
    )  # the next lines are a role, a place
    if not LABEL.sub("", text, count=1).strip():
        parent = element.getparent()
        text = collapse_whitespace("".join([text, " ", element.tail or ""]))
        following = element.getnext()
        if not LABEL.sub("", text, count=1).strip() and following is not None:
            after = element_text(following)
            text = f"{text} {after}" if len(after) <= MAX_BYLINE_LENGTH // 2 else text
        if not LABEL.sub("", text, count=1).strip() and parent is not None:
            text = element_text(parent)
            text = text if LABEL.match(text) else ""
    if len(text) > MAX_BYLINE_LENGTH:
        return ""
    return LABEL.sub("", text, count=1)


def is_label_alone(element: etree._Element) -> bool:
    """Whether an element consists of a label without a name: "By", "Author:"."""
    text = raw_text(element).strip(BEFORE_LABEL)
    return 0 < len(text) <= MAX_OUTSIDE_LINKS and begins_with_label(text) and not LABEL.sub("", text, count=1).strip()


_OTHER_ROLE = re.compile(NOT_AUTHORS.pattern.removeprefix("^") + r"\W*$", re.IGNORECASE)


def is_credited_otherwise(element: etree._Element) -> bool:
    """Whether the text before an element in its parent credits it with something else: "Translated by", "Photo:"."""
    parent = element.getparent()
    if parent is None:
        return False
    before = [parent.text or ""]
    for other in parent:
        if other is element:
            return _OTHER_ROLE.search(collapse_whitespace("".join(before))[-MAX_OUTSIDE_LINKS:]) is not None
        before += raw_text(other), other.tail or ""
    return False


_TAGS = ("a", "span", "div", "p", "address", "li", "h3", "h4", "cite", "em", "strong", "b", "section", "ul")


def parts(element: etree._Element) -> Iterator[str]:
    """Texts of a byline element that may be names: its links, its innermost elements, or its whole text."""
    named = element.find(".//*[@itemprop='name']")
    if named is not None and element_text(named):
        yield element_text(named)
        return
    whole = element_text(element)
    if len(whole) <= MAX_OUTSIDE_LINKS and NOT_AUTHORS.match(whole):
        return
    if element.tag != "a":
        links = {
            link: text
            for link in element.iter("a")
            if 0 < len((text := element_text(link)).split()) <= 5 and not link.get("href", "").startswith("mailto:")
        }
        if links and len(whole) - sum(map(len, links.values())) <= MAX_OUTSIDE_LINKS:
            yield from _linked(links)
            return
        leaves = [
            text
            for leaf in element.iter(*_TAGS)
            if len(leaf) == 0 and 1 < len((text := element_text(leaf)).split()) <= 5 and not any(map(str.isdigit, text))
        ]
        if len(leaves) > 1 and len(whole) <= MAX_WITH_LEAVES:
            yield from leaves
            return
    first, *others = raw_text(element).strip().split(LINE_BREAK)
    if len(whole) <= MAX_BYLINE_LENGTH:
        yield first
        # A line without a label is a role or a place.
        yield from filter(begins_with_label, others)


_AND = r"(?:and|und|et|y|e|og|och|en|i|ja|та|и|і|й|ve|with|mit|avec|con|com|med|met|z|с|із|з)"
_JOINED = re.compile(rf"\0,?\s+{_AND}\s+[^\W\d_]|[^\W\d_]\s+{_AND}\s+\0", re.IGNORECASE)
"""A name without a link joined to a link, which is written as NUL."""
_IN_LINE = ("a", "span", "b", "strong", "em", "i", "small", "br")


def _linked(links: Mapping[etree._Element, str]) -> Iterator[str]:
    """Texts of the links, or of the whole line if it also has a name without a link: "By Jane Doe and <a>John Roe</a>"."""
    for parent in dict.fromkeys(link.getparent() for link in links):
        if parent is None:
            continue
        line, outline = [parent.text or ""], [parent.text or ""]
        for child in parent.iterchildren(*_IN_LINE):
            content = raw_text(child)
            line += content, child.tail or ""
            outline += "\0" if child in links else content, child.tail or ""
        lines = zip("".join(outline).split(LINE_BREAK), "".join(line).split(LINE_BREAK), strict=False)
        joined = [
            collapse_whitespace(content) for shape, content in lines if _JOINED.search(collapse_whitespace(shape))
        ]
        yield from joined
        yield from (
            text
            for link, text in links.items()
            if link.getparent() is parent and not any(text in names for names in joined)
        )

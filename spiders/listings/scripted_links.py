"""Find the links that a script makes: elements with an address in an attribute, or with one that a click opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_HANDLER = 4_000
"""Characters of an event handler that are read."""
MAX_CARD_LINKS = 5
"""Links in a card: to the article, its author, its sections. An element with more is a list."""
MAX_LINK_TEXT = 400
"""Characters of text for each link of a list: a headline and a summary. Prose has fewer links."""
_TAG = re.compile(r"<[^<>]{0,2000}>")
_ADDRESSES = ("data-href", "data-url", "data-link", "data-permalink", "data-next-page", "data-next-url", "hx-get",
              "data-hx-get")  # fmt: skip
"""Attributes with the address that an element opens or loads."""
_HANDLERS = ("onclick", "ng-click", "data-onclick")
_NUMBERS = ("data-id", "data-slug", "data-article-id", "data-story-id", "data-news-id")
"""Attributes from which a script computes the address that an element opens."""
_CHOICES = {"option": "value", "button": "formaction", "form": "action"}
"""Elements of forms, and the attributes with the addresses that they open."""
_FILLED_IN = (
    ".//a|.//textarea|.//select|self::form[@method='post']"
    "|.//input[not(@type='hidden' or @type='submit' or @type='button')]"
)
"""What a form has that is no link: links of its own, or values that a reader types."""
_WITHOUT_TEXT = frozenset("base embed iframe img input link meta object script source track video audio".split())
_SCRIPTED = (
    "//*[@" + " or @".join((*_ADDRESSES, *_HANDLERS, *_NUMBERS)) + " or @role='link']"
    "|//option[@value]|//form[@action]|//button[@formaction]"
    "|//*[contains(name(), '-')][@href or @to]|//a[starts-with(@href, 'javascript:') or @*[name()='xlink:href']]"
)
_CALL = re.compile(
    r"""(?:\blocation(?:\.href)?\s*=|\blocation\.(?:assign|replace)\s*\(|\bopen\s*\()\s*(["'`])([^"'`\s]{1,2000})\1(?!\s*\+)"""
    r"""|(["'`])((?:https?:/)?/[^"'`\s]{1,2000})\3(?!\s*\+)"""
)
"""An address that a handler opens: in an assignment to `location`, or as an argument of any function. One that is only a
part of the address is followed by a plus sign."""
_UNFILLED = re.compile(r"\{\{|\$\{|<%|\[%")
"""Templates that a script has to fill in."""
_STRING = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
_WRITTEN = re.compile(
    rf"""(?:\bwrite(?:ln)?\s*\(|HTML\s*\+?=|\binsertAdjacentHTML\s*\([^,()]{{1,40}},|\.(?:html|append|prepend|before|after)\s*\()
    \s*({_STRING}(?:\s*\+\s*{_STRING})*)""",
    re.DOTALL | re.VERBOSE,
)
"""HTML that a script writes into the page."""
_JOINT = re.compile(r"""["'`]\s*\+\s*["'`]""")
_NUMBER_JOINT = re.compile(r"""(["'`])\s*\+\s*(\d+)(?![\w.(])""")
"""A number that a handler appends: '/news/' + 77."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_MARKUP = re.compile(r"<a\s[^<>]{0,2000}\bhref\s*=", re.IGNORECASE)
_WRITES_LINKS = re.compile(r"(?:<|\\(?:x|u00)3c)a\s", re.IGNORECASE)
_TEMPLATE_TYPE = re.compile(r"text/(?:html|(?:x-)?\w*template|x-\w+)$", re.IGNORECASE)


def elements_at(root: _Element, expression: str) -> list[_Element]:
    """The elements that an XPath expression selects, in the order of the document."""
    found: Any = root.xpath(expression)
    return list(found)


def link_scripted_elements(root: _Element) -> None:
    """Put the content of elements that a script makes links into `a` elements with their addresses."""
    for element in elements_at(root, _SCRIPTED):
        if element.tag in _WITHOUT_TEXT:
            continue
        address = _address(element)
        if element.tag == "a":
            element.set("href", address or element.get("href") or "#")
        elif next(element.iterancestors("a"), None) is not None:
            continue
        elif address is not None:
            _link(element, address)
        elif element.tag not in ("form", "option") and next(element.iter("a"), None) is None:
            _link(element, "#")  # the address is computed; the headline is counted
    for select in elements_at(root, "//select[.//a]"):
        select.tag = "div"


def markup_of_scripts(root: _Element) -> Iterator[str]:
    """The pieces of HTML with links that scripts may put into the page: of templates, of frames, in their strings."""
    from lxml import etree

    for template in elements_at(root, "//template[not(@shadowrootmode or @shadowroot)]"):
        yield "".join(str(etree.tostring(child, encoding="unicode", method="html")) for child in template)
    yield from (frame.get("srcdoc") or "" for frame in root.iter("iframe"))
    for script in root.iter("script"):
        text = script.text or ""
        if _TEMPLATE_TYPE.match(script.get("type") or ""):
            yield text
        elif _WRITES_LINKS.search(text):
            yield from (_ESCAPE.sub(_unescaped, _JOINT.sub("", one[1][1:-1])) for one in _WRITTEN.finditer(text))


def has_links(markup: str) -> bool:
    """Whether a text is HTML of a list, and neither prose nor a template for a script to fill in."""
    links = len(_MARKUP.findall(markup))
    return links > 0 and not _UNFILLED.search(markup) and len(_TAG.sub("", markup)) <= MAX_LINK_TEXT * links


def address_in_script(code: str) -> str | None:
    """The address that an event handler or a `javascript:` address opens; None if it is computed."""
    code = _JOINT.sub("", _NUMBER_JOINT.sub(r"\2\1", code[:MAX_HANDLER]))
    found = _CALL.search(unquote(code) if "%2" in code else code)
    address = (found[2] or found[4]) if found else None
    return None if address is None or _UNFILLED.search(address) else address


def is_scripted(href: str) -> bool:
    """Whether an address says nothing because a script handles the click."""
    return href in ("", "#", "#!") or href.lower().startswith("javascript:")


def _address(element: _Element) -> str | None:
    href = (element.get("href") or element.get("xlink:href") or "").strip()
    if element.tag == "a" or "-" in str(element.tag):
        href = href or (element.get("to") or "").strip()
        if not is_scripted(href) and not href.startswith("#"):
            return href
    choice = _CHOICES.get(str(element.tag))
    if choice and (value := (element.get(choice) or "").strip()):
        is_link = value.startswith(("/", "http://", "https://")) and not elements_at(element, _FILLED_IN)
        return value if is_link else None
    for name in _ADDRESSES:
        value = (element.get(name) or "").strip()
        if value and (name == "data-href" or re.fullmatch(r"[^\s{}<>]*[/.?][^\s{}<>]*", value)):
            return value
    handlers = (
        href if href.lower().startswith("javascript:") else "",
        *(element.get(name) or "" for name in _HANDLERS),
    )
    return next((found for code in handlers if (found := address_in_script(code))), None)


def _link(element: _Element, address: str) -> None:
    """Put the content of a card into a link; a list gets an empty link, because its items have their own."""
    link = element.makeelement("a", href=address)
    label = next((element.get(name) for name in ("headline", "heading", "title", "label") if element.get(name)), None)
    if label:
        link.set("title", label)
    hrefs = [inner.get("href") or "" for inner in element.iter("a")]
    if any(href.partition("#")[0].endswith(address) for href in hrefs):
        return
    if len(hrefs) <= MAX_CARD_LINKS:
        link.text, element.text = element.text, None
        link.extend(list(element))
    element.append(link)


def _unescaped(escape: re.Match[str]) -> str:
    if escape[3] is not None:
        return {"n": "\n", "t": "\t", "r": "\n"}.get(escape[3], escape[3])
    return chr(int(escape[1] or escape[2], 16))

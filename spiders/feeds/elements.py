"""Names, base URLs, text and HTML of the elements in a feed's tree, for all spellings of the namespaces."""

from __future__ import annotations

import contextlib
import copy
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from lxml.etree import _Element

XML = "{http://www.w3.org/XML/1998/namespace}"
_CORE = frozenset(
    """http://www.w3.org/2005/atom http://purl.org/atom/ns http://purl.org/rss/1.0 http://purl.org/rss/2.0
    http://my.netscape.com/rdf/simple/0.9 http://channel.netscape.com/rdf/simple/0.9 http://purl.org/net/rss1.1
    http://backend.userland.com/rss2 http://backend.userland.com/rss http://blogs.law.harvard.edu/tech/rss
    http://www.w3.org/1999/02/22-rdf-syntax-ns""".split()
)
_PREFIXES = {
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
Parts = Mapping[str, Sequence["_Element"]]
"""Direct children by name: "title", "dc:creator". Deeper elements are excluded: an image's title is not the item's."""


@lru_cache(maxsize=2_048)
def name_of(tag: str, core: str) -> str:
    """ "{namespace}Local" as "prefix:local", or "local" in the namespaces of the feed formats."""
    namespace, found, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    local = local.lower()
    if not found or namespace == core:
        return local  # an undeclared prefix is part of the local name
    key = namespace.strip().lower().rstrip("/#")
    if key in _CORE:
        return local
    if "prismstandard.org" in key:
        return f"prism:{local}"
    return f"{_PREFIXES.get(key, key)}:{local}"


def parts_of(element: _Element, namespace: str) -> dict[str, list[_Element]]:
    """The direct children by name."""
    parts: dict[str, list[_Element]] = {}
    for child in element:
        if isinstance(child.tag, str):
            parts.setdefault(name_of(child.tag, namespace), []).append(child)
    return parts


def first_named(root: _Element, name: str, namespace: str) -> _Element | None:
    """The root or its first child with that name."""
    if name_of(root.tag, namespace) == name:
        return root
    return next((child for child in root if isinstance(child.tag, str) and name_of(child.tag, namespace) == name), None)


def about(item: _Element) -> str | None:
    """rdf:about, the identity of an RSS 1.0 item."""
    values = (str(value).strip() for key, value in item.attrib.items() if str(key).endswith("}about"))
    return next((value for value in values if value), None)


def base_of(element: _Element, base: str) -> str:
    """The base URL of an element: `base` joined with the xml:base of its ancestors and its own."""
    for place in [*reversed(list(element.iterancestors())), element]:
        own = place.get(f"{XML}base")
        if own:
            base = joined(base, own.strip())
    return base


def joined(base: str, url: str) -> str:
    """urljoin; an invalid URL is returned unchanged."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def text_in(element: _Element) -> str:
    """All text in the element, without markup."""
    return (element.text or "").strip() if not len(element) else "".join(map(str, element.itertext())).strip()


def texts_in(parts: Parts, names: Sequence[str]) -> Iterator[str]:
    """The texts of all children with these names, in the order of the names."""
    return (text for name in names for part in parts.get(name, ()) if (text := text_in(part)))


def markup_in(element: _Element) -> str | None:
    """The HTML in an element, whether escaped or as child elements."""
    if not len(element):
        return (element.text or "").strip() or None
    from lxml import etree

    bare = copy.deepcopy(element)
    for each in bare.iter():
        if isinstance(each.tag, str) and each.tag.startswith("{"):
            with contextlib.suppress(ValueError):  # "<http://...>" parsed as a tag has an invalid name
                each.tag = each.tag.rpartition("}")[2]
    etree.cleanup_namespaces(bare)
    inner = "".join(str(etree.tostring(child, encoding="unicode", method="html")) for child in bare)
    return (html.escape(bare.text or "", quote=False) + inner).strip() or None


def paragraph_text(text: str | None) -> str | None:
    """Plain text as HTML paragraphs."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text or "") if part.strip()]
    return "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in parts) or None

"""One parse for all readers: the tree without scripts, and what the head said in meta tags and JSON-LD.

Everything that reads a page is handed this document; nothing parses the page a second time. The tree is cleaned once,
in C, of what no reader looks at (scripts, styles, drawings, frames), which halves the nodes that later passes visit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from pipelines import jsonld

_DROPPED = (
    "script", "style", "svg", "noscript", "iframe", "template", "object", "embed", "canvas", "map", "link", "meta",
    "base", "select", "option", "datalist", "input", "textarea", "audio", "video", "source", "track", "math", "dialog",
    etree.Comment, etree.ProcessingInstruction,
)  # fmt: skip
"""Elements without article text. `noscript` repeats what scripts show, or says that they are needed."""

_BAD_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""libxml2 stops reading at a NUL, and refuses surrogates."""

MAX_SCRIPT = 2_000_000
"""Characters of one JSON-LD block that are parsed. The longest of 614 real ones had 420,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page, parsed once."""

    root: etree._Element
    url: str
    """After redirects."""
    base: str
    """What relative addresses are relative to."""
    meta: Mapping[str, tuple[str, ...]]
    """name, property or itemprop in lower case -> its contents in page order."""
    nodes: tuple[Mapping[str, Any], ...]
    """JSON-LD objects, flattened."""
    article: Mapping[str, Any]
    """The JSON-LD article that is this page; empty where there is none."""
    title_tag: str
    canonical: str | None
    html_lang: str | None
    scripts: frozenset[str]
    """Hosts that scripts were loaded from: bot walls betray themselves there."""

    def first(self, *names: str) -> str | None:
        """The first non-empty meta content among `names`, in their order."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), None)

    def absolute(self, url: str | None) -> str | None:
        """`url` as an absolute http(s) address, None where it is none."""
        if not url or url.startswith(("data:", "javascript:", "#")):
            return None
        try:
            joined = urljoin(self.base, url.strip())
        except ValueError:
            return None
        return joined if joined.startswith(("http://", "https://")) else None


class EmptyDocument(ValueError):
    """The bytes hold no markup at all. Raised by `parse`, caught by `extract`."""


def parse(text: str, url: str) -> Document:
    """Parse decoded HTML. Raises EmptyDocument where there is nothing to parse."""
    cleaned = _BAD_CHARACTERS.sub(" ", text).strip()
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(cleaned.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise EmptyDocument("no markup") from error
    if root is None:
        raise EmptyDocument("no markup")
    title_tag = one_line("".join(root.findtext(".//title") or ""))
    meta = _meta(root)
    links = _links(root)
    nodes, scripts = _scripts(root)
    heading = (meta.get("og:title") or ("",))[0]
    document = Document(
        root=root,
        url=url,
        base=urljoin(url, links.get("base", "")) if links.get("base") else url,
        meta=meta,
        nodes=nodes,
        article=jsonld.choose(nodes, url, (heading, title_tag)),
        title_tag=title_tag,
        canonical=links.get("canonical"),
        html_lang=root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang"),
        scripts=scripts,
    )
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    return document


_SPACES = re.compile(r"[\s\u200b\ufeff\u00ad\u2060]+")
_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff\u00ad"))


def one_line(text: str) -> str:
    """White space folded to single spaces, invisible characters removed."""
    return " ".join(text.translate(_ZERO_WIDTH).split())


def text_of(element: etree._Element) -> str:
    """All text under an element in one line."""
    return one_line("".join(element.itertext()))


def _meta(root: etree._Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        content = one_line(element.get("content") or "")
        if content:
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                name = element.get(attribute)
                if name:
                    found.setdefault(name.strip().lower(), []).append(content)
    return {name: tuple(values) for name, values in found.items()}


def _links(root: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("link"):
        href = (element.get("href") or "").strip()
        if href and "canonical" in (element.get("rel") or "").lower().split():
            found.setdefault("canonical", href)
    base = root.find(".//base")
    if base is not None and base.get("href"):
        found["base"] = (base.get("href") or "").strip()
    return found


def _scripts(root: etree._Element) -> tuple[tuple[Mapping[str, Any], ...], frozenset[str]]:
    nodes: list[Mapping[str, Any]] = []
    hosts = set()
    for element in root.iter("script"):
        kind = (element.get("type") or "").lower()
        if "ld+json" in kind:
            nodes += jsonld.nodes((element.text or "")[:MAX_SCRIPT])
        elif src := element.get("src"):
            try:
                hosts.add(urlsplit(src).hostname or "")
            except ValueError:
                continue
    return tuple(nodes), frozenset(hosts - {""})

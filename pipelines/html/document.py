"""One parse for all readers: the tree without scripts, and what the head said in meta tags and JSON-LD.

Everything that reads a page is handed this document; nothing parses the page a second time. The tree is cleaned once,
in C, of what no reader looks at (scripts, styles, drawings, frames), which halves the nodes that later passes visit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from lxml import etree

from pipelines.html import jsonld

_DROPPED = (
    "script", "style", "svg", "noscript", "iframe", "template", "object", "embed", "canvas", "map", "link", "meta",
    "base", "select", "option", "datalist", "input", "textarea", "audio", "video", "source", "track", "math", "dialog",
    etree.Comment, etree.ProcessingInstruction,
)  # fmt: skip
"""Elements without article text. `noscript` mostly holds a pixel to be counted by, or says that scripts are needed."""
LINE_BREAK = "\u2028"
"""Stands where a page breaks a line: white space to `one_line`, or "Jane Doe<br>Kyiv" would come out as one word."""
LONG_NOSCRIPT = 1_500
"""Characters from which a `noscript` is the article, for readers without scripts; what it repeats is dropped later."""

_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n\r")
_CONTROLS_TO_SPACES = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
"""libxml2 stops reading at a NUL, and refuses the two below and lone surrogates."""
_NO_CHARACTERS = ("\ufffe", "\uffff")

MAX_VALUES = 40
"""Contents kept of one meta name: authors and tags come to a dozen, a hostile page to hundreds of thousands."""
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
    """name, property or itemprop, folded by `_meta_key` -> its contents in page order. Read it with `all` and `first`."""
    nodes: tuple[Mapping[str, Any], ...]
    """JSON-LD objects, flattened."""
    article: Mapping[str, Any]
    """The JSON-LD article that is this page; empty where there is none."""
    title_tag: str
    canonical: str | None
    html_lang: str | None
    scripts: frozenset[str]
    """Hosts that scripts were loaded from: bot walls betray themselves there."""

    def all(self, name: str) -> tuple[str, ...]:
        """The contents of the meta tags of that name, letter case and punctuation of the name apart."""
        return self.meta.get(_meta_key(name), ())

    def first(self, *names: str) -> str | None:
        """The first non-empty meta content among `names`, in their order."""
        return next((value for name in names for value in self.all(name) if value), None)

    def absolute(self, url: str | None) -> str | None:
        """`url` as an absolute http(s) address, None where it is none."""
        if not url or url.startswith(("data:", "javascript:", "#")):
            return None
        try:
            joined = urljoin(self.base, url.strip())
        except ValueError:
            return None
        return joined if joined.startswith(("http://", "https://")) else None


class EmptyDocumentError(ValueError):
    """The bytes hold no markup at all. Raised by `parse`, caught by `extract`."""


def parse_html(text: str, url: str) -> Document:
    """Parse decoded HTML. Raises EmptyDocumentError where there is nothing to parse."""
    markup = _clean(text)
    # huge_tree: without it libxml2 drops what is nested more than 256 deep, text and all.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(markup, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise EmptyDocumentError("no markup") from error
    if root is None:
        raise EmptyDocumentError("no markup")
    _give_body(root)
    title_tag = collapse_whitespace("".join(root.findtext(".//title") or ""))
    meta = _meta(root)
    links = _links(root)
    nodes, scripts = _scripts(root)
    heading = (meta.get("ogtitle") or ("",))[0]
    document = Document(
        root=root,
        url=url,
        base=urljoin(url, links.get("base", "")) if links.get("base") else url,
        meta=meta,
        nodes=nodes,
        article=jsonld.choose_article(nodes, url, (heading, title_tag, *_headlines(root, nodes))),
        title_tag=title_tag,
        canonical=links.get("canonical"),
        html_lang=root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang"),
        scripts=scripts,
    )
    for element in root.iter("br"):
        element.tail = f"{LINE_BREAK}{element.tail or ''}"
    for element in root.iter("noscript"):
        # A page that a browser wrote down carries its markup here as text; that is pixels to count readers by.
        if len(text := raw_text(element)) > LONG_NOSCRIPT and not text.lstrip().startswith("<"):
            element.tag = "div"
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    return document


def _clean(text: str) -> bytes:
    """`text` in UTF-8, without what libxml2 cannot read. By table: a pattern over a whole page takes four times as long."""
    for character in _NO_CHARACTERS:
        if character in text:
            text = text.replace(character, " ")
    return text.encode("utf-8", "replace").translate(_CONTROLS_TO_SPACES).strip()


_HEAD = frozenset({"title", "meta", "link", "base", "script", "style", "noscript", "template"})


def _give_body(root: etree._Element) -> None:
    """Put what stands in the head without belonging there into a body, where the page wrote none.

    libxml2 opens a body at the first element that cannot stand in a head, but does not know those of HTML 5.
    """
    head = root.find("head")
    if head is None or root.find("body") is not None:
        return
    stray = [element for element in head if element.tag not in _HEAD]
    if stray:
        body = etree.SubElement(root, "body")
        body.extend(list(head)[head.index(stray[0]) :])


_SPACES = re.compile(r"[\s\u200b\ufeff\u00ad\u2060]+")
_ZERO_WIDTH = re.compile("[\u200b\u200e\u200f\u2060\ufeff\u00ad]")


def collapse_whitespace(text: str) -> str:
    """White space folded to single spaces, invisible characters removed."""
    return " ".join((text if text.isascii() else _ZERO_WIDTH.sub("", text)).split())


_DENSE = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]+")
"""Chinese, Japanese and Korean: a character says what two or three letters say."""


def letters(text: str) -> int:
    """How long a text is to a reader: its characters, those of dense scripts counted twice."""
    return len(text) if text.isascii() else len(text) + sum(map(len, _DENSE.findall(text)))


def element_text(element: etree._Element) -> str:
    """All text under an element in one line."""
    return collapse_whitespace(raw_text(element))


def raw_text(element: etree._Element) -> str:
    """All text under an element as it stands."""
    return "".join(cast("Iterator[str]", element.itertext()))


@lru_cache(maxsize=4_096)
def _meta_key(name: str) -> str:
    """`article:published_time`, `article:published:time` and `Article.PublishedTime` are one name."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _meta(root: etree._Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        attributes = element.attrib
        content = collapse_whitespace(attributes.get("content", ""))
        if not content or _is_torn(element):
            continue
        for attribute in ("property", "name", "http-equiv"):
            if name := attributes.get(attribute):
                found.setdefault(_meta_key(name), []).append(content)
        itemprop = attributes.get("itemprop")
        if itemprop and not _is_of_media(element):
            found.setdefault(_meta_key(itemprop), []).append(content)
    # What link previews show beside each other ("Written by", "Jane Doe") is a witness like any other.
    for number in ("1", "2"):
        labels, values = found.get(f"twitterlabel{number}", ()), found.get(f"twitterdata{number}", ())
        for label, value in zip(labels, values, strict=False):
            found.setdefault(_meta_key(label), []).append(value)
    return {name: tuple(values[:MAX_VALUES]) for name, values in found.items()}


def _is_torn(element: etree._Element) -> bool:
    """Whether an unescaped quotation mark in the content has torn it: what follows became names of attributes."""
    return len(element.attrib) > 2 and any('"' in str(name) or "\u201d" in str(name) for name in element.attrib)


def _is_of_media(element: etree._Element) -> bool:
    """Whether microdata speaks of a picture, a film or a person: their author and date are not the article's."""
    for parent in element.iterancestors():
        if parent.get("itemscope") is not None:
            kind = parent.get("itemtype") or ""
            return kind.endswith(("Object", "Person", "Organization", "Place", "Comment", "Offer", "Rating"))
    return False


def _headlines(root: etree._Element, nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the page shows as its headlines, where JSON-LD has to be compared with it."""
    return [element_text(element) for element in islice(root.iter("h1"), MAX_VALUES)] if nodes else []


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

"""Parse a page once: the tree without scripts, the meta tags and the JSON-LD.

Every extraction step takes this document, so no page is parsed twice. Elements without article text (scripts, styles,
drawings, frames) are removed once, in C. That halves the nodes that later steps visit.
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
"""Elements without article text. Most `noscript` elements hold a tracking pixel or ask for JavaScript."""
LINE_BREAK = "\u2028"
"""Inserted at each <br>. It counts as white space, so that "Jane Doe<br>Kyiv" is not read as one word."""
LONG_NOSCRIPT = 600
"""Characters from which a `noscript` holds the article itself. Repeated paragraphs are dropped later."""

_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n\r")
_CONTROLS_TO_SPACES = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
"""libxml2 stops at a NUL and rejects the two characters below and lone surrogates."""
_NONCHARACTERS = ("\ufffe", "\uffff")

MAX_VALUES = 40
"""Values kept for one meta name. Real pages have up to a dozen authors or tags; a hostile page has 100,000."""
MAX_STATE_SCRIPTS = 400
"""Scripts with data that are kept; Next.js writes a hundred small ones."""
MAX_SCRIPT = 2_000_000
"""Characters of one JSON-LD block that are parsed. The longest of 614 real ones had 420,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page, parsed once."""

    root: etree._Element
    url: str
    """The address after redirects."""
    base: str
    """The base address for relative links."""
    meta: Mapping[str, tuple[str, ...]]
    """name, property or itemprop, normalised by `_meta_key` -> contents in page order. Read it with `all` and `first`."""
    nodes: tuple[Mapping[str, Any], ...]
    """JSON-LD objects, flattened."""
    article: Mapping[str, Any]
    """The JSON-LD article that describes this page; empty if there is none."""
    title_tag: str
    canonical: str | None
    html_lang: str | None
    scripts: frozenset[str]
    """Hosts that scripts are loaded from. They identify bot walls."""
    state: tuple[str, ...] = ()
    """Scripts with the data of a page that is drawn by scripts (`__NEXT_DATA__` and others)."""

    def all(self, name: str) -> tuple[str, ...]:
        """Contents of the meta tags with that name; letter case and punctuation of the name are ignored."""
        return self.meta.get(_meta_key(name), ())

    def first(self, *names: str) -> str | None:
        """The first non-empty meta content of `names`, in their order."""
        return next((value for name in names for value in self.all(name) if value), None)

    def absolute(self, url: str | None) -> str | None:
        """`url` as an absolute http(s) address; None if it is not one."""
        if not url or url.startswith(("data:", "javascript:", "#")):
            return None
        try:
            joined = urljoin(self.base, url.strip())
        except ValueError:
            return None
        return joined if joined.startswith(("http://", "https://")) else None


class EmptyDocumentError(ValueError):
    """The bytes contain no markup. Raised by `parse_html`, caught by `extract`."""


def parse_html(text: str, url: str) -> Document:
    """Parse decoded HTML. Raises EmptyDocumentError if it contains no markup."""
    markup = _clean(text)
    # huge_tree: without it libxml2 drops everything that is nested more than 256 levels deep.
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
    heading = (meta.get("ogtitle") or ("",))[0]
    nodes, scripts, state = _scripts(root, heading or title_tag)
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
        state=state,
    )
    for element in root.iter("br"):
        element.tail = f"{LINE_BREAK}{element.tail or ''}"
    for element in root.iter("noscript"):
        # A page saved by a browser has escaped markup here (tracking pixels), which is not text.
        if len(text := raw_text(element)) > LONG_NOSCRIPT and not text.lstrip().startswith("<"):
            element.tag = "div"
    for element in root.iter("template"):
        if element.get("shadowrootmode") or element.get("shadowroot"):
            element.tag = "div"  # a declarative shadow root, which a browser shows
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    return document


def _clean(text: str) -> bytes:
    """`text` in UTF-8 without characters that libxml2 rejects. A table is four times faster than a pattern."""
    for character in _NONCHARACTERS:
        if character in text:
            text = text.replace(character, " ")
    return text.encode("utf-8", "replace").translate(_CONTROLS_TO_SPACES).strip()


_HEAD = frozenset({"title", "meta", "link", "base", "script", "style", "noscript", "template"})


def _give_body(root: etree._Element) -> None:
    """Move elements that do not belong in the head into a body, if the page has no body.

    libxml2 opens a body at the first element that cannot be in a head, but does not know the elements of HTML 5.
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
    """`text` with single spaces and without invisible characters."""
    return " ".join((text if text.isascii() else _ZERO_WIDTH.sub("", text)).split())


def fold_text(text: str) -> str:
    """Key for comparing texts: lower case, without punctuation and white space."""
    return _NO_WORD.sub("", text.lower())


_NO_WORD = re.compile(r"\W+")
_DENSE = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]+")
"""Chinese, Japanese and Korean: one character carries as much as two or three letters."""


def letters(text: str) -> int:
    """Length of a text in letters: its characters, with those of dense scripts counted twice."""
    return len(text) if text.isascii() else len(text) + sum(map(len, _DENSE.findall(text)))


GOOD = 40
"""Characters from which a run counts as running text; shorter ones are labels, names, buttons."""


def element_text(element: etree._Element) -> str:
    """The text of an element and its descendants in one line."""
    return collapse_whitespace(raw_text(element))


def raw_text(element: etree._Element) -> str:
    """The text of an element and its descendants, with its white space."""
    return "".join(cast("Iterator[str]", element.itertext()))


@lru_cache(maxsize=4_096)
def _meta_key(name: str) -> str:
    """Normalised name: `article:published_time` and `Article.PublishedTime` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _meta(root: etree._Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        attributes = element.attrib
        content = collapse_whitespace(attributes.get("content", ""))
        if not content or _is_cut_off(element):
            continue
        for attribute in ("property", "name", "http-equiv"):
            if name := attributes.get(attribute):
                found.setdefault(_meta_key(name), []).append(content)
        itemprop = attributes.get("itemprop")
        if itemprop and not _is_of_media(element):
            found.setdefault(_meta_key(itemprop), []).append(content)
    # Link previews show pairs of label and value ("Written by", "Jane Doe").
    for number in ("1", "2"):
        labels, values = found.get(f"twitterlabel{number}", ()), found.get(f"twitterdata{number}", ())
        for label, value in zip(labels, values, strict=False):
            found.setdefault(_meta_key(label), []).append(value)
    return {name: tuple(values[:MAX_VALUES]) for name, values in found.items()}


def _is_cut_off(element: etree._Element) -> bool:
    """Whether an unescaped quotation mark cut the content short; the rest became attribute names."""
    return len(element.attrib) > 2 and any('"' in str(name) or "\u201d" in str(name) for name in element.attrib)


def _is_of_media(element: etree._Element) -> bool:
    """Whether the microdata describes a picture, a film or a person, whose author and date are not the article's."""
    for parent in element.iterancestors():
        if parent.get("itemscope") is not None:
            kind = parent.get("itemtype") or ""
            return kind.endswith(("Object", "Person", "Organization", "Place", "Comment", "Offer", "Rating"))
    return False


def _headlines(root: etree._Element, nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The page's h1 texts, which JSON-LD headlines are compared with."""
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


_STATE = re.compile(
    r"__[A-Z]*_?(?:DATA|NUXT|STATE|PROPS)(?:_DATA)?__|__next_f\.push|__remixContext|\.globalContent\s*="
)
"""Names of the data in scripts; matched against the id and the beginning of a script."""
_STATE_BEGINNING = 300
"""Characters of a script in which the name of its data is looked for."""


def _scripts(root: etree._Element, title: str) -> tuple[tuple[Mapping[str, Any], ...], frozenset[str], tuple[str, ...]]:
    nodes: list[Mapping[str, Any]] = []
    hosts = set()
    state: list[str] = []
    for element in root.iter("script"):
        kind = (element.get("type") or "").lower()
        if "ld+json" in kind:
            nodes += jsonld.nodes((element.text or "")[:MAX_SCRIPT])
        elif src := element.get("src"):
            try:
                hosts.add(urlsplit(src).hostname or "")
            except ValueError:
                continue
        elif (script := element.text) and (
            _STATE.search(f"{element.get('id')} {script[:_STATE_BEGINNING]}") or (title and title in script)
        ):
            state.append(script[:MAX_SCRIPT])
    return tuple(nodes), frozenset(hosts - {""}), tuple(state[:MAX_STATE_SCRIPTS])

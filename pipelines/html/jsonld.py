"""JSON-LD as it is found on pages: graphs, arrays, several articles, references, and JSON that is not quite JSON.

`nodes` reads one script into flat objects; `choose` picks the one that is this page among them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

JsonLdNode = Mapping[str, Any]

_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review|Column)$")
"""schema.org's article types end so: NewsArticle, LiveBlogPosting, ReportageNewsArticle, ..."""
_WEAK = frozenset({"WebPage", "ItemPage", "CreativeWork", "VideoObject", "AudioObject", "Recipe", "Event", "Quiz"})
"""Types that stand for the page where nothing on it is an article."""
MAX_NODES = 500
MAX_JSONLD_DEPTH = 12


def nodes(script: str) -> list[JsonLdNode]:
    """The objects of one script, with those in @graph, lists and mainEntity beside them. Never raises."""
    return list(_flatten(_load(script), 0))[:MAX_NODES]


def types(node: JsonLdNode) -> tuple[str, ...]:
    """The node's types without their vocabulary's address."""
    given = node.get("@type") or node.get("type") or ()
    values = given if isinstance(given, list) else [given]
    return tuple(str(value).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for value in values if isinstance(value, str))


def is_article(node: JsonLdNode) -> bool:
    """Whether the node says that it is an article of some kind."""
    return any(_ARTICLE.search(name) for name in types(node))


def choose_article(all_nodes: Sequence[JsonLdNode], url: str, headings: Iterable[str]) -> JsonLdNode:
    """The article that is this page, with references to other nodes resolved; empty where there is none.

    An address that is this page's counts most, then a headline that the page shows, then being an article at all. One that
    names another address and another headline is another article, even where it is the only one.
    """
    shown = list(headings)
    relevant = [key for key in map(_comparable, shown) if key]
    path = _path(url)
    best: JsonLdNode = {}
    best_score = 0
    for node in all_nodes:
        score = _score(node, path, relevant)
        if score > best_score and not _is_of_another(node, path, shown):
            best, best_score = node, score
    return _resolved(best, all_nodes) if best else {}


def text(value: object) -> str:
    """A value that should be text: the first of a list, the @value or name of an object."""
    if isinstance(value, list):
        return next((found for item in value if (found := text(item))), "")
    if isinstance(value, Mapping):
        return text(value.get("@value") or value.get("name") or "")
    return html.unescape(value).strip() if isinstance(value, str) else ""


def _score(node: JsonLdNode, path: str, relevant: Sequence[str]) -> int:
    kind = types(node)
    article = is_article(node)
    if not article and not _WEAK.intersection(kind):
        return 0
    score = 4 if article else 1
    if any(_path(address) == path for address in _addresses(node)):
        score += 6
    heading = _comparable(text(node.get("headline") or node.get("name")))
    if heading and any(heading == key or (len(heading) > 20 and heading in key) for key in relevant):
        score += 3
    return score + sum(1 for key in ("articleBody", "datePublished", "author") if node.get(key))


SIMILAR_HEADLINE = 0.5
"""Share of a headline's words that a heading of the page has too. Where addresses differ (redirects, archives, numbers instead
of words), it is 1 on all of 54 pages of the corpora."""
_WORD = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]|[^\W\u3040-\u9fff\uac00-\ud7a3]+")


def _is_of_another(node: JsonLdNode, path: str, headings: Sequence[str]) -> bool:
    paths = {_path(address) for address in _addresses(node)} - {""}
    words = _words(text(node.get("headline") or node.get("name")))
    if not paths or path in paths or len(words) < 2 or not any(headings):
        return False
    return all(len(words & _words(heading)) < SIMILAR_HEADLINE * len(words) for heading in headings)


def _words(heading: str) -> set[str]:
    return set(_WORD.findall(html.unescape(heading).lower()))


def _addresses(node: JsonLdNode) -> Iterator[str]:
    for key in ("url", "mainEntityOfPage", "@id"):
        value = node.get(key)
        if isinstance(value, Mapping):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str) and value:
            yield value


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/").lower()
    except ValueError:
        return ""


def _comparable(heading: str) -> str:
    return re.sub(r"\W+", "", html.unescape(heading)).lower()


def _resolved(node: JsonLdNode, all_nodes: Sequence[JsonLdNode]) -> JsonLdNode:
    """The node with authors and publisher that are only given by @id filled in."""
    known = {other["@id"]: other for other in all_nodes if isinstance(other.get("@id"), str) and len(other) > 2}
    filled = dict(node)
    for key in ("author", "creator", "publisher", "image", "isPartOf"):
        value = filled.get(key)
        items = value if isinstance(value, list) else [value]
        filled[key] = [
            known.get(item["@id"], item) if isinstance(item, Mapping) and isinstance(item.get("@id"), str) else item
            for item in items
            if item
        ]
    return filled


def _flatten(value: object, depth: int) -> Iterator[JsonLdNode]:
    if depth > MAX_JSONLD_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _flatten(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            if isinstance(value.get(key), (list, dict)):
                yield from _flatten(value[key], depth + 1)


_COMMENT = re.compile(r"^\s*(?:<!--|//<!\[CDATA\[|/\*<!\[CDATA\[\*/|<!\[CDATA\[)|(?:-->|//\]\]>|/\*\]\]>\*/|\]\]>)\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_FIELD = re.compile(
    r'"(headline|datePublished|dateModified|dateCreated|articleSection|inLanguage)"\s*:\s*"((?:[^"\\\n]|\\.)*)"'
)
_AUTHOR = re.compile(r'"author"\s*:\s*(?:\[\s*)?(?:\{[^{}]{0,400}?"name"\s*:\s*)?"((?:[^"\\\n]|\\.)*)"')
_AUTHORS = re.compile(r'"author"\s*:\s*\[([^\[\]]{0,4000})\]')
_NAME = re.compile(r'"name"\s*:\s*"((?:[^"\\\n]|\\.)*)"')
_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"(\w*(?:Article|Posting|Report))"')


def _load(script: str) -> object:
    script = script.strip()
    if not script:
        return None
    try:
        return _concatenated(script)
    except (ValueError, RecursionError):
        mended = _TRAILING_COMMA.sub(r"\1", _COMMENT.sub("", html.unescape(script)).strip(" ;\n"))
    try:
        return _concatenated(mended)
    except (ValueError, RecursionError):
        return _salvaged(script)


def _concatenated(script: str) -> object:
    """`json.loads` that takes several values one after another; control characters in strings are let pass."""
    decoder = json.JSONDecoder(strict=False)
    values, position = [], 0
    while position < len(script):
        value, position = decoder.raw_decode(script, position)
        values.append(value)
        while position < len(script) and script[position] in " \t\r\n,;":
            position += 1
    return values


def _salvaged(script: str) -> object:
    """What single fields of broken JSON still say, where it says that it is an article. Whose address it has nobody can tell."""
    kind = _TYPE.search(script)
    if not kind:
        return None
    node: dict[str, Any] = {"@type": kind[1]}
    for name, value in _FIELD.findall(script):
        node.setdefault(name, _unescaped(value))
    several = _AUTHORS.search(script)
    if several and (names := _NAME.findall(several[1])):
        node["author"] = [_unescaped(name) for name in names]
    elif author := _AUTHOR.search(script):
        node["author"] = _unescaped(author[1])
    return node


def _unescaped(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value

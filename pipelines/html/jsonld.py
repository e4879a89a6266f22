"""Read JSON-LD as real pages write it: graphs, arrays, several articles, references and broken JSON.

`nodes` reads one script into flat objects; `choose_article` picks the object that describes the page.
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
"""Endings of schema.org's article types: NewsArticle, LiveBlogPosting, ReportageNewsArticle, ..."""
_WEAK = frozenset(
    {"WebPage", "ItemPage", "CreativeWork", "VideoObject", "AudioObject", "PodcastEpisode", "Recipe", "Event", "Quiz"}
)
"""Types that describe the page if no node is an article."""
MAX_NODES = 500
MAX_JSONLD_DEPTH = 12


def nodes(script: str) -> list[JsonLdNode]:
    """The objects of one script, including those in @graph, lists and mainEntity. Never raises."""
    return list(_flatten(_load(script), 0))[:MAX_NODES]


def types(node: JsonLdNode) -> tuple[str, ...]:
    """The node's types without the address of the vocabulary."""
    given = node.get("@type") or node.get("type") or ()
    values = given if isinstance(given, list) else [given]
    return tuple(str(value).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for value in values if isinstance(value, str))


def is_article(node: JsonLdNode) -> bool:
    """Whether the node's type is an article of any kind."""
    return any(_ARTICLE.search(name) for name in types(node))


def choose_article(all_nodes: Sequence[JsonLdNode], url: str, headings: Iterable[str]) -> JsonLdNode:
    """The article that describes this page, with references to other nodes resolved; empty if there is none.

    The page's own address counts most, then a headline that the page shows, then the article type. A node with another
    address and another headline is a different article, even if it is the only node.
    """
    shown = list(headings)
    shown_keys = [key for key in map(_comparable, shown) if key]
    path = _path(url)
    best: JsonLdNode = {}
    best_score = 0
    for node in all_nodes:
        score = _score(node, path, shown_keys)
        if score > best_score and not _is_of_another(node, path, shown):
            best, best_score = node, score
    return _resolved(best, all_nodes) if best else {}


def text(value: object) -> str:
    """Text of a value: the first text of a list, or the @value or name of an object; "" if there is none."""
    if isinstance(value, list):
        return next((found for item in value if (found := text(item))), "")
    if isinstance(value, Mapping):
        return text(value.get("@value") or value.get("name") or "")
    return html.unescape(value).strip() if isinstance(value, str) else ""


def declared_words(node: JsonLdNode) -> int:
    """Number of words of an article by its `wordCount` or `articleBody`; 0 if neither is given."""
    words = len(text(node.get("articleBody")).split())
    try:
        return max(int(str(node.get("wordCount") or node.get("wordcount") or 0)), words)
    except ValueError:
        return words


def _score(node: JsonLdNode, path: str, shown_keys: Sequence[str]) -> int:
    kind = types(node)
    article = is_article(node)
    if not article and not _WEAK.intersection(kind):
        return 0
    score = 4 if article else 1
    if any(_path(address) == path for address in _addresses(node)):
        score += 6
    heading = _comparable(text(node.get("headline") or node.get("name")))
    if heading and any(heading == key or (len(heading) > 20 and heading in key) for key in shown_keys):
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
    """The node, with the authors and the publisher that it refers to by @id filled in."""
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
        repaired = _TRAILING_COMMA.sub(r"\1", _COMMENT.sub("", html.unescape(script)).strip(" ;\n"))
    try:
        return _concatenated(repaired)
    except (ValueError, RecursionError):
        return _fields_of_broken(script)


def _concatenated(script: str) -> object:
    """All values of a script that holds several, one after another. Control characters in strings are allowed."""
    decoder = json.JSONDecoder(strict=False)
    values, position = [], 0
    while position < len(script):
        value, position = decoder.raw_decode(script, position)
        values.append(value)
        while position < len(script) and script[position] in " \t\r\n,;":
            position += 1
    return values


def _fields_of_broken(script: str) -> object:
    """Single fields of broken JSON with an article type; None without a type. The address is not known then."""
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

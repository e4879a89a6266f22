"""Classify the links of a news page as article links or other links, by URL, text and position.

`features` describes a link by named observations, and WEIGHTS gives each a weight in log-odds. The weights were fitted
by `benchmarks/link_classifier.py` on links from 405 news home pages and rounded; `docs/explanation/discovery.md` has
the results for outlets that were held out of the fit. The weights of a link's position are set by hand, because the
labelled links come without their pages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import fsum
from urllib.parse import unquote, urlsplit

from crawler.urls import absolute
from spiders.listings.vocabulary import (
    ARTICLE_SEGMENTS,
    ASSETS,
    CALLS_TO_ACTION,
    SECTION_SEGMENTS,
    SERVICE_HOSTS,
    SERVICE_SEGMENTS,
)

WEIGHTS: Mapping[str, float] = {
    "hex_id": 2.7,
    "date": 2.5,
    "number": 2.4,
    "slug_last": 1.9,
    "text_11": 1.6,
    "article_segment": 1.5,
    "slug_4": 1.5,
    "slug_6": 1.5,
    "slug_2": 1.4,
    "sentence_end": 1.3,
    "text_6": 1.3,
    "text_none": 1.1,
    "depth_2": 0.7,
    "depth_3": 0.6,
    "slug_5": 0.5,
    "text_3": 0.4,
    "text_4": 0.2,
    "slug_3": -1.1,
    "service_segment": -1.3,
    "below_section_segment": -2.2,
    "service_host": -2.4,
    "bias": -5.1,
}
"""Log-odds that a link leads to an article. Fitted; see `benchmarks/link_classifier.py --fit`."""
FIXED: Mapping[str, float] = {"no_address": -20, "asset": -20, "page_number": -3, "front": -4, "front_query": -2}
"""Set by hand, because they are certain and rare in the labelled links: files, page numbers, front pages."""
POSITION_WEIGHTS: Mapping[str, float] = {"furniture": -1.2, "heading": 1.5, "card": 0.7, "dated": 0.7}
"""Set by hand. The position decides for a doubtful URL, not against a clear one (the weights above reach 3)."""

SLUG_STEPS = (2, 3, 4, 5, 6)
DEPTH_STEPS = (2, 3)
TEXT_STEPS = (3, 4, 6, 11)
"""A count adds the weight of each step that it reaches."""

_DATE = re.compile(
    r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2]|[a-z]{3})(?:[/-]?(?:0?[1-9]|[12]\d|3[01]))?(?=[/_.-]|$)", re.IGNORECASE
)
_PACKED_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?!\d)")
_NUMBER = re.compile(r"(?<![\d])\d{5,}(?!\d)")
_HEX_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-|(?<![0-9a-z])(?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])[0-9a-z]{9,}(?![0-9a-z])", re.IGNORECASE
)
_ARTICLE_NUMBER = re.compile(r"^(?:article|story|artikel|articulo|noticia|nota|statya)[-_]?\d{3,}", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"/(?:page|seite|pagina|p)[/-]?\d{1,4}/?$", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?|jsp|story|ece|cms|amp)$", re.IGNORECASE)
_ARTICLE_QUERY = re.compile(
    r"(?:^|&)(?:id|article|articleid|story|storyid|p|nid|news|newsid|aid|no|idxno|art)=\w*\d{3,}", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
_CODE = re.compile(r"function\s*\(|document\.|\{\s*[\w.-]+\s*[:{]|[;}]\s*\}")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_CHARACTERS_A_WORD = 2.0
"""Mean length of Chinese, Japanese and Thai words, whose number is estimated from the characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPosition:
    """The position of a link in its page."""

    furniture: bool = False
    """In the navigation, footer or sidebar, or in a list of tags, authors or share buttons."""
    heading: bool = False
    """In a heading, or around one."""
    card: bool = False
    """In an article, card or teaser element."""
    dated: bool = False
    """Its card contains a time."""


def is_article_link(url: str, text: str, base_url: str | None = None, position: LinkPosition | None = None) -> bool:
    """Whether a link leads to an article."""
    return score(url, text, base_url, position) > 0


def score(url: str, text: str, base_url: str | None = None, position: LinkPosition | None = None) -> float:
    """Log-odds that a link leads to an article; above 0 it more likely does. Never raises."""
    # fsum: the sum must not depend on the order of a set.
    total = fsum(FIXED.get(name, 0.0) + WEIGHTS.get(name, 0.0) for name in features(url, text, base_url))
    if position is not None:
        total += sum(weight for name, weight in POSITION_WEIGHTS.items() if getattr(position, name))
    return total


def features(url: str, text: str, base_url: str | None = None) -> frozenset[str]:
    """The observations on a link: names in WEIGHTS and FIXED."""
    joined = absolute(base_url or "http://outlet.example/", url)
    if joined is None:
        return frozenset({"bias", "no_address"})
    return frozenset({"bias", *_of_url(joined, url), *_of_text(text)})


def slug_words(segment: str) -> int:
    """Number of words in one path segment; numbers and ids do not count: "storm-hits-coast-8-dead-12345" has 4."""
    parts = re.split(r"[-_+,.~]|%20", _EXTENSION.sub("", unquote(segment)))
    words = sum(1 for part in parts if part.isalpha() or (part and not part.isascii() and not part.isdigit()))
    unspaced = len(_UNSPACED.findall(unquote(segment)))
    return max(words, int(unspaced / _CHARACTERS_A_WORD))


def _of_url(url: str, written: str) -> Iterator[str]:
    parts = urlsplit(url)
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    lowered = [_EXTENSION.sub("", segment).lower() for segment in segments]
    if not segments or written.strip().startswith(("#", "?")):
        yield "front" if not parts.query or written.strip().startswith("#") else "front_query"
        if not segments:
            return
    yield from _of_slug(segments)
    yield from (f"depth_{least}" for least in DEPTH_STEPS if len(segments) >= least)
    if _DATE.search(path):
        yield "date"
    last, numbered = segments[-1], _ARTICLE_QUERY.search(parts.query) is not None
    if _HEX_ID.search(last):
        yield "hex_id"
    elif _NUMBER.search(_PACKED_DATE.sub("", path)) or numbered:
        yield "number"
    if _PAGE_NUMBER.search(path):
        yield "page_number"
    if last.lower().rpartition(".")[2] in ASSETS and "." in last:
        yield "asset"
    if not ARTICLE_SEGMENTS.isdisjoint(lowered if numbered else lowered[:-1]) or _ARTICLE_NUMBER.search(last):
        yield "article_segment"
    yield from _of_names(lowered, (parts.hostname or "").split("."))


def _of_slug(segments: list[str]) -> Iterator[str]:
    counts = [slug_words(segment) for segment in segments]
    longest = max(counts)
    yield from (f"slug_{least}" for least in SLUG_STEPS if longest >= least)
    if longest >= 3 and counts[-1] == longest:
        yield "slug_last"


def _of_names(segments: list[str], labels: list[str]) -> Iterator[str]:
    if not SERVICE_SEGMENTS.isdisjoint(segments):
        yield "service_segment"
    if not SECTION_SEGMENTS.isdisjoint(segments[:-1]):
        yield "below_section_segment"
    if not SERVICE_HOSTS.isdisjoint(labels[:-2]):
        yield "service_host"


def _of_text(text: str) -> Iterator[str]:
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    words = [] if _CODE.search(text) else _WORD.findall(text)
    label = " ".join(word.lower() for word in words)
    if not words or label in CALLS_TO_ACTION or label.replace(" ", "").isdigit():
        yield "text_none"
        return
    count = max(len(words), int(len(_UNSPACED.findall(text)) / _CHARACTERS_A_WORD))
    yield from (f"text_{least}" for least in TEXT_STEPS if count >= least)
    if text[-1] in '?!…."”»' and count > 3:
        yield "sentence_end"

"""Which links of a news page lead to stories: told from the URL's shape, the link's words, and its place in the page.

`features` turns one link into named observations; WEIGHTS says what each is worth, in log-odds. The weights were fitted
by `benchmarks/link_classifier.py` on links from 405 news home pages and rounded; `docs/explanation/discovery.md` has the figures for outlets
that were held out of the fit. The weights of a link's place are by hand: the labelled links come without their pages.
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
    ASSETS,
    CALLS_TO_ACTION,
    LABELS,
    SECTION_SEGMENTS,
    SERVICE_HOSTS,
    SERVICE_SEGMENTS,
    STORY_SEGMENTS,
)

WEIGHTS: Mapping[str, float] = {
    "hex_id": 2.6,
    "number": 2.4,
    "date": 2.3,
    "slug_last": 2.0,
    "story_segment": 1.6,
    "slug_2": 1.4,
    "text_11": 1.4,
    "slug_4": 1.3,
    "sentence_end": 1.2,
    "slug_6": 1.1,
    "text_6": 1.1,
    "slug_8": 0.9,
    "packed_date": 0.7,
    "text_none": 0.7,
    "depth_2": 0.6,
    "depth_4": 0.6,
    "depth_3": 0.5,
    "short_sentence_case": 0.5,
    "slug_5": 0.5,
    "text_8": 0.5,
    "text_3": 0.3,
    "text_4": 0.3,
    "extension": -0.1,
    "is_section_segment": -0.1,
    "text_2": -0.3,
    "year": -0.4,
    "near_label": -0.9,
    "slug_3": -1.1,
    "service_segment": -1.5,
    "service_word": -1.6,
    "label": -1.7,
    "service_host": -2.0,
    "below_section_segment": -2.2,
    "bias": -4.6,
}
"""Log-odds that a link is a story's. Fitted; see `benchmarks/link_classifier.py --fit`."""
FIXED: Mapping[str, float] = {"no_address": -20, "asset": -20, "page_number": -3, "front": -4, "front_query": -2}
"""By hand, because what they mean is certain and the labelled links hold few: a file, a page number, a front page."""
PLACE_WEIGHTS: Mapping[str, float] = {"furniture": -1.2, "heading": 1.5, "card": 0.7, "dated": 0.7}
"""By hand: a page's own hints outweigh a doubtful URL, and do not overrule a clear one (weights above reach 3)."""

SLUG_STEPS = (2, 3, 4, 5, 6, 8)
DEPTH_STEPS = (2, 3, 4)
TEXT_STEPS = (2, 3, 4, 5, 6, 8, 11)
"""Each step that a count reaches adds its weight: more words can then be worth more, never by accident less."""

_DATE = re.compile(
    r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2]|[a-z]{3})(?:[/-]?(?:0?[1-9]|[12]\d|3[01]))?(?=[/_.-]|$)", re.IGNORECASE
)
_PACKED_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?!\d)")
_YEAR = re.compile(r"/(?:19|20)\d\d(?=/|$)")
_NUMBER = re.compile(r"(?<![\d])\d{5,}(?!\d)")
_HEX_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-|(?<![0-9a-z])(?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])[0-9a-z]{9,}(?![0-9a-z])", re.IGNORECASE
)
_STORY_NUMBER = re.compile(r"^(?:article|story|artikel|articulo|noticia|nota|statya)[-_]?\d{3,}", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"/(?:page|seite|pagina|p)[/-]?\d{1,4}/?$", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?|jsp|story|ece|cms|amp)$", re.IGNORECASE)
_STORY_QUERY = re.compile(
    r"(?:^|&)(?:id|article|articleid|story|storyid|p|nid|news|newsid|aid|no|idxno|art)=\w*\d{3,}", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
_CODE = re.compile(r"function\s*\(|document\.|\{\s*[\w.-]+\s*[:{]|[;}]\s*\}")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_CHARACTERS_A_WORD = 2.0
"""Chinese, Japanese and Thai words are about this long; their texts are counted by characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPosition:
    """Where in its page a link stands."""

    furniture: bool = False
    """In the page's navigation, footer, side column, or a list of tags, authors or shares."""
    heading: bool = False
    """In a heading, or around one."""
    card: bool = False
    """In an element that the page calls an article, a card or a teaser."""
    dated: bool = False
    """A time stands in the same box, and no other story does."""


def is_article_link(url: str, text: str, base_url: str | None = None, place: LinkPosition | None = None) -> bool:
    """Whether a link leads to a story rather than to a section, a service or somewhere else."""
    return score(url, text, base_url, place) > 0


def score(url: str, text: str, base_url: str | None = None, place: LinkPosition | None = None) -> float:
    """Log-odds that a link leads to a story; above 0 it more likely does. Never raises."""
    # fsum: weights that cancel out must give 0 in whatever order a set has them
    total = fsum(FIXED.get(name, 0.0) + WEIGHTS.get(name, 0.0) for name in features(url, text, base_url))
    if place is not None:
        total += sum(weight for name, weight in PLACE_WEIGHTS.items() if getattr(place, name))
    return total


def features(url: str, text: str, base_url: str | None = None) -> frozenset[str]:
    """What is seen in a link: the names in WEIGHTS that hold for it."""
    joined = absolute(base_url or "http://outlet.example/", url)
    if joined is None:
        return frozenset({"bias", "no_address"})
    return frozenset({"bias", *_of_url(joined, url), *_of_text(text)})


def slug_words(segment: str) -> int:
    """Words in one segment of a path: "storm-hits-coast-8-dead-12345" has 5; numbers and ids count none."""
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
    elif _PACKED_DATE.search(path):
        yield "packed_date"
    elif _YEAR.search(path):
        yield "year"
    last, numbered = segments[-1], _STORY_QUERY.search(parts.query) is not None
    if _HEX_ID.search(last):
        yield "hex_id"
    elif _NUMBER.search(_PACKED_DATE.sub("", path)) or numbered:
        yield "number"
    if _PAGE_NUMBER.search(path):
        yield "page_number"
    if _EXTENSION.search(last):
        yield "extension"
    if last.lower().rpartition(".")[2] in ASSETS and "." in last:
        yield "asset"
    if not STORY_SEGMENTS.isdisjoint(lowered if numbered else lowered[:-1]) or _STORY_NUMBER.search(last):
        yield "story_segment"
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
    elif any(_serves(segment) for segment in segments):
        yield "service_word"
    if not SECTION_SEGMENTS.isdisjoint(segments[:-1]):
        yield "below_section_segment"
    if segments[-1] in SECTION_SEGMENTS:
        yield "is_section_segment"
    if not SERVICE_HOSTS.isdisjoint(labels[:-2]):
        yield "service_host"


def _serves(segment: str) -> bool:
    """ "contact-the-desk" does; in a longer slug the same word is part of a headline."""
    words = re.split(r"[-_]", segment)
    return 2 <= len(words) <= 3 and segment not in STORY_SEGMENTS and not SERVICE_SEGMENTS.isdisjoint(words)


def _of_text(text: str) -> Iterator[str]:
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if _CODE.search(text):
        text = ""
    words = _WORD.findall(text)
    count = max(len(words), int(len(_UNSPACED.findall(text)) / _CHARACTERS_A_WORD))
    if not words:
        yield "text_none"
        return
    label = " ".join(word.lower() for word in words)
    if label in CALLS_TO_ACTION or label.replace(" ", "").isdigit():
        yield "text_none"
        return
    yield from (f"text_{least}" for least in TEXT_STEPS if count >= least)
    if label in LABELS:
        yield "label"
    elif any(label.startswith(f"{known} ") or label.endswith(f" {known}") for known in LABELS) and count <= 5:
        yield "near_label"
    if text[-1] in '?!…."”»' and count > 3:
        yield "sentence_end"
    if count <= 5 and any(word[0].islower() for word in words[1:] if len(word) > 3):
        yield "short_sentence_case"

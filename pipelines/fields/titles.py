"""Read the headline without the name of the site."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from pipelines.html import jsonld
from pipelines.html.document import Document, collapse_whitespace, element_text

_HAN = "\u3040-\u30ff\u3400-\u9fff\uff00-\uffef\u201d\u300d\u300f"
_SEPARATOR = re.compile(
    rf"\s+[|–—•·»›:-]{{1,2}}\s+|\s*[|｜]\s*|--|\s*：\s*|(?<=[{_HAN}])[_—-]+(?=[\w\s])|(?<=\w)[_—-]+(?=[{_HAN}])"
)
"""Chinese and Japanese titles have no spaces around the separator."""
MAX_TITLE = 400
MAX_HEADINGS = 50
MIN_TITLE_LENGTH = 10
"""Characters of the shortest headline; shorter h1s are section names."""
MIN_DISTINCTIVE = 5
"""Letters of a distinctive word; shorter words occur in any headline."""
_RANK = ("og", "h1", "json-ld", "feed", "meta", "title")
"""Best first. On 433 pages with gold titles og is right on 83 % (h1 73, JSON-LD 69, <title> 55 %)."""


class _Heading(NamedTuple):
    level: str
    text: str


class Title(NamedTuple):
    """The headline and where it comes from."""

    text: str | None
    provenance: str
    headlines: Mapping[str, str]
    """"og" and "h1" -> headline, if the page has two different ones."""


def read_title(
    document: Document, site_names: Iterable[str], feed: str | None = None, learned: str | None = None
) -> Title:
    """The title without the site's name. `site_names`: names of the outlet, removed from the end or the beginning.

    `learned`: "og" or "h1", the headline that the source's feed carries where a page has two.
    """
    # Some systems write the headline into the field of the site's name.
    tag = document.title_tag
    names = {_folded(name) for name in (*site_names, _shared_ending(document.first("og:title") or "", tag)) if name}
    names.discard(_folded(tag))
    titles = {
        provenance: title
        for provenance, raw in _candidates(document, names, feed)
        if (title := without_site(collapse_whitespace(html.unescape(raw)), names)[:MAX_TITLE])
        and _folded(title) not in names
    }
    headlines: dict[str, str] = {name: _confirmed(titles[name], titles) for name in ("og", "h1") if name in titles}
    if len(set(map(_folded, headlines.values()))) < 2 or min(map(len, headlines.values())) < MIN_TITLE_LENGTH:
        headlines = {}
    if learned in headlines:
        return Title(headlines[learned], f"{learned} (as in the feed)", headlines)
    winner = _winner(titles)
    if winner == "title":
        return Title(_main_part(titles[winner]), winner, headlines)
    return Title(_confirmed(titles[winner], titles), winner, headlines) if winner else Title(None, "", headlines)


def _winner(titles: Mapping[str, str]) -> str:
    """Provenance of the best title: og, unless it only repeats <title> or the other titles agree against it."""
    key = {provenance: _folded(title) for provenance, title in titles.items()}
    og, heading, node, tag = (key.get(name, "") for name in ("og", "h1", "json-ld", "title"))
    if heading and heading == node and heading not in {og, tag} and tag in {og, ""}:
        return "h1"
    if (
        node
        and node == tag
        and heading
        and node != heading
        and (heading.endswith(node) if not og else og not in {heading, node})
    ):
        return "json-ld"  # the h1 of a page without og:title may begin with a kicker
    if og and og == tag and not node and _is_better_heading(titles.get("h1", ""), titles["og"]):
        return "h1"
    return next((name for name in _RANK if name in titles), "")


def _is_better_heading(heading: str, preview: str) -> bool:
    """Whether the h1 is better than an og:title that only repeats <title>, which is written for search engines.

    The h1 must share a distinctive word with it and must not contain it (a kicker or the site's name would be added).
    """
    words = _distinctive_words(heading)
    return (
        _folded(preview) not in _folded(heading)
        and len(words) > 1
        and not words.isdisjoint(_distinctive_words(preview))
    )


def _distinctive_words(title: str) -> set[str]:
    return {word for word in re.findall(r"\w+", title.lower()) if len(word) >= MIN_DISTINCTIVE}


def _confirmed(title: str, titles: Mapping[str, str]) -> str:
    """`title` without an addition that other titles do not have: "Headline | Sport", "Sport | Headline"."""
    others = list(titles.values())
    known = {_folded(other) for other in others}
    for cut in _SEPARATOR.finditer(title):
        head = title[: cut.start()]
        if len(head) >= MIN_TITLE_LENGTH and _folded(head) in known:
            return head
    shown = {_folded(titles[name]) for name in ("h1", "json-ld") if name in titles}
    agreed = {
        key
        for key in known
        if len(key) >= MIN_TITLE_LENGTH and (key in shown or sum(_folded(other) == key for other in others) > 1)
    }
    for cut in _SEPARATOR.finditer(title):
        if _folded(title[cut.end() :]) in agreed:
            return title[cut.end() :]
    if title.endswith(("...", "…")):
        stem = _folded(title)
        return next((other for other in others if _folded(other).startswith(stem) and _folded(other) != stem), title)
    head = _ADDITION.sub("", title)
    return head if head != title and _folded(head) in agreed else title


_ADDITION = re.compile(r"\s*\([^()]{4,40}\)$|[-–|ㅣ][^-–|]{1,40}$|\s+<\s.*$")
"""Text after a headline without a separator: "(Published 2016)", "-정치ㅣ한국일보", " < 정치 < 기사본문"."""


def without_site(title: str, folded_names: set[str]) -> str:
    """`title` without the site's name at its end or beginning."""
    for _ in range(2):
        cuts = list(_SEPARATOR.finditer(title))
        if not cuts:
            return title
        last, first = cuts[-1], cuts[0]
        if _folded(title[last.end() :]) in folded_names:
            title = title[: last.start()]
        elif _folded(title[: first.start()]) in folded_names:
            title = title[first.end() :]
        else:
            return title
    return title


MAX_SITE_WORDS, MAX_SITE_LENGTH = 3, 30
"""Words and characters of an ending that may be the name of a site or a section."""


def _main_part(title: str) -> str:
    """`title` without short endings after separators: <title> is the only one and the site's name is unknown."""
    for cut in reversed(list(_SEPARATOR.finditer(title))):
        head, ending = title[: cut.start()], title[cut.end() :]
        is_short = len(ending) <= MAX_SITE_LENGTH and len(ending.split()) <= MAX_SITE_WORDS
        if ":" in cut[0] or not is_short or len(_folded(head)) <= len(_folded(ending)) or len(head) < MIN_TITLE_LENGTH:
            break
        title = head
    return title


def _shared_ending(title: str, other: str) -> str:
    """The ending that two different titles of one page share after a separator (the site's name); "" without one."""
    (mine, ending), (its, another) = (_split_last(collapse_whitespace(text)) for text in (title, other))
    same = ending and _folded(ending) == _folded(another)
    return ending if same and mine not in its and its not in mine else ""


def _split_last(title: str) -> tuple[str, str]:
    """(folded beginning, ending) of a title split at its last separator; ("", "") without one."""
    cuts = list(_SEPARATOR.finditer(title))
    return (_folded(title[: cuts[-1].start()]), title[cuts[-1].end() :]) if cuts else ("", "")


def _candidates(document: Document, names: set[str], feed: str | None) -> Iterator[tuple[str, str]]:
    headings = [heading for heading in _headings(document) if _folded(heading.text) not in names]
    og, node = document.first("og:title") or "", jsonld.text(document.article.get("headline"))
    tag = _repeated(document.title_tag, headings)
    yield "og", og
    yield "json-ld", node
    yield "title", tag
    yield "h1", _headline(headings, (og, node, tag), names)
    yield "feed", feed or ""
    yield (
        "meta",
        document.first("twitter:title", "dc.title", "title", "sailthru.title", "parsely-title", "headline") or "",
    )


def _headings(document: Document) -> list[_Heading]:
    """The page's headings in page order, without links to a parent page (names of the site or a section)."""
    metadata_titles = _folded(
        f"{document.first('og:title')} {jsonld.text(document.article.get('headline'))} {document.title_tag}"
    )
    return [
        _Heading("h1" if "headline" in (element.get("itemprop") or "") else str(element.tag), text)
        for element in islice(document.root.iter("h1", "h2", "h3", "h4"), MAX_HEADINGS)
        # Lower headings count only if the metadata has the same title; most of them belong to teasers.
        if (text := element_text(element))
        and (element.tag == "h1" or element.get("itemprop") == "headline" or _folded(text) in metadata_titles)
        and not _links_to_parent(element, document)
    ]


def _links_to_parent(heading: etree._Element, document: Document) -> bool:
    link = next(heading.iter("a"), None)
    parent = heading.getparent()
    if link is None and parent is not None and parent.tag == "a":
        link = parent
    target = document.absolute(link.get("href")) if link is not None else None
    if not target or target in {document.url, document.absolute(document.canonical)}:
        return False
    there, here = urlsplit(target), urlsplit(document.url)
    if (there.hostname or "").removeprefix("www.") != (here.hostname or "").removeprefix("www.") or there.query:
        return False
    above = there.path.rstrip("/") + "/"
    return f"{here.path}/".startswith(above) and (above == "/" or len(above) < len(here.path))


def _repeated(title: str, headings: Iterable[_Heading]) -> str:
    """The longest part of <title> that is also a heading; the rest names the site or a section."""
    cuts = [0, *(place for cut in _SEPARATOR.finditer(title) for place in cut.span()), len(title)]
    known_headings = {_folded(heading.text) for heading in headings}
    parts = (title[start:end] for start in cuts[::2] for end in cuts[1::2] if start < end)
    repeated = (part for part in parts if len(part) >= MIN_TITLE_LENGTH and _folded(part) in known_headings)
    return max(repeated, key=len, default=title)


def _headline(headings: Iterable[_Heading], titles: Sequence[str], names: set[str]) -> str:
    """The h1 that repeats one of `titles`; "" if only a lower heading does.

    If no heading repeats a title: the only h1, or the first that is long enough.
    """
    known = {_folded(without_site(raw, names)) for raw in titles if raw}
    largest = [heading.text for heading in headings if heading.level == "h1"]
    long = [text for text in largest if len(text) >= MIN_TITLE_LENGTH]
    same = next((text for text in largest if _folded(text) in known), "")
    prefix = next((text for text in long if any(_folded(text) in other for other in known)), "")
    if same or prefix or any(_folded(heading.text) in known for heading in headings):
        return same or prefix
    return largest[0] if len(largest) == 1 else next(iter(long), "")


@lru_cache(maxsize=2_000)
def _folded(text: str) -> str:
    return _NO_LETTER.sub("", text.lower())


_NO_LETTER = re.compile(r"\W+|\.\w{2,3}$")

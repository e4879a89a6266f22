"""The headline, without the name of the site."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from pipelines import jsonld
from pipelines.document import Document, one_line, text_of

_SEPARATOR = re.compile(r"\s+[|–—•·»›:-]{1,2}\s+|\s*[|｜]\s*|--")
MAX_TITLE = 400


def read_title(document: Document, site_names: Iterable[str], feed: str | None = None) -> tuple[str | None, str]:
    """(title, witness). `site_names`: names that the outlet goes by, taken off the end or the beginning."""
    names = {_folded(name) for name in site_names if name}
    for witness, raw in _candidates(document, feed):
        title = without_site(one_line(html.unescape(raw)), names)[:MAX_TITLE]
        if title and _folded(title) not in names:
            return title, witness
    return None, ""


def without_site(title: str, folded_names: set[str]) -> str:
    """`title` with the site's name cut from its end or its beginning."""
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


def _candidates(document: Document, feed: str | None) -> Iterator[tuple[str, str]]:
    headings = [text_of(element) for element in document.root.iter("h1")]
    title = document.title_tag
    yield "json-ld", jsonld.text(document.article.get("headline"))
    yield "og", document.first("og:title") or ""
    shown = [heading for heading in headings if len(heading) > 10 and _folded(heading) in _folded(title)]
    yield "h1", shown[0] if shown else (headings[0] if len(headings) == 1 else "")
    yield "meta", document.first("twitter:title", "dc.title", "title", "sailthru.title", "parsely-title", "headline") or ""
    yield "feed", feed or ""
    yield "h1", next((heading for heading in headings if len(heading) > 10), "")
    yield "title", title


def _folded(text: str) -> str:
    return re.sub(r"\W+|\.\w{2,3}$", "", text.lower())

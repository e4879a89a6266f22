"""The extractors that ours is measured beside, each as its documentation says to use it, on bytes and an address.

Each `load_*` imports its package and returns a function, so that a package that is not installed is left out by name
instead of stopping the run. Install them all with the optional group `peers`.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from benchmarks.support.extraction_scores import Answer

Extractor = Callable[[bytes, str], Answer]
"""(the page as received, its address) -> what was read off it."""


def load_trafilatura(**options: object) -> Extractor:
    from trafilatura import bare_extraction

    def extract(body: bytes, url: str) -> Answer:
        document = bare_extraction(body, url=url, with_metadata=True, include_comments=False, **options)
        if document is None:
            return Answer(authors=())
        authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
        return Answer(
            text=document.text or "",
            title=document.title,
            authors=authors,
            published=_iso(document.date),
            day_only=True,
        )

    return extract


def load_newspaper() -> Extractor:
    from newspaper import Article, Config

    settings = Config()
    settings.fetch_images = False

    def extract(body: bytes, url: str) -> Answer:
        article = Article(url, config=settings)
        article.download(input_html=_decoded(body))
        article.parse()
        date = article.publish_date
        return Answer(
            text=article.text or "",
            title=article.title,
            authors=_names(article.authors),
            published=date if isinstance(date, datetime) else _iso(date),
        )

    return extract


def load_news_please() -> Extractor:
    from newsplease import NewsPlease

    def extract(body: bytes, url: str) -> Answer:
        article = NewsPlease.from_html(_decoded(body), url=url, fetch_images=False)
        if not hasattr(article, "maintext"):
            return Answer(authors=())
        date = article.date_publish
        return Answer(
            text=article.maintext or "",
            title=article.title,
            authors=_names(article.authors),
            published=date if isinstance(date, datetime) else _iso(date),
        )

    return extract


def load_goose() -> Extractor:
    from goose3 import Goose

    goose = Goose({"enable_image_fetching": False})

    def extract(body: bytes, url: str) -> Answer:  # noqa: ARG001 - given an address it would fetch it
        article = goose.extract(url=None, raw_html=_decoded(body))
        date = article.publish_datetime_utc or article.publish_date
        return Answer(
            text=article.cleaned_text or "",
            title=article.title,
            authors=_names(article.authors),
            published=date if isinstance(date, datetime) else _iso(date),
        )

    return extract


def load_readability() -> Extractor:
    from lxml import html
    from readability import Document

    def extract(body: bytes, url: str) -> Answer:
        document = Document(_decoded(body), url=url)
        summary = document.summary(html_partial=True)
        text = "\n".join(html.fromstring(summary).itertext()) if summary.strip() else ""
        author = document.author() if hasattr(document, "author") else None
        named = author if author and not author.startswith("[no-") else ""
        return Answer(text=text, title=document.short_title(), authors=(named,) if named else (), dated=False)

    return extract


def load_resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def extract(body: bytes, url: str) -> Answer:  # noqa: ARG001 - it has no use for the address
        tree = HTMLTree.parse(_decoded(body))
        return Answer(
            text=extract_plain_text(tree, main_content=True, alt_texts=False, links=False, comments=False), dated=False
        )

    return extract


PEERS: Mapping[str, Callable[[], Extractor]] = {
    "trafilatura": load_trafilatura,
    "trafilatura-fast": lambda: load_trafilatura(fast=True),
    "newspaper4k": load_newspaper,
    "news-please": load_news_please,
    "goose3": load_goose,
    "readability-lxml": load_readability,
    "resiliparse": load_resiliparse,
}


def load(names: list[str]) -> tuple[dict[str, Extractor], list[str]]:
    """(the peers that could be loaded, the names of those that are not installed)."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    found: dict[str, Extractor] = {}
    missing = []
    for name in names:
        try:
            found[name] = PEERS[name]()
        except ImportError:
            missing.append(name)
    return found, missing


def _decoded(body: bytes) -> str:
    """For peers that want text: by the declared charset, else UTF-8, as a downloader would hand it over."""
    declared = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", body[:4096], re.IGNORECASE)
    try:
        return body.decode(declared[1].decode() if declared else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _iso(date: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(date)[:32]) if date else None
    except ValueError:
        return None


def _names(given: Any) -> tuple[str, ...]:
    """What a peer calls authors: some give lists in lists, from JSON-LD that has them so."""
    if isinstance(given, str):
        return (given,)
    return tuple(name for one in given or () for name in _names(one)) if isinstance(given, (list, tuple, set)) else ()

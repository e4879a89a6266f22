"""Other extractors, called with bytes and a URL as their documentation recommends.

Each `load_*` imports its package and returns a function, so that a missing package does not stop the run. The optional
dependency group `peers` installs all of them.
"""

from __future__ import annotations

import contextlib
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from benchmarks.support.extraction.scores import ExtractorOutput

Extractor = Callable[[bytes, str], ExtractorOutput]
"""(page as received, its URL) -> output."""


def load_trafilatura(**options: object) -> Extractor:
    from trafilatura import bare_extraction

    def extract(body: bytes, url: str) -> ExtractorOutput:
        document = bare_extraction(body, url=url, with_metadata=True, include_comments=False, **options)
        if document is None:
            return ExtractorOutput(authors=())
        authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
        return ExtractorOutput(
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

    def extract(body: bytes, url: str) -> ExtractorOutput:
        article = Article(url, config=settings)
        article.download(input_html=_decoded(body))
        article.parse()
        date = article.publish_date
        return ExtractorOutput(
            text=article.text or "",
            title=article.title,
            authors=_names(article.authors),
            published=date if isinstance(date, datetime) else _iso(date),
        )

    return extract


def load_news_please() -> Extractor:
    from newsplease import NewsPlease

    def extract(body: bytes, url: str) -> ExtractorOutput:
        article = NewsPlease.from_html(_decoded(body), url=url, fetch_images=False)
        if not hasattr(article, "maintext"):
            return ExtractorOutput(authors=())
        date = article.date_publish
        return ExtractorOutput(
            text=article.maintext or "",
            title=article.title,
            authors=_names(article.authors),
            published=date if isinstance(date, datetime) else _iso(date),
        )

    return extract


def load_goose() -> Extractor:
    from goose3 import Goose

    goose = Goose({"enable_image_fetching": False})

    def extract(body: bytes, url: str) -> ExtractorOutput:  # noqa: ARG001 - with a URL it would fetch the page
        article = goose.extract(url=None, raw_html=_decoded(body))
        date = article.publish_datetime_utc or article.publish_date
        return ExtractorOutput(
            text=article.cleaned_text or "",
            title=article.title,
            authors=_names(article.authors),
            published=date if isinstance(date, datetime) else _iso(date),
        )

    return extract


def load_readability() -> Extractor:
    from lxml import html
    from readability import Document

    def extract(body: bytes, url: str) -> ExtractorOutput:
        document = Document(_decoded(body), url=url)
        summary = document.summary(html_partial=True)
        text = "\n".join(html.fromstring(summary).itertext()) if summary.strip() else ""
        author = document.author() if hasattr(document, "author") else None
        named = author if author and not author.startswith("[no-") else ""
        return ExtractorOutput(text=text, title=document.short_title(), authors=(named,) if named else (), dated=False)

    return extract


def load_resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def extract(body: bytes, url: str) -> ExtractorOutput:  # noqa: ARG001 - it does not use the URL
        tree = HTMLTree.parse(_decoded(body))
        return ExtractorOutput(
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


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hide warnings and log records: peers log what they cannot reach."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def load(names: list[str]) -> tuple[dict[str, Extractor], list[str]]:
    """(loaded peers, names of those that are not installed)."""
    found: dict[str, Extractor] = {}
    missing = []
    for name in names:
        try:
            found[name] = PEERS[name]()
        except ImportError:
            missing.append(name)
    return found, missing


def _decoded(body: bytes) -> str:
    """The page as text, for peers that take text: by the declared charset, else UTF-8."""
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
    """A peer's authors as a flat list; some return nested lists from JSON-LD."""
    if isinstance(given, str):
        return (given,)
    return tuple(name for one in given or () for name in _names(one)) if isinstance(given, (list, tuple, set)) else ()

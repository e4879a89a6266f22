"""Pages of fictional outlets for tests of the extractor, with the markup of common content management systems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from crawler.models import Article, ExtractionHints, Link, Page
from pipelines.extract import extract
from pipelines.html.document import Document, parse_html

URL = "https://www.harbour-gazette.example/news/2026/03/pier-closes"
FETCHED = datetime(2026, 3, 5, 12, 0, tzinfo=timezone.utc)
PARAGRAPHS = (
    "The harbour council voted on Tuesday evening to close the northern pier to cargo ships from the first of June.",
    "Two of its nine members spoke against the closure, which they said would cost the town a fifth of its trade.",
    "Repairs to the pilings, some of which were driven in 1911, are expected to last until the end of next winter.",
    "Fishing boats may still land their catch at the southern quay, the harbour master said at the meeting on Tuesday.",
)


def markup(body: str, *, head: str = "", lang: str = "en") -> str:
    """A whole page around a body."""
    return f'<!doctype html><html lang="{lang}"><head>{head}</head><body>{body}</body></html>'


def article_page(
    *, head: str = "", before: str = "", inside: str = "", after: str = "", title: str = "Northern pier closes in June"
) -> str:
    """A plain article page. `before`, `inside` and `after` are markup around and between its paragraphs."""
    first, *others = (f"<p>{text}</p>" for text in PARAGRAPHS)
    text = f'<div class="article-body">{first}{inside}{"".join(others)}</div>'
    return markup(f"<main><article><h1>{title}</h1>{before}{text}</article>{after}</main>", head=head)


def jsonld(*nodes: Mapping[str, Any] | list[Any] | str) -> str:
    """JSON-LD script elements; a string is used unchanged."""
    texts = (node if isinstance(node, str) else json.dumps(node) for node in nodes)
    return "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)


def news(**known: Any) -> dict[str, Any]:
    """A JSON-LD NewsArticle."""
    return {"@context": "https://schema.org", "@type": "NewsArticle", **known}


def meta(name: str, content: str) -> str:
    """A meta tag with a name, or with a property if the name has a colon."""
    return f'<meta {"property" if ":" in name else "name"}="{name}" content="{content}">'


def page(body: str | bytes, *, url: str = URL, status: int = 200, link: Link | None = None, **known: Any) -> Page:
    """One response."""
    raw = body.encode() if isinstance(body, str) else body
    fetched = known.pop("fetched_at", FETCHED)
    return Page(
        source="gazette", url=url, final_url=url, status=status, body=raw, fetched_at=fetched, link=link, **known
    )


def read(body: str | bytes, hints: ExtractionHints | None = None, **known: Any) -> Article:
    """The article extracted from a page."""
    return extract(page(body, **known), hints or ExtractionHints())


def document(body: str, url: str = URL) -> Document:
    """The parsed page."""
    return parse_html(body, url)


def names(article: Article) -> list[str]:
    """The names in the byline."""
    return [byline.name for byline in article.bylines]

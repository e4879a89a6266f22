"""Read the remaining fields: section, tags, lead image, names of the site, language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from crawler.models import ExtractionHints
from pipelines.fields.language_model import detect_language
from pipelines.html import jsonld
from pipelines.html.document import Document

MAX_TAGS = 40


def site_names(document: Document, hints: ExtractionHints) -> tuple[str, ...]:
    """Names of the outlet, the best first: from the hints, the page and its host."""
    host = re.sub(r"^(?:www|m|amp)\.", "", urlsplit(document.url).hostname or "") if "://" in document.url else ""
    publisher = document.article.get("publisher")
    named = [jsonld.text(item) for item in publisher] if isinstance(publisher, list) else [jsonld.text(publisher)]
    websites = [jsonld.text(node.get("name")) for node in document.nodes if "WebSite" in jsonld.types(node)]
    found = [hints.site_name or "", document.first("og:site_name", "application-name") or "", *named, *websites]
    twitter = (document.first("twitter:site") or "").lstrip("@")
    found += [twitter, host, host.split(".")[0]]
    return tuple(dict.fromkeys(name for name in found if name))


def section(document: Document) -> tuple[str | None, str]:
    """(section, provenance)."""
    if section_name := jsonld.text(document.article.get("articleSection")):
        return section_name, "json-ld"
    named = document.first("article:section", "section", "parsely-section", "cxenseparse:section", "dc.subject")
    return (named, "meta") if named else (None, "")


def tags(document: Document) -> tuple[str, ...]:
    """Keywords in page order, without repeats."""
    return tuple(dict.fromkeys(tag for tag in _tags(document) if 1 < len(tag) <= 80))[:MAX_TAGS]


def _tags(document: Document) -> Iterator[str]:
    keywords = document.article.get("keywords")
    values = keywords if isinstance(keywords, list) else [keywords]
    lists = [jsonld.text(value) for value in values]
    if not any(lists):
        lists = [*document.all("article:tag")] or [document.first("news_keywords", "keywords", "parsely-tags") or ""]
    for value in lists:
        for tag in re.split(r"[,;]", value):
            yield tag.strip()


def image(document: Document) -> str | None:
    """Address of the lead image; None if there is none."""
    given = document.article.get("image")
    for item in given if isinstance(given, list) else [given]:
        candidate = item.get("url") or item.get("contentUrl") if isinstance(item, dict) else item
        if isinstance(candidate, str) and (absolute := document.absolute(candidate)):
            return absolute
    return document.absolute(document.first("og:image", "og:image:url", "twitter:image", "twitter:image:src"))


def language(document: Document, text: str, hints: ExtractionHints) -> tuple[str | None, str]:
    """(ISO 639-1 code, provenance): detected from the text; as declared if the text is too short."""
    declared = [
        _code(value)
        for value in (
            jsonld.text(document.article.get("inLanguage")),
            document.html_lang,
            document.first("og:locale", "content-language", "language"),
        )
    ]
    declared_codes = [code for code in [*declared, hints.language] if code]
    if len(text) < MIN_TEXT:
        return (declared_codes[0], "declared") if declared_codes else (None, "")
    found, certainty = detect_language(text[:FIRST_SAMPLE])
    if found not in declared_codes:
        found, certainty = detect_language(text[:LANGUAGE_SAMPLE])
    # Every detector confuses closely related languages (no/nb/da, hr/sr/bs, id/ms): the declared one decides.
    if found in declared_codes or not declared_codes:
        return found, "text"
    relatives = next((group for group in _RELATIVES if found in group), frozenset())
    related = next((code for code in declared_codes if code in relatives), None)
    if related:
        return related, "declared"
    return (found, "text") if certainty >= CERTAIN else (declared_codes[0], "declared")


MIN_TEXT = 60
"""Characters. For shorter texts py3langid only guesses."""
CERTAIN = 0.9
_RELATIVES = (
    frozenset({"no", "nb", "nn", "da", "sv"}),
    frozenset({"hr", "sr", "bs"}),
    frozenset({"id", "ms"}),
    frozenset({"cs", "sk"}),
    frozenset({"gl", "pt", "es"}),
)
FIRST_SAMPLE = 200
"""Characters that are checked first. They suffice if they confirm the declared language."""
LANGUAGE_SAMPLE = 1_500
"""Characters that are checked otherwise. More change no result and cost time."""


def _code(value: str | None) -> str | None:
    found = re.match(r"[a-zA-Z]{2}(?![a-zA-Z])", value or "")
    return found[0].lower() if found else None

"""Compare the texts that Wirewatch and trafilatura extract from one page, paragraph by paragraph. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from crawler.models import Article, ExtractionHints, Page
from pipelines.extract import extract
from pipelines.html.document import fold_text

COMPARED = ("wirewatch", "trafilatura")
"""Values of `extractor` that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedText:
    """The text of one extractor, compared with that of the other."""

    provenance: str
    """Where the text comes from. "dom" under trafilatura: it found no text, so that of Wirewatch is used."""
    characters: int
    paragraphs: int
    shared: float
    """Share of its characters in paragraphs that the other text has as well; 0 to 1."""
    only: tuple[str, ...]
    """Paragraphs that the other text does not have."""


def compare_extractors(page: Page, hints: ExtractionHints) -> dict[str, ExtractedText]:
    """extractor -> its text. Both get the settings of the source apart from `extractor` and `selectors`."""
    hints = replace(hints, selectors={key: css for key, css in hints.selectors.items() if key == "remove"})
    articles = {name: extract(page, replace(hints, extractor=name)) for name in COMPARED}
    paragraphs = {name: _paragraphs(article) for name, article in articles.items()}
    found: dict[str, ExtractedText] = {}
    for name, other in (COMPARED, COMPARED[::-1]):
        whole = fold_text(" ".join(paragraphs[other]))
        only = tuple(text for text in paragraphs[name] if fold_text(text) not in whole)
        characters = sum(map(len, paragraphs[name]))
        found[name] = ExtractedText(
            provenance=articles[name].field_sources.get("text", ""),
            characters=characters,
            paragraphs=len(paragraphs[name]),
            shared=1 - sum(map(len, only)) / characters if characters else 0.0,
            only=only,
        )
    return found


def _paragraphs(article: Article) -> list[str]:
    return [text for text in (article.lead, *(block.text for block in article.blocks)) if text]


def as_lines(compared: dict[str, Any]) -> list[str]:
    """The comparison as text, from `ExtractedText` as dictionaries."""
    lines = [
        f"{name + ':':<15}{found['characters']} characters in {found['paragraphs']} paragraphs;"
        f" {found['shared']:.0%} also in the other text"
        for name, found in compared.items()
    ]
    for name, found in compared.items():
        lines += ["", f"only {name}: {len(found['only'])} paragraphs", *(f"  {text}" for text in found["only"])]
    return lines

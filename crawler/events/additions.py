"""What each report of an event adds: names and figures that no earlier report has, in any language. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.events.features import EventTerm, event_features, shown_term
from crawler.text.sentences import split_sentences

MAX_FACTS = 12
"""Names and figures listed of a report."""
MAX_FACT_SENTENCES = 3
"""Sentences shown that contain them."""
MAX_REPORT_WORDS = 2_000
"""Words of a report that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportText:
    """A report to be compared."""

    title: str | None
    text: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What a report adds to those before it."""

    facts: tuple[str, ...]
    """New names and figures as written, those of the beginning first."""
    sentences: tuple[str, ...]
    """Sentences with most of them, in the order of the text."""


def additions(reports: Sequence[ReportText]) -> list[Additions]:
    """Return for each report, in order of time, the names and figures that no report before it has.

    The first report adds nothing: it is what the others are compared with.
    """
    known: set[int] = set()
    found = []
    for place, report in enumerate(reports):
        facts = _facts(report)
        new = {term.key: shown_term(term.kind, term.text) for term in facts if term.key not in known}
        found.append(_additions(report, new) if place else Additions(facts=(), sentences=()))
        known |= {term.key for term in facts}
    return found


def _facts(report: ReportText) -> Iterable[EventTerm]:
    features = event_features(
        report.title, report.text, report.language, max_words=MAX_REPORT_WORDS, max_terms=MAX_REPORT_WORDS
    )
    return [term for term in features.terms if term.kind in ("name", "figure")]


def _additions(report: ReportText, new: dict[int, str]) -> Additions:
    counted = []
    for offset, sentence in split_sentences(report.text, report.language):
        own = {term.key for term in _facts(ReportText(title=None, text=sentence, language=report.language))}
        if here := len(own & new.keys()):
            counted.append((-here, offset, sentence))
    best = sorted(counted)[:MAX_FACT_SENTENCES]
    return Additions(
        facts=tuple(dict.fromkeys(new.values()))[:MAX_FACTS],
        sentences=tuple(sentence for _, _, sentence in sorted(best, key=lambda one: one[1])),
    )

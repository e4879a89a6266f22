"""Read and store the figures of the sentences that a topic matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crawler.archive.topics.figures import insert_figures, read_sentences
from crawler.archive.topics.revision_texts import Revision
from crawler.figures.claim import SentenceFigures
from crawler.figures.reader import FigureReader
from crawler.sqlite.connection import Connection
from crawler.topics.alert_rules import SentenceChange
from crawler.topics.match import MatchableText, MatchedSentence
from schedules.topics.fault_isolation import FoundMatches


def read_ahead(found: FoundMatches, texts: Mapping[int, MatchableText], reader: FigureReader) -> None:
    """Read the figures of all matched sentences, so that the transactions that store them are short."""
    reader.forget()
    for (_, text_id), match in found.items():
        if text_id in texts:
            for sentence in match.sentences:
                _read(sentence, texts[text_id], reader)


def record_figures(
    db: Connection,
    topic: str,
    match_id: int,
    revision: Revision,
    sentences: Sequence[SentenceChange],
    reader: FigureReader,
) -> None:
    """Store the figures of a match. Removed sentences, and those of earlier versions of the article, are not read again."""
    known = read_sentences(db, topic, revision) if revision.previous_id is not None else frozenset()
    figures = {
        position: (one.sentence.text, _read(one.sentence, revision.text, reader))
        for position, one in enumerate(sentences)
        if one.change != "removed" and one.sentence.column != "byline" and one.sentence.text not in known
    }
    insert_figures(db, match_id, figures)


def _read(sentence: MatchedSentence, text: MatchableText, reader: FigureReader) -> SentenceFigures:
    return reader.of(sentence.text, _sentence_before(sentence, text), text.language)


def _sentence_before(sentence: MatchedSentence, text: MatchableText) -> str:
    """The sentence before in the same column; empty for the first."""
    before = ""
    for column, _, other in text.sentences:
        if column != sentence.column:
            continue
        if other == sentence.text:
            return before
        before = other
    return ""

"""Try a topic on the archive: what it would have flagged, its precision, and what a changed query gains and loses.

The archive's full-text index finds the articles and the flag job's matcher the sentences. Both use the same tokenizer, so
a backtest finds what flagging would have found and, for the scope "article", what Datasette's search shows.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.archive.topics.alerts import TopicPrecision
from crawler.archive.topics.revision_texts import RevisionHeadline, revision_headline, search_revisions, texts_by_id
from crawler.config.topics import Topic
from crawler.sqlite.connection import Connection
from crawler.topics.match import Match, MatchableText, without_words
from crawler.topics.matcher import PatternCheck, match

SEARCH_BATCH = 200
"""Texts in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that the topic would have flagged, with the first of its revisions that matched."""

    revision_id: int
    headline: RevisionHeadline
    match: Match

    @property
    def article_id(self) -> int:
        return self.headline.article_id

    @property
    def at(self) -> datetime:
        return self.headline.at


def backtest(
    db: Connection, topic: Topic, *, since: datetime | None, found_by_pattern: PatternCheck, newest_only: bool = False
) -> Iterator[Match]:
    """The matches of a topic, oldest revision first; with `newest_only` in current versions only."""
    ids = search_revisions(db, topic.fts_of_articles, since=since, newest_only=newest_only)
    for start in range(0, len(ids), SEARCH_BATCH):
        some = ids[start : start + SEARCH_BATCH]
        texts = texts_by_id(db, some)
        found = match([topic], texts, found_by_pattern=found_by_pattern, candidates={topic.id: some})
        yield from (found[key] for key in sorted(found, key=lambda key: key[1]))


def hits(db: Connection, topic: Topic, *, since: datetime | None, found_by_pattern: PatternCheck) -> list[Hit]:
    """The articles, newest first."""
    by_article: dict[int, Hit] = {}
    for found in backtest(db, topic, since=since, found_by_pattern=found_by_pattern):
        hit = Hit(revision_id=found.text, headline=revision_headline(db, found.text), match=found)
        by_article.setdefault(hit.article_id, hit)
    return sorted(by_article.values(), key=lambda hit: (hit.at, hit.article_id), reverse=True)


def per_day(found: Iterable[Hit]) -> list[tuple[date, int]]:
    """Hits per day in UTC, oldest first, including days without hits."""
    counts = Counter(hit.at.date() for hit in found)
    if not counts:
        return []
    first, last = min(counts), max(counts)
    return [(day, counts[day]) for day in (first + timedelta(days=n) for n in range((last - first).days + 1))]


def to_judge(found: Sequence[Hit], judged: Mapping[int, bool], size: int, *, seed: int) -> list[Hit]:
    """A random sample of the hits that are not judged yet."""
    open_ones = [hit for hit in found if hit.article_id not in judged]
    return random.Random(seed).sample(open_ones, min(size, len(open_ones)))  # noqa: S311 -- a sample, no secret


def precision(found: Iterable[Hit], judged: Mapping[int, bool]) -> TopicPrecision:
    """Of the judged hits."""
    relevant = [judged[hit.article_id] for hit in found if hit.article_id in judged]
    return TopicPrecision(relevant=sum(relevant), judged=len(relevant))


def words_by_hits(found: Iterable[Hit]) -> list[tuple[str, int]]:
    """The matched words with their number of articles, most frequent first."""
    counts = Counter(word for hit in found for word in hit.match.words)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def judged_texts(db: Connection, found: Iterable[Hit], judged: Mapping[int, bool]) -> list[tuple[MatchableText, bool]]:
    """The texts of the judged hits, and whether each is relevant."""
    relevant = {hit.revision_id: judged[hit.article_id] for hit in found if hit.article_id in judged}
    ids = sorted(relevant)
    parts = (ids[start : start + SEARCH_BATCH] for start in range(0, len(ids), SEARCH_BATCH))
    return [(text, relevant[text.id]) for part in parts for text in texts_by_id(db, part)]


def gained_and_lost(tried: Sequence[Hit], live: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """What only `tried` finds, and what only `live` finds."""
    in_tried, in_live = {hit.article_id for hit in tried}, {hit.article_id for hit in live}
    return (
        [hit for hit in tried if hit.article_id not in in_live],
        [hit for hit in live if hit.article_id not in in_tried],
    )


def day_bars(days: Sequence[tuple[date, int]], *, width: int) -> list[tuple[str, int, int]]:
    """Rows of a chart: label, count, bar length in eighths of a character. Per week if there are more than 35 days."""
    rows = [(f"{day:%a %d %b}", count) for day, count in days]
    if len(days) > 35:
        weeks: dict[date, int] = {}
        for day, count in days:
            monday = day - timedelta(days=day.weekday())
            weeks[monday] = weeks.get(monday, 0) + count
        rows = [(f"week of {monday:%d %b %y}", count) for monday, count in weeks.items()]
    most = max((count for _, count in rows), default=1) or 1
    return [(label, count, round(8 * width * count / most) if count else 0) for label, count in rows]


LEAST_CAUSED = 2
"""Articles that a word must cause before it is reported: one may be chance."""
MOST_TRIED = 12
"""Words that are tried: those in most articles that are not relevant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyWord:
    """A word without which the topic would be more precise."""

    word: str
    caused: int
    """Articles judged as not relevant that would no longer match."""
    lost: int
    """Articles judged as relevant that would no longer match."""
    before: TopicPrecision
    after: TopicPrecision

    def __str__(self) -> str:
        """ "'strike' causes 9 of 11 that were not relevant; without it precision 61 → 84 %, loses 1"."""
        not_relevant = self.before.judged - self.before.relevant
        before, after = (100 * (one.share or 0.0) for one in (self.before, self.after))
        return (
            f"'{self.word}' causes {self.caused} of {not_relevant} that were not relevant; without it precision"
            f" {before:.0f} → {after:.0f} %, loses {self.lost}"
        )


def noisy_words(
    topic: Topic, judged: Sequence[tuple[MatchableText, bool]], *, found_by_pattern: PatternCheck
) -> list[NoisyWord]:
    """The words that cause most articles that are not relevant, the worst first.

    A word without which no relevant article is left is not named.

    `judged`: the texts of judged articles, and whether each is relevant. Texts that the topic does not match are ignored.
    """
    relevant = {text.id: is_relevant for text, is_relevant in judged}
    texts = [text for text, _ in judged]
    found = match([topic], texts, found_by_pattern=found_by_pattern)
    words = {text: one.words for (_, text), one in found.items()}
    before = _precision(words, relevant)
    counts = Counter(word for text, some in words.items() if not relevant[text] for word in some)
    noisy = []
    for word, count in counts.most_common(MOST_TRIED):
        if count < LEAST_CAUSED:
            break
        affected = [text for text in texts if word in words.get(text.id, ())]
        left = match([topic], [without_words(text, [word]) for text in affected], found_by_pattern=found_by_pattern)
        gone = {text.id for text in affected} - {text for _, text in left}
        kept = {text: some for text, some in words.items() if text not in gone}
        lost = sum(relevant[text] for text in gone)
        after = _precision(kept, relevant)
        if len(gone) - lost >= LEAST_CAUSED and after.relevant and (after.share or 0) > (before.share or 0):
            noisy.append(NoisyWord(word=word, caused=len(gone) - lost, lost=lost, before=before, after=after))
    return sorted(noisy, key=lambda one: (one.lost - one.caused, one.word))


def _precision(texts: Mapping[int, object], relevant: Mapping[int, bool]) -> TopicPrecision:
    return TopicPrecision(relevant=sum(relevant[text] for text in texts), judged=len(texts))

"""A topic tried on the archive: what it would have flagged, how good that is, what a change would win and lose."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.archive.topics.judgements import TopicPrecision
from crawler.config.topics import Topic
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import parse_utc
from crawler.topics.match import Match
from crawler.topics.matcher import PatternCheck
from schedules.topics.archive_search import backtest

LEAST_JUDGED = 3
"""Finds with a word that must have been judged before the word is called noisy."""
NOISY = 0.5
"""Share of wanted finds below which a word is noisy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that the topic would have flagged, by the first of its texts that matched."""

    article_id: int
    revision_id: int
    title: str
    source: str
    url: str
    at: datetime
    """Published; first seen where no time was given."""
    match: Match


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyWord:
    """A word whose finds were mostly judged as noise."""

    word: str
    judged: int
    not_relevant: int
    alone: int
    """Of all finds, those that hold no other word of the query."""


def hits(db: Connection, topic: Topic, *, since: datetime | None, found_by_pattern: PatternCheck) -> list[Hit]:
    """The articles, newest first."""
    by_article: dict[int, Hit] = {}
    for match in backtest(db, topic, since=since, found_by_pattern=found_by_pattern):
        row = db.execute(
            "SELECT coalesce(a.merged_into, a.id) AS article_id, r.title, s.name, a.url,"
            " coalesce(r.published_at, a.first_seen_at) AS at FROM revisions r JOIN articles a ON a.id = r.article_id"
            " JOIN sources s ON s.id = a.source_id WHERE r.id = ?",
            (match.text,),
        ).fetchone()
        hit = Hit(
            article_id=row["article_id"],
            revision_id=match.text,
            title=row["title"] or row["url"],
            source=row["name"],
            url=row["url"],
            at=parse_utc(row["at"]),
            match=match,
        )
        by_article.setdefault(hit.article_id, hit)
    return sorted(by_article.values(), key=lambda hit: (hit.at, hit.article_id), reverse=True)


def per_day(found: Iterable[Hit]) -> list[tuple[date, int]]:
    """Hits a day in UTC, oldest first, days without any in between."""
    counts = Counter(hit.at.date() for hit in found)
    if not counts:
        return []
    first, last = min(counts), max(counts)
    return [(day, counts[day]) for day in (first + timedelta(days=n) for n in range((last - first).days + 1))]


def to_judge(found: Sequence[Hit], judged: Mapping[int, bool], size: int, *, seed: int) -> list[Hit]:
    """A random sample of what nobody has judged yet."""
    open_ones = [hit for hit in found if hit.article_id not in judged]
    return random.Random(seed).sample(open_ones, min(size, len(open_ones)))  # noqa: S311 -- a sample, no secret


def precision(found: Iterable[Hit], judged: Mapping[int, bool]) -> TopicPrecision:
    """Of the hits that were judged, whenever that was."""
    said = [judged[hit.article_id] for hit in found if hit.article_id in judged]
    return TopicPrecision(relevant=sum(said), judged=len(said))


def words_by_hits(found: Iterable[Hit]) -> list[tuple[str, int]]:
    """The words that hit, with the number of articles, most frequent first."""
    counts = Counter(word for hit in found for word in hit.match.words)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def noisy_words(found: Sequence[Hit], judged: Mapping[int, bool]) -> list[NoisyWord]:
    """Words whose judged finds are mostly noise, the noisiest first."""
    noisy = []
    for word, _ in words_by_hits(found):
        with_it = [hit for hit in found if word in hit.match.words]
        said = [judged[hit.article_id] for hit in with_it if hit.article_id in judged]
        if len(said) >= LEAST_JUDGED and sum(said) < NOISY * len(said):
            alone = sum(len(hit.match.words) == 1 for hit in with_it)
            noisy.append(NoisyWord(word=word, judged=len(said), not_relevant=len(said) - sum(said), alone=alone))
    return sorted(noisy, key=lambda one: (-one.not_relevant / one.judged, -one.judged, one.word))


def gained_and_lost(tried: Sequence[Hit], live: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """What `tried` finds and `live` does not, and the other way round."""
    in_tried, in_live = {hit.article_id for hit in tried}, {hit.article_id for hit in live}
    return (
        [hit for hit in tried if hit.article_id not in in_live],
        [hit for hit in live if hit.article_id not in in_tried],
    )


def day_bars(days: Sequence[tuple[date, int]], *, width: int) -> list[tuple[str, int, int]]:
    """Rows of a chart: a label, the number, the length of its bar in eighths of a character. Weeks where days are many."""
    rows = [(f"{day:%a %d %b}", count) for day, count in days]
    if len(days) > 35:
        weeks: dict[date, int] = {}
        for day, count in days:
            monday = day - timedelta(days=day.weekday())
            weeks[monday] = weeks.get(monday, 0) + count
        rows = [(f"week of {monday:%d %b %y}", count) for monday, count in weeks.items()]
    most = max((count for _, count in rows), default=1) or 1
    return [(label, count, round(8 * width * count / most) if count else 0) for label, count in rows]

"""What the readers of a topic know when a text comes: what was told of its article and its story, read from the archive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from crawler.archive.stories.queries import FAMILY, OWN, earlier_texts
from crawler.archive.topics.revision_texts import Revision
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from crawler.stories.sentence_novelty import KnownSentences
from crawler.topics.alert_rules import ALERTED, AlertHistory
from crawler.topics.match import key_of

LATELY = timedelta(days=5)
"""What a page takes back and says again within it (a headline on trial, a box that comes and goes) is no news; after it
the same words tell another day's event. As `stories.LATER`."""

_KINDS = ", ".join(f"'{kind}'" for kind in sorted({*ALERTED, "silent"}))


class StoryTexts:
    """The texts that readers know when that revision comes: the same for all topics, and dear to take apart."""

    def __init__(self, db: Connection, revision: Revision) -> None:
        self.revision = revision
        self._db = db
        self._known: dict[int | None, KnownSentences] = {}

    def of(self, story: int | None) -> KnownSentences:
        """Of the story's articles, see `told_before`."""
        if story not in self._known:
            texts = earlier_texts(self._db, story, self.revision.recorded_as, before=self.revision.id)
            self._known[story] = KnownSentences(texts)
        return self._known[story]


def alert_history_of(db: Connection, topic: str, texts: StoryTexts, reported_story: int | None) -> AlertHistory | None:
    """None where the topic told nothing of the article. `told_story`: stories.id where it told of another one of it."""
    revision = texts.revision
    article_reported = _was_reported(db, topic, revision)
    if not article_reported and reported_story is None:
        return None
    sentences = list(_reported_lately(db, topic, revision, reported_story))
    return AlertHistory(
        article_reported=article_reported,
        others=texts.of(reported_story),
        reported=frozenset(key_of(text) for _, change, text in sentences if change != "removed"),
        taken_out=frozenset(
            key_of(text)
            for article, change, text in sentences
            if change == "removed" and article == revision.article_id
        ),
    )


def first_alert_of_others(db: Connection, topic: str, story: int | None, article: int) -> int | None:
    """The alert that told of another article of the story first."""
    row = db.execute(
        f"SELECT min(id) FROM alerts WHERE topic_id = :topic AND article_id IN ({FAMILY} EXCEPT {OWN})",
        {"topic": topic, "story": story, "article": article},
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _was_reported(db: Connection, topic: str, revision: Revision) -> bool:
    row = db.execute(
        f"SELECT 1 FROM alerts WHERE topic_id = :topic AND article_id IN ({OWN}) AND revision_id < :revision LIMIT 1",
        {"topic": topic, "article": revision.article_id, "revision": revision.id},
    ).fetchone()
    return row is not None


def _reported_lately(
    db: Connection, topic: str, revision: Revision, story: int | None
) -> Iterator[tuple[int | None, str, str]]:
    """(article's id where the change is "removed", change, sentence) of what was told of the article and the story."""
    rows = db.execute(
        f"WITH family AS ({FAMILY})"
        " SELECT DISTINCT CASE s.change WHEN 'removed' THEN coalesce(a.merged_into, a.id) END, s.change, s.sentence"
        " FROM family JOIN articles a ON a.id = family.id"
        " JOIN revisions r ON r.article_id = a.id AND r.id < :revision AND r.seen_at >= :since"
        f" JOIN matches m ON m.topic_id = :topic AND m.revision_id = r.id AND m.kind IN ({_KINDS})"
        " JOIN match_sentences s ON s.match_id = m.id",
        {
            "story": story, "article": revision.article_id, "topic": topic, "revision": revision.id,
            "since": format_utc(revision.seen_at - LATELY),
        },
    )  # fmt: skip
    return (tuple(row) for row in rows)

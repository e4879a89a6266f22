"""A topic over what is archived already: the archive's own index finds the articles, the matcher the sentences.

The matcher is the one that flags, and the index has the tokenizer that the matcher has. So a backtest finds what
flagging would have found, and for the scope of whole articles what Datasette's search shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crawler.archive.topics.revision_texts import read_text
from crawler.config.topics import Topic
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from crawler.topics.match import Match
from crawler.topics.matcher import PatternCheck, match

SEARCH_BATCH = 200
"""Texts in memory at once."""


def backtest(
    db: Connection, topic: Topic, *, since: datetime | None, found_by_pattern: PatternCheck, newest_only: bool = False
) -> Iterator[Match]:
    """The matches of a topic, oldest revision first; of each article's newest text alone with `newest_only`."""
    newest = "a.latest_revision_id = r.id" if newest_only else "1"
    ids = [
        row[0]
        for row in db.execute(
            "SELECT f.rowid FROM revisions_fts f JOIN revisions r ON r.id = f.rowid JOIN articles a ON a.id = r.article_id"
            f" WHERE f.revisions_fts MATCH ? AND r.seen_at >= ? AND {newest} ORDER BY f.rowid",
            (topic.fts_of_articles, format_utc(since) if since else ""),
        )
    ]
    for start in range(0, len(ids), SEARCH_BATCH):
        some = ids[start : start + SEARCH_BATCH]
        rows = db.execute(
            "SELECT r.*, a.source_id FROM revisions r JOIN articles a ON a.id = r.article_id"
            f" WHERE r.id IN ({','.join('?' * len(some))}) ORDER BY r.id",
            tuple(some),
        )
        texts = [read_text(row) for row in rows]
        found = match([topic], texts, found_by_pattern=found_by_pattern, candidates={topic.id: some})
        yield from (found[key] for key in sorted(found, key=lambda key: key[1]))

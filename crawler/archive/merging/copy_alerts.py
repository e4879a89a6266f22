"""Copy the alerts and matches of an article, with their topics; what was delivered is not delivered again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from crawler.archive.db.seals import insert_sealed, seal_row
from crawler.archive.merging.other_archive import RowCopier, RowValues
from crawler.archive.stories.queries import story_of


def copy_alerts(copier: RowCopier, other_id: int, article_id: int, added: Counter[str]) -> None:
    """Copy what is not here: alerts, matches, their sentences and figures. What the flag job here was faster with stays."""
    story_id = story_of(copier.store.db, article_id)
    for alert in copier.other.rows("SELECT * FROM alerts WHERE article_id = ? ORDER BY id", other_id):
        if _is_missing(copier, "alerts", alert):
            copier.insert("alerts", alert, story_id=story_id)
            added["alerts"] += 1
    matches = copier.other.rows(
        "SELECT m.* FROM matches m JOIN revisions r ON r.id = m.revision_id WHERE r.article_id = ? ORDER BY m.id",
        other_id,
    )
    for match in matches:
        if _is_missing(copier, "matches", match):
            _copy_match(copier, match)
            added["matches"] += 1


def _is_missing(copier: RowCopier, table: str, row: RowValues) -> bool:
    """Whether an alert or match of a version that was copied is not here; then its version of the topic is."""
    if copier.mapped("revisions", row["revision_id"]) is None:
        return False
    if copier.find(table, row, "topic_id", "revision_id") is not None:
        return False
    _copy_version(copier, row["topic_version_id"])
    return True


def _copy_match(copier: RowCopier, match: RowValues) -> None:
    db, other = copier.store.db, copier.other
    sentences: list[tuple[Any, ...]] = [
        tuple(row.values())[1:]
        for row in other.rows(
            "SELECT match_id, position, change, field, sentence, spans, replaces FROM match_sentences"
            " WHERE match_id = ? ORDER BY position", match["id"],
        )
    ]  # fmt: skip
    match_id = copier.insert("matches", match, sentences)
    db.executemany("INSERT INTO match_sentences VALUES (?, ?, ?, ?, ?, ?, ?)", [(match_id, *one) for one in sentences])
    for figure in other.rows("SELECT * FROM figures WHERE match_id = ? ORDER BY id", match["id"]):
        insert_sealed(db, "figures", {**figure, "id": None, "match_id": match_id})


def _copy_version(copier: RowCopier, other_id: int) -> None:
    """Copy the version of a topic, and the topic, if they are not here.

    A copied version is not the current one: the flag job here matches with the topics of its own topics.toml.
    """
    db, other = copier.store.db, copier.other
    [version] = other.rows("SELECT * FROM topic_versions WHERE id = ?", other_id)
    [topic] = other.rows("SELECT * FROM topics WHERE id = ?", version["topic_id"])
    is_new = db.execute("SELECT 1 FROM topics WHERE id = ?", (topic["id"],)).fetchone() is None
    if is_new:
        insert_sealed(db, "topics", {**topic, "version_id": None})
    if copier.find("topic_versions", version, "topic_id", "definition_sha256") is not None:
        return
    number, last = db.execute(
        "SELECT (SELECT coalesce(max(number), 0) + 1 FROM topic_versions WHERE topic_id = ?),"
        " (SELECT coalesce(max(id), 0) FROM revisions)",
        (topic["id"],),
    ).fetchone()
    version_id = copier.insert(
        "topic_versions", version, number=number, starts_after=last, silent_until=None, cursor=last
    )
    if is_new:
        db.execute("UPDATE topics SET version_id = ? WHERE id = ?", (version_id, topic["id"]))
        seal_row(db, "topics", topic["id"])

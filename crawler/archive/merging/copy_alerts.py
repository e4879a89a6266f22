"""Copy the alerts and matches of an article, with their topics; what was delivered is not delivered again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from crawler.archive.db.seals import insert_sealed, seal_row
from crawler.archive.merging.other_archive import RowCopier, RowValues


def copy_alerts(copier: RowCopier, other_id: int, article_id: int, added: Counter[str]) -> None:
    """Copy what is not here: alerts, matches, their sentences and figures."""
    for alert in copier.other.rows("SELECT * FROM alerts WHERE article_id = ? ORDER BY id", other_id):
        _copy_alert(copier, alert, article_id, added)
    matches = copier.other.rows(
        "SELECT m.* FROM matches m JOIN revisions r ON r.id = m.revision_id WHERE r.article_id = ? ORDER BY m.id",
        other_id,
    )
    for match in matches:
        _copy_match(copier, match, added)


def _copy_alert(copier: RowCopier, alert: RowValues, article_id: int, added: Counter[str]) -> None:
    revision_id = copier.mapped("revisions", alert["revision_id"])
    if revision_id is None or copier.mapped("alerts", alert["id"]) is not None:
        return
    db = copier.store.db
    version_id = _version(copier, alert["topic_version_id"])
    own = db.execute(
        "SELECT id FROM alerts WHERE topic_id = ? AND revision_id = ?", (alert["topic_id"], revision_id)
    ).fetchone()
    if own is not None:  # the flag job here was faster
        copier.remember("alerts", alert["id"], own["id"])
        return
    story = db.execute("SELECT story_id FROM story_articles WHERE article_id = ?", (article_id,)).fetchone()
    copier.insert(
        "alerts", alert, topic_version_id=version_id, article_id=article_id, revision_id=revision_id,
        previous_revision_id=copier.mapped("revisions", alert["previous_revision_id"]),
        story_id=story["story_id"] if story is not None else None, page_id=copier.mapped("pages", alert["page_id"]),
    )  # fmt: skip
    added["alerts"] += 1


def _copy_match(copier: RowCopier, match: RowValues, added: Counter[str]) -> None:
    revision_id = copier.mapped("revisions", match["revision_id"])
    if revision_id is None or copier.mapped("matches", match["id"]) is not None:
        return
    db, other = copier.store.db, copier.other
    own = db.execute(
        "SELECT id FROM matches WHERE topic_id = ? AND revision_id = ?", (match["topic_id"], revision_id)
    ).fetchone()
    if own is not None:
        copier.remember("matches", match["id"], own["id"])
        return
    sentences: list[tuple[Any, ...]] = [
        tuple(row.values())[1:]
        for row in other.rows(
            "SELECT match_id, position, change, field, sentence, spans, replaces FROM match_sentences"
            " WHERE match_id = ? ORDER BY position", match["id"],
        )
    ]  # fmt: skip
    match_id = copier.insert(
        "matches", match, sentences, topic_version_id=_version(copier, match["topic_version_id"]), revision_id=revision_id,
        alert_id=copier.mapped("alerts", match["alert_id"]),
    )  # fmt: skip
    db.executemany("INSERT INTO match_sentences VALUES (?, ?, ?, ?, ?, ?, ?)", [(match_id, *one) for one in sentences])
    for figure in other.rows("SELECT * FROM figures WHERE match_id = ? ORDER BY id", match["id"]):
        columns = {name: value for name, value in figure.items() if name != "id"}
        insert_sealed(db, "figures", {**columns, "match_id": match_id})
    added["matches"] += 1


def _version(copier: RowCopier, other_id: int) -> int:
    """topic_versions.id here for a version of a topic there; the topic and the version are copied if they are not here.

    A copied version is not the current one: the flag job here matches with the topics of its own topics.toml.
    """
    known = copier.mapped("topic_versions", other_id)
    if known is not None:
        return known
    db, other = copier.store.db, copier.other
    [version] = other.rows("SELECT * FROM topic_versions WHERE id = ?", other_id)
    [topic] = other.rows("SELECT * FROM topics WHERE id = ?", version["topic_id"])
    is_new = db.execute("SELECT 1 FROM topics WHERE id = ?", (topic["id"],)).fetchone() is None
    if is_new:
        insert_sealed(db, "topics", {**topic, "version_id": None})
    own = db.execute(
        "SELECT id FROM topic_versions WHERE topic_id = ? AND definition_sha256 = ?",
        (topic["id"], version["definition_sha256"]),
    ).fetchone()
    if own is not None:
        return copier.remember("topic_versions", other_id, own["id"])
    number = db.execute(
        "SELECT coalesce(max(number), 0) + 1 FROM topic_versions WHERE topic_id = ?", (topic["id"],)
    ).fetchone()[0]
    last = db.execute("SELECT coalesce(max(id), 0) FROM revisions").fetchone()[0]
    version_id = copier.insert(
        "topic_versions", version, number=number, starts_after=last, silent_until=None, cursor=last
    )
    if is_new:
        db.execute("UPDATE topics SET version_id = ? WHERE id = ?", (version_id, topic["id"]))
        seal_row(db, "topics", topic["id"])
    return version_id

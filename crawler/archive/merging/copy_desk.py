"""Copy what people muted and which searches they saved; stars and notes are copied with their article."""

from __future__ import annotations

from collections import Counter

from crawler.archive.merging.other_archive import RowCopier, RowValues


def copy_mute(copier: RowCopier, row: RowValues, added: Counter[str]) -> None:
    """Copy the mute of a topic, or of the story here that has an article of the story there; of two, the later one stays."""
    target = row["target"] if row["kind"] == "topic" else _story(copier, int(row["target"]))
    if target is None:
        return
    added["mutes"] += copier.store.db.execute(
        "INSERT INTO mutes VALUES (?, ?, ?, ?) ON CONFLICT (kind, target) DO UPDATE SET muted_at = excluded.muted_at,"
        " until_at = excluded.until_at WHERE excluded.muted_at > mutes.muted_at",
        (row["kind"], str(target), row["muted_at"], row["until_at"]),
    ).rowcount


def copy_saved_search(copier: RowCopier, row: RowValues, added: Counter[str]) -> None:
    """Copy a saved search; one whose name is taken here by another search gets the name of the other folder as well.

    One that was deleted here after an earlier merge does not come back.
    """
    db = copier.store.db
    own_id = copier.mapped("saved_searches", row["id"])
    if own_id is not None:
        columns = {name: row[name] for name in ("path", "query", "saved_at")}
        own = db.execute("SELECT saved_at FROM saved_searches WHERE id = ?", (own_id,)).fetchone()
        if own is not None and row["saved_at"] > own["saved_at"]:
            copier.refresh("saved_searches", own_id, columns)
        return
    own = db.execute("SELECT id, path, query FROM saved_searches WHERE name = ?", (row["name"],)).fetchone()
    if own is not None and (own["path"], own["query"]) == (row["path"], row["query"]):
        copier.remember("saved_searches", row["id"], own["id"])
        return
    name = row["name"] if own is None else _free_name(copier, row["name"])
    copier.insert("saved_searches", row, name=name)
    added["saved searches"] += 1


def _story(copier: RowCopier, other_id: int) -> int | None:
    for member in copier.other.rows(
        "SELECT article_id FROM story_articles WHERE story_id = ? ORDER BY article_id", other_id
    ):
        article_id = copier.mapped("articles", member["article_id"])
        row = copier.store.db.execute(
            "SELECT story_id FROM story_articles WHERE article_id = ?", (article_id,)
        ).fetchone()
        if row is not None:
            return int(row[0])
    return None


def _free_name(copier: RowCopier, name: str) -> str:
    free, number = f"{name} ({copier.other.folder.name})", 2
    while copier.store.db.execute("SELECT 1 FROM saved_searches WHERE name = ?", (free,)).fetchone() is not None:
        free, number = f"{name} ({copier.other.folder.name} {number})", number + 1
    return free

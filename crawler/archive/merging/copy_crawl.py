"""Copy what another archive has apart from articles: sources, seeds, polls, links, gaps, problems, mutes and saved searches."""

from __future__ import annotations

from crawler.archive.db.seals import row_sha256, seal_row
from crawler.archive.merging.other_archive import MergeCounts, OtherArchive, RowCopier, RowValues
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.stories.queries import story_of
from crawler.exceptions import ArchiveError
from crawler.sqlite.rows import insert_row, replace_row
from crawler.urls import host_of, registered_domain

_STATE_OF_LINK = ("title", "summary", "content_html", "updated_at", "position", "last_seen_at")


def refuse_foreign_sources(store: ArchiveStore, other: OtherArchive) -> None:
    """Raise ArchiveError if a source ID stands for two outlets."""
    own = {row["id"]: row["home"] for row in store.db.execute("SELECT id, home FROM sources")}
    for row in other.rows("SELECT id, home FROM sources ORDER BY id"):
        here = own.get(row["id"])
        if here is not None and registered_domain(host_of(here)) != registered_domain(host_of(row["home"])):
            raise ArchiveError(
                f"{other.folder}: source {row['id']} is {row['home']} there and {here} here; give one of them another name"
            )


def copy_sources(copier: RowCopier) -> None:
    """Copy sources and seeds that are not here; of seeds that are, take over the newer state, with what was measured."""
    db = copier.store.db
    taken = set()
    for row in copier.other.rows("SELECT * FROM sources"):
        insert_row(db, "sources", row, "ON CONFLICT DO NOTHING")
    for row in copier.other.rows("SELECT * FROM seeds"):
        own_id = copier.find("seeds", row, "source_id", "url")
        if own_id is None:
            own_id = copier.insert("seeds", row)
        else:
            polled_at = db.execute("SELECT polled_at FROM seeds WHERE id = ?", (own_id,)).fetchone()[0]
            if (row["polled_at"] or "") <= (polled_at or ""):
                continue
            copier.refresh("seeds", own_id, {name: row[name] for name in row if name != "id"})
        copy_rates(copier, row["id"], own_id)
        taken.add(row["source_id"])
    for source_id in sorted(taken):
        copy_silence(copier, source_id)


def copy_poll(copier: RowCopier, row: RowValues, _: MergeCounts) -> None:
    """Copy one poll."""
    if copier.mapped("polls", row["id"]) is None:
        copier.insert("polls", row)


def copy_link(copier: RowCopier, row: RowValues, _: MergeCounts) -> None:
    """Copy one link, or what later polls changed of it."""
    own_id = copier.find("links", row, "seed_id", "key")
    if own_id is None:
        copier.insert("links", row)
        return
    own = dict(copier.store.db.execute("SELECT * FROM links WHERE id = ?", (own_id,)).fetchone())
    if row["last_seen_at"] > own["last_seen_at"]:
        own.update({name: row[name] for name in _STATE_OF_LINK})
        own["row_sha256"] = row_sha256(own)
        copier.refresh("links", own_id, {name: own[name] for name in (*_STATE_OF_LINK, "row_sha256")})


def copy_queue_entry(copier: RowCopier, row: RowValues, _: MergeCounts) -> None:
    """Copy one queue entry, or what was fetched or dropped since; an entry that is done here stays done."""
    changed = copier.here("queue", row)
    if row["state"] == "done" and changed["article_id"] is None and row["article_id"] is not None:
        return  # its article was left out
    assignments = ", ".join(
        f"{name} = excluded.{name}" for name in row if name not in ("key", "added_at", "row_sha256")
    )
    ending = f"ON CONFLICT (key) DO UPDATE SET {assignments} WHERE queue.state <> 'done'"
    insert_row(copier.store.db, "queue", changed, ending)
    seal_row(copier.store.db, "queue", row["key"])


OLDER_COVERAGE = "intervals of coverage that are older than the newest one of the seed here"


def copy_rates(copier: RowCopier, other_id: int, own_id: int) -> None:
    """Take over the publication rates and the activity of a seed that the other archive polled later, or alone."""
    db = copier.store.db
    db.execute("DELETE FROM publication_rates WHERE seed_id = ?", (own_id,))
    for table in ("publication_rates", "seed_activity"):
        for row in copier.other.rows(f"SELECT * FROM {table} WHERE seed_id = ?", other_id):
            replace_row(db, table, {**row, "seed_id": own_id})


def copy_silence(copier: RowCopier, source_id: str) -> None:
    """Take over the silence detection of a source whose seeds the other archive polled later, or alone."""
    for row in copier.other.rows("SELECT * FROM silences WHERE source_id = ?", source_id):
        replace_row(copier.store.db, "silences", row)


def copy_coverage(copier: RowCopier, row: RowValues, counts: MergeCounts) -> None:
    """Copy an interval behind the newest one of its seed here, or what became of one that was copied before.

    Intervals of a seed follow each other: one that lies before the newest one here is left out.
    """
    db = copier.store.db
    own_id = copier.mapped("coverage", row["id"])
    if own_id is None:
        last = db.execute(
            "SELECT until_at FROM coverage WHERE seed_id = ? ORDER BY id DESC LIMIT 1",
            (copier.mapped("seeds", row["seed_id"]),),
        ).fetchone()
        if last is not None and row["from_at"] < last["until_at"]:
            counts.left_out[OLDER_COVERAGE] += 1
            return
        copier.insert("coverage", row)
        counts.added["intervals of coverage"] += 1
        return
    own = db.execute("SELECT until_at, state FROM coverage WHERE id = ?", (own_id,)).fetchone()
    is_repaired = own["state"] == "open" and row["state"] != "open"
    if is_repaired or (own["state"] == row["state"] and row["until_at"] > own["until_at"]):
        same = ("id", "seed_id", "poll_id", "row_sha256")
        copier.refresh("coverage", own_id, {name: value for name, value in row.items() if name not in same})
        seal_row(db, "coverage", own_id)


def copy_problem(copier: RowCopier, row: RowValues, counts: MergeCounts) -> None:
    """Copy a problem of a source, or what became of one that was copied before. One that is open here stays as it is."""
    db = copier.store.db
    own_id = copier.mapped("problems", row["id"])
    if own_id is None:
        own = db.execute(
            "SELECT id FROM problems WHERE source_id = ? AND kind = ? AND what = ? AND resolved_at IS NULL",
            (row["source_id"], row["kind"], row["what"]),
        ).fetchone()
        if row["resolved_at"] is None and own is not None:
            copier.remember("problems", row["id"], own["id"])
            return
        copier.insert("problems", row)
        counts.added["problems"] += 1
        return
    own = db.execute("SELECT resolved_at, reports FROM problems WHERE id = ?", (own_id,)).fetchone()
    if own is not None and own["resolved_at"] is None and (row["resolved_at"] or row["reports"] > own["reports"]):
        copier.refresh("problems", own_id, {name: row[name] for name in row if name not in ("id", "row_sha256")})
        seal_row(db, "problems", own_id)


def copy_mute(copier: RowCopier, row: RowValues, counts: MergeCounts) -> None:
    """Copy the mute of a topic, or of the story here that has an article of the story there; of two, the later one stays."""
    target = row["target"] if row["kind"] == "topic" else _story(copier, int(row["target"]))
    if target is None:
        return
    changed = {name: row[name] for name in ("kind", "muted_at", "until_at")} | {"target": str(target)}
    counts.added["mutes"] += copier.keep_newer("mutes", changed, ("kind", "target"), "muted_at")


def copy_saved_search(copier: RowCopier, row: RowValues, counts: MergeCounts) -> None:
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
    counts.added["saved searches"] += 1


def _story(copier: RowCopier, other_id: int) -> int | None:
    for member in copier.other.rows(
        "SELECT article_id FROM story_articles WHERE story_id = ? ORDER BY article_id", other_id
    ):
        article_id = copier.mapped("articles", member["article_id"])
        story_id = story_of(copier.store.db, article_id) if article_id is not None else None
        if story_id is not None:
            return story_id
    return None


def _free_name(copier: RowCopier, name: str) -> str:
    free, number = f"{name} ({copier.other.folder.name})", 2
    while copier.store.db.execute("SELECT 1 FROM saved_searches WHERE name = ?", (free,)).fetchone() is not None:
        free, number = f"{name} ({copier.other.folder.name} {number})", number + 1
    return free

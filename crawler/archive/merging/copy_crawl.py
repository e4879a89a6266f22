"""Copy sources, seeds, polls and links of another archive."""

from __future__ import annotations

from crawler.archive.db.seals import row_sha256, seal_row
from crawler.archive.merging.copy_monitoring import copy_rates, copy_silence
from crawler.archive.merging.other_archive import OtherArchive, RowCopier, RowValues
from crawler.archive.storage.store import ArchiveStore
from crawler.exceptions import ArchiveError
from crawler.sqlite.rows import insert_row
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
        own = db.execute(
            "SELECT id, polled_at FROM seeds WHERE source_id = ? AND url = ?", (row["source_id"], row["url"])
        ).fetchone()
        if own is None:
            own_id = copier.insert("seeds", row)
        else:
            own_id = copier.remember("seeds", row["id"], own["id"])
            if (row["polled_at"] or "") <= (own["polled_at"] or ""):
                continue
            copier.refresh("seeds", own_id, {name: row[name] for name in row if name != "id"})
        copy_rates(copier, row["id"], own_id)
        taken.add(row["source_id"])
    for source_id in sorted(taken):
        copy_silence(copier, source_id)


def copy_poll(copier: RowCopier, row: RowValues) -> None:
    """Copy one poll."""
    if copier.mapped("polls", row["id"]) is None:
        copier.insert("polls", row, seed_id=copier.mapped("seeds", row["seed_id"]), run_id=None)


def copy_link(copier: RowCopier, row: RowValues) -> None:
    """Copy one link, or what later polls changed of it."""
    db = copier.store.db
    seed_id = copier.mapped("seeds", row["seed_id"])
    own_id = copier.mapped("links", row["id"])
    if own_id is None:
        own = db.execute("SELECT id FROM links WHERE seed_id = ? AND key = ?", (seed_id, row["key"])).fetchone()
        if own is None:
            copier.insert("links", row, seed_id=seed_id, poll_id=copier.mapped("polls", row["poll_id"]))
            return
        own_id = copier.remember("links", row["id"], own["id"])
    own = dict(db.execute("SELECT * FROM links WHERE id = ?", (own_id,)).fetchone())
    if row["last_seen_at"] > own["last_seen_at"]:
        own.update({name: row[name] for name in _STATE_OF_LINK})
        own["row_sha256"] = row_sha256(own)
        copier.refresh("links", own_id, {name: own[name] for name in (*_STATE_OF_LINK, "row_sha256")})


def copy_queue_entry(copier: RowCopier, row: RowValues) -> None:
    """Copy one queue entry, or what was fetched or dropped since; an entry that is done here stays done."""
    changed = {
        **row,
        "link_id": copier.mapped("links", row["link_id"]),
        "article_id": copier.mapped("articles", row["article_id"]),
    }
    if row["state"] == "done" and changed["article_id"] is None and row["article_id"] is not None:
        return  # its article was left out
    assignments = ", ".join(
        f"{name} = excluded.{name}" for name in row if name not in ("key", "added_at", "row_sha256")
    )
    ending = f"ON CONFLICT (key) DO UPDATE SET {assignments} WHERE queue.state <> 'done'"
    insert_row(copier.store.db, "queue", changed, ending)
    seal_row(copier.store.db, "queue", row["key"])

"""Copy what the other archive knows about its sources: publication rates, silence detection, coverage with gaps, problems."""

from __future__ import annotations

from collections import Counter

from crawler.archive.db.seals import seal_row
from crawler.archive.merging.other_archive import RowCopier, RowValues
from crawler.sqlite.rows import marks

OLDER_COVERAGE = "intervals of coverage that are older than the newest one of the seed here"


def copy_rates(copier: RowCopier, other_id: int, own_id: int) -> None:
    """Take over the publication rates and the activity of a seed that the other archive polled later, or alone."""
    db = copier.store.db
    db.execute("DELETE FROM publication_rates WHERE seed_id = ?", (own_id,))
    for table in ("publication_rates", "seed_activity"):
        for row in copier.other.rows(f"SELECT * FROM {table} WHERE seed_id = ?", other_id):
            columns = {**row, "seed_id": own_id}
            db.execute(
                f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({marks(columns)})",
                tuple(columns.values()),
            )


def copy_silence(copier: RowCopier, source_id: str) -> None:
    """Take over the silence detection of a source whose seeds the other archive polled later, or alone."""
    for row in copier.other.rows("SELECT * FROM silences WHERE source_id = ?", source_id):
        copier.store.db.execute(
            f"INSERT OR REPLACE INTO silences ({', '.join(row)}) VALUES ({marks(row)})",
            tuple(row.values()),
        )


def copy_coverage(copier: RowCopier, row: RowValues, added: Counter[str], left_out: Counter[str]) -> None:
    """Copy an interval behind the newest one of its seed here, or what became of one that was copied before.

    Intervals of a seed follow each other: one that lies before the newest one here is left out.
    """
    db = copier.store.db
    seed_id = copier.mapped("seeds", row["seed_id"])
    poll_id = copier.mapped("polls", row["poll_id"])
    own_id = copier.mapped("coverage", row["id"])
    if own_id is None:
        last = db.execute(
            "SELECT until_at FROM coverage WHERE seed_id = ? ORDER BY id DESC LIMIT 1", (seed_id,)
        ).fetchone()
        if last is not None and row["from_at"] < last["until_at"]:
            left_out[OLDER_COVERAGE] += 1
            return
        copier.insert("coverage", row, seed_id=seed_id, poll_id=poll_id)
        added["intervals of coverage"] += 1
        return
    own = db.execute("SELECT until_at, state FROM coverage WHERE id = ?", (own_id,)).fetchone()
    is_repaired = own["state"] == "open" and row["state"] != "open"
    if is_repaired or (own["state"] == row["state"] and row["until_at"] > own["until_at"]):
        same = ("id", "seed_id", "poll_id", "row_sha256")
        copier.refresh("coverage", own_id, {name: value for name, value in row.items() if name not in same})
        seal_row(db, "coverage", own_id)


def copy_problem(copier: RowCopier, row: RowValues, added: Counter[str]) -> None:
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
        added["problems"] += 1
        return
    own = db.execute("SELECT resolved_at, reports FROM problems WHERE id = ?", (own_id,)).fetchone()
    if own is not None and own["resolved_at"] is None and (row["resolved_at"] or row["reports"] > own["reports"]):
        copier.refresh("problems", own_id, {name: row[name] for name in row if name not in ("id", "row_sha256")})
        seal_row(db, "problems", own_id)

"""Alter an archive in many ways, and count the alterations that one old root finds, with the day.

    python benchmarks/archive/alterations.py [--alterations 10000] [--seed 1] [--json FILE]

The archive has several days with roots. Each alteration changes one thing of a past day as a person could who may write to
rows and files: with the hashes of the row computed again, but without the later roots. Then it is undone. Kinds: `bit` (of
a revision's text, of an alert or of a raw page), `row` (another value, with a new seal), `backdated` (a revision stored now
with an old time), `removed` (an alert), `record` (a raw page replaced by another record of the same length).

Figures: `found`: share of the alterations with a finding; `day_named`: share whose finding names the right day;
`false_alarms`: findings in the archive as it was; `ms`: median milliseconds to verify all days.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

from crawler.archive.articles.revisions import text_sha256  # noqa: E402
from crawler.archive.db.seals import stored_seal  # noqa: E402
from crawler.archive.evidence.daily_roots import daily_roots  # noqa: E402
from crawler.archive.evidence.leaves import LEAF_TABLES, LeafKind  # noqa: E402
from crawler.archive.evidence.root_check import day_of_row, root_faults  # noqa: E402
from crawler.archive.storage.warc_records import page_row, read_slice  # noqa: E402
from crawler.evidence.verify_pack import VerificationError  # noqa: E402
from crawler.exceptions import NotFoundError, WirewatchError  # noqa: E402
from schedules.evidence.proof_text import proof_lines, proof_of  # noqa: E402
from tests.support.archives.evidence import daily_archive  # noqa: E402
from tests.support.factories import Archive  # noqa: E402

DAYS, PER_DAY = 6, 4
COLUMNS = {
    "revision": ("section", "image", "seen_at", "published_at"),
    "alert": ("kind", "created_at"),
    "page": ("fetched_at",),
}


def days_found(archive: Archive, old_root: str, altered: tuple[LeafKind, int] | None) -> set[str]:
    """The days that the verification names: of the chain, and of the altered row against the old root."""
    days = {fault.day for fault in root_faults(archive.store.db)}
    if altered is None:
        return days
    try:
        prover, proof = proof_of(archive.store.db, archive.warc, *altered)
        list(proof_lines(prover, proof, old_root))
    except NotFoundError:
        pass  # the chain must name the day
    except (VerificationError, WirewatchError):
        day = day_of_row(daily_roots(archive.store.db), *altered)
        days |= {day} if day is not None else set()
    return days


@contextmanager
def altered(archive: Archive, kind: str, chance: random.Random) -> Iterator[tuple[str, tuple[LeafKind, int] | None]]:
    """Alter the archive; yields the day and the row, and undoes the alteration."""
    db = archive.store.db
    roots = daily_roots(db)
    root = chance.choice(roots)
    db.execute("SAVEPOINT alteration")
    undo: Callable[[], None] = lambda: None  # noqa: E731 -- most alterations are undone by the database
    try:
        table: LeafKind = chance.choice(("revision", "page", "alert")) if kind in ("bit", "row") else "revision"
        table = {"removed": "alert", "record": "page"}.get(kind, table)  # type: ignore[assignment]
        row_id = chance.choice(_ids(archive, table, root))
        if kind == "removed":
            db.execute("DELETE FROM alerts WHERE id = ?", (row_id,))
        elif kind == "backdated":
            _backdate(archive, row_id, chance)
        elif table == "page" and kind in ("bit", "record"):
            undo = _change_record(archive, row_id, kind, chance)
        elif kind == "bit":
            _flip_bit(archive, table, row_id, chance)
        else:
            _change_row(archive, table, row_id, chance)
        yield root.day, None if kind == "backdated" else (table, row_id)
    finally:
        undo()
        db.execute("ROLLBACK TO alteration")
        db.execute("RELEASE alteration")


def _ids(archive: Archive, kind: LeafKind, root: Any) -> list[int]:
    rows = root.ranges[kind]
    return [
        row[0]
        for row in archive.rows(
            f"SELECT id FROM {LEAF_TABLES[kind].table} WHERE id > ? AND id <= ?", rows.above, rows.last
        )
    ]


def _flip_bit(archive: Archive, kind: LeafKind, row_id: int, chance: random.Random) -> None:
    table = LEAF_TABLES[kind].table
    column = (
        chance.choice(("text", "title", "row_sha256"))
        if kind == "revision"
        else chance.choice(("kind", "created_at", "row_sha256"))
    )
    content = bytearray(archive.value(f"SELECT {column} FROM {table} WHERE id = ?", row_id), "utf-8")
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(7)
    archive.store.db.execute(
        f"UPDATE {table} SET {column} = ? WHERE id = ?", (content.decode("utf-8", "replace"), row_id)
    )


def _change_row(archive: Archive, kind: LeafKind, row_id: int, chance: random.Random) -> None:
    """Another value, and all hashes of the row computed again."""
    db, table = archive.store.db, LEAF_TABLES[kind].table
    column = chance.choice(COLUMNS[kind])
    value = f"20{chance.randrange(10, 26)}-0{chance.randrange(1, 10)}-11T0{chance.randrange(10)}:00:00Z"
    db.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (value, row_id))
    if kind == "revision" and chance.random() < 0.5:
        db.execute("UPDATE revisions SET text = text || ? WHERE id = ?", (value, row_id))
    if kind != "page":
        _seal(archive, table, row_id)


def _seal(archive: Archive, table: str, row_id: int) -> None:
    db = archive.store.db
    if table == "revisions":
        row = dict(db.execute("SELECT * FROM revisions WHERE id = ?", (row_id,)).fetchone())
        text = text_sha256(**{name: row[name] for name in ("title", "lead", "byline", "text")})
        db.execute("UPDATE revisions SET text_sha256 = ? WHERE id = ?", (text, row_id))
    row = dict(db.execute(f"SELECT * FROM {table} WHERE id = ?", (row_id,)).fetchone())
    db.execute(f"UPDATE {table} SET row_sha256 = ? WHERE id = ?", (stored_seal(archive.store.db, table, row), row_id))


def _backdate(archive: Archive, row_id: int, chance: random.Random) -> None:
    """A revision that is stored now and claims the time of an old one, with a correct seal."""
    db = archive.store.db
    row = dict(db.execute("SELECT * FROM revisions WHERE id = ?", (row_id,)).fetchone())
    last = archive.value("SELECT max(number) FROM revisions WHERE article_id = ?", row["article_id"])
    forged = {**row, "number": last + 1, "page_id": None, "text": f"Forged {chance.random()}."}
    del forged["id"]
    names, marks = ", ".join(forged), ", ".join("?" * len(forged))
    cursor = db.execute(f"INSERT INTO revisions ({names}) VALUES ({marks})", tuple(forged.values()))
    _seal(archive, "revisions", int(cursor.lastrowid or 0))


def _change_record(archive: Archive, row_id: int, kind: str, chance: random.Random) -> Callable[[], None]:
    """Flip a bit of a WARC record, or replace it and the hash in its row; returns what restores the file."""
    import hashlib

    row = page_row(archive.store.db, row_id)
    path = archive.warc / row["name"]
    before = read_slice(path, row["warc_offset"], row["warc_length"])
    after = bytearray(before)
    if kind == "bit":
        after[chance.randrange(len(after))] ^= 1 << chance.randrange(8)
    else:
        after[10:] = chance.randbytes(len(after) - 10)
        archive.store.db.execute(
            "UPDATE pages SET record_sha256 = ? WHERE id = ?", (hashlib.sha256(after).hexdigest(), row_id)
        )
    _write(path, row["warc_offset"], bytes(after))
    return lambda: _write(path, row["warc_offset"], before)


def _write(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def measure(alterations: int, seed: int) -> dict[str, Any]:
    """The figures."""
    chance = random.Random(seed)
    totals: Counter[str] = Counter()
    found: Counter[str] = Counter()
    named: Counter[str] = Counter()
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        archive = daily_archive(Path(folder), days=DAYS, per_day=PER_DAY)
        archive.store.db.execute("PRAGMA foreign_keys = OFF")
        old_root = daily_roots(archive.store.db)[-1].root
        false_alarms = len(days_found(archive, old_root, None))
        for number in range(alterations):
            kind = ("bit", "row", "backdated", "removed", "record")[number % 5]
            with altered(archive, kind, chance) as (day, row):
                begun = time.perf_counter()
                days = days_found(archive, old_root, row)
                seconds.append(time.perf_counter() - begun)
            totals[kind] += 1
            found[kind] += bool(days)
            named[kind] += day in days
        archive.store.close()
    figures: dict[str, Any] = {
        "alterations": alterations,
        "found": sum(found.values()) / alterations,
        "day_named": sum(named.values()) / alterations,
        "false_alarms": false_alarms,
        "ms": round(1000 * statistics.median(seconds), 2),
        "load": round(os.getloadavg()[0], 1),
    }
    for kind in totals:
        figures[f"{kind}.found"] = found[kind] / totals[kind]
        figures[f"{kind}.day_named"] = named[kind] / totals[kind]
    return figures


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alterations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", help="also write the figures to a file; - for standard output")
    options = parser.parse_args()
    figures = measure(options.alterations, options.seed)
    if options.json and options.json != "-":
        Path(options.json).write_text(json.dumps({"figures": figures}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

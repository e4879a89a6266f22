"""Flip single bits in the database file of an archive, and count the changed values that `scrapy archive check` misses.

    python benchmarks/archive/bit_flips.py [--flips 438] [--seed 1] [--quick] [--json FILE]

The archive is that of `scrapy demo`. Each flip is made in a copy of archive.db, at a random place in the file. Then every
value of every table is compared with the original, and the copy is checked.

Figures: `changed`: flips that changed at least one stored value or made a table unreadable; `noticed`: of these, those with
a finding; `unnoticed`: the rest; `unnoticed_shown`: of the rest, those in a column that readers are shown, that is, not in
the state of the scheduler (STATE below); `false_alarms`: findings in flips that changed no value and no index.
The baseline, in the same run, is `integrity_check_noticed`: what SQLite's own check finds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from crawler.archive.maintenance.integrity import check_archive  # noqa: E402
from crawler.exceptions import ArchiveError  # noqa: E402
from crawler.sqlite.connection import Connection, SqliteError, connect, damaged_text_allowed  # noqa: E402

STATE = frozenset(
    {
        "checkpoints",
        "hosts",
        "jobs",
        "publication_rates",
        "robots",
        "seed_activity",
        "silences",
        "sqlite_sequence",
        "sqlite_stat1",
    }
)
"""Tables that decide when the next request is sent or a job runs, and are written again by the next one."""
Values = Mapping[str, Mapping[object, tuple[object, ...]]]


def values_of(db: Connection) -> dict[str, dict[object, tuple[object, ...]] | str]:
    """Each table's rows by key; for a table that cannot be read, the message of SQLite."""
    found: dict[str, dict[object, tuple[object, ...]] | str] = {}
    for (name,) in db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    ).fetchall():
        try:
            info = db.execute(f"PRAGMA table_info({name})").fetchall()
            keys = [row["name"] for row in info if row["pk"]] or ["rowid"]
            rows = db.execute(f"SELECT {', '.join(keys)}, * FROM {name}").fetchall()
            found[name] = {tuple(row)[: len(keys)]: tuple(row)[len(keys) :] for row in rows}
        except SqliteError as error:
            found[name] = str(error)
    return found


def changed_columns(db: Connection, before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """table.column of each value that differs; table.* for rows that appeared, vanished or cannot be read."""
    changed = set()
    for table, rows in before.items():
        now = after.get(table, "missing")
        if now == rows:
            continue
        if isinstance(now, str) or set(now) != set(rows):
            changed.add(f"{table}.*")
            continue
        names = [row["name"] for row in db.execute(f"PRAGMA table_info({table})")]
        changed |= {
            f"{table}.{name}"
            for key, values in rows.items()
            if now[key] != values
            for name, old, new in zip(names, values, now[key], strict=True)
            if old != new
        }
    return changed


def examine(path: Path, warc: Path, original: Mapping[str, Any] | None) -> tuple[set[str], bool, list[str]]:
    """(changed columns, whether SQLite's own check found something, findings of `scrapy archive check`)."""
    try:
        db = connect(path)
    except ArchiveError as error:
        return {"file.*"}, True, [str(error)]
    try:
        with damaged_text_allowed(db):
            changed = changed_columns(db, original, values_of(db)) if original is not None else set()
            sqlite_found = [row[0] for row in db.execute("PRAGMA integrity_check")] != ["ok"]
        findings = [str(finding) for finding in check_archive(db, warc, pages=True)]
    except (ArchiveError, SqliteError) as error:  # the command ends with this line
        return {"file.*"}, True, [str(error)]
    finally:
        db.close()
    return changed, sqlite_found, findings


def measure(flips: int, seed: int) -> dict[str, Any]:
    """The figures."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        demo, copy = Path(folder) / "demo", Path(folder) / "copy.db"
        subprocess.run(
            [sys.executable, "-m", "scrapy", "demo", str(demo)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        path = next(demo.rglob("archive.db"))
        db = connect(path)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        original = values_of(db)
        db.close()
        content = path.read_bytes()
        _, _, clean = examine(path, path.parent / "warc", original)
        if clean:
            raise SystemExit("the demo's archive has findings before any flip: " + "; ".join(clean))
        for _ in range(flips):
            for suffix in ("-wal", "-shm"):
                Path(f"{copy}{suffix}").unlink(missing_ok=True)
            shutil.copy(path, copy)
            offset = chance.randrange(100, len(content))  # the header of 100 bytes is SQLite's own
            with copy.open("r+b") as file:
                file.seek(offset)
                file.write(bytes([content[offset] ^ 1 << chance.randrange(8)]))
            changed, sqlite_found, findings = examine(copy, path.parent / "warc", original)
            counts["changed"] += bool(changed)
            counts["noticed"] += bool(changed and findings)
            counts["integrity_check_noticed"] += bool(changed and sqlite_found)
            counts["found_without_change"] += bool(findings and not changed)
            if changed and not findings:
                missed.update(changed)
                counts["unnoticed"] += 1
                counts["unnoticed_shown"] += any(name.split(".")[0] not in STATE for name in changed)
    for name, count in missed.most_common():
        print(f"unnoticed {count:4} {name}", file=sys.stderr)
    names = ("changed", "noticed", "unnoticed", "unnoticed_shown", "integrity_check_noticed", "found_without_change")
    return {"flips": flips, **{name: counts[name] for name in names}, "load": round(os.getloadavg()[0], 1)}


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=438)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="40 flips")
    parser.add_argument("--json", metavar="FILE", help="also write the figures to a file")
    options = parser.parse_args()
    figures = measure(40 if options.quick else options.flips, options.seed)
    if options.json:
        Path(options.json).write_text(json.dumps({"figures": figures}, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:26} {value:8}")


if __name__ == "__main__":
    main()

"""Kill the flag job with SIGKILL at random moments: is every alert created exactly once?

    python benchmarks/kill/flag.py [--kills 1000] [--seed 1] [--quick] [--json FILE]

Generated articles, edits and pickups are stored. A child process runs the flag job with small transactions and is killed after
a random time; the next child continues. More articles are stored between the kills. Baseline: an archive with the same articles
that was flagged once, without kills. 1,000 kills take about two and a half minutes, --quick ten seconds. Figures, also in
--json:

- `kills`, `revisions`, `alerts`: how many there were;
- `lost`, `twice`, `different`: alerts that are missing, exist twice or differ from the baseline; all must be 0. `different`
  includes matches and sentences, and alerts whose deliveries were not queued in the same transaction.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.kill import archive as kill_archive  # noqa: E402
from benchmarks.support.kill.archive import create_archive, revisions, rows, run_flag_job, store_revisions  # noqa: E402
from benchmarks.support.kill.tools import KillReport, finish, kill_options  # noqa: E402
from crawler.archive.db.open import open_archive  # noqa: E402
from crawler.sqlite.connection import Connection  # noqa: E402

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
BATCH = 5
"""Revisions per transaction; few, so that kills hit many moments."""
STORED = 40
"""Revisions stored when a child has finished."""
LONGEST = 0.12
"""Seconds after which a child is killed at the latest: about what it needs for all revisions that wait."""
EDITED = 0.4
"""Share of the revisions that edit an earlier article."""


@dataclass(slots=True)
class Report(KillReport):
    """The results; the lists are empty if there is no error."""

    revisions: int = 0
    alerts: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)


def create(path: Path) -> Connection:
    """A new archive with a table for the deliveries that the flag job queues."""
    db = create_archive(path, now=NOW)
    db.execute("CREATE TABLE queued (alert_id INTEGER, topic_id TEXT)")
    return db


def run_job(path: Path, batch: int) -> None:
    """Run the flag job to its end."""

    def queue(db: Connection, alert: int, topic: str, _: datetime) -> None:
        db.execute("INSERT INTO queued VALUES (?, ?)", (alert, topic))

    db = open_archive(path)
    run_flag_job(db, now=NOW, batch=batch, queue_deliveries=queue)
    db.close()


def killed_after(path: Path, seconds: float) -> bool:
    """Run the job in a child and kill it. False: it finished before."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            run_job(path, BATCH)
            status = 0
        finally:
            os._exit(status)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if status:
        raise RuntimeError(f"a child failed by itself: {status}")
    return False


def kill_flagging(folder: Path, *, kills: int, seed: int) -> Report:
    """Kill the job `kills` times, let it finish, and compare the results with those of an undisturbed job."""
    rng = random.Random(seed)
    path, source = folder / "killed.db", revisions(seed, edited=EDITED)
    db = create(path)
    store_revisions(db, source, STORED, now=NOW)
    db.close()
    report = Report(revisions=STORED)
    run_job(path, BATCH)  # imports everything before the first fork
    while report.kills < kills:
        if killed_after(path, rng.uniform(0, LONGEST)):
            report.kills += 1
        else:
            db = open_archive(path)
            store_revisions(db, source, STORED, now=NOW)
            db.close()
            report.revisions += STORED
    run_job(path, BATCH)
    undisturbed = folder / "undisturbed.db"
    db = create(undisturbed)
    store_revisions(db, revisions(seed, edited=EDITED), report.revisions, now=NOW)
    db.close()
    run_job(undisturbed, 500)
    _compare(path, undisturbed, report)
    return report


def _compare(killed: Path, undisturbed: Path, report: Report) -> None:
    report.alerts, report.lost, report.twice, report.different = kill_archive.compare_alerts(killed, undisturbed)
    queued_twice = rows(killed, "SELECT alert_id FROM queued GROUP BY alert_id HAVING count(*) <> 1")
    report.twice += [f"alert {row[0]} was queued twice" for row in queued_twice]
    not_queued = rows(killed, "SELECT id FROM alerts WHERE id NOT IN (SELECT alert_id FROM queued)")
    report.different += [f"alert {row[0]} was not queued" for row in not_queued]
    no_alert = rows(killed, "SELECT alert_id FROM queued WHERE alert_id NOT IN (SELECT id FROM alerts)")
    report.different += [f"alert {row[0]} was queued and does not exist" for row in no_alert]
    for query in (
        "SELECT topic_id, revision_id, kind FROM matches ORDER BY 1, 2",
        "SELECT m.topic_id, m.revision_id, s.position, s.change, s.sentence, s.spans, s.replaces FROM match_sentences s"
        " JOIN matches m ON m.id = s.match_id ORDER BY 1, 2, 3",
    ):
        if rows(killed, query) != rows(undisturbed, query):
            report.different.append(f"other rows: {query}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its results. Exit status 1 if there is an error."""
    options = kill_options(__doc__, kills=1000, quick="50 kills").parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        report = kill_flagging(Path(folder), kills=50 if options.quick else options.kills, seed=options.seed)
    return finish(report, options.json)


if __name__ == "__main__":
    sys.exit(main())

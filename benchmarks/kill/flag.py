"""kill -9 while flagging: is every alert made, once?

    python benchmarks/kill/flag.py [--kills 1000] [--seed 1] [--quick] [--json FILE]

An archive is filled with articles, edits of them and further carriers; a child process runs the flag job over it with
small transactions and is killed with SIGKILL after a random time; the next child goes on. More articles are stored
between kills. In the end the alerts, matches and sentences are compared with those of an archive with the same articles
over which the job ran once, undisturbed. Each alert is also told to a table in its transaction, as deliveries are.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: the checkout is what is imported

from crawler.archive.db.open import open_archive  # noqa: E402
from crawler.archive.topics.versions import active_topics, sync_topics  # noqa: E402
from crawler.config.topics import Topic  # noqa: E402
from crawler.search.query_parser import parse_query  # noqa: E402
from crawler.sqlite.connection import Connection, transaction  # noqa: E402
from crawler.sqlite.values import format_utc  # noqa: E402
from schedules.topics.flagger import flag  # noqa: E402

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
BATCH = 5
"""Revisions a transaction: many moments to be killed in."""
STORED = 40
"""Revisions stored before each child that has nothing left to do."""
LONGEST = 0.12
"""Seconds that a child may live: about what it needs for all that is there."""
QUERIES = {"troops": "troops AND (sent OR deployed)", "ferry": "ferry OR ferries", "all": "harbour NOT ferry"}
SENTENCES = (
    "About {n} troops were sent to the pier on Monday.",
    "Some soldiers were deployed to lighthouse {n} by sea.",
    "The harbour council met {n} times about the ferry.",
    "Ferries will call at pier {n} again.",
    "Nothing of note happened at the harbour on day {n}.",
    "Residents counted {n} gulls.",
)
Rows = list[tuple[object, ...]]


@dataclass(slots=True)
class Report:
    """What was found; the lists are empty when all is well."""

    kills: int = 0
    revisions: int = 0
    alerts: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)


def topics() -> list[Topic]:
    return [Topic(id=name, title=name, query=query, node=parse_query(query)) for name, query in QUERIES.items()]


def revisions(seed: int) -> Iterator[tuple[int, int, str]]:
    """(article, number, text) without end: new articles, and later texts of some."""
    rng = random.Random(seed)
    numbers: dict[int, int] = {}
    while True:
        article = rng.randint(1, len(numbers)) if numbers and rng.random() < 0.4 else len(numbers) + 1
        numbers[article] = numbers.get(article, 0) + 1
        some = rng.sample(SENTENCES, rng.randint(1, 4))
        yield article, numbers[article], " ".join(sentence.format(n=rng.randint(2, 9)) for sentence in some)


def store(db: Connection, source: Iterator[tuple[int, int, str]], count: int) -> None:
    """So many further revisions."""
    with transaction(db):
        for _ in range(count):
            article, number, text = next(source)
            at = format_utc(NOW + timedelta(seconds=article))
            db.execute(
                "INSERT OR IGNORE INTO articles (id, source_id, key, url, first_seen_at) VALUES (?, 'wire', ?, ?, ?)",
                (article, f"k{article}", f"https://wire.example/{article}", at),
            )
            if number == 1 and article % 5 != 0:
                db.execute("INSERT INTO stories VALUES (?, ?, 1, ?, ?, NULL)", (article, article, at, at))
            story = article if article % 5 else article - 1  # each fifth article carries the story of the one before
            db.execute(
                "INSERT OR IGNORE INTO story_articles VALUES (?, ?, 'copy', NULL, NULL, NULL, ?, 'text')",
                (article, story, at),
            )
            db.execute(
                "INSERT INTO revisions (article_id, number, seen_at, status, title, text, blocks, language, words, fingerprint,"
                " text_sha256, extractor) VALUES (?, ?, ?, 'ok', 'Notes', ?, 'p', 'en', 1, '', '', 'benchmark')",
                (article, number, at, text),
            )


def made(path: Path) -> Connection:
    """An archive that watches the topics from its first article on."""
    db = open_archive(path)
    db.execute(
        "INSERT INTO sources (id, name, home, timezone, first_seen_at, updated_at) VALUES"
        " ('wire', 'Wire', 'https://wire.example/', 'UTC', ?, ?)",
        (format_utc(NOW), format_utc(NOW)),
    )
    db.execute("CREATE TABLE told (alert_id INTEGER, topic_id TEXT)")
    sync_topics(db, topics(), now=NOW)
    return db


def run_job(path: Path, batch: int) -> None:
    """The flag job, to its end."""
    db = open_archive(path)
    all_topics = topics()
    steps = flag(
        db,
        lambda: active_topics(db, all_topics),
        now=lambda: NOW,
        found_by_pattern=lambda *_: True,
        queue_deliveries=lambda d, alert, topic, _: (
            d.execute("INSERT INTO told VALUES (?, ?)", (alert, topic)) and None
        ),
        batch=batch,
    )
    for _ in steps:
        pass
    db.close()


def killed_after(path: Path, seconds: float) -> bool:
    """Run the job in a child and kill it. False: it had come to its end before."""
    child = os.fork()
    if child == 0:
        try:
            run_job(path, BATCH)
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def kill_flagging(folder: Path, *, kills: int, seed: int) -> Report:
    """Kill so often, let it come to its end, compare."""
    rng = random.Random(seed)
    path, source = folder / "killed.db", revisions(seed)
    db = made(path)
    store(db, source, STORED)
    db.close()
    report = Report(revisions=STORED)
    run_job(path, BATCH)  # imports what children then have
    while report.kills < kills:
        if killed_after(path, rng.uniform(0, LONGEST)):
            report.kills += 1
        else:
            db = open_archive(path)
            store(db, source, STORED)
            db.close()
            report.revisions += STORED
    run_job(path, BATCH)
    calm = folder / "calm.db"
    db = made(calm)
    store(db, revisions(seed), report.revisions)
    db.close()
    run_job(calm, 500)
    _compare(path, calm, report)
    return report


def _compare(killed: Path, calm: Path, report: Report) -> None:
    query = "SELECT topic_id, revision_id, kind FROM alerts ORDER BY topic_id, revision_id"
    ours, theirs = _rows(killed, query), _rows(calm, query)
    report.alerts = len(theirs)
    report.lost = [str(row) for row in theirs if row not in set(ours)]
    report.twice = [
        str(row) for row in _rows(killed, "SELECT alert_id FROM told GROUP BY alert_id HAVING count(*) <> 1")
    ]
    report.twice += [str(row) for row in ours if ours.count(row) > 1] if len(set(ours)) < len(ours) else []
    report.different = [str(row) for row in ours if row not in set(theirs)]
    if len(_rows(killed, "SELECT * FROM told")) != len(ours):
        report.different.append("not each alert was told once")
    for query in (
        "SELECT topic_id, revision_id, kind FROM matches ORDER BY 1, 2",
        "SELECT m.topic_id, m.revision_id, s.position, s.change, s.sentence, s.spans, s.replaces FROM match_sentences s"
        " JOIN matches m ON m.id = s.match_id ORDER BY 1, 2, 3",
    ):
        if _rows(killed, query) != _rows(calm, query):
            report.different.append(query)


def _rows(path: Path, query: str) -> Rows:
    db = open_archive(path)
    try:
        return [tuple(row) for row in db.execute(query)]
    finally:
        db.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="50 kills")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        report = kill_flagging(Path(folder), kills=50 if options.quick else options.kills, seed=options.seed)
    faults = {"lost": report.lost, "twice": report.twice, "different": report.different}
    figures = {"kills": report.kills, "revisions": report.revisions, "alerts": report.alerts}
    figures |= {name: len(found) for name, found in faults.items()}
    for name, number in figures.items():
        print(f"{name:12}{number:>8}")
    for name, found in faults.items():
        for line in found[:10]:
            print(f"{name}: {line}")
    if options.json:
        options.json.write_text(json.dumps({"figures": figures}, indent=1))
    return int(any(faults.values()))


if __name__ == "__main__":
    sys.exit(main())

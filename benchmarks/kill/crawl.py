"""kill -9 at random moments of a crawl, and what is left of it.

    python benchmarks/kill/crawl.py [--kills 200] [--pages 120] [--seed 1] [--json FILE]

A loopback web of generated pages is crawled into an empty folder; the crawl is killed at a random moment, started
again, killed again ... until one run comes to its end; then the next empty folder. After each kill, and at the end:

- nothing that a reader of the archive had seen is missing or changed (`lost_rows`),
- no child process outlives the crawl (`orphans`),
- `scrapy archive check` finds nothing (`damaged`);

and after the run that came to its end:

- every page of the web is an article with a text (`lost_pages`),
- no page is two articles, and none has two revisions (`twice`), since no page was edited.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: the checkout is what is imported

from benchmarks.support.static_site import Web  # noqa: E402

KILLS_A_FOLDER = 4
"""A folder with more history than this has nothing left to crawl."""
RUN_LIMIT = 120
"""Seconds; a run that takes longer hangs."""
DEATH_LIMIT = 15
"""Seconds that a child may take to die after its parent. Python's resource tracker dies when it sees its pipe closed: with
a load of twelve on two cores and still importing it took 6 s. A true orphan lives for ever."""
SCRAPY = (sys.executable, "-m", "scrapy")
Row = tuple[object, ...]


@dataclass(slots=True)
class Report:
    """What was found over all kills; every list is empty when all is well."""

    kills: int = 0
    complete_runs: int = 0
    stored_before_kill: int = 0
    """Revisions that a reader had seen before some kill: how much there was to lose."""
    lost_rows: list[str] = field(default_factory=list)
    lost_pages: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    failed_runs: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        """The lists that are not empty."""
        lists = {name: value for name, value in asdict(self).items() if isinstance(value, list)}
        return {name: value for name, value in lists.items() if value}


class Crawl:
    """`scrapy crawl all` over one folder, as a process that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = (folder / "crawl.log").open("ab")
        self.process = subprocess.Popen(
            [*SCRAPY, "crawl", "all"], cwd=ROOT, env=_environment(folder), stdout=self.log, stderr=subprocess.STDOUT
        )

    def wait(self) -> int:
        """Let it come to its end."""
        try:
            return self.process.wait(RUN_LIMIT)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.log.close()

    def kill(self) -> list[str]:
        """kill -9 of the crawl alone; the children that live on are given back, and ended."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        self.log.close()
        _, alive = psutil.wait_procs(children, timeout=DEATH_LIMIT)
        names = []
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.status() != psutil.STATUS_ZOMBIE:  # one that is dead and not yet buried is no orphan
                    names.append(f"{process.pid} {' '.join(process.cmdline())[:200]}")
                    process.kill()
        return names


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "WIREWATCH_DATA_DIR": str(folder)}


def committed(folder: Path) -> set[Row]:
    """What a reader sees now: revisions with their article, raw page and text; empty before there is an archive."""
    archive = folder / "archive.db"
    if not archive.exists():
        return set()
    db = sqlite3.connect(f"file:{archive}?mode=ro", uri=True, timeout=10)
    try:
        return set(
            db.execute(
                "SELECT r.id, r.article_id, r.number, r.text_sha256, a.key, p.sha256, p.warc_offset"
                " FROM revisions r JOIN articles a ON a.id = r.article_id LEFT JOIN pages p ON p.id = r.page_id"
            )
        )
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # the archive is being made
            return set()
        raise
    finally:
        db.close()


def check(folder: Path) -> str:
    """What `scrapy archive check` complains of; empty when it is clean."""
    if not committed(folder):
        return ""
    done = subprocess.run(
        [*SCRAPY, "archive", "check"], cwd=ROOT, env=_environment(folder), capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else f"exit {done.returncode}: {(done.stdout + done.stderr)[-500:]}"


def missing_and_double(folder: Path, pages: Sequence[str]) -> tuple[list[str], list[str]]:
    """Pages without an article that has a text; articles too many, and revisions too many."""
    db = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    texts: dict[str, set[int]] = {}
    for url, article in db.execute(
        "SELECT u.url, a.id FROM article_urls u JOIN articles a ON a.id = u.article_id"
        " WHERE a.latest_revision_id IS NOT NULL"
    ):
        texts.setdefault(url, set()).add(article)
    lost = [url for url in pages if url not in texts]
    twice = [f"{url}: articles {sorted(ids)}" for url, ids in texts.items() if len(ids) > 1]
    twice += [
        f"article {article}: {count} revisions"
        for article, count in db.execute("SELECT article_id, count(*) FROM revisions GROUP BY 1 HAVING count(*) > 1")
    ]
    ((articles,),) = db.execute("SELECT count(*) FROM articles")
    if articles > len(pages):
        twice.append(f"{articles} articles for {len(pages)} pages")
    db.close()
    return lost, twice


def run_to_the_end(web: Web, folder: Path, report: Report) -> None:
    """Crawl without a kill and look at everything."""
    crawl = Crawl(folder)
    status = crawl.wait()
    if status != 0:
        report.failed_runs.append(f"{folder.name}: exit {status}: {(folder / 'crawl.log').read_text()[-500:]}")
        return
    report.complete_runs += 1
    lost, twice = missing_and_double(folder, web.pages)
    report.lost_pages += [f"{folder.name}: {url}" for url in lost]
    report.twice += [f"{folder.name}: {what}" for what in twice]


def kill_once(folder: Path, moment: float, report: Report) -> bool:
    """Crawl, kill after `moment` seconds, look. False: the crawl had come to its end before."""
    crawl = Crawl(folder)
    end = time.monotonic() + moment
    seen: set[Row] = set()
    while time.monotonic() < end and crawl.process.poll() is None:
        seen = committed(folder)
        time.sleep(max(0.0, min(0.1, end - time.monotonic())))
    if crawl.process.poll() is not None:
        crawl.wait()
        return False
    report.orphans += crawl.kill()
    report.kills += 1
    report.stored_before_kill += len(seen)
    gone = seen - committed(folder)
    report.lost_rows += [f"{folder.name}: {row}" for row in sorted(gone, key=str)]
    damage = check(folder)
    if damage:
        report.damaged.append(f"{folder.name}: after {moment:.2f} s: {damage}")
    return True


def kill_crawls(web: Web, work: Path, *, kills: int, rng: random.Random, quiet: bool = True) -> Report:
    """So many kills over as many folders as it takes."""
    report = Report()
    duration = _uninterrupted(web, work, report)
    number = 0
    while report.kills < kills and not report.failed_runs:
        folder = _new_folder(web, work, number)
        number += 1
        for _ in range(min(KILLS_A_FOLDER, kills - report.kills)):
            if not kill_once(folder, rng.uniform(0, duration), report):
                break
        run_to_the_end(web, folder, report)
        damage = check(folder)
        if damage:
            report.damaged.append(f"{folder.name}: at the end: {damage}")
        if not quiet:
            faults = {name: len(value) for name, value in report.faults.items()}
            print(f"{report.kills} kills, {report.complete_runs} complete runs, faults: {faults or 'none'}", flush=True)
        if not report.faults:
            shutil.rmtree(folder)
    return report


def _uninterrupted(web: Web, work: Path, report: Report) -> float:
    """How long a crawl takes that is left alone: kills are drawn from that time."""
    folder = _new_folder(web, work, -1)
    began = time.monotonic()
    run_to_the_end(web, folder, report)
    return time.monotonic() - began


def _new_folder(web: Web, work: Path, number: int) -> Path:
    folder = work / f"data{number:04}"
    folder.mkdir()
    web.write_sources(folder / "sources.toml")
    return folder


def main() -> int:
    """Run, print, fail on any fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="five kills, 36 pages")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    args = parser.parse_args()
    if args.quick:
        args.kills, args.pages = 5, 36
    work = Path(tempfile.mkdtemp(prefix="kill-crawl-"))
    with Web(made=args.pages) as web:
        report = kill_crawls(web, work, kills=args.kills, rng=random.Random(args.seed), quiet=False)
    figures = {name: len(value) if isinstance(value, list) else value for name, value in asdict(report).items()}
    print("\n".join(f"{name:20} {value}" for name, value in figures.items()))
    for name, faults in report.faults.items():
        print(f"{name}:", *faults[:10], sep="\n  ")
    if args.json:
        args.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    if report.faults:
        print(f"the folders are kept: {work}")
        return 1
    shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())

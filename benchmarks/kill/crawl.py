"""Kill a crawl with SIGKILL at random moments: is anything lost, stored twice or damaged?

    python benchmarks/kill/crawl.py [--kills 200] [--pages 120] [--seed 1] [--quick] [--json FILE]

Generated pages on loopback are crawled into an empty folder. The crawl is killed at a random moment and started again, up to
four times; then a crawl runs to its end, and the next folder begins. --quick uses about 40 s of CPU time. Figures, also in
--json:

- `complete_runs`: crawls that ran to their end; `stored_before_kill`: revisions that a reader saw before a kill;
- `lost_rows`: revisions that a reader saw before a kill and that are missing or changed after it;
- `orphans`: child processes that outlived the crawl; `damaged`: errors of `scrapy archive check`, after each kill and at the
  end;
- `lost_pages`: pages that are no article with a text after a complete crawl; `twice`: pages with two articles or two revisions;
- `failed_runs`: crawls that ended with an error. All but the first two, and `kills`, must be 0.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.kill.tools import (  # noqa: E402
    SCRAPY,
    KillReport,
    finish,
    kill_options,
    kill_process,
    reading,
    run_scrapy,
    scrapy_environment,
)
from benchmarks.support.sites.static_site import Web  # noqa: E402

KILLS_A_FOLDER = 4
"""After more kills, a folder has almost nothing left to crawl."""
RUN_LIMIT = 300
"""Seconds after which a crawl counts as hanging."""
DEATH_LIMIT = 60
"""Seconds that a child may take to end after its parent. Python's resource tracker ends when it sees its pipe closed: with a
load of twelve on two cores, and still importing, it took 6 s. A real orphan never ends."""
Row = tuple[object, ...]


@dataclass(slots=True)
class Report(KillReport):
    """The results; the lists are empty if there is no error."""

    complete_runs: int = 0
    stored_before_kill: int = 0
    """Revisions that a reader saw before a kill, over all kills."""
    lost_rows: list[str] = field(default_factory=list)
    lost_pages: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    failed_runs: list[str] = field(default_factory=list)


class Crawl:
    """`scrapy crawl all` over one folder, as a process that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = (folder / "crawl.log").open("ab")
        self.process = subprocess.Popen(
            [*SCRAPY, "crawl", "all"],
            cwd=ROOT,
            env=scrapy_environment(folder),
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> int:
        """Wait for its end and return its exit status."""
        try:
            return self.process.wait(RUN_LIMIT)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.log.close()

    def kill(self) -> list[str]:
        """SIGKILL the crawl without its children. Returns the children that outlive it."""
        _, orphans = kill_process(self.process, seconds=DEATH_LIMIT)
        self.log.close()
        return orphans


def committed(folder: Path) -> set[Row]:
    """The revisions that a reader sees now, with article, raw page and text; empty if there is no archive yet."""
    if not (folder / "archive.db").exists():
        return set()
    with reading(folder) as db:
        try:
            return set(
                db.execute(
                    "SELECT r.id, r.article_id, r.number, r.text_sha256, a.key, p.sha256, p.warc_offset"
                    " FROM revisions r JOIN articles a ON a.id = r.article_id LEFT JOIN pages p ON p.id = r.page_id"
                )
            )
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):  # the archive is being created
                return set()
            raise


def check(folder: Path) -> str:
    """The output of `scrapy archive check` if it finds an error, else an empty text."""
    if not committed(folder):
        return ""
    status, output = run_scrapy(["archive", "check"], scrapy_environment(folder))
    return f"exit status {status}: {output}" if status else ""


def missing_and_double(folder: Path, pages: Sequence[str]) -> tuple[list[str], list[str]]:
    """(pages without an article that has a text, articles and revisions that exist twice)."""
    texts: dict[str, set[int]] = {}
    with reading(folder) as db:
        for url, article in db.execute(
            "SELECT u.url, a.id FROM article_urls u JOIN articles a ON a.id = u.article_id"
            " WHERE a.latest_revision_id IS NOT NULL"
        ):
            texts.setdefault(url, set()).add(article)
        repeated = db.execute("SELECT article_id, count(*) FROM revisions GROUP BY 1 HAVING count(*) > 1").fetchall()
        ((articles,),) = db.execute("SELECT count(*) FROM articles")
    lost = [url for url in pages if url not in texts]
    twice = [f"{url}: articles {sorted(ids)}" for url, ids in texts.items() if len(ids) > 1]
    twice += [f"article {article}: {count} revisions" for article, count in repeated]
    if articles > len(pages):
        twice.append(f"{articles} articles for {len(pages)} pages")
    return lost, twice


def run_to_the_end(web: Web, folder: Path, report: Report) -> None:
    """Crawl without a kill and check all pages."""
    crawl = Crawl(folder)
    status = crawl.wait()
    if status != 0:
        report.failed_runs.append(f"{folder.name}: exit status {status}: {(folder / 'crawl.log').read_text()[-500:]}")
        return
    report.complete_runs += 1
    lost, twice = missing_and_double(folder, web.pages)
    report.lost_pages += [f"{folder.name}: {url}" for url in lost]
    report.twice += [f"{folder.name}: {what}" for what in twice]


def kill_once(folder: Path, moment: float, report: Report) -> bool:
    """Crawl, kill after `moment` seconds, and check. False: the crawl ended before."""
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
    """Kill `kills` crawls, in as many folders as that takes."""
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
            print(f"{report.progress()}, {report.complete_runs} complete runs", flush=True)
        if not report.faults:
            shutil.rmtree(folder)
    return report


def _uninterrupted(web: Web, work: Path, report: Report) -> float:
    """Seconds of a crawl without kills: the moments of the kills are drawn from that time."""
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
    """Run the benchmark and print its results. Exit status 1 if there is an error."""
    parser = kill_options(__doc__, kills=200, quick="5 kills, 36 pages")
    parser.add_argument("--pages", type=int, default=120, help="pages of the site (default: %(default)s)")
    args = parser.parse_args()
    if args.quick:
        args.kills, args.pages = 5, 36
    work = Path(tempfile.mkdtemp(prefix="kill-crawl-"))
    with Web(made=args.pages) as web:
        report = kill_crawls(web, work, kills=args.kills, rng=random.Random(args.seed), quiet=False)
    status = finish(report, args.json)
    if report.faults:
        print(f"the folders are kept: {work}")
    else:
        shutil.rmtree(work)
    return status


if __name__ == "__main__":
    sys.exit(main())

"""Measure the speed of a crawl against a plain Scrapy spider, and check that the archive accounts for every page.

    python benchmarks/crawl.py [--quick] [--pages DIR|NUMBER] [--rounds 3] [--json FILE]

Each round crawls the same site on loopback (`support/sites/static_site.py`) into an empty folder: with `scrapy crawl all`, with
the baseline (`support/sites/baseline_spider.py`), and with the baseline without extraction. They take turns, because absolute
figures change with the load of the machine and ratios do not. --quick (one round, 120 pages) uses about 40 s of CPU time.
Figures, medians over the rounds:

- `throughput_ratio`: articles per second of wall time, divided by the baseline's; `ours_per_second`, `naive_per_second`;
- `cpu_ratio`: CPU time per article, divided by the baseline's; `ours_cpu_ms`, `naive_cpu_ms`; all include the start-up;
- `fetch_only_ratio`: CPU time per article of the baseline without extraction and storage, divided by the baseline's: the floor;
- `peak_mb`: highest memory of our crawl with all its processes, the maximum over the rounds;
- `unaccounted_pages`: pages for which the archive has neither an article nor a reason; the maximum over the rounds. It must be
  0.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.sites.static_site import Web  # noqa: E402
from benchmarks.support.timing import Cost, measure  # noqa: E402

QUICK_PAGES = 120
READ = ("stored", "empty", "blocked")
"""Outcomes of pages that were extracted; the baseline counts the same pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One crawl of the whole site by one crawler."""

    who: str
    cost: Cost
    articles: int
    """Pages that were extracted, including those without a text."""
    unaccounted: tuple[str, ...] = ()
    outcomes: Counter[str]

    @property
    def per_second(self) -> float:
        """Articles per second of wall time, with the start-up."""
        return self.articles / self.cost.wall

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds per article, with the start-up."""
        return 1000 * self.cost.cpu / self.articles if self.articles else float("inf")


def crawl_ours(web: Web, folder: Path) -> Round:
    """`scrapy crawl all` into an empty data folder."""
    web.write_sources(folder / "sources.toml")
    command = [sys.executable, "-m", "scrapy", "crawl", "all"]
    env = {**os.environ, "WIREWATCH_DATA_DIR": str(folder), "WIREWATCH_MAX_PAGES": str(len(web.pages))}
    cost = measure(command, cwd=ROOT, env=env, log=folder / "crawl.log")
    archive = folder / "archive.db"
    if not archive.exists():
        raise SystemExit(f"the crawl wrote no archive:\n{(folder / 'crawl.log').read_text()[-3000:]}")
    outcomes, unaccounted = account(archive, web.pages)
    read = sum(outcomes[outcome] for outcome in READ)
    return Round(who="ours", cost=cost, articles=read, unaccounted=unaccounted, outcomes=outcomes)


def account(archive: Path, pages: Sequence[str]) -> tuple[Counter[str], tuple[str, ...]]:
    """(number of pages by outcome, the pages for which the archive has no outcome).

    A page is stored if an article with a text has its URL. Other outcomes come from its last fetch or its place in the queue, and
    count only with a reason.
    """
    db = sqlite3.connect(f"file:{archive}?mode=ro", uri=True)
    stored = {
        url
        for (url,) in db.execute(
            "SELECT u.url FROM article_urls u JOIN articles a ON a.id = u.article_id LEFT JOIN articles m"
            " ON m.id = a.merged_into WHERE coalesce(m.latest_revision_id, a.latest_revision_id) IS NOT NULL"
        )
    }
    fetched = dict(
        db.execute(
            "SELECT url, outcome FROM fetches WHERE outcome IN ('empty', 'blocked', 'gone', 'refused')"
            " OR (outcome = 'failed' AND reason IS NOT NULL) ORDER BY id"
        )
    )
    queued = dict(db.execute("SELECT url, state FROM queue WHERE state <> 'done' AND reason IS NOT NULL"))
    outcomes: Counter[str] = Counter()
    unaccounted = []
    for url in pages:
        outcome = "stored" if url in stored else fetched.get(url) or queued.get(url)
        outcomes[outcome or "unaccounted"] += 1
        if outcome is None:
            unaccounted.append(url)
    db.close()
    return outcomes, tuple(unaccounted)


def crawl_naive(web: Web, folder: Path) -> Round:
    """The baseline spider into an empty database."""
    cost = _run_baseline(web, folder, "naive.db")
    db = sqlite3.connect(folder / "naive.db")
    ((stored, texts),) = db.execute("SELECT count(*), count(text) FROM articles")
    db.close()
    return Round(who="naive", cost=cost, articles=stored, outcomes=Counter(stored=texts, empty=stored - texts))


def fetch_only(web: Web, folder: Path) -> Round:
    """The baseline spider without extraction and storage."""
    cost = _run_baseline(web, folder)
    fetched = int((folder / "baseline.log").read_text().split()[-1])
    return Round(who="fetch", cost=cost, articles=fetched, outcomes=Counter(fetched=fetched))


def _run_baseline(web: Web, folder: Path, *database: str) -> Cost:
    seeds = folder / "web.json"
    seeds.write_text(json.dumps({"outlets": [asdict(outlet) for outlet in web.outlets]}))
    command = [
        sys.executable,
        str(ROOT / "benchmarks" / "support" / "sites" / "baseline_spider.py"),
        str(seeds),
        *database,
    ]
    return measure(command, cwd=folder, env=os.environ, log=folder / "baseline.log")


def figures(rounds: Sequence[Round]) -> dict[str, float]:
    """The figures over all rounds: medians, except the maximum of memory and of unaccounted pages."""

    def median(who: str, name: str) -> float:
        return float(statistics.median(getattr(r, name) for r in rounds if r.who == who))

    ours = [r for r in rounds if r.who == "ours"]
    return {
        "throughput_ratio": round(median("ours", "per_second") / median("naive", "per_second"), 3),
        "cpu_ratio": round(median("ours", "cpu_ms") / median("naive", "cpu_ms"), 3),
        "fetch_only_ratio": round(median("fetch", "cpu_ms") / median("naive", "cpu_ms"), 3),
        "peak_mb": round(max(r.cost.peak_mb for r in ours), 1),
        "unaccounted_pages": max(len(r.unaccounted) for r in ours),
        "ours_per_second": round(median("ours", "per_second"), 1),
        "naive_per_second": round(median("naive", "per_second"), 1),
        "ours_cpu_ms": round(median("ours", "cpu_ms"), 1),
        "naive_cpu_ms": round(median("naive", "cpu_ms"), 1),
    }


@contextmanager
def data_folder(who: str, keep: Path | None) -> Iterator[Path]:
    """An empty folder, in `keep` if given, else removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"{who}-", dir=keep))
    try:
        yield folder
    finally:
        if keep is None:
            shutil.rmtree(folder)


def show(number: int, done: Round) -> None:
    """Print one line for one crawl."""
    cost = done.cost
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in done.outcomes.most_common())
    print(
        f"{number:5}  {done.who:6} {done.articles:8} {done.per_second:10.1f} {done.cpu_ms:14.1f} {cost.peak_mb:8.0f} "
        f"{cost.wall:7.1f}  {cost.status:4}  {outcomes}",
        flush=True,
    )
    for url in done.unaccounted[:5]:
        print(f"       not accounted for: {url}")


def main() -> int:
    """Run the benchmark and print its results. Exit status 1 if a page is unaccounted for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pages",
        metavar="DIR|NUMBER",
        action="append",
        default=[],
        help="folder with gold.jsonl and pages/, instead of the corpus; or the number of pages: if there are fewer, the rest"
        " are copies with other words",
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help=f"one round on {QUICK_PAGES} pages")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument(
        "--only", choices=("ours", "naive", "fetch"), help="run only one of them, without ratios (for profiling)"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the data folders in DIR")
    args = parser.parse_args()
    folders = [Path(given) for given in args.pages if not given.isdecimal()]
    limit = next((int(given) for given in args.pages if given.isdecimal()), QUICK_PAGES if args.quick else None)
    count = 1 if args.quick else args.rounds
    rounds: list[Round] = []
    crawlers = {"ours": crawl_ours, "naive": crawl_naive, "fetch": fetch_only}
    with Web(folders=folders, limit=limit) as web:
        print(f"{web.origin}, {len(web.outlets)} outlets, {os.cpu_count()} cores")
        print("round  who    articles articles/s CPU ms/article  peak MB  wall s  exit  outcomes")
        for number in range(1, count + 1):
            for who, crawl in crawlers.items():
                if args.only in (None, who):
                    with data_folder(who, args.keep) as folder:
                        rounds.append(crawl(web, folder))
                    show(number, rounds[-1])
    if args.only:
        return 0
    result = figures(rounds)
    print("\n".join(f"{name:18} {value}" for name, value in result.items()))
    if args.json:
        args.json.write_text(json.dumps({"pages": web.origin, "figures": result}, indent=1) + "\n")
    return 1 if result["unaccounted_pages"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""Measure what grows with the archive: every command, every page, storing, flagging, at 10 thousand, 100 thousand and a million.

    python benchmarks/million.py [--sizes 10000 100000 1000000] [--folder FOLDER] [--requests 40] [--quick] [--json FILE]

For each size an archive of generated news (`large_archive.py`) with raw pages is made in FOLDER (default: wirewatch-million in
the folder for temporary files) and kept for later runs; a million articles take about 13 GB and, on a quiet core, half an hour.
The measurements use a copy of the database next to it, which is deleted at the end. --quick takes a thousand articles and
seven commands, in less than a minute on a quiet machine. Figures are NAME_10k, NAME_100k and NAME_1m for each size, and
NAME_growth, that of the largest size divided by that of the size before:

- `COMMAND_s` and `COMMAND_mb`: CPU seconds of a command (all processes, with the start of Scrapy: `version_s`), and peak memory;
- `page.PAGE_p95_ms`: 95th percentile of the response times of a page in the browser, as in `datasette.py`;
- `file_ms`: CPU milliseconds to store a new page, in groups of 64, each in one transaction;
- `flag_ms`: CPU milliseconds of the flag job with 1,000 topics for a new article;
- `look_ms`: CPU milliseconds of the queries over all sources that the monitor makes every 20 seconds; `metrics_ms`: of its
  metrics;
- `repair_ms`: CPU milliseconds to look for articles that repair a gap, under the write lock;
- `bytes_per_article`: of archive.db.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

from benchmarks.archive.large_archive import SOURCES, TOPICS, fill  # noqa: E402
from benchmarks.datasette import measure as measure_pages  # noqa: E402
from benchmarks.flag import run_job, topics  # noqa: E402
from benchmarks.support.timing import measure  # noqa: E402
from crawler.archive.articles.record_fetch import record_fetch  # noqa: E402
from crawler.archive.crawl.coverage import repair_from  # noqa: E402
from crawler.archive.crawl.due import sources_with_work  # noqa: E402
from crawler.archive.crawl.queue import due_rechecks  # noqa: E402
from crawler.archive.crawl.runs import begin_run  # noqa: E402
from crawler.archive.storage.store import ArchiveStore  # noqa: E402
from crawler.archive.storage.warc_records import pack  # noqa: E402
from crawler.archive.storage.writer_thread import MAX_GROUP  # noqa: E402
from crawler.archive.topics.versions import sync_topics  # noqa: E402
from crawler.config.sources import Source  # noqa: E402
from crawler.items import FetchRecord  # noqa: E402
from crawler.models import Article, Block, Page, Status  # noqa: E402
from crawler.sqlite.connection import Connection  # noqa: E402
from crawler.sqlite.values import format_utc, parse_utc  # noqa: E402
from pipelines.process_page import processed_page  # noqa: E402
from schedules.monitor.metrics import metrics  # noqa: E402

SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000,)
PAGES, QUICK_PAGES = 512, 64
"""New pages that are stored and flagged."""
LOOKS = 20
HOME = "https://harbour-gazette.example"
SOURCE = Source.model_validate({"id": "gazette", "name": "Gazette", "home": f"{HOME}/", "feeds": [f"{HOME}/rss"]})
"""An outlet without articles before the new pages are stored."""
SYLLABLES = "ba ren to li ka shu mor dan vel is tra ko pri ma do ne sel gar vin po".split()
PARAGRAPHS, WORDS = 8, 60
COMMON, RARE = "said", "4700 casualties"
DIGESTS = '[morning]\ntitle = "Morning"\nrecipients = ["desk@ngo.example"]\nat = ["07:30"]\ntimezone = "UTC"\n'
COMMANDS = {
    "version": "version",
    "list": "list",
    "health_first": "health",
    "health": "health",
    "sources": "sources",
    "gaps": "gaps",
    "stories": "stories",
    "events": "events",
    "coverage_events": "coverage --events",
    "search_common": f"search {COMMON}",
    "search_rare": "search '4700 casualties'",
    "search_no_hits": f"search {COMMON} --source {SOURCE.id}",
    "backtest": "backtest topic-1 --since {since} --query 'troops AND said'",
    "topics": "topics",
    "flag_first": "flag",
    "flag": "flag",
    "digest_preview": "digest --preview --sample --since {since}",
    "size": "archive size",
    "export_day": "archive export --since {since} {folder}/day.ndjson",
    "check_quick": "archive check --quick",
    "check": "archive check",
    "backup_first": "archive backup {folder}/backups/2026-03-01",
    "backup": "archive backup {folder}/backups/2026-03-02",
}
"""Name of the figure -> arguments of `scrapy`, in this order."""
QUICK_COMMANDS = ("version", "health", "search_common", "flag", "digest_preview", "check_quick", "backup_first")
MAY_FIND_NOTHING = frozenset(
    name for name in COMMANDS if name.startswith(("health", "gaps", "coverage", "sources", "search"))
)
"""Commands that end with 1 if a source has a problem, or if nothing is found."""
SEARCHES = {
    "search_common": {"q": COMMON},
    "search_rare": {"q": RARE},
    "search_no_hits": {"q": COMMON, "source": SOURCE.id},
}
"""Pages that `datasette.py` does not request."""


def made_archive(folder: Path, size: int) -> Path:
    """The folder of the archive of that size, which is made if it is not there."""
    made = folder / str(size)
    if not (made / "archive.db").exists():
        print(f"making an archive of {size:,} articles in {made} ...", file=sys.stderr, flush=True)
        shutil.rmtree(made, ignore_errors=True)  # of a run that was interrupted
        made.mkdir(parents=True)
        fill(made / "making.db", size, end=datetime.now(timezone.utc), warc_dir=made / "warc")
        (made / "making.db").rename(made / "archive.db")
    return made


def working_copy(made: Path, folder: Path) -> None:
    """Make a data folder with a copy of the database, links to the WARC files, and the configuration files."""
    shutil.copyfile(made / "archive.db", folder / "archive.db")
    (folder / "warc").mkdir()
    for path in (made / "warc").iterdir():
        os.link(path, folder / "warc" / path.name)
    tables = [
        f'[outlet-{n:02}]\nname = "Outlet {n:02}"\nhome = "https://outlet-{n:02}.example/"\nlanguage = "en"\n'
        f'timezone = "Europe/Kyiv"\nfeeds = ["https://outlet-{n:02}.example/feed"]\n'
        f'sitemaps = ["https://outlet-{n:02}.example/sitemap"]\n'
        for n in range(SOURCES)
    ]
    tables.append(f'[{SOURCE.id}]\nname = "{SOURCE.name}"\nhome = "{SOURCE.home}"\nfeeds = ["{HOME}/rss"]\n')
    (folder / "sources.toml").write_text("".join(tables))
    names = ["troop-deployments", *(f"topic-{n}" for n in range(1, TOPICS))]
    (folder / "topics.toml").write_text(
        "".join(f'[{name}]\ntitle = "{name}"\nquery = "troops AND said"\n' for name in names)
    )
    (folder / "digests.toml").write_text(DIGESTS)


def command_figures(folder: Path, newest: datetime, names: Iterable[str]) -> dict[str, float]:
    """Run commands once on a data folder. `newest`: when its newest article was stored."""
    env = {
        **os.environ,
        "WIREWATCH_DATA_DIR": str(folder),
        "WIREWATCH_SMTP_URL": "smtp://127.0.0.1:9?from=a@ngo.example",
    }
    a_day_ago = (newest - timedelta(days=1)).strftime("%Y-%m-%dT%H:%MZ")
    log, figures = folder / "output.log", {}
    for name in names:
        line = COMMANDS[name]
        words = [word.format(since=a_day_ago, folder=folder) for word in shlex.split(line)]
        cost = measure([sys.executable, "-m", "scrapy", *words], cwd=ROOT, env=env, log=log)
        if cost.status not in ((0, 1) if name in MAY_FIND_NOTHING else (0,)):
            raise SystemExit(f"scrapy {line} ended with {cost.status}:\n{log.read_text()[-2000:]}")
        figures |= {f"{name}_s": cost.cpu, f"{name}_mb": cost.peak_mb}
        report(f"{name}: {cost.cpu:.1f} s of CPU time, {cost.peak_mb:.0f} MB")
    return figures


def page_figures(archive: Path, requests: int) -> dict[str, float]:
    """Request each page and some searches, as `benchmarks/datasette.py` does."""
    paths = {name: f"/search?{urlencode(values)}" for name, values in SEARCHES.items()}
    times = measure_pages(archive, requests, paths, with_baseline=False)
    for name, one in times.items():
        report(f"page {name}: 95th percentile {one.p95:.0f} ms")
    return {f"page.{name}_p95_ms": one.p95 for name, one in times.items()}


def report(line: str) -> None:
    """Print a result at once: a run takes an hour, and an error at its end must not lose what was measured."""
    print(f"  {line}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def monitor_figures(db: Connection, now: datetime) -> dict[str, float]:
    """Time the queries that the monitor and a poll make regularly."""
    began = time.thread_time()
    for _ in range(LOOKS):
        sources_with_work(db, now=now)
        for number in range(SOURCES):
            due_rechecks(db, f"outlet-{number:02}", now=now, limit=50)
    queried = time.thread_time()
    for _ in range(LOOKS):
        metrics(db, now=now)
    return {"look_ms": (queried - began) / LOOKS * 1000, "metrics_ms": (time.thread_time() - queried) / LOOKS * 1000}


def repair_figures(store: ArchiveStore, now: datetime) -> dict[str, float]:
    """Time the look for articles that repair a gap of a few hours of the busiest outlet with a gap."""
    gap = store.db.execute("SELECT * FROM coverage WHERE state = 'open' ORDER BY source_id LIMIT 1").fetchone()
    source = gap["source_id"]  # the outlets are named by their number of articles
    others = "SELECT id FROM seeds WHERE source_id = ? AND id <> ?"
    (other,) = store.db.execute(others, (source, gap["seed_id"])).fetchone()
    hours = [format_utc(now - timedelta(hours=count)) for count in (6, 3)]
    with store.transaction():
        repair_from(store, seed_id=other, source=source, at=now, oldest=None)  # gives up the old ones
        reopen = "UPDATE coverage SET state = 'open', from_at = ?, until_at = ? WHERE id = ?"
        store.db.execute(reopen, (*hours, gap["id"]))
        began = time.thread_time()
        repair_from(store, seed_id=other, source=source, at=now, oldest=None)
        return {"repair_ms": (time.thread_time() - began) * 1000}


def write_figures(store: ArchiveStore, now: datetime, pages: int) -> dict[str, float]:
    """Store new pages in groups, as a crawl does, and flag them with 1,000 topics."""
    with store.transaction():
        begin_run(store, "benchmark", [SOURCE], configured=None, at=now)
    waiting = list(fetch_records(pages, now))
    watched, _ = topics(1_000, [record.url for record in waiting], random.Random(4))
    sync_topics(store.db, watched, now=now)
    spent = []
    for first in range(0, pages, MAX_GROUP):
        group = waiting[first : first + MAX_GROUP]
        began = time.thread_time()
        with store.transaction():
            for record in group:
                record_fetch(store, record)
        spent.append((time.thread_time() - began) / len(group) * 1000)
    seconds, _ = run_job(store.db, watched)
    return {"file_ms": median(spent), "flag_ms": seconds / pages * 1000}


def fetch_records(number: int, now: datetime) -> Iterator[FetchRecord]:
    """Make pages whose texts share no sentences."""
    rng = random.Random(1)
    words = ["".join(rng.choices(SYLLABLES, k=3)) for _ in range(4_000)]
    for page in range(number):
        texts = [" ".join(rng.choices(words, k=WORDS)).capitalize() + "." for _ in range(PARAGRAPHS)]
        url = f"{HOME}/news/{page}-{'-'.join(rng.choices(words, k=4))}"
        article = Article(
            status=Status.OK, title=" ".join(rng.choices(words, k=8)), blocks=tuple(Block(text=text) for text in texts)
        )
        body = f"<html>{url} {' '.join(texts)}</html>".encode()
        received = Page(source=SOURCE.id, url=url, final_url=url, status=200, body=body, fetched_at=now)
        processed = processed_page(article, pack(received))
        yield FetchRecord(source=SOURCE, url=url, at=now, http_status=200, processed=processed)


def measured(made: Path, size: int, *, requests: int, pages: int, commands: Iterable[str]) -> dict[str, float]:
    """The figures of one archive. Reading comes first, because the commands at the end and the new pages write."""
    with tempfile.TemporaryDirectory(prefix="copy-", dir=made) as temporary:
        folder = Path(temporary)
        working_copy(made, folder)
        store = ArchiveStore.open(folder / "archive.db", folder / "warc")
        newest = parse_utc(store.db.execute("SELECT max(first_seen_at) FROM articles").fetchone()[0])
        figures = {"bytes_per_article": (made / "archive.db").stat().st_size / size}
        with store.transaction():
            begin_run(store, "benchmark", [SOURCE], configured=None, at=newest)  # an outlet without articles
        figures |= page_figures(folder / "archive.db", requests) | monitor_figures(store.db, newest)
        figures |= repair_figures(store, newest)
        store.close()
        figures |= command_figures(folder, newest, commands)
        store = ArchiveStore.open(folder / "archive.db", folder / "warc")
        figures |= write_figures(store, newest, pages)
        store.close()
    return figures


def size_name(size: int) -> str:
    """Return "10k" for 10,000 and "1m" for 1,000,000."""
    return f"{size // 1_000_000}m" if size % 1_000_000 == 0 else f"{size // 1_000}k"


def with_growth(found: Mapping[int, Mapping[str, float]]) -> dict[str, float]:
    """Return NAME_SIZE for each size, and NAME_growth from the last size but one to the last."""
    figures = {f"{name}_{size_name(size)}": value for size, of in found.items() for name, value in of.items()}
    *_, before, last = (None, *found.values())
    if before is not None:
        figures |= {f"{name}_growth": value / before[name] for name, value in last.items() if before.get(name)}
    return figures


def main() -> int:
    """Run the benchmark and print its results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="articles, in thousands or more"
    )
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "wirewatch-million")
    parser.add_argument("--requests", type=int, default=40, help="requests per page (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="a thousand articles, few requests and commands")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    args = parser.parse_args()
    sizes, requests, pages, commands = sorted(args.sizes), args.requests, PAGES, tuple(COMMANDS)
    if args.quick:
        sizes, requests, pages, commands = list(QUICK_SIZES), 3, QUICK_PAGES, QUICK_COMMANDS
    found: dict[int, dict[str, float]] = {}
    for size in sizes:
        made = made_archive(args.folder, size)
        print(f"measuring {size:,} articles, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", file=sys.stderr)
        found[size] = measured(made, size, requests=requests, pages=pages, commands=commands)
    figures = with_growth(found)
    print(f"{'':34}" + "".join(f"{size_name(size):>12}" for size in sizes) + f"{'growth':>10}")
    for name in found[sizes[-1]]:
        growth = figures.get(f"{name}_growth")
        print(
            f"{name:34}"
            + "".join(f"{found[size][name]:12.2f}" for size in sizes)
            + (f"{growth:10.2f}" if growth else "")
        )
    if args.json:
        args.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

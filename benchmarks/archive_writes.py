"""Measure whether an archive slows down as it grows: CPU time to store a page, and of the monitor's regular queries.

    python benchmarks/archive_writes.py [--sizes 1000 10000 100000] [--pages 512] [--json FILE]

For each size, an archive of generated news (`large_archive.py`) is created, and new pages are stored as a crawl does: in groups
of 64, each group in one transaction. The baseline is the smallest archive. Figures are CPU milliseconds of this thread, which
other work on the machine hardly changes:

- `file_ms`: storing one page at the largest size (median of the groups); `growth`: this divided by the value at the smallest
  size;
- `look_ms`: the queries over all sources that the monitor makes every 20 seconds;
- `metrics_ms`: the metrics file of the monitor, if it writes one.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file: import this checkout
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

from benchmarks.large_archive import SOURCES, fill
from crawler.archive.articles.record_fetch import record_fetch
from crawler.archive.crawl.due import sources_with_work
from crawler.archive.crawl.queue import due_rechecks
from crawler.archive.crawl.runs import begin_run
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.storage.warc_records import pack
from crawler.archive.storage.writer_thread import MAX_GROUP
from crawler.config.sources import Source
from crawler.items import FetchRecord
from crawler.models import Article, Block, Page, Status
from pipelines.process_page import processed_page
from schedules.monitor.metrics import metrics

END = datetime(2026, 3, 1, 8, tzinfo=timezone.utc)
HOME = "https://harbour-gazette.example"
SOURCE = Source.model_validate({"id": "gazette", "name": "Gazette", "home": f"{HOME}/", "feeds": [f"{HOME}/rss"]})
SYLLABLES = "ba ren to li ka shu mor dan vel is tra ko pri ma do ne sel gar vin po".split()
PARAGRAPHS, WORDS = 8, 60
LOOKS = 20


def fetch_records(count: int, seed: int = 1) -> Iterator[FetchRecord]:
    """`count` pages whose texts share no sentences."""
    rng = random.Random(seed)
    words = ["".join(rng.choices(SYLLABLES, k=3)) for _ in range(4_000)]
    for number in range(count):
        texts = [" ".join(rng.choices(words, k=WORDS)).capitalize() + "." for _ in range(PARAGRAPHS)]
        url = f"{HOME}/news/{number}-{'-'.join(rng.choices(words, k=4))}"
        article = Article(
            status=Status.OK, title=" ".join(rng.choices(words, k=8)), blocks=tuple(Block(text=text) for text in texts)
        )
        body = f"<html>{url} {' '.join(texts)}</html>".encode()
        page = Page(source="gazette", url=url, final_url=url, status=200, body=body, fetched_at=END)
        yield FetchRecord(
            source=SOURCE, url=url, at=END, http_status=200, processed=processed_page(article, pack(page)),
        )  # fmt: skip


def measured(size: int, pages: int, folder: Path) -> dict[str, float]:
    """The figures of one archive size, in CPU milliseconds."""
    fill(folder / "archive.db", size, end=END)
    store = ArchiveStore.open(folder / "archive.db", folder / "warc")
    with store.transaction():
        begin_run(store, "benchmark", [SOURCE], configured=None, at=END)
    waiting = list(fetch_records(pages))
    spent = []
    for first in range(0, pages, MAX_GROUP):
        group = waiting[first : first + MAX_GROUP]
        began = time.thread_time()
        with store.transaction():
            for record in group:
                record_fetch(store, record)
        spent.append((time.thread_time() - began) / len(group) * 1000)
    began = time.thread_time()
    for _ in range(LOOKS):
        sources_with_work(store.db, now=END)
        for number in range(SOURCES):
            due_rechecks(store.db, f"outlet-{number:02}", now=END, limit=50)
    queried = time.thread_time()
    for _ in range(LOOKS):
        metrics(store.db, now=END)
    written = time.thread_time()
    store.close()
    return {
        "file_ms": median(spent), "look_ms": (queried - began) / LOOKS * 1000, "metrics_ms": (written - queried) / LOOKS * 1000
    }  # fmt: skip


def main() -> None:
    """Print one line for each size, then the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="articles per archive")
    parser.add_argument("--pages", type=int, default=512, help="pages to store (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    options = parser.parse_args()
    found = []
    print("articles  store ms/page  look ms  metrics ms")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            one = measured(size, options.pages, Path(folder))
        found.append(one)
        print(f"{size:8,}  {one['file_ms']:13.2f}  {one['look_ms']:7.2f}  {one['metrics_ms']:10.2f}", flush=True)
    figures = {**found[-1], "growth": found[-1]["file_ms"] / found[0]["file_ms"]}
    for name, value in figures.items():
        print(f"{name:<11} {value:.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()

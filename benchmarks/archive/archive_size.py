"""Measure how many bytes an article takes in the archive: real pages, stored as a crawl stores them.

    python benchmarks/archive/archive_size.py GOLD_SET … [--json FILE]

Each GOLD_SET (gold.jsonl and pages/, see `support/extraction/gold.py`) is one source. Each page has an entry in a feed with its
title and is fetched a day later; a tenth of the pages is edited once. The figures are those of `scrapy archive size`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file: import this checkout
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

from benchmarks.support.extraction.gold import read_gold
from crawler.archive.articles.record_fetch import record_fetch
from crawler.archive.crawl.polls import record_poll
from crawler.archive.crawl.runs import begin_run
from crawler.archive.retention.sizes import SIZE_KINDS, SourceSize, source_sizes
from crawler.archive.storage.store import ArchiveStore
from crawler.config.sources import Source
from crawler.items import FetchRecord, PollRecord
from crawler.models import ExtractionHints, Link, Page, ResponseStatus
from pipelines.process_page import process_page

START = datetime(2026, 3, 1, 8, tzinfo=timezone.utc)
EDITED_EVERY = 10
"""Every tenth page is edited once."""


def measured(folder: Path, sets: Sequence[Path]) -> list[SourceSize]:
    """The sizes of an archive in `folder` with all pages of the gold sets."""
    sources = [
        Source.model_validate(
            {
                "id": path.name,
                "name": path.name,
                "home": f"https://{path.name}.example/",
                "feeds": [f"https://{path.name}.example/rss"],
            }
        )
        for path in sets
    ]
    store = ArchiveStore.open(folder / "archive.db", folder / "warc")
    with store.transaction():
        begin_run(store, "benchmark", sources, configured=None, at=START)
    for source, path in zip(sources, sets, strict=True):
        for number, (_, body) in enumerate(read_gold(path)):
            _store(store, source, number, body)
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try:
        return source_sizes(store.db, START + timedelta(days=1))
    finally:
        store.close()


def _store(store: ArchiveStore, source: Source, number: int, body: bytes) -> None:
    url = f"{source.home}2026/03/01/article-number-{number}"
    for version in range(2 if number % EDITED_EVERY == 0 else 1):
        at = START + timedelta(hours=version)
        shown = (
            body if not version else body.replace(b"<p>", b"<p>Corrected: ").replace(b"</p>", b" This was edited.</p>")
        )
        page = Page(source=source.id, url=url, final_url=url, status=200, body=shown, fetched_at=at)
        processed = process_page(page, ExtractionHints())
        link = Link(url=url, via=source.seeds[0].url, title=processed.article.title, guid=url)
        with store.transaction():
            record_poll(
                store,
                PollRecord(
                    source=source, seed_url=source.seeds[0].url, at=at, links=(link,), status=ResponseStatus.CONTENT
                ),
            )
            record_fetch(
                store, FetchRecord(source=source, url=url, final_url=url, at=at, http_status=200, processed=processed)
            )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, metavar="GOLD_SET")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes = measured(Path(folder), options.sets)
    articles = sum(one.articles for one in sizes)
    figures = {kind: sum(one.sizes[kind] for one in sizes) / articles for kind in SIZE_KINDS}
    figures["total"] = sum(one.total for one in sizes) / articles
    print(f"{articles} articles; bytes per article:")
    for kind, size in figures.items():
        print(f"  {kind:10} {size:10,.0f}")
    if options.json:
        options.json.write_text(json.dumps({"figures": {"articles": articles, **figures}}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

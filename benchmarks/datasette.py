"""Measure the response time of every page and canned query of the archive in the browser, at 10,000 and 100,000 articles.

    python benchmarks/datasette.py [--quick] [--requests 40] [--keep FOLDER] [--json FILE]

`datasette serve` serves a generated archive (`archive/large_archive.py`) on loopback. Requests are sent one after the other, and
the pages take turns, so that a busy machine slows all of them equally; each is timed from sending to the last byte. Each request
of a page has other parameters (article, topic); two warm-up requests do not count. The baseline, `plain.PAGE`, is Datasette
without the plugin on the same archive. --keep saves the time to create the archives in later runs. Figures:

- `p95_ms`: 95th percentile of the slowest page at 100,000 articles; `PAGE.p95_ms` and `PAGE.median_ms`: of each page;
- the table also has the CPU time of the server per request, which hardly depends on other work of the machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlencode

import psutil

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

from benchmarks.archive.large_archive import SOURCES, TOPICS, fill  # noqa: E402
from schedules.datasette_plugin.canned_queries import QUERIES  # noqa: E402
from schedules.datasette_plugin.table_metadata import HIDDEN, LOOKS  # noqa: E402

SIZES = (10_000, 100_000)
WARM = 2
SLOW_MS = 200
"""Limit of each page at 100,000 articles."""
WORDS = ("troops", "ceasefire", "the", "troops ceasefire", "renli*", '"to the"', "said -troops", "kako")
Address = Callable[[random.Random], str]


@dataclass
class Times:
    """Measurements of one page at one size."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    @property
    def p95(self) -> float:
        return sorted(self.wall)[max(0, round(len(self.wall) * 0.95) - 1)]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """IDs for the pages of an archive."""

    articles: int
    stories: list[int]
    events: list[int]
    """With several articles."""
    edited: list[int]
    """Articles with several versions."""


def contents(archive: Path) -> Contents:
    db = sqlite3.connect(f"file:{archive}?mode=ro", uri=True)
    try:
        return Contents(
            articles=db.execute("SELECT count(*) FROM articles").fetchone()[0],
            stories=[row[0] for row in db.execute("SELECT id FROM stories WHERE article_count > 1 LIMIT 2000")],
            events=[row[0] for row in db.execute("SELECT id FROM events WHERE story_count > 1 LIMIT 2000")],
            edited=[row[0] for row in db.execute("SELECT id FROM articles WHERE revision_count > 1 LIMIT 2000")],
        )
    finally:
        db.close()


def pages(archive: Contents) -> dict[str, Address]:
    """Name -> function that returns a path of that page."""

    def article(rng: random.Random) -> int:
        return rng.randint(1, archive.articles)

    def topic(rng: random.Random) -> str:
        return rng.choice(["troop-deployments", *(f"topic-{n}" for n in range(1, TOPICS))])

    def source(rng: random.Random) -> str:
        return f"outlet-{rng.randrange(SOURCES):02}"

    def at(path: str) -> Address:
        return lambda _: path

    found: dict[str, Address] = {
        "home": at("/"),
        "article": lambda rng: f"/article/{article(rng)}",
        "article_compared": lambda rng: f"/article/{rng.choice(archive.edited)}?compare",
        "alerts": lambda rng: f"/alerts?before={rng.randint(1, archive.articles // 10)}",
        "topics": at("/topics"),
        "desk": at("/desk"),
        "topic": lambda rng: f"/topic/{topic(rng)}",
        "topic_feed": lambda rng: f"/topic/{topic(rng)}.atom",
        "topic_figures": lambda rng: f"/topic/{topic(rng)}/figures",
        "stories": at("/stories"),
        "events": at("/events"),
        "event": lambda rng: f"/event/{rng.choice(archive.events)}",
        "story": lambda rng: f"/story/{rng.choice(archive.stories)}",
        "sources": at("/sources"),
        "source": lambda rng: f"/source/{source(rng)}",
        "search": lambda rng: "/search?" + urlencode({"q": rng.choice(WORDS)}),
        "search_outlet": lambda rng: "/search?" + urlencode({"q": rng.choice(WORDS), "source": source(rng)}),
        "feed": at("/alerts.atom"),
        "data": at("/archive"),
        "row": lambda rng: f"/archive/articles/{article(rng)}",
        "revisions_search": lambda rng: "/archive/revisions?" + urlencode({"_search": rng.choice(WORDS)}),
        "articles_of_source": lambda rng: f"/archive/articles?source_id={source(rng)}",
    }
    for name in LOOKS:
        if name not in HIDDEN:
            found[f"table.{name}"] = at(f"/archive/{name}")
    values = {"topic": topic, "source": source}
    for query in QUERIES:
        found[f"query.{query.name}"] = lambda rng, query=query: (  # type: ignore[misc]
            f"/archive/{query.name}?"
            + urlencode(
                {key: query.example.get(key) or (values[key](rng) if key in values else "") for key in query.params}
            )
        )
    return found


PLAIN = ("data", "row", "table.articles", "table.revisions", "table.alerts", "table.articles_latest")
"""Pages that Datasette has without the plugin, too."""


PLAINLY = ("-c", "import sys; sys._called_from_test = True; from datasette.cli import cli; cli()")
"""Datasette loads no plugins of the environment if it is under test."""


@contextmanager
def served(archive: Path, *, plain: bool = False) -> Iterator[tuple[int, psutil.Process]]:
    """`datasette serve` on a free port, with our settings; `plain`: without the plugin."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = json.loads((ROOT / "data" / "starter" / "settings.json").read_text())
    words = [
        word
        for name, value in settings.items()
        for word in ("--setting", name, str(value).lower() if isinstance(value, bool) else str(value))
    ]
    process = subprocess.Popen(
        [sys.executable, *(PLAINLY if plain else ("-m", "datasette")), "serve", str(archive), "--port", str(port), *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=archive.parent,
    )  # fmt: skip
    try:
        for _ in range(300):
            try:
                get(port, "/-/versions.json")
                break
            except OSError:
                time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def get(port: int, path: str) -> tuple[int, float]:
    """Status, and seconds until the last byte."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        began = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status, time.perf_counter() - began
    finally:
        connection.close()


def measure(
    archive: Path, requests: int, more: Mapping[str, str] | None = None, *, with_baseline: bool = True
) -> dict[str, Times]:
    """Times of each page, and of `more` paths by name; `plain.<page>` is the baseline."""
    found: dict[str, Times] = {}
    rng = random.Random(1)
    with ExitStack() as servers:
        ours = servers.enter_context(served(archive))
        addresses = pages(contents(archive))
        addresses |= {name: (lambda _, path=path: path) for name, path in (more or {}).items()}
        jobs = [(name, address, ours) for name, address in addresses.items()]
        if with_baseline:
            plain = servers.enter_context(served(archive, plain=True))
            jobs += [(f"plain.{name}", addresses[name], plain) for name in PLAIN]
        for turn in range(WARM + requests):
            for name, address, (port, process) in jobs:
                path = address(rng)
                before = sum(process.cpu_times()[:2])
                status, seconds = get(port, path)
                # Plain Datasette answers 400 when a query takes longer than its time limit.
                if status != 200 and not (status == 400 and name.startswith("plain.")):
                    raise SystemExit(f"{name}: {path} returned {status}")
                if turn >= WARM:
                    times = found.setdefault(name, Times())
                    times.wall.append(seconds * 1000)
                    times.cpu.append((sum(process.cpu_times()[:2]) - before) * 1000)
    return found


def table(found: dict[int, dict[str, Times]]) -> str:
    """A table for the terminal, the slowest page at the largest size first."""
    largest = max(found)
    head = f"{'ms':34}" + "".join(f"{f'{size:,} articles':>30}" for size in found)
    lines = [head, f"{'':34}" + f"{'median':>12}{'p95':>9}{'cpu':>9}" * len(found)]
    for name in sorted(found[largest], key=lambda one: -found[largest][one].p95):
        row = "".join(
            f"{by[name].median:12.1f}{by[name].p95:9.1f}{statistics.fmean(by[name].cpu):9.1f}" for by in found.values()
        )
        lines.append(f"{name:34}{row}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small archive and few requests, to test the benchmark")
    parser.add_argument("--requests", type=int, default=40, help="requests per page (default: %(default)s)")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="create the archives in FOLDER, or use existing ones"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    opts = parser.parse_args()
    sizes, requests = ((1_000,), 3) if opts.quick else (SIZES, opts.requests)
    folder = opts.keep or Path(tempfile.mkdtemp(prefix="wirewatch-datasette-"))
    found: dict[int, dict[str, Times]] = {}
    try:
        for size in sizes:
            archive = folder / str(size) / "archive.db"
            if not archive.exists():
                archive.parent.mkdir(parents=True, exist_ok=True)
                print(f"creating an archive of {size:,} articles ...", file=sys.stderr, flush=True)
                fill(archive, size, end=datetime.now(timezone.utc))
            found[size] = measure(archive, requests)
    finally:
        if opts.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(table(found))
    last = {name: times for name, times in found[max(found)].items() if not name.startswith("plain.")}
    slowest = max(last, key=lambda name: last[name].p95)
    print(f"\nslowest at {max(found):,} articles: {slowest}, p95 {last[slowest].p95:.0f} ms (limit {SLOW_MS})")
    if opts.json:
        figures = {"p95_ms": last[slowest].p95}
        for name, times in found[max(found)].items():
            figures |= {f"{name}.p95_ms": times.p95, f"{name}.median_ms": times.median}
        opts.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Measure what the commands that cron starts cost when there is nothing to do, above the floor that Scrapy itself sets.

    python benchmarks/idle.py [--quick] [--rounds 5] [--json FILE]

For 50, 500 and 5,000 sources (--quick: 50), an archive in which nothing is due is made; then each round runs every command
once, and `scrapy version`, the floor: Scrapy's own start. CPU time counts, user and system, of all processes of a command; wall
time depends on what else the machine does. It takes some minutes, --quick below one. Figures, medians over the rounds:

- `floor_s`: CPU seconds of `scrapy version`;
- `<command>_over_floor_s`: CPU seconds of `crawl_all`, `flag`, `digest_send`, `health`, `list` and `sources` at 50 sources,
  minus the floor of the same round; `<command>_<n>_s` and `<command>_<n>_mb`: CPU seconds and peak memory at n sources;
- `poll_304_s`: CPU seconds of a crawl of 12 outlets on loopback whose feeds all answer "not modified".
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
from collections import defaultdict
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.timing import Cost, measure  # noqa: E402
from crawler.archive.crawl.runs import begin_run  # noqa: E402
from crawler.archive.storage.store import ArchiveStore  # noqa: E402
from crawler.clock import utc_now  # noqa: E402
from crawler.config.sources import load_sources  # noqa: E402
from crawler.sqlite.values import format_utc  # noqa: E402

COMMANDS = {
    "crawl_all": "crawl all",
    "flag": "flag",
    "digest_send": "digest --send",
    "health": "health",
    "list": "list",
    "sources": "sources",
}
FLOOR = "version"
SIZES = (50, 500, 5000)
OUTLETS = 12
FEED = (
    b'<rss version="2.0"><channel><title>Outlet</title><item><title>Pier closes</title>'
    b"<link>/news/pier-closes</link></item></channel></rss>"
)
PAGE = b"<html><body><article><h1>Pier closes</h1><p>The pier closes in June for a year.</p></article></body></html>"
DIGESTS = '[morning]\ntitle = "Morning"\nrecipients = ["desk@ngo.example"]\nat = ["07:30"]\ntimezone = "UTC"\n'
MAIL = {"WIREWATCH_SMTP_URL": "smtp://127.0.0.1:9?from=wirewatch@ngo.example"}


def run(folder: Path, command: str) -> Cost:
    """Run `scrapy COMMAND` with a data folder. Ends the benchmark if it fails."""
    env = {**os.environ, "WIREWATCH_DATA_DIR": str(folder), **MAIL}
    log = folder / "output.log"
    cost = measure([sys.executable, "-m", "scrapy", *command.split()], cwd=ROOT, env=env, log=log)
    if cost.status not in (0, 1):  # health ends with 1 if it found a problem
        raise SystemExit(f"scrapy {command} ended with {cost.status}:\n{log.read_text()[-2000:]}")
    return cost


def make_archive(folder: Path, number: int) -> None:
    """Write an archive of `number` sources that were polled a minute ago and are due in a day."""
    tables = (
        f'[outlet{i}]\nname = "Outlet {i}"\nhome = "https://outlet{i}.example/"\nlanguage = "en"\n'
        f'feeds = ["https://outlet{i}.example/rss"]\ntimezone = "Europe/Kyiv"\n'
        for i in range(number)
    )
    (folder / "sources.toml").write_text("".join(tables))
    (folder / "digests.toml").write_text(DIGESTS)
    for name in ("topics.toml", "names.toml"):
        shutil.copy(ROOT / "data/starter" / name, folder)
    sources, now = load_sources(folder / "sources.toml"), utc_now()
    store = ArchiveStore.open(folder / "archive.db", folder / "warc")
    with store.transaction():
        begin_run(store, "benchmark", sources, configured=sources, at=now)
        for source in sources:
            store.db.execute(
                "INSERT OR IGNORE INTO seeds (source_id, url, kind) VALUES (?, ?, 'feed')",
                (source.id, source.seeds[0].url),
            )
        store.db.execute(
            "UPDATE seeds SET polled_at = ?, next_poll_at = ?",
            (format_utc(now - timedelta(minutes=1)), format_utc(now + timedelta(days=1))),
        )
    store.close()


def idle_figures(sizes: tuple[int, ...], rounds: int) -> dict[str, float]:
    """Measure the commands with nothing due and print a table."""
    figures: dict[str, float] = {}
    floors: list[float] = []
    print(f"{'sources':>8} {'command':14} {'CPU s':>7} {'above floor':>12} {'peak MB':>8}")
    for number in sizes:
        with tempfile.TemporaryDirectory(prefix="wirewatch-idle-") as made:
            folder = Path(made)
            make_archive(folder, number)
            for command in COMMANDS.values():
                run(folder, command)  # the first run of a command stores its checkpoint
            costs: dict[str, list[Cost]] = defaultdict(list)
            over: dict[str, list[float]] = defaultdict(list)
            for _ in range(rounds):
                floor = run(folder, FLOOR).cpu
                floors.append(floor)
                for name, command in COMMANDS.items():
                    costs[name].append(run(folder, command))
                    over[name].append(costs[name][-1].cpu - floor)
        for name, measured in costs.items():
            cpu = statistics.median(cost.cpu for cost in measured)
            peak = max(cost.peak_mb for cost in measured)
            above = statistics.median(over[name])
            print(f"{number:8} {COMMANDS[name]:14} {cpu:7.2f} {above:12.2f} {peak:8.0f}", flush=True)
            figures |= {f"{name}_{number}_s": round(cpu, 3), f"{name}_{number}_mb": round(peak, 1)}
            if number == sizes[0]:
                figures[f"{name}_over_floor_s"] = round(above, 3)
    return {"floor_s": round(statistics.median(floors), 3), **figures}


class _Outlet(BaseHTTPRequestHandler):
    """Answers the feed with an ETag, and with 304 if the client has it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send a page, the feed or its 304."""
        if self.path == "/robots.txt":
            self._reply(404, b"")
        elif self.path == "/rss" and self.headers.get("If-None-Match"):
            self._reply(304, b"")
        else:
            self._reply(200, FEED if self.path == "/rss" else PAGE)

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Type", "application/xml" if self.path == "/rss" else "text/html")
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def poll_304(rounds: int) -> float:
    """Return the CPU seconds of a crawl in which all feeds answer 304, the median over the rounds."""
    server = ThreadingHTTPServer(("0.0.0.0", 0), _Outlet)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="wirewatch-idle-") as made:
        folder = Path(made)
        homes = [f"http://127.0.3.{i + 1}:{server.server_port}" for i in range(OUTLETS)]
        (folder / "sources.toml").write_text(
            "".join(
                f'[outlet{i}]\nname = "Outlet {i}"\nhome = "{home}/"\nfeeds = ["{home}/rss"]\n'
                f'language = "en"\ndelay = 0.0\nallow_private = true\n'
                for i, home in enumerate(homes)
            )
        )
        run(folder, "crawl all --force")
        costs = [run(folder, "crawl all --force") for _ in range(rounds)]
    server.shutdown()
    return statistics.median(cost.cpu for cost in costs)


def main() -> int:
    """Run the benchmark and print its results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="two rounds, 50 sources only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    args = parser.parse_args()
    rounds = 2 if args.quick else args.rounds
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    figures = idle_figures(SIZES[:1] if args.quick else SIZES, rounds)
    figures["poll_304_s"] = round(poll_304(rounds), 3)
    print(
        f"floor (scrapy version): {figures['floor_s']:.2f} s; poll of {OUTLETS} unchanged feeds: {figures['poll_304_s']:.2f} s"
    )
    if args.json:
        args.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

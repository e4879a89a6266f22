"""Run the monitor for an hour with short poll intervals, and measure its memory, open files and processes.

    python benchmarks/soak.py [--minutes 60] [--outlets 8] [--quick] [--json FILE]

Outlets on loopback publish continuously and are polled twice a minute, about thirty times as often as usual; the monitor, its
crawls and its jobs are the real ones. The monitor is sampled every five seconds, the memory of crawls every second. There is no
baseline program: the end of the run is compared with its beginning. Figures:

- `minutes`, `published`, `articles`, `crawls`: length of the run, articles published and archived, crawls;
- `monitor_mib`, `monitor_mib_most`: memory of the monitor alone at the end, and its maximum; `kib_a_crawl`: how much it grows
  per crawl (slope, after the first tenth). Only anonymous memory counts, because shared pages of program files vary from crawl
  to crawl;
- `fds`, `fds_grown`: open files of the monitor at the end; maximum of the last tenth minus that of the tenth after the first;
- `peak_mib_first`, `peak_mib_last`: peak memory of a crawl (all its processes, unshared), medians of the first and last
  quarter; `parent_`, `server_` and `child_mib_first` and `_last`: the same for the resident memory of the crawl's own process,
  of the server that its child processes are forked from, and of its largest child process (they share pages, so no sum);
- `late_median_s`, `late_p95_s`: how late crawls started; `failed_runs`: jobs that failed; `exit_status`: of the monitor after
  SIGTERM;
- `orphans`: processes of the run that are not descendants of the monitor, in any sample, and those left after its end;
  `seconds_to_end`: time from SIGTERM to the end of the monitor. `failed_runs`, `exit_status` and `orphans` must be 0.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.sites.growing_site import GrowingWeb  # noqa: E402
from crawler.clock import utc_now  # noqa: E402
from crawler.sqlite.values import format_utc  # noqa: E402

SAMPLE = 1.0
"""Seconds between two samples; a crawl takes several."""
EVERY, TICK = "30s", "5"
"""Poll interval, and seconds between two checks by the monitor: about one crawl every five seconds, on half a core."""
DEATH_LIMIT = 20.0
"""Seconds after SIGTERM in which the monitor must end."""


@dataclass
class Samples:
    at: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    """KiB of the monitor alone."""
    files: list[int] = field(default_factory=list)
    crawls: list[int] = field(default_factory=list)
    peaks: dict[int, float] = field(default_factory=dict)
    """Process ID of a crawl -> highest sampled KiB of it and its children."""
    roles: dict[str, dict[int, float]] = field(default_factory=lambda: {"parent": {}, "server": {}, "child": {}})
    """Role -> process ID of a crawl -> highest sampled resident KiB of a process in that role."""
    orphans: set[int] = field(default_factory=set)


def soak(folder: Path, *, minutes: float, outlets: int) -> dict[str, float]:
    """Run the monitor, sample it, stop it, and return the figures."""
    with GrowingWeb(outlets=outlets, first=10, network="127.32.0") as web:
        web.write_sources(folder / "sources.toml", poll_interval=EVERY)
        environ = {
            **os.environ,
            "WIREWATCH_DATA_DIR": str(folder),
            "WIREWATCH_MONITOR_INTERVAL": TICK,
            "DOWNLOAD_DELAY": "0",
        }
        log = (folder / "monitor.log").open("wb")
        monitor = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "monitor"], cwd=ROOT, env=environ, stdout=log, stderr=log
        )
        samples = Samples()
        try:
            _sample(monitor, folder, web, samples, minutes * 60, outlets)
            asked, began = format_utc(utc_now()), time.monotonic()
            monitor.send_signal(signal.SIGTERM)
            try:
                status = monitor.wait(DEATH_LIMIT)
            except subprocess.TimeoutExpired:
                raise SystemExit(
                    f"the monitor did not end {DEATH_LIMIT:.0f} s after SIGTERM; its folder: {folder}"
                ) from None
            took = time.monotonic() - began
            time.sleep(SAMPLE)
            left = _processes(folder)
            samples.orphans |= {process.pid for process in left}
            for process in left:
                process.kill()
        finally:
            if monitor.poll() is None:
                monitor.kill()
                monitor.wait()
            log.close()
        published = len(web.urls())
    if not samples.peaks or len(samples.at) < 3:
        raise SystemExit(
            f"too few crawls or samples in {minutes} minutes; run for longer, or on a less busy machine: {folder}"
        )
    ended = {"orphans": len(samples.orphans), "exit_status": status, "seconds_to_end": took}
    return {"minutes": minutes, "published": published, **_of_samples(samples), **_of_archive(folder, asked), **ended}


def _processes(folder: Path) -> list[psutil.Process]:
    """All processes with the data folder of this run, whatever their parent is."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("WIREWATCH_DATA_DIR") == str(folder):
                found.append(process)
    return found


def _orphans(monitor: psutil.Process, folder: Path) -> set[int]:
    """Processes that are no descendants of the monitor in two samples in a row: one that is just ending does not count."""
    found: set[int] | None = None
    for _ in range(2):
        running = _processes(folder)
        known = {monitor.pid, *(child.pid for child in monitor.children(recursive=True))}
        now = {process.pid for process in running if process.pid not in known}
        found = now if found is None else found & now
        if not found:
            break
        time.sleep(SAMPLE)
    return found or set()


def _sample(
    monitor: subprocess.Popen[bytes], folder: Path, web: GrowingWeb, samples: Samples, seconds: float, outlets: int
) -> None:
    began = time.monotonic()
    process = psutil.Process(monitor.pid)
    number = 0
    while (passed := time.monotonic() - began) < seconds:
        time.sleep(SAMPLE)
        if monitor.poll() is not None:
            raise SystemExit(
                f"the monitor ended with {monitor.returncode}: {(folder / 'monitor.log').read_text()[-800:]}"
            )
        number += 1
        web.publish(1, outlet=number % outlets)
        for child in process.children():
            with contextlib.suppress(psutil.Error):
                if "crawl" in child.cmdline():
                    samples.peaks[child.pid] = max(samples.peaks.get(child.pid, 0.0), _private(child))
                    for role, resident in _resident(child):
                        samples.roles[role][child.pid] = max(samples.roles[role].get(child.pid, 0.0), resident)
        if number % 5 == 0:
            samples.at.append(passed)
            samples.memory.append(_anonymous(process))
            samples.files.append(process.num_fds())
            samples.crawls.append(_crawls(folder))
            samples.orphans |= _orphans(process, folder)


def _anonymous(process: psutil.Process) -> float:
    """Anonymous resident memory in KiB (Linux only)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return float(status.partition("RssAnon:")[2].split()[0])


def _private(process: psutil.Process) -> float:
    """Unshared memory of the process and its children in KiB."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            total += one.memory_full_info().uss / 1024
    return total


def _resident(crawl: psutil.Process) -> Iterator[tuple[str, float]]:
    """(Role, resident KiB) of the processes of a crawl. Raises psutil.Error when one has ended."""
    yield "parent", crawl.memory_info().rss / 1024
    for server in crawl.children():
        if "forkserver" in " ".join(server.cmdline()):  # the other one is the resource tracker
            yield "server", server.memory_info().rss / 1024
            for child in server.children():
                yield "child", child.memory_info().rss / 1024


def _crawls(folder: Path) -> int:
    if not (folder / "archive.db").exists():
        return 0
    db = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True, timeout=10)
    try:
        return int(db.execute("SELECT count(*) FROM job_runs WHERE name = 'crawl'").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()


def _of_samples(samples: Samples) -> dict[str, float]:
    tenth = max(1, len(samples.at) // 10)
    memory, crawls, files = samples.memory[tenth:], samples.crawls[tenth:], samples.files[tenth:]
    peaks = {"peak": samples.peaks, **samples.roles}
    return {
        "crawls": crawls[-1],
        "monitor_mib": memory[-1] / 1024,
        "monitor_mib_most": max(memory) / 1024,
        "kib_a_crawl": statistics.linear_regression(crawls, memory).slope if len(set(crawls)) > 1 else 0.0,
        "fds": files[-1],
        "fds_grown": max(files[-tenth:]) - max(files[:tenth]),
        **{f"{role}_mib_{when}": value for role, of in peaks.items() if of for when, value in _of_quarters(of).items()},
    }


def _of_quarters(peaks: Mapping[int, float]) -> dict[str, float]:
    """The median of the first and of the last quarter of the crawls, in MiB."""
    values = list(peaks.values())
    quarter = max(1, len(values) // 4)
    return {"first": statistics.median(values[:quarter]) / 1024, "last": statistics.median(values[-quarter:]) / 1024}


def _of_archive(folder: Path, asked: str) -> dict[str, float]:
    """Figures from the archive. Runs that end after `asked`, when the monitor was stopped, do not count as failed."""
    db = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    failed = db.execute(
        "SELECT count(*) FROM job_runs WHERE exit_status NOT IN (0, 1, 4) AND finished_at < ?", (asked,)
    ).fetchone()[0]
    late = sorted(row[0] for row in db.execute("SELECT late_seconds FROM job_runs WHERE name = 'crawl'"))
    articles = db.execute("SELECT count(*) FROM articles WHERE latest_revision_id IS NOT NULL").fetchone()[0]
    db.close()
    return {
        "articles": articles,
        "failed_runs": failed,
        "late_median_s": statistics.median(late),
        "late_p95_s": late[int(len(late) * 0.95)],
    }


def main() -> int:
    """Run the benchmark and print its results. Exit status 1 if a process or run failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="length of the run (default: %(default)s)")
    parser.add_argument("--outlets", type=int, default=8, help="outlets (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="45 seconds, 4 outlets")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    args = parser.parse_args()
    if args.quick:
        args.minutes, args.outlets = 0.75, 4
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    figures = soak(folder, minutes=args.minutes, outlets=args.outlets)
    print("\n".join(f"{name:16} {value:,.2f}" for name, value in figures.items()))
    if args.json:
        args.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    if figures["orphans"] or figures["exit_status"] or figures["failed_runs"]:
        print(f"the folder is kept: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

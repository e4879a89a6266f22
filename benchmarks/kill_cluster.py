"""Kill the parts of a cluster at random moments during a replay: is anything lost, stored twice or damaged?

    python benchmarks/kill_cluster.py [--kills 200] [--pages 400] [--seed 1] [--quick] [--json FILE]

A real `dask scheduler` and two `scrapy worker` processes with mutual TLS on loopback. `scrapy replay --cluster` stores WARC files
in an empty folder. Of each four kills, in random order, one is for a node, one for the scheduler and one for the command
(SIGKILL), and one node is stopped (SIGSTOP) for longer than its task may take and then continued. What was killed is started
again; when the command has ended, the next folder begins. --quick uses small pages, few of them. Figures, also in --json:

- `nodes`, `schedulers`, `commands`, `stops`: how often each was killed or stopped; `complete_runs`: replays that ended;
- `refused_starts`: commands that began while the scheduler was dead, said so and ended with status 2; as their message
  asks, they are started again when there is a scheduler;
- `lost`: rows (articles, revisions, texts, raw pages, stories) that a replay without a cluster stores and this one did not;
- `twice`: rows that this one stored and the other did not, or more than once, and fetches with the same URL and time;
- `damaged`: errors of `scrapy archive check`; `orphans`: processes that live 60 s after their parent was killed;
- `failed_runs`: replays that ended with an error. All from `lost` on must be 0.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.archive_contents import ArchiveContents, contents_of  # noqa: E402
from benchmarks.support.cluster.processes import ClusterProcesses  # noqa: E402
from benchmarks.support.kill.tools import (  # noqa: E402
    KillReport,
    finish,
    kill_options,
    kill_process,
    reading,
    run_scrapy,
    scrapy_environment,
)
from benchmarks.support.sites.recorded_files import RecordedSet, record_files, write_sources  # noqa: E402

ORPHAN_SECONDS = 60
"""Seconds that a child may take to end after its parent, on a busy machine. A real orphan never ends."""
PARSE_TIMEOUT, PARSE_TIMEOUT_GENERATED = 8.0, 2.0
"""Seconds of CPU time a page: the slowest page of the corpus takes more than two. A task is repeated elsewhere after four times
that."""
STOPPED_FACTOR = 5
"""How long a node is stopped, in multiples of that."""
KILLS_A_FOLDER = 6
REFUSED = 2
"""Exit status of a command that cannot begin."""
RUN_LIMIT = 900
"""Seconds after which a replay counts as hanging."""
KINDS = ("node", "scheduler", "command", "stop")


@dataclass(slots=True)
class ClusterReport(KillReport):
    """The results; the lists are empty if there is no error."""

    nodes: int = 0
    schedulers: int = 0
    commands: int = 0
    stops: int = 0
    complete_runs: int = 0
    refused_starts: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    failed_runs: list[str] = field(default_factory=list)


def kill_cluster(
    recorded: RecordedSet,
    folder: Path,
    *,
    kills: int,
    rng: random.Random,
    pause: tuple[float, float] = (1.0, 6.0),
    parse_timeout: float = PARSE_TIMEOUT_GENERATED,
) -> ClusterReport:
    """Replay into one folder after the other until so many kills are made.

    `pause`: seconds before a kill, from and to; `parse_timeout`: CPU seconds a page.
    """
    report = ClusterReport()
    expected = _expected(recorded, folder / "local")
    cluster_folder = folder / "cluster"
    cluster_folder.mkdir()
    settings = {"WIREWATCH_PARSE_TIMEOUT": str(parse_timeout)}
    with ClusterProcesses(cluster_folder, settings=settings) as cluster:
        cluster.wait_for_nodes()
        number = 0
        schedule: list[str] = []
        while report.kills < kills:
            number += 1
            data = folder / f"data-{number}"
            write_sources(data, recorded.outlets)
            run = _Run(cluster, data, recorded, report, rng, pause, stopped=STOPPED_FACTOR * parse_timeout)
            run.until_complete(schedule, kills)
            _compare(data, expected, report)
            shutil.rmtree(data)
            if __name__ == "__main__":
                print(report.progress(), flush=True)
    return report


class _Run:
    """One replay, started again whenever it was killed."""

    def __init__(
        self, cluster: ClusterProcesses, data: Path, recorded: RecordedSet, report: ClusterReport, rng: random.Random,
        pause: tuple[float, float], *, stopped: float,
    ) -> None:  # fmt: skip
        self._cluster = cluster
        self._data = data
        self._words = ("replay", *(str(path) for path in recorded.files))
        self._report = report
        self._rng = rng
        self._pause = pause
        self._stopped = stopped
        self._process = cluster.start_command(data, *self._words)

    def until_complete(self, schedule: list[str], kills: int) -> None:
        for _ in range(KILLS_A_FOLDER):
            if self._report.kills >= kills or not self._is_running_after(self._rng.uniform(*self._pause)):
                break
            if not schedule:
                schedule.extend(self._rng.sample(KINDS, len(KINDS)))
            self._cluster.restart_ended_nodes()
            self._kill(schedule.pop())
            self._report.kills += 1
        until = time.monotonic() + RUN_LIMIT
        status = self._end_of_command(until)
        while status == REFUSED and time.monotonic() < until:
            self._report.refused_starts += 1
            self._process = self._cluster.start_command(self._data, *self._words)
            status = self._end_of_command(until)
        if status:
            log = (self._data / "command.log").read_text(errors="replace")[-400:]
            self._report.failed_runs.append(f"{self._data.name}: status {status}: {log}")
            print(self._report.failed_runs[-1], file=sys.stderr, flush=True)
        self._report.complete_runs += 1

    def _end_of_command(self, until: float) -> int:
        try:
            return self._process.wait(max(1.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            kill_process(self._process, seconds=ORPHAN_SECONDS)
            return -1

    def _is_running_after(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def _kill(self, kind: str) -> None:
        number = self._rng.randrange(len(self._cluster.nodes))
        if kind == "stop":
            self._report.stops += 1
            self._cluster.nodes[number].send_signal(signal.SIGSTOP)
            self._is_running_after(self._stopped)
            self._cluster.nodes[number].send_signal(signal.SIGCONT)
        elif kind == "node":
            self._report.nodes += 1
            self._end(self._cluster.nodes[number])
            self._cluster.restart_node(number)
        elif kind == "scheduler":
            self._report.schedulers += 1
            self._end(self._cluster.scheduler)
            self._cluster.restart_scheduler()
        else:
            self._report.commands += 1
            self._end(self._process)
            self._process = self._cluster.start_command(self._data, *self._words)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._report.orphans.extend(kill_process(process, seconds=ORPHAN_SECONDS)[1])


def _expected(recorded: RecordedSet, data: Path) -> ArchiveContents:
    """The contents after a replay without a cluster."""
    write_sources(data, recorded.outlets)
    status, output = run_scrapy(["replay", *(str(path) for path in recorded.files)], scrapy_environment(data))
    if status:
        raise SystemExit(f"the replay without a cluster ended with status {status}: {output}")
    return contents_of(data)


def _compare(data: Path, expected: ArchiveContents, report: ClusterReport) -> None:
    for kind, (missing, additional) in expected.differences(contents_of(data)).items():
        report.lost.extend(f"{data.name}: {kind}: {str(row)[:200]}" for row in missing)
        report.twice.extend(f"{data.name}: {kind}: {str(row)[:200]}" for row in additional)
    with reading(data) as db:
        for url, reason in db.execute("SELECT url, reason FROM fetches WHERE outcome = 'failed'"):
            print(f"{data.name}: failed: {url}: {reason}", flush=True)
        for url, at in db.execute("SELECT url, at FROM fetches GROUP BY url, at HAVING count(*) > 1"):
            report.twice.append(f"{data.name}: {url} {at}")
    status, output = run_scrapy(["archive", "check"], scrapy_environment(data))
    if status:
        report.damaged.append(f"{data.name}: {output}")


def main() -> int:
    """Run the benchmark from the command line."""
    parser = kill_options(__doc__, kills=200, quick="generated pages only, 120 of them")
    parser.add_argument("--pages", type=int, default=400, help="pages in the files (default: %(default)s)")
    opts = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recorded = record_files(
            Path(folder) / "warc", files=4, pages=120 if opts.quick else opts.pages, generated=opts.quick
        )
        report = kill_cluster(
            recorded,
            Path(folder),
            kills=opts.kills,
            rng=random.Random(opts.seed),
            parse_timeout=PARSE_TIMEOUT_GENERATED if opts.quick else PARSE_TIMEOUT,
        )
    return finish(report, opts.json)


if __name__ == "__main__":
    sys.exit(main())

"""What a cluster costs, in CPU time: a replay with real `dask scheduler` and `scrapy worker` processes on loopback.

    python benchmarks/cluster.py [--pages 400] [--rounds 3] [--quick] [--json FILE]

Rounds alternate between a local replay and one on the cluster. Each replays few pages and then many; the difference is the
CPU time an article, without starting the programs. Before, all pages are replayed once on the cluster, so that the nodes have
loaded their models. CPU time, not wall time, because other programs may use the machine; the
load is printed.
--quick is one round with few generated pages. Figures, also in --json:

- `local_ms`, `cluster_ms`: CPU time an article of all processes together; `overhead`: the second over the first (at most 1.20);
- `coordinator_ms`: of these, the command itself, with storing (at most 3.5); `local_command_ms`: the same without a cluster;
- `scheduler_ms`: of these, Dask's scheduler (at most 0.5);
- `efficiency`: articles a CPU second with 1, 2 and 4 nodes, worst over best (at least 0.9);
- `units_per_second`: tasks of 1.6 MB that sleep, by 100 simulated nodes (at least 90), with `transport_ms`, the CPU time of
  coordinator and scheduler for one of them, which bounds it;
- `memory_few_mb`, `memory_many_mb`: peak memory of the command with the few and with the many pages.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.cluster.processes import ClusterProcesses, free_port  # noqa: E402
from benchmarks.support.cpu_sampler import CpuSampler  # noqa: E402
from benchmarks.support.kill.tools import SCRAPY, reading, scrapy_environment  # noqa: E402
from benchmarks.support.sites.recorded_files import RecordedSet, record_files, write_sources  # noqa: E402
from schedules.cluster.address import ClusterAddress  # noqa: E402
from schedules.cluster.dask_access import DaskAccess  # noqa: E402

SIMULATED_NODES, UNIT_BYTES, RESULT_BYTES, UNIT_SECONDS = 100, 1_600_000, 700_000, 1.0
FEW_FILES = 2
"""Files of the short replay, of all in the set."""
Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCost:
    """The CPU seconds of one replay."""

    total: float
    command: float
    scheduler: float
    articles: int
    peak_bytes: int

    def per_article_since(self, few: ReplayCost) -> tuple[float, float, float]:
        """Milliseconds an article of the pages that the shorter replay did not have: all, command, scheduler."""
        count = max(self.articles - few.articles, 1)
        return tuple(  # type: ignore[return-value]  # three
            1e3 * (mine - its) / count
            for mine, its in ((self.total, few.total), (self.command, few.command), (self.scheduler, few.scheduler))
        )


def replay_cost(
    files: Sequence[Path], recorded: RecordedSet, folder: Path, cluster: ClusterProcesses | None
) -> ReplayCost:
    """Replay files into an empty folder; `cluster` None: with child processes of this machine."""
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    write_sources(data, recorded.outlets)
    words = ("replay", *(str(path) for path in files))
    fixed = [] if cluster is None else [CpuSampler(process.pid) for process in (cluster.scheduler, *cluster.nodes)]
    for one in fixed:
        one.sample()
    before = [one.total for one in fixed]
    with ExitStack() as sampling:  # all the time: a node replaces its child processes after some hundred pages
        for one in fixed:
            sampling.enter_context(one)
        if cluster is None:
            command = subprocess.Popen(
                [*SCRAPY, *words], cwd=ROOT, env=scrapy_environment(data), stdout=subprocess.DEVNULL
            )
        else:
            command = cluster.start_command(data, *words)
        with CpuSampler(command.pid) as sampler:
            status = command.wait()
    if status:
        raise SystemExit(f"the replay ended with status {status}")
    for one in fixed:
        one.sample()
    spent = [one.total - earlier for one, earlier in zip(fixed, before, strict=True)]
    with reading(data) as db:
        articles = db.execute("SELECT count(*) FROM fetches").fetchone()[0]
    return ReplayCost(
        total=sampler.total + sum(spent), command=sampler.own, scheduler=spent[0] if spent else 0.0, articles=articles,
        peak_bytes=sampler.peak_bytes,
    )  # fmt: skip


@contextmanager
def warm_cluster(recorded: RecordedSet, folder: Path, *, nodes: int) -> Iterator[ClusterProcesses]:
    """A cluster whose nodes have read pages."""
    own_folder = folder / f"cluster-{nodes}"
    shutil.rmtree(own_folder, ignore_errors=True)
    own_folder.mkdir()
    with ClusterProcesses(own_folder, nodes=nodes) as cluster:
        cluster.wait_for_nodes()
        replay_cost(recorded.files, recorded, folder, cluster)
        yield cluster


def measure_replays(recorded: RecordedSet, folder: Path, *, rounds: int) -> Figures:
    """The figures of local replays and of those on two nodes."""
    results: dict[str, list[float]] = {}
    memory: dict[str, int] = {}
    few_files = recorded.files[:FEW_FILES]
    with warm_cluster(recorded, folder, nodes=2) as cluster:
        for _ in range(rounds):
            for name, where in (("local", None), ("cluster", cluster)):
                few = replay_cost(few_files, recorded, folder, where)
                many = replay_cost(recorded.files, recorded, folder, where)
                total, command, scheduler = many.per_article_since(few)
                results.setdefault(f"{name}_ms", []).append(total)
                results.setdefault(f"{name}_command_ms", []).append(command)
                if where is not None:
                    results.setdefault("scheduler_ms", []).append(scheduler)
                    memory = {"memory_few_mb": few.peak_bytes, "memory_many_mb": many.peak_bytes}
    figures = {name: round(median(values), 2) for name, values in results.items()}
    figures["coordinator_ms"] = figures.pop("cluster_command_ms")
    figures["overhead"] = round(figures["cluster_ms"] / figures["local_ms"], 2)
    return {**figures, **{name: round(size / 1e6) for name, size in memory.items()}}


def measure_efficiency(recorded: RecordedSet, folder: Path, *, rounds: int) -> Figures:
    """Articles a CPU second with 1, 2 and 4 nodes on the same cores."""
    found = {}
    for nodes in (1, 2, 4):
        with warm_cluster(recorded, folder, nodes=nodes) as cluster:
            spent = []
            for _ in range(rounds):
                few = replay_cost(recorded.files[:FEW_FILES], recorded, folder, cluster)
                many = replay_cost(recorded.files, recorded, folder, cluster)
                spent.append(many.per_article_since(few)[0])
            found[nodes] = 1e3 / median(spent)
            print(f"{nodes} nodes: {found[nodes]:.1f} articles a CPU second", flush=True)
    return {"efficiency": round(min(found.values()) / max(found.values()), 2)}


def measure_transport(folder: Path, *, units: int) -> Figures:
    """Tasks a second that coordinator and scheduler move, when reading them costs nothing."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    with (folder / "scheduler.log").open("wb") as log:
        scheduler = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port),
             "--dashboard-address", "127.0.0.1:0"], stdout=log, stderr=log,
        )  # fmt: skip
        nodes = subprocess.Popen(
            [sys.executable, "benchmarks/support/cluster/simulated_nodes.py", address, str(SIMULATED_NODES), str(UNIT_SECONDS),
             str(RESULT_BYTES)], cwd=ROOT, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
        try:
            assert nodes.stdout is not None
            if nodes.stdout.readline() != b"ready\n":
                raise SystemExit(f"the simulated nodes ended: {(folder / 'scheduler.log').read_text()[-300:]}")
            return asyncio.run(_move(address, scheduler.pid, units))
        finally:
            for process in (nodes, scheduler):
                process.kill()
                process.wait()


async def _move(address: str, scheduler: int, units: int) -> Figures:
    access = DaskAccess(ClusterAddress(url=address), print)
    await access.connect()
    window = asyncio.Semaphore(2 * SIMULATED_NODES + 1)
    unit = os.urandom(UNIT_BYTES)

    async def move(number: int) -> None:
        async with window:
            await access.run(unit, name=("simulated", number, 0), avoid=frozenset())

    def spent() -> float:
        times = [psutil.Process(pid).cpu_times() for pid in (os.getpid(), scheduler)]
        return sum(one.user + one.system for one in times)

    await asyncio.gather(*(move(-number) for number in range(SIMULATED_NODES)))  # connections, imports
    began, cpu = time.monotonic(), spent()
    await asyncio.gather(*(move(number) for number in range(1, units + 1)))
    figures = {
        "units_per_second": round(units / (time.monotonic() - began), 1),
        "transport_ms": round(1e3 * (spent() - cpu) / units, 1),
    }
    await access.close()
    return figures


def main() -> int:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400, help="pages in 20 files (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the comparison (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="one round with 60 generated pages")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    opts = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recorded = record_files(folder / "warc", files=20, pages=60 if opts.quick else opts.pages, generated=opts.quick)
        print(f"{recorded.records} records: {recorded.what}", flush=True)
        figures: Figures = measure_transport(folder, units=300 if opts.quick else 1000)
        print(figures, flush=True)
        rounds = 1 if opts.quick else opts.rounds
        figures |= measure_replays(recorded, folder, rounds=rounds)
        print(figures, flush=True)
        figures |= measure_efficiency(recorded, folder, rounds=rounds)
    print(f"load {os.getloadavg()[0]:.1f}")
    print("\n".join(f"{name:18}{value:>10}" for name, value in sorted(figures.items())))
    if opts.json:
        opts.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

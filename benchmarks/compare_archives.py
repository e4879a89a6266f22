"""Replay the same WARC files locally, on a cluster, and as four shards that are merged: are the three archives the same?

    python benchmarks/compare_archives.py [--files 20] [--pages 600] [--generated] [--no-demo] [--json FILE]

The files hold pages of the corpus (generated ones with --generated or without the corpus) under eight fictional outlets, some
in three versions, and what `scrapy demo` recorded. The cluster is a real scheduler and two nodes with mutual TLS on loopback.
Each shard has the sources of a quarter of the outlets, and `scrapy archive merge` brings them together. Compared are
articles, versions, texts, raw pages and stories, and the numbers of rows that DuckDB counts in the Parquet exports. Figures,
also in --json: rows of each kind, and `different`, `damaged` (errors of `scrapy archive check`) and `node_faults` (pages or
tasks that a node failed to read), which must be 0.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.archive_contents import contents_of  # noqa: E402
from benchmarks.support.cluster.processes import ClusterProcesses  # noqa: E402
from benchmarks.support.kill.tools import run_scrapy, scrapy_environment  # noqa: E402
from benchmarks.support.sites.recorded_files import record_files, write_sources  # noqa: E402

SHARDS = 4
TABLES = ("articles", "revisions", "stories")


def compare(folder: Path, *, files: int, pages: int, generated: bool, with_demo: bool) -> dict[str, int]:
    """Fill the three archives in a folder and compare them; returns the figures and prints differences."""
    recorded = record_files(folder / "warc", files=files, pages=pages, generated=generated)
    print(f"{recorded.records} records in {files} files: {recorded.what}", flush=True)
    tables = _tables(folder, recorded.outlets)
    paths = [str(path) for path in recorded.files]
    if with_demo:
        demo = folder / "demo"
        _run(["demo", str(demo)], folder)
        tables.update(_split_tables((demo / "sources.toml").read_text()))
        paths += sorted(str(path) for path in (demo / "warc").glob("*.warc.gz"))
    local, clustered, merged = (folder / name for name in ("local", "cluster", "merged"))
    for data in (local, clustered):
        _write(data, tables.values())
    _run(["replay", *paths], local)
    (folder / "processes").mkdir()
    with ClusterProcesses(folder / "processes") as cluster:
        cluster.wait_for_nodes()
        command = cluster.start_command(clustered, "replay", *paths)
        status, log = command.wait(), (clustered / "command.log").read_text()
        if status:
            raise SystemExit(log[-500:])
    # The command reads the pages of a failed node itself, so the archives could be the same without any node.
    faults = sum(log.count(line) for line in ("a node failed", "a node reports", "a node sent", "on this machine"))
    print(f"faults of nodes in the log of the command: {faults}")
    shards = [folder / f"shard-{number}" for number in range(SHARDS)]
    for number, shard in enumerate(shards):
        _write(shard, [table for place, table in enumerate(tables.values()) if place % SHARDS == number])
        _run(["replay", *paths], shard)
    _write(merged, [])
    _run(["archive", "merge", *(str(shard) for shard in shards)], merged)
    return {**_figures({"local": local, "cluster": clustered, "merged": merged}), "node_faults": faults}


def _figures(archives: dict[str, Path]) -> dict[str, int]:
    contents = {name: contents_of(data) for name, data in archives.items()}
    figures = {
        kind: getattr(contents["local"], kind).total()
        for kind in ("articles", "revisions", "texts", "pages", "stories")
    }
    different = damaged = 0
    for name in ("cluster", "merged"):
        for kind, (missing, additional) in contents["local"].differences(contents[name]).items():
            different += len(missing) + len(additional)
            print(f"{name}: {kind}: {len(missing)} missing, {len(additional)} additional")
            print(
                *(f"  - {str(row)[:160]}" for row in missing[:3]),
                *(f"  + {str(row)[:160]}" for row in additional[:3]),
                sep="\n",
            )
    counted = {name: _counts(data) for name, data in archives.items()}
    for name, counts in counted.items():
        print(f"DuckDB, {name}: {counts}")
        different += sum(counts[table] != counted["local"][table] for table in TABLES)
    for name, data in archives.items():
        status, output = run_scrapy(["archive", "check"], scrapy_environment(data))
        damaged += status != 0
        print(f"archive check, {name}: {output.strip().splitlines()[-1]}")
    return {**figures, "different": different, "damaged": damaged}


def _counts(data: Path) -> dict[str, int]:
    """Rows of the Parquet export of an archive, as DuckDB counts them."""
    import duckdb

    target = data / "parquet"
    _run(["archive", "export", "--parquet", str(target)], data)
    db = duckdb.connect()
    return {
        table: db.sql(f"SELECT count(*) FROM read_parquet('{target}/{table}/*/*.parquet')").fetchall()[0][0]
        for table in TABLES
    }


def _tables(folder: Path, outlets: tuple[str, ...]) -> dict[str, str]:
    write_sources(folder / "outlets", outlets)
    return _split_tables((folder / "outlets" / "sources.toml").read_text())


def _split_tables(text: str) -> dict[str, str]:
    """Source ID -> its table in a sources.toml."""
    parts: dict[str, list[str]] = {}
    names = iter(tomllib.loads(text))
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("[") and line.count("[") == 1 and "." not in line:
            lines = parts.setdefault(next(names), [])
        lines.append(line)
    return {name: "\n".join(lines) for name, lines in parts.items()}


def _write(data: Path, tables: Iterable[str]) -> None:
    data.mkdir(exist_ok=True)
    (data / "sources.toml").write_text("\n".join(tables))


def _run(words: list[str], data: Path) -> None:
    status, output = run_scrapy(words, scrapy_environment(data))
    if status:
        raise SystemExit(f"scrapy {' '.join(words)[:80]}: status {status}: {output}")


def main() -> int:
    """Run the comparison from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20, help="WARC files (default: %(default)s)")
    parser.add_argument("--pages", type=int, default=600, help="different pages (default: %(default)s)")
    parser.add_argument("--generated", action="store_true", help="generated pages also if there is a corpus")
    parser.add_argument("--no-demo", action="store_true", help="without the files of `scrapy demo`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    opts = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        figures = compare(
            folder, files=opts.files, pages=opts.pages, generated=opts.generated, with_demo=not opts.no_demo
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(f"{name:12}{value:>8}" for name, value in figures.items()))
    if opts.json:
        opts.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    return 1 if figures["different"] or figures["damaged"] or figures["node_faults"] else 0


if __name__ == "__main__":
    sys.exit(main())

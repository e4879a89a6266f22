"""scrapy demo: run all jobs on a small bundled news web, served on this machine."""

from __future__ import annotations

import argparse
import contextlib
import csv
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.config.app import STARTER_DIR
from crawler.exceptions import ConfigurationError
from schedules.cli.command import WirewatchCommand

if TYPE_CHECKING:
    from crawler.config.app import AppConfig
    from schedules.cli.console import Terminal

DIGEST_LINES = 22
"""Lines of the mail that are shown."""
MARKER = "made-by-scrapy-demo"
"""A file in the demo's folder. The folder is emptied at each start, but only if it contains this file."""


class Command(WirewatchCommand):
    arguments = "[FOLDER]"
    summary = "Demonstrate Wirewatch with four fictional outlets, without a network"
    description = (
        "Serve four fictional outlets on loopback, crawl them, let them publish, edit and syndicate stories, crawl"
        " them again, flag topics, preview a digest, and show the archive. No request leaves this machine. FOLDER is"
        " for the data of the demo; default: `demo` in the data folder (WIREWATCH_DATA_DIR)."
    )
    example = "scrapy demo"

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        from schedules.cli.console import Terminal

        if len(args) > 1:
            raise UsageError(f"expected at most one folder; unexpected argument {args[1]!r}")
        console = Terminal()
        folder = _empty_folder(Path(args[0]) if args else config.data_dir / "demo")
        self.exitcode = _demo(folder, console)


def _empty_folder(folder: Path) -> Path:
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
            raise ConfigurationError(folder, ["contains other files; name an empty folder"])
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / MARKER).touch()
    except OSError as error:
        raise ConfigurationError(folder, [f"cannot be used for the demo: {error.strerror}"]) from error
    return folder.resolve()


def _demo(folder: Path, console: Terminal) -> int:
    from schedules.demo.server import LAST_EDITION, DemoWeb

    with DemoWeb(now=utc_now()) as web:
        web.write_sources(folder / "sources.toml")
        for name in ("topics.toml", "names.toml"):
            shutil.copyfile(STARTER_DIR / name, folder / name)
        console.notify(
            ("Four fictional outlets are served on this machine.", "bold"),
            " Their tables in sources.toml, for example:\n",
        )
        tables = (folder / "sources.toml").read_text(encoding="utf-8").split("\n\n")
        console.print(next(table for table in tables if table.startswith("[")).strip(), style="dim")
        for edition in range(1, LAST_EDITION + 1):
            if edition > 1:
                web.publish(edition)
                console.notify(("\nThe outlets publish, edit and syndicate stories.", "bold"))
            status = _scrapy(folder, console, "crawl", "all", *(["--force"] if edition > 1 else []))
            if status:
                return status
            _scrapy(folder, console, "flag", *([] if edition > 1 else ["--quiet"]))
    _scrapy(folder, console, "digest", "--preview")
    lines = (folder / "preview" / "preview.txt").read_text(encoding="utf-8").splitlines()[2:]
    console.print("\n".join(lines[:DIGEST_LINES]), style="dim")
    console.notify((f"… {max(0, len(lines) - DIGEST_LINES)} more lines", "dim"))
    with contextlib.closing(open_reader(folder / "archive.db")) as db:
        edit = db.execute("SELECT article_id, url FROM edits ORDER BY revision_id DESC LIMIT 1").fetchone()
    _scrapy(folder, console, "topics")
    _scrapy(folder, console, "stories", "--limit", "5")
    if edit is not None:
        _scrapy(folder, console, "diff", str(edit["article_id"]))
    _scrapy(folder, console, "search", "deploy* OR troop*", "--limit", "3")
    _show_datasette(folder, console)
    _show_next_steps(folder, console, edit["url"] if edit is not None else "ARTICLE_ID")
    return 0


def _scrapy(folder: Path, console: Terminal, *words: str) -> int:
    """Print and run a command on the demo's data; returns its exit status."""
    console.notify((f"\n$ scrapy {shlex.join(words)}", "bold"))
    env = {**os.environ, "WIREWATCH_DATA_DIR": str(folder)}
    return subprocess.run([sys.executable, "-m", "scrapy", *words], env=env, check=False).returncode  # noqa: S603 -- our commands


QUERY = "/archive/stories_by_articles.csv?article_count=2&since="
"""One of the canned queries of Datasette."""


def _show_datasette(folder: Path, console: Terminal) -> None:
    """Show the result of a canned query, as in the browser."""
    command = [sys.executable, "-m", "datasette", str(folder / "archive.db"), "--get", QUERY]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- fixed command
    console.notify((f"\n$ datasette {_relative(folder)}/archive.db --get '{QUERY}'", "bold"), soft_wrap=True)
    for line in csv.DictReader(found.stdout.splitlines()):
        console.notify(
            f"  {line['article_count']} articles: {line['title']}",
            (f"  first: {line['first_source']}", "dim"),
            soft_wrap=True,
        )
    if found.returncode:
        console.print(found.stderr, style="red")


def _show_next_steps(folder: Path, console: Terminal, edited: str) -> None:
    where, tools = _relative(folder), _relative(Path(sys.executable).parent)
    run = f"WIREWATCH_DATA_DIR={where} {tools}/scrapy"
    console.print()
    console.heading(("Next steps", "bold"))
    for command, what in (
        (f"{tools}/datasette {where}/archive.db --open", "browse the archive"),
        (f"{run} diff {edited}", "what changed in an article"),
        (f"{run} backtest ceasefire-talks", "what a topic would have flagged"),
        (f"{run} archive check", "verify all texts and raw pages"),
    ):
        console.notify(f"  {command}", (f"   {what}", "dim"), soft_wrap=True)
    console.notify(
        "To crawl other outlets, edit data/sources.toml and run ", (f"{tools}/scrapy crawl all", "bold"), "."
    )


def _relative(folder: Path) -> Path:
    cwd = Path.cwd()
    return folder.relative_to(cwd) if folder.is_relative_to(cwd) else folder

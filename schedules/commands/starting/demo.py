"""scrapy demo: run all jobs on a small bundled news web, served on this machine."""

from __future__ import annotations

import argparse
import contextlib
import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.config.app import STARTER_DIR
from crawler.exceptions import ConfigurationError
from schedules.cli.command import WirewatchCommand

if TYPE_CHECKING:
    from crawler.config.app import AppConfig
    from crawler.sqlite.connection import Connection
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
        console.print(_first_table(folder / "sources.toml"), style="dim")
        for edition in range(1, LAST_EDITION + 1):
            if edition > 1:
                web.publish(edition)
                console.notify(("\nThe outlets publish, edit and syndicate stories.", "bold"))
            console.notify(("\n$ scrapy crawl all", "bold"), " --force" if edition > 1 else "")
            status = _scrapy(folder, "crawl", "all", *(["--force"] if edition > 1 else []))
            if status:
                return status
            console.notify(("\n$ scrapy flag", "bold"), "" if edition > 1 else " --quiet")
            _scrapy(folder, "flag", *([] if edition > 1 else ["--quiet"]))
    console.notify(("\n$ scrapy digest --preview", "bold"))
    _scrapy(folder, "digest", "--preview")
    _show_digest(folder / "preview" / "preview.txt", console)
    _show(folder, console)
    _show_datasette(folder, console)
    _show_next_steps(folder, console)
    return 0


def _scrapy(folder: Path, *words: str) -> int:
    command = [sys.executable, "-m", "scrapy", *words]
    env = {**os.environ, "WIREWATCH_DATA_DIR": str(folder)}
    return subprocess.run(command, env=env, check=False).returncode  # noqa: S603 -- fixed command


def _show_digest(path: Path, console: Terminal) -> None:
    """Show the first lines of the mail's plain text."""
    lines = path.read_text(encoding="utf-8").splitlines()[2:]
    shown = lines[:DIGEST_LINES]
    console.print("\n".join(shown), style="dim")
    console.notify((f"… {len(lines) - len(shown)} more lines\n", "dim"))


def _first_table(path: Path) -> str:
    tables = path.read_text(encoding="utf-8").split("\n\n")
    return next(table for table in tables if table.startswith("[")).strip()


def _show(folder: Path, console: Terminal) -> None:
    with contextlib.closing(open_reader(folder / "archive.db")) as db:
        console.print()
        console.heading(("Articles in the archive", "bold"))
        console.print(_newest(db, with_bylines=console.width >= WIDE_TERMINAL))
        _show_topics(db, console)
        _show_edit(db, console)
        _show_forms(db, console)
        _show_unfetched(db, console)
        _show_search(db, console)


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


def _show_next_steps(folder: Path, console: Terminal) -> None:
    db = open_reader(folder / "archive.db")
    url = db.execute("SELECT url FROM edits ORDER BY revision_id DESC LIMIT 1").fetchone()
    db.close()
    where, tools = _relative(folder), _relative(Path(sys.executable).parent)
    console.print()
    console.heading(("Next steps", "bold"))
    console.notify(f"  {tools}/datasette {where}/archive.db --open", ("   browse the archive", "dim"), soft_wrap=True)
    if url:
        console.print(f"  WIREWATCH_DATA_DIR={where} {tools}/scrapy diff {url[0]}", soft_wrap=True)
    console.notify(
        f"  WIREWATCH_DATA_DIR={where} {tools}/scrapy backtest ceasefire-talks",
        ("   what a topic would have flagged", "dim"),
    )
    console.notify(
        f"  WIREWATCH_DATA_DIR={where} {tools}/scrapy archive check",
        ("   verify all texts and raw pages", "dim"),
    )
    console.notify(
        "To crawl other outlets, edit data/sources.toml and run ", (f"{tools}/scrapy crawl all", "bold"), "."
    )


def _relative(folder: Path) -> Path:
    cwd = Path.cwd()
    return folder.relative_to(cwd) if folder.is_relative_to(cwd) else folder


WIDE_TERMINAL = 110
"""Terminal width from which bylines are shown, in columns."""


def _newest(db: Connection, *, with_bylines: bool) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold dim")
    table.add_column("published", no_wrap=True, min_width=12)
    table.add_column("source", no_wrap=True, min_width=19)
    table.add_column("title", max_width=54, no_wrap=True, overflow="ellipsis")
    if with_bylines:
        table.add_column("byline", max_width=24, no_wrap=True, overflow="ellipsis")
    table.add_column("versions", justify="right", min_width=8)
    rows = db.execute(
        "SELECT published_at, source, title, byline, words, revision_count, status FROM articles_latest"
        " ORDER BY published_at DESC LIMIT 12"
    )
    for row in rows:
        at = datetime.fromisoformat(row["published_at"].replace("Z", "+00:00"))
        note = "" if row["status"] == "ok" else f" ({row['status']})"
        table.add_row(
            f"{at:%b %d %H:%M}",
            row["source"],
            Text.assemble(row["title"] or "", (note, "yellow")),
            *([row["byline"] or "—"] if with_bylines else []),
            str(row["revision_count"]),
        )
    return table


def _show_topics(db: Connection, console: Terminal) -> None:
    rows = db.execute(
        "SELECT t.title, count(a.id) AS alerts FROM topics t JOIN alerts a ON a.topic_id = t.id GROUP BY t.id ORDER BY 2 DESC, 1"
    ).fetchall()
    reported = ", ".join(f"{row['title'].lower()} {row['alerts']}" for row in rows)
    carried = db.execute("SELECT count(*) FROM matches WHERE kind = 'pickup'").fetchone()[0]
    console.notify(("\nAlerts by topic, one per story:", "bold"), f" {reported}")
    if carried:
        console.print(
            f"{carried} matches in pickups of reported stories: no alerts; the articles are listed with their stories.",
            style="dim",
        )


def _show_edit(db: Connection, console: Terminal) -> None:
    from crawler.text.diff import diff_paragraphs
    from schedules.commands.reading.diff import change_text, revision_paragraphs

    edit = db.execute(
        "SELECT revision_id, previous_revision_id FROM edits ORDER BY revision_id DESC LIMIT 1"
    ).fetchone()
    if edit is None:
        return
    before, after = (db.execute("SELECT * FROM revisions WHERE id = ?", (edit[name],)).fetchone() for name in (1, 0))
    console.notify(("\nAn edit", "bold"), (f" ({after['title']})", "dim"))
    for change in diff_paragraphs(revision_paragraphs(before), revision_paragraphs(after)):
        if change.kind != "same":
            console.print(change_text(change))


def _show_forms(db: Connection, console: Terminal) -> None:
    row = db.execute("SELECT article_id FROM article_urls GROUP BY 1 ORDER BY count(*) DESC LIMIT 1").fetchone()
    urls = db.execute("SELECT url, origin FROM article_urls WHERE article_id = ? LIMIT 4", (row[0],)).fetchall()
    if len(urls) > 1:
        console.notify(("\nThe URLs of one article", "bold"))
        for url in urls:
            console.notify(f"  {url['url']}", (f"  {url['origin']}", "dim"), soft_wrap=True)


def _show_unfetched(db: Connection, console: Terminal) -> None:
    rows = db.execute("SELECT url, state, reason FROM unfetched ORDER BY source_id LIMIT 4").fetchall()
    if rows:
        console.notify(("\nPages that could not be fetched", "bold"))
        for row in rows:
            console.notify(f"  {row['url']}", (f"  {row['state']}: {row['reason']}", "dim"), soft_wrap=True)


def _show_search(db: Connection, console: Terminal) -> None:
    query = "deploy* OR troop*"
    rows = db.execute(
        "SELECT r.title, snippet(revisions_fts, 3, char(57345), char(57346), ' … ', 16) AS words FROM revisions_fts"
        " JOIN revisions r ON r.id = revisions_fts.rowid WHERE revisions_fts MATCH ? ORDER BY r.id DESC LIMIT 2",
        (query,),
    ).fetchall()
    if rows:
        console.notify(("\nFull-text search:", "bold"), f" {query}")
        for row in rows:
            console.notify(f"  {row['title']}: ", *_marked(" ".join(row["words"].split())))


def _marked(snippet: str) -> Iterator[str | tuple[str, str]]:
    """Split a snippet at its highlight marks, which are private-use characters that do not occur in texts."""
    for number, part in enumerate(re.split("[\ue001\ue002]", snippet)):
        yield (part, "bold yellow") if number % 2 else part

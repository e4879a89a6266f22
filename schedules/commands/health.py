"""scrapy health: what is wrong with which source."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.terminal import say, say_json

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.archive.connection import Connection
    from crawler.archive.health import Problem, State
    from crawler.config import Config


class Command(ScrapyCommand):
    """Looks at every source, and tells."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """After the command's name."""
        return "[--tell] [--json]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Tell what is wrong with which source, since when, and what to try"

    def long_desc(self) -> str:
        """For --help."""
        return (
            "Look at what the archive knows of each source: silent against its own rhythm, blocked, unreachable, moved,"
            " pages that give no article or have lost a field, a feed stuck on an old date, wrong clocks. A problem is"
            " kept until it has healed. On cron: scrapy health --tell. Example: scrapy health --json | jq -r '.[].source'."
            " A source that was not polled yet, or failed once or twice, is named, and no problem yet."
            " Exit status: 0 no problem, 1 something is wrong, 2 a mistake in sources.toml, 3 the archive cannot be used."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Ours beside Scrapy's own."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Health")
        group.add_argument("--json", action="store_true", help="for machines")
        group.add_argument("--tell", action="store_true", help="only what was not told within a day, for cron's mail")
        group.add_argument("-q", "--quiet", action="store_true", help="look and write down; print nothing")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Look and tell."""
        from crawler.config import Config
        from schedules.commands import expected, fail

        if args:
            raise UsageError("it looks at all sources; `scrapy sources check ID` tries the ways into one")
        try:
            self.exitcode = _health(Config.read(self.settings), opts)
        except expected() as error:
            self.exitcode = fail(error)


def _health(config: Config, opts: argparse.Namespace) -> int:
    from crawler.archive.connection import need
    from crawler.archive.health import note_told, source_states
    from crawler.archive.store import Store
    from crawler.run import utc_now
    from crawler.sources import load_sources
    from schedules.examining import examine, our_clock

    sources = load_sources(config.sources_toml)
    need(config.archive_db)
    now = utc_now()
    enabled = [source.id for source in sources if source.enabled]
    store = Store.open(config.archive_db, config.warc_dir)
    try:
        found = examine(store, sources, now=now)
        states = source_states(store.db)
        well = sum(states.get(source) == "ok" for source in enabled)
        notes = [line for source in enabled for line in _notes(store.db, source, states.get(source, "new"))]
        clock = our_clock(store.db, sources, now)
        shown = [problem for problem in found if problem.is_to_be_told(now)] if opts.tell else found
        if opts.tell:
            with store.transaction():
                note_told(store, [problem.id for problem in shown], now=now)
    finally:
        store.close()
    if opts.quiet:
        pass
    elif opts.json:
        say_json([_as_dict(problem) for problem in shown])
    else:
        if clock is not None:
            say(f"This machine's clock is wrong by {abs(clock)}, say the servers of most sources; set it (NTP).")
        _print(shown, now)
        if not opts.tell:
            for line in notes:
                say(line)
            say(f"{well} of {len(enabled)} sources are well.")
    return 1 if found or clock is not None else 0


def _notes(db: Connection, source: str, state: State) -> list[str]:
    """What there is to say of a source that is not well and has no problem yet."""
    from crawler.archive.health import last_failures

    if state == "new":
        return [f"{source}: not polled yet; `scrapy crawl {source}` does, `scrapy monitor` by itself"]
    return [f"{source}: {line}" for line in last_failures(db, source)] if state == "failing" else []


def _print(problems: list[Problem], now: datetime) -> None:
    from schedules.sourcestate import ago

    for problem in problems:
        say(f"{problem.source}: {problem.kind} since {problem.since:%Y-%m-%d %H:%M} UTC ({ago(problem.since, now)})")
        say(f"  {problem.evidence}")
        say(f"  try: {problem.advice}")


def _as_dict(problem: Problem) -> dict[str, object]:
    from datetime import datetime

    from crawler.archive.values import iso

    values = {name: getattr(problem, name) for name in problem.__slots__}
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in values.items()}

"""scrapy sources: how the outlets are doing; find the ways into one, try them, bring lists in and out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.terminal import hand_over, say, say_json, warn

if TYPE_CHECKING:
    from rich.table import Table
    from scrapy.settings import Settings

    from crawler.config import Config
    from crawler.sources import Source
    from schedules.probing import Reading
    from schedules.sourcestate import SourceState

ACTIONS = ("add", "check", "import", "export")


class Command(ScrapyCommand):
    """The state of the sources, and four actions on them."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """After the command's name."""
        return "[add URL | check [ID...] | import FILE.opml | export [FILE.opml]]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Show the outlets' state; find, try, import and export them"

    def long_desc(self) -> str:
        """For --help."""
        return (
            "Without an action: how each outlet of sources.toml is doing. add URL: find the feeds, news sitemaps and"
            " listings of a home page, try each, and print the table to paste into sources.toml. check [ID...]: try"
            " every way in. import FILE.opml: print tables for a feed reader's list. export [FILE.opml]: all feeds as"
            " OPML. Example: scrapy sources add https://harbour-gazette.example/."
            " Exit status: 0 all well, 1 a way failed or none was found, 2 a mistake in the command or in a file."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Ours beside Scrapy's own."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Sources")
        group.add_argument("--json", action="store_true", help="for machines")
        group.add_argument("--allow-private", action="store_true", help="add: an outlet in your own network")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Dispatch."""
        from crawler.config import Config
        from schedules.commands import end_with_reader, expected, fail

        assert self.settings is not None
        actions: dict[str, Callable[[Config, Settings, list[str], argparse.Namespace], int]] = {
            "add": _add,
            "check": _check,
            "import": _import,
            "export": _export,
        }
        if args and args[0] not in actions:
            raise UsageError(f"no action {args[0]!r}; there are {', '.join(ACTIONS)}, and none for the state")
        if not args or args[0] == "export":
            end_with_reader()
        action = actions[args[0]] if args else _show
        try:
            self.exitcode = action(Config.read(self.settings), self.settings, args[1:], opts)
        except expected() as error:
            self.exitcode = fail(error)


def _show(config: Config, _: Settings, __: list[str], opts: argparse.Namespace) -> int:
    from crawler.archive.connection import open_reader
    from crawler.run import utc_now
    from crawler.sources import load_sources
    from schedules.sourcestate import reason_lines, states

    sources = load_sources(config.sources_toml)
    db = open_reader(config.archive_db) if config.archive_db.exists() else None
    try:
        found = states(sources, db)
    finally:
        if db is not None:
            db.close()
    if opts.json:
        say_json([state.as_dict() for state in found])
    else:
        _print(_state_table(found, utc_now()))
        say("\n".join(reason_lines(found)), end="\n" if reason_lines(found) else "")
    return 1 if any(state.state == "failing" for state in found) else 0


def _state_table(found: Sequence[SourceState], now: Any) -> Table:
    from schedules.sourcestate import ago

    table = _table("source", "state", "articles", "last run", "new", "failed", "waiting", "due")
    styles = {"failing": "red", "off": "dim", "retired": "dim", "never crawled": "yellow"}
    for state in found:
        crawled = state.last_run_at is not None
        idle = state.state in {"off", "retired"}
        table.add_row(
            state.id,
            state.state,
            str(state.articles or "·"),
            ago(state.last_run_at, now),
            str(state.last_new) if crawled else "·",
            str(state.last_failed) if crawled else "·",
            str(state.waiting or "·"),
            "–"
            if idle
            else "now"
            if state.next_due_at is None or state.next_due_at <= now
            else ago(state.next_due_at, now),
            style=styles.get(state.state, ""),
        )
    return table


def _add(config: Config, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.locks import hold
    from crawler.run import utc_now
    from crawler.sources import load_sources
    from crawler.urls import absolute, host_of, registered_domain
    from schedules.probing import Findings, Prober, probing_run, run_plans
    from spiders.ways import as_toml, id_for

    written = args[0] if len(args) == 1 else ""
    url = absolute("", written if "://" in written else f"https://{written}")
    if url is None or not written:
        raise UsageError("give the outlet's home page: scrapy sources add https://harbour-gazette.example/")
    sources = load_sources(config.sources_toml) if config.sources_toml.exists() else ()
    domain = registered_domain(host_of(url))
    findings, now = Findings(), utc_now()
    shared: dict[str, Any] = {"DOWNLOAD_DELAY": config.delay}
    if opts.allow_private:
        shared["WIREWATCH_PRIVATE_HOSTS"] = [host_of(url)]
    with hold(config.locks_dir, [domain]) as busy, probing_run(config) as run:
        if busy:
            warn(f"process {busy[domain]} is crawling {domain}; try again when it is done")
            return 1
        run_plans([(Prober(workers=run.workers, now=now).add_plan(url, findings), {})], run, settings, shared)
    if findings.outlet is None:
        fault = findings.fault or f"{url}: nothing came back"
        own = not opts.allow_private and "allow_private" in fault
        warn(fault + ("; to add it: scrapy sources add --allow-private" if own else ""))
        return 1
    for source in sources:
        if domain in source.domains:
            warn(f"[{source.id}] of {config.sources_toml} reads {domain} already")
    tried = [reading.tried for reading in findings.readings]
    source_id = id_for(findings.outlet.name, findings.outlet.home, [source.id for source in sources])
    table = as_toml(findings.outlet, tried, source_id=source_id, checked=now.date(), allow_private=opts.allow_private)
    if opts.json:
        ways = [_as_dict(one) for one in tried]
        say_json({"id": source_id, "toml": table, "ways": ways})
    else:
        hand_over([_apart(), table])
    return 0 if any(one.fault is None for one in tried) else 1


def _check(config: Config, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.locks import hold
    from crawler.run import utc_now
    from crawler.sources import load_sources
    from schedules.choosing import choose
    from schedules.crawling import browser_for, domains_of, scrapy_settings
    from schedules.probing import Prober, probing_run, run_plans

    chosen = choose(args or ["all"], load_sources(config.sources_toml), config.archive_db, now=utc_now(), force=True)
    readings: dict[tuple[str, str], Reading] = {}
    with hold(config.locks_dir, domains_of(chosen)) as busy, probing_run(config) as run:
        free = [source for source in chosen if not busy.keys() & set(source.domains)]
        prober = Prober(workers=run.workers, now=utc_now())
        plain = [source for source in free if not source.render]
        rendered = [source for source in free if source.render]
        with browser_for(rendered, config) as for_browser:
            plans = [(prober.check_plan(group, readings), own) for group, own in ((plain, {}), (rendered, for_browser))]
            run_plans(plans, run, settings, scrapy_settings(free, config))
    results = [(source, way, readings.get((source.id, way.url))) for source in chosen for way in source.ways]
    if opts.json:
        told = [{"source": source.id, **_as_dict(reading.tried)} for source, _, reading in results if reading]
        say_json(told)
    else:
        _print(_check_table(results))
    for source in chosen:
        if source not in free:
            warn(f"{source.id}: another crawl is at it; not tried")
    return 1 if any(reading is None or reading.tried.fault for _, _, reading in results) else 0


def _check_table(results: Sequence[tuple[Source, Any, Reading | None]]) -> Table:
    table = _table("source", "way", "HTTP", "links", "newest", "", "address")
    for source, way, reading in results:
        if reading is None:
            table.add_row(source.id, way.kind, "·", "·", "·", "not tried", way.url, style="yellow")
            continue
        tried = reading.tried
        cells = (
            str(tried.http_status or "·"),
            str(tried.links or "·"),
            tried.newest or "·",
            tried.fault or "ok",
            way.url,
        )
        table.add_row(source.id, way.kind, *cells, style="red" if tried.fault else "")
    return table


def _import(config: Config, _: Settings, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.opml import read_opml
    from crawler.sources import load_sources
    from schedules.exchange import import_tables

    if len(args) != 1:
        raise UsageError("say which file: scrapy sources import feeds.opml >> data/sources.toml")
    sources = load_sources(config.sources_toml) if config.sources_toml.exists() else ()
    imported = read_opml(Path(args[0]).expanduser())
    tables, left_out = import_tables(imported, sources)
    if opts.json:
        say_json({"tables": tables, "left_out": left_out})
    else:
        hand_over([_apart() if tables else "", "\n".join(tables)])
        for line in left_out:
            warn(f"{args[0]}: {line}")
    return 0


def _export(config: Config, _: Settings, args: list[str], __: argparse.Namespace) -> int:
    from crawler.opml import to_opml
    from crawler.run import utc_now
    from crawler.sources import load_sources

    if len(args) > 1:
        raise UsageError("one file at most: scrapy sources export feeds.opml")
    sources = [source for source in load_sources(config.sources_toml) if source.feeds]
    body = to_opml(sources, title="Wirewatch", now=utc_now())
    if not args:
        hand_over([body.decode()])
        return 0
    target = config.refuse_own(Path(args[0]).expanduser())
    try:
        target.write_bytes(body)
    except OSError as error:
        warn(f"{target}: cannot be written: {error.strerror}")
        return 2
    say(f"{target}: {sum(len(source.feeds) for source in sources)} feeds of {len(sources)} sources")
    return 0


def _apart() -> str:
    """An empty line before what is appended to a file."""
    return "" if sys.stdout.isatty() else "\n"


def _as_dict(tried: Any) -> dict[str, Any]:
    return {name: getattr(tried, name) for name in tried.__slots__ if name != "why"}


def _table(*headings: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        numeric = heading in {"articles", "new", "failed", "waiting", "links", "HTTP"}
        wide = heading in {"", "address"}
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=not wide, overflow="fold")
    return table


def _print(table: Table) -> None:
    from schedules.console import Terminal

    Terminal().print(table)

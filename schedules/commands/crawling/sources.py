"""scrapy sources: show the state of the sources; add, check, import and export them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler.archive.db.open import reader_if_any
from crawler.clock import utc_now
from crawler.config.paths import expanded
from crawler.exceptions import WirewatchError
from schedules.cli.command import WirewatchCommand
from schedules.cli.errors import end_with_reader, file_errors
from schedules.cli.output import print_json, print_line, warn, write_data

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.settings import Settings

    from crawler.archive.monitoring.source_overviews import SourceOverview
    from crawler.config.app import AppConfig
    from crawler.config.sources import Source
    from schedules.sources.probe import ProbedSeed
    from spiders.autodiscovery.candidates import ProbeResult


class Command(WirewatchCommand):
    arguments = "[add URL | check [ID...] | import FILE.opml | export [FILE.opml]]"
    summary = "Show the outlets' state; find, try, import and export them"
    description = (
        "Without an action: show the state of each source. add URL: find the feeds, news sitemaps and listings of a"
        " home page, check each, and print a table for sources.toml. check [ID...]: fetch and parse every feed,"
        " sitemap and listing. import FILE.opml: convert a feed reader's list to tables for sources.toml. export"
        " [FILE.opml]: write all feeds as OPML."
    )
    example = "scrapy sources add https://harbour-gazette.example/"
    statuses = "0 OK, 1 a check failed or nothing was found, 2 a mistake in the command or in a file"

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Sources")
        group.add_argument("--tag", metavar="TAG", help="without an action, or with check: only sources with this tag")
        group.add_argument("--json", action="store_true", help="print JSON")
        group.add_argument("--allow-private", action="store_true", help="with add: allow private addresses")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        actions: dict[str, Callable[[AppConfig, Settings, list[str], argparse.Namespace], int]] = {
            "add": _add,
            "check": _check,
            "import": _import,
            "export": _export,
        }
        if args and args[0] not in actions:
            raise UsageError(f"unknown action {args[0]!r}; the actions are {', '.join(actions)}")
        if opts.tag is not None and args and args[0] != "check":
            raise UsageError("--tag goes with the list and with check")
        if not args or args[0] == "export":
            end_with_reader()
        action = actions[args[0]] if args else _show
        self.exitcode = action(config, self.settings, args[1:], opts)


def _show(config: AppConfig, _: Settings, __: list[str], opts: argparse.Namespace) -> int:
    from crawler.archive.monitoring.source_overviews import source_overviews
    from crawler.archive.monitoring.source_states import SourceState
    from crawler.config.sources import load_sources
    from schedules.sources.selection import sources_tagged

    sources = load_sources(config.sources_toml)
    tagged = {source.id for source in sources_tagged(sources, opts.tag)} if opts.tag is not None else None
    with reader_if_any(config.archive_db) as db:
        found = [
            source for source in source_overviews(sources, db, now=utc_now()) if tagged is None or source.id in tagged
        ]
    if opts.json:
        print_json(found)
    else:
        _print_states(found, utc_now())
        for source in found:
            if source.reason and (source.state.is_watched or source.state is SourceState.PAUSED):
                print_line(f"{source.id}: {source.reason}")
    return 1 if any(source.state.needs_attention for source in found) else 0


def _print_states(found: Sequence[SourceOverview], now: datetime) -> None:
    from schedules.cli.columns import print_columns
    from schedules.formatting.plain_text import span_ago

    rows, styles = [], []
    for source in found:
        crawled = source.last_run_at is not None
        watched = source.state.is_watched
        due = "now" if source.is_due(now) else span_ago(source.next_due_at, now)
        rows.append(
            (
                source.id,
                source.state.value,
                str(source.articles or "·"),
                span_ago(source.last_run_at, now),
                str(source.last_new) if crawled else "·",
                str(source.last_without_text or "·"),
                str(source.last_failed) if crawled else "·",
                str(source.waiting or "·"),
                due if watched else "–",
            )
        )
        styles.append("red" if source.state.needs_attention else "" if watched else "dim")
    headings = ("source", "state", "articles", "last run", "new", "no text", "failed", "waiting", "due")
    print_columns(headings, rows, right={"articles", "new", "failed", "waiting"}, styles=styles)


def _add(config: AppConfig, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.config.sources import load_sources
    from schedules.sources.add_outlet import configured_source, home_url, outlet_table, probe_outlet

    url = home_url(args[0]) if len(args) == 1 else None
    if url is None:
        raise UsageError("expected the URL of a home page: scrapy sources add https://harbour-gazette.example/")
    sources = load_sources(config.sources_toml) if config.sources_toml.exists() else ()
    now = utc_now()
    try:
        probe = probe_outlet(config, settings, url, now=now, allow_private=opts.allow_private)
    except WirewatchError as error:
        is_private = not opts.allow_private and "allow_private" in str(error)
        warn(f"{error}; to add it: scrapy sources add --allow-private" if is_private else error)
        return 1
    known = configured_source(url, sources)
    if known is not None:
        warn(f"{url} is configured already: table [{known.id}] of {config.sources_toml}")
    source_id, table, works = outlet_table(probe, sources, now=now, allow_private=opts.allow_private)
    if opts.json:
        print_json({"id": source_id, "toml": table, "seeds": [_as_dict(probed.result) for probed in probe.seeds]})
    else:
        write_data([_separator(), table])
    return 0 if works else 1


def _check(config: AppConfig, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.config.sources import load_sources
    from crawler.filesystem.locks import acquire
    from schedules.crawl.runner import browser_for, domains_of, scrapy_settings
    from schedules.sources.probe import Prober, probing_run, run_plans
    from schedules.sources.selection import select_sources, sources_tagged

    sources = load_sources(config.sources_toml)
    if opts.tag is not None:
        sources = tuple(sources_tagged(sources, opts.tag))
    chosen = select_sources(args or ["all"], sources, config.archive_db, now=utc_now(), force=True)
    probed: dict[tuple[str, str], ProbedSeed] = {}
    with acquire(config.locks_dir, domains_of(chosen)) as busy, probing_run(config) as run:
        free = [source for source in chosen if not busy.keys() & set(source.domains)]
        prober = Prober(workers=run.workers, now=utc_now())
        plain = [source for source in free if not source.render]
        rendered = [source for source in free if source.render]
        with browser_for(rendered, config) as for_browser:
            plans = [(prober.check_plan(group, probed), own) for group, own in ((plain, {}), (rendered, for_browser))]
            run_plans(plans, run, settings, scrapy_settings(free, config))
    checks = [(source, seed, probed.get((source.id, seed.url))) for source in chosen for seed in source.seeds]
    if opts.json:
        print_json([{"source": source.id, **_as_dict(one.result)} for source, _, one in checks if one])
    else:
        _print_checks(checks)
    for source in chosen:
        if source not in free:
            warn(f"{source.id}: not checked because another crawl of it is running")
    return 1 if any(one is None or one.result.fault for _, _, one in checks) else 0


def _print_checks(checks: Sequence[tuple[Source, Any, ProbedSeed | None]]) -> None:
    from schedules.cli.columns import print_columns

    rows: list[Sequence[object]] = []
    styles = []
    for source, seed, probed in checks:
        if probed is None:
            rows.append((source.id, seed.kind, "·", "·", "·", "·", "not checked", seed.url))
            styles.append("yellow")
            continue
        one = probed.result
        counts = (count or "·" for count in (one.http_status, one.entries, one.links))
        rows.append((source.id, seed.kind, *counts, one.newest or "·", _result_line(one), seed.url))
        styles.append("red" if one.fault else "")
    headings = ("source", "seed", "HTTP", "entries", "links", "newest", "result", "URL")
    print_columns(headings, rows, right={"entries", "links", "HTTP"}, wrapped={"result", "URL"}, styles=styles)


def _result_line(one: ProbeResult) -> str:
    left_out = ", ".join(f"{code}: {count}" for code, count in one.left_out.items())
    return (one.fault or "OK") + (f" (left out: {left_out})" if left_out and one.kind != "listing" else "")


def _import(config: AppConfig, _: Settings, args: list[str], opts: argparse.Namespace) -> int:
    from crawler.config.opml import read_opml
    from crawler.config.sources import load_sources
    from schedules.sources.opml_import import import_tables

    if len(args) != 1:
        raise UsageError("expected one file: scrapy sources import feeds.opml >> data/sources.toml")
    sources = load_sources(config.sources_toml) if config.sources_toml.exists() else ()
    imported = read_opml(expanded(args[0]))
    tables, left_out = import_tables(imported, sources)
    if not imported.subscriptions and not left_out:
        left_out = ["holds no feeds"]
    if opts.json:
        print_json({"tables": tables, "left_out": left_out})
    else:
        write_data([_separator() if tables else "", "\n".join(tables)])
        for line in left_out:
            warn(f"{args[0]}: {line}")
    return 0


def _export(config: AppConfig, _: Settings, args: list[str], __: argparse.Namespace) -> int:
    from crawler.config.opml import to_opml
    from crawler.config.sources import load_sources

    if len(args) > 1:
        raise UsageError("expected at most one file: scrapy sources export feeds.opml")
    sources = [source for source in load_sources(config.sources_toml) if source.feeds]
    body = to_opml(sources, title="Wirewatch", now=utc_now())
    if not args:
        write_data([body.decode()])
        return 0
    target = config.refuse_own(expanded(args[0]))
    with file_errors(target, "written"):
        target.write_bytes(body)
    print_line(f"{target}: {sum(len(source.feeds) for source in sources)} feeds of {len(sources)} sources")
    return 0


def _separator() -> str:
    """Return an empty line before the output if it may be appended to a file."""
    return "" if sys.stdout.isatty() else "\n"


def _as_dict(result: ProbeResult) -> dict[str, Any]:
    return {name: getattr(result, name) for name in result.__slots__ if name != "found_in"}

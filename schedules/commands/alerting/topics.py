"""scrapy topics: list the topics with their state, and check topics.toml."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import reader_if_any
from crawler.clock import utc_now
from crawler.exceptions import WirewatchError
from crawler.text.suggestions import did_you_mean
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_json
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crawler.config.app import AppConfig
    from schedules.topics.status import TopicState

MISSING_SHOWN = 8
UNMATCHED_SHOWN = 3
FULL_TABLE_WIDTH = 120
"""Terminal width from which titles are shown."""


class Command(WirewatchCommand):
    arguments = "[check [TOPIC ...]]"
    summary = "List the topics with alerts per week and precision; check topics.toml"
    description = (
        "Without an action: list every topic of topics.toml with its alerts per week over the last four weeks and its"
        " precision according to your judgements. check: report every mistake in the file with its place, the forms that"
        " each ~word finds in the archive, words that a prefix or ~ would replace with what it would also find, and words"
        " that do not occur in the archive."
    )
    example = "scrapy topics check troop-deployments"
    statuses = "0 OK, 2 a mistake in the file or in the command"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--group", metavar="NAME", help="without an action: only the topics of this group")
        parser.add_argument("--json", action="store_true", help="print the list as JSON")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if args and args[0] != "check":
            raise UsageError(f"unknown action {args[0]!r}: use check, or no action for the list")
        if args and (opts.json or opts.group is not None):
            raise UsageError("--json and --group cannot be combined with check")
        if args:
            _check(config, args[1:])
        else:
            _show(config, group=opts.group, as_json=opts.json)


def _show(config: AppConfig, *, group: str | None, as_json: bool) -> None:
    from schedules.cli.console import Terminal
    from schedules.topics.flag_job import topics_of
    from schedules.topics.status import topic_states

    topics = topics_of(config).topics
    known = sorted({topic.group for topic in topics if topic.group})
    if group is not None and group not in known:
        hint = did_you_mean(group, known) or (f"; the groups are: {', '.join(known)}" if known else "")
        raise WirewatchError(f"no topic has the group {group!r}{hint}")
    with reader_if_any(config.archive_db) as db:
        states = topic_states(db, [topic for topic in topics if group in (None, topic.group)], now=utc_now())
    if as_json:
        print_json([_as_json(state) for state in states])
        return
    console = Terminal()
    _print_states(states, utc_now(), with_titles=console.width >= FULL_TABLE_WIDTH)
    for state in states:
        for line in _about_unmatched(state):
            console.print(line)
        if state.changed:
            console.print(f"{state.topic.id}: changed since the last flag job; `scrapy flag` creates a new version.")


def _print_states(states: list[TopicState], now: datetime, *, with_titles: bool) -> None:
    from schedules.cli.columns import print_columns

    numbers = ("version", "alerts", "per week")
    titles = ("title", "scope") if with_titles else ()
    rows = [
        (
            state.topic.id,
            *((state.topic.title, state.topic.scope) if with_titles else ()),
            (state.version or "new") if state.topic.enabled else "off",
            state.alerts or "",
            f"{state.per_week:.1f}" if state.per_week is not None else "",
            _ago(now, state.last_at),
            str(state.precision) if state.precision.judged else "",
        )
        for state in states
    ]
    headings = ("topic", *titles, *numbers, "last", "precision")
    print_columns(headings, rows, right=numbers, wrapped={"title", "precision"})


def _about_unmatched(state: TopicState) -> Iterator[str]:
    """Yield lines on the revisions that could not be matched: how many, the next retry, and the newest."""
    if not state.unmatched:
        return
    given_up = sum(one.next_try_at is None for one in state.unmatched)
    again = min((one.next_try_at for one in state.unmatched if one.next_try_at is not None), default=None)
    then = f"next retry at {again:%d %b %H:%M} UTC" if again else ""
    if given_up:
        then = "; ".join(part for part in (then, f"{given_up} given up") if part)
    revisions = count_phrase(len(state.unmatched), "revision")
    yield f"{state.topic.id}: {revisions} could not be matched ({then}). Changing the topic retries them at once."
    for one in state.unmatched[:UNMATCHED_SHOWN]:
        yield f"  {one.url}: {one.error}"


def _ago(now: datetime, at: datetime | None) -> str:
    if at is None:
        return ""
    hours = (now - at).total_seconds() / 3600
    return f"{hours * 60:.0f} min ago" if hours < 1 else f"{hours:.0f} h ago" if hours < 48 else f"{at:%d %b %Y}"


def _as_json(state: TopicState) -> dict[str, object]:
    low, high = state.precision.interval
    return {
        "id": state.topic.id,
        "title": state.topic.title,
        "enabled": state.topic.enabled,
        "definition": state.topic.definition,
        "version": state.version,
        "alerts": state.alerts,
        "alerts_per_week": state.per_week,
        "last_alert_at": state.last_at.isoformat() if state.last_at else None,
        "judged": state.precision.judged,
        "relevant": state.precision.relevant,
        "precision_interval": [low, high],
        "unmatched": [
            {"url": one.url, "revision_id": one.revision_id, "error": one.error, "attempts": one.attempts}
            for one in state.unmatched
        ],
    }


def _check(config: AppConfig, ids: list[str]) -> None:
    from crawler.archive.articles.search import Vocabulary
    from schedules.cli.console import Terminal
    from schedules.topics.flag_job import topics_of
    from schedules.topics.query_advice import advice, forms_reports, never_found

    file = topics_of(config)
    chosen = [file.topic(name, config.topics_toml) for name in ids] or list(file.topics)
    console = Terminal()
    with reader_if_any(config.archive_db) as db:
        for topic in chosen:
            console.notify((topic.id, "bold"), f"  {topic.title}: no mistakes")
            if db is None:
                continue
            words = Vocabulary(db)
            reports = list(forms_reports(topic, file.terms, words))
            found = [report for report in reports if report.found]
            for one in (*found, *advice(topic, words)):
                console.print(f"  {one}", soft_wrap=True)
            missing = never_found(topic, words, reports)
            if missing:
                more = f" and {len(missing) - MISSING_SHOWN} more" if len(missing) > MISSING_SHOWN else ""
                console.print(f"  not in the archive: {', '.join(missing[:MISSING_SHOWN])}{more}", style="dim")
    where = "" if db is not None else " No archive yet: words were not looked up."
    console.print(f"{count_phrase(len(chosen), 'topic')}, {len(file.terms)} word lists: no mistakes.{where}")

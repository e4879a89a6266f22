"""scrapy backtest: run a topic or a changed query on the archive, and label its articles."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_archive, open_reader
from crawler.clock import utc_now
from crawler.exceptions import WirewatchError
from schedules.cli.arguments import parse_count, since_option
from schedules.cli.command import WirewatchCommand
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from rich.text import Text

    from crawler.config.app import AppConfig
    from crawler.config.topics import Topic, TopicFile
    from crawler.sqlite.connection import Connection
    from schedules.cli.console import Terminal
    from schedules.topics.backtest import Hit, NoisyWord

NEWEST_HITS = 10
CHANGES_SHOWN = 10
"""Articles shown that a changed query gains, and as many that it loses."""
WORDS = 12
NOISE_SHOWN = 5
BAR = 40
"""Length of the longest bar, in characters."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"


class Command(WirewatchCommand):
    arguments = "TOPIC"
    summary = "Show what a topic would have flagged in the archive"
    description = (
        "Run a topic over the archive: articles per day, the newest ones, the matched words, and the precision"
        " according to your judgements. --judge shows a random sample one by one: y relevant, n not relevant, s skip,"
        " q quit. Judgements are stored. --query tries another query instead of the topic's own and shows what it"
        " gains and loses; --against compares with another topic or query. No alerts are created."
    )
    example = "scrapy backtest troop-deployments --since 30d --query '$soldiers AND (sent OR deploy*)'"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Backtest")
        group.add_argument("--since", metavar="DATE", help="only revisions seen since then: 2026-11-01, or 30d")
        group.add_argument("--query", help="try this query instead of the topic's own")
        group.add_argument(
            "--against", metavar="QUERY", help="compare with this query or topic; default with --query: the topic's own"
        )
        group.add_argument(
            "--judge", nargs="?", type=parse_count, const=20, metavar="N", help="judge a random sample of N (20)"
        )
        group.add_argument("--seed", type=int, default=0, help="seed of the random sample")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("give one topic; `scrapy topics` lists them")
        for option, written in (("--query", opts.query), ("--against", opts.against)):
            if written is not None and not written.strip():
                raise UsageError(f"{option}: the query is empty")
        _backtest(config, args[0], opts)


def _backtest(config: AppConfig, topic_id: str, opts: argparse.Namespace) -> None:
    from crawler.archive.topics.alerts import judgements
    from crawler.topics.regex_sandbox import pattern_check
    from schedules.cli.console import Terminal
    from schedules.topics.backtest import hits
    from schedules.topics.flag_job import topics_of

    file = topics_of(config)
    live = file.topic(topic_id, config.topics_toml)
    tried = _topic_of(opts.query, file, live, "--query") if opts.query is not None else live
    against = live if opts.query is not None else None
    if opts.against is not None:
        against = _topic_of(opts.against, file, live, "--against")
    since = since_option(opts.since, utc_now()) if opts.since else None
    console = Terminal()
    with contextlib.closing(open_reader(config.archive_db)) as db:
        with pattern_check() as check:
            found = hits(db, tried, since=since, found_by_pattern=check)
            other = hits(db, against, since=since, found_by_pattern=check) if against else None
        judged = judgements(db, live.id)
    if opts.judge:
        with contextlib.closing(open_archive(config.archive_db)) as writable:
            _judge(writable, console, live.id, found, opts, utc_now)
            judged = judgements(writable, live.id)
    print_backtest(console, tried, found, judged, since, _noise(config, tried, found, judged))
    if other is not None and against is not None:
        show_changes(console, found, other, "the topic's own query" if against is live else against.query)
    if found and not opts.judge and not judged:
        console.notify("\nTo measure the precision: ", (f"scrapy backtest {live.id} --judge", "bold"))


def _noise(config: AppConfig, topic: Topic, found: Sequence[Hit], judged: dict[int, bool]) -> Sequence[NoisyWord]:
    """Return the words that cause articles judged as not relevant."""
    from crawler.topics.regex_sandbox import pattern_check
    from schedules.topics.backtest import judged_texts, noisy_words

    with contextlib.closing(open_reader(config.archive_db)) as db, pattern_check() as check:
        return noisy_words(topic, judged_texts(db, found, judged), found_by_pattern=check)[:NOISE_SHOWN]


def _topic_of(written: str, file: TopicFile, live: Topic, option: str) -> Topic:
    """Return the topic with this ID, or the live topic with this text as its query."""
    from crawler.config.topic_tables import format_query_error
    from crawler.config.topics import topic_of_query
    from crawler.search.query_ast import QueryError

    by_id = {topic.id: topic for topic in file.topics}
    if written in by_id:
        return by_id[written]
    try:
        return topic_of_query(written, file.terms, like=live)
    except QueryError as error:
        raise WirewatchError(f"{option}: {format_query_error(written, error)}") from None


def print_backtest(
    console: Terminal,
    topic: Topic,
    found: Sequence[Hit],
    judged: dict[int, bool],
    since: datetime | None,
    noisy: Sequence[NoisyWord] = (),
) -> None:
    """Print the chart, the newest articles, the matched words and the precision."""
    from schedules.topics.backtest import day_bars, per_day, precision, words_by_hits

    span = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
    console.heading((topic.title, "bold"), f": {count_phrase(len(found), 'article')}{span}")
    if not found:
        console.print("No articles match. `scrapy topics check` lists words that do not occur in the archive.")
        return
    for label, count, eighths in day_bars(per_day(found), width=BAR):
        console.print(f"{label:>17} {_bar(eighths)} {count or ''}")
    console.notify((f"\nNewest {min(NEWEST_HITS, len(found))}", "bold"))
    for hit in found[:NEWEST_HITS]:
        show_hit(console, hit, judged.get(hit.article_id))
    words = ", ".join(f"{word} {count}" for word, count in words_by_hits(found)[:WORDS])
    console.notify(("\nMatched words, by articles", "bold"), f"  {words}")
    console.notify(("Precision", "bold"), f"  {precision(found, judged)}")
    for one in noisy:
        console.notify(("Noise", "bold"), f"  {one}")


def _bar(eighths: int) -> str:
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def show_hit(console: Terminal, hit: Hit, relevant: bool | None = None, *, sentences: int = 2) -> None:
    """Print a hit with its first sentences."""
    from rich.padding import Padding
    from rich.text import Text

    sign = {True: "✓ ", False: "✗ ", None: ""}[relevant]
    shown = hit.headline
    console.print(
        Text.assemble((f"{hit.at:%d %b %H:%M}  ", "dim"), sign, (shown.title, "bold"), (f"  {shown.source}", "dim"))
    )
    for sentence in _sentences(hit)[:sentences]:
        console.print(Padding(sentence, (0, 0, 0, 14), expand=False))


def _sentences(hit: Hit) -> list[Text]:
    from schedules.cli.console import highlighted

    below_title = [sentence for sentence in hit.match.sentences if sentence.column != "title"]
    return [highlighted(sentence.text, sentence.spans) for sentence in below_title or hit.match.sentences]


def show_changes(console: Terminal, found: Sequence[Hit], other: Sequence[Hit], name: str) -> None:
    """Print the articles that the changed query gains and loses."""
    from schedules.topics.backtest import gained_and_lost

    gained, lost = gained_and_lost(found, other)
    console.heading((f"Against {name}", "bold"), f": {len(gained)} gained, {len(lost)} lost")
    for title, some in (("Gained", gained), ("Lost", lost)):
        if some:
            console.notify((title, "bold"))
        for hit in some[:CHANGES_SHOWN]:
            show_hit(console, hit, sentences=1)
        if len(some) > CHANGES_SHOWN:
            console.print(f"… and {len(some) - CHANGES_SHOWN} more.")


def _judge(
    db: Connection,
    console: Terminal,
    topic: str,
    found: Sequence[Hit],
    opts: argparse.Namespace,
    now: Callable[[], datetime],
) -> None:
    from crawler.archive.topics.alerts import judgements, record_judgement
    from schedules.topics.backtest import to_judge

    sample = to_judge(found, judgements(db, topic), opts.judge, seed=opts.seed)
    if not sample:
        console.print("All articles are judged already.")
    for number, hit in enumerate(sample, start=1):
        console.heading(f"{number} of {len(sample)}")
        show_hit(console, hit, sentences=5)
        console.notify((hit.headline.url, "dim"))
        key = _key(console)
        if key == "q":
            return
        if key in "yn":
            record_judgement(db, topic, hit.article_id, relevant=key == "y", at=now(), judged_in="backtest")


def _key(console: Terminal) -> str:
    """Return y, n, s or q; q at the end of input."""
    from rich.text import Text

    while True:
        choices = (("y", "bold"), " yes, ", ("n", "bold"), " no, ", ("s", "bold"), " skip, ", ("q", "bold"), " quit ")
        console.print(Text.assemble("Relevant? ", *choices), end="")
        key = _read_key().lower()
        console.print(key)
        if key in ("y", "n", "s", "q"):
            return key
        if key in ("", "\x03", "\x04"):
            return "q"


def _read_key() -> str:
    """Return a key press from a terminal, otherwise the first character of the next input line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()[:1]
    import termios
    import tty

    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    try:
        tty.setcbreak(handle)
        return sys.stdin.read(1)
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)

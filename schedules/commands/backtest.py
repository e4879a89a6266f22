"""scrapy backtest: what a topic would have flagged in what is archived."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.cli.arguments import parse_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from rich.text import Text

    from crawler.config.app import AppConfig
    from crawler.config.topics import Topic, TopicFile
    from crawler.sqlite.connection import Connection
    from schedules.cli.console import Terminal
    from schedules.topics.backtest import Hit

NEWEST_HITS = 10
CHANGES_SHOWN = 10
"""Of what a changed query wins and loses, shown of each."""
WORDS = 12
BAR = 40
"""Characters of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"


class Command(ScrapyCommand):
    """A topic over the archive."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """After the command's name."""
        return "TOPIC"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Show what a topic would have flagged in the archive"

    def long_desc(self) -> str:
        """For --help."""
        return (
            "Run a topic over what is archived: hits per day, the newest with their words, the words that hit, and how good"
            " it is as far as people judged. --judge shows a random sample, one at a time: y wanted, n noise, s skip, q stop."
            " Judgements are kept and used again. --query tries another query in the topic's place and shows what it wins"
            " and loses; --against compares with another topic or query. Nothing is flagged."
            " Example: scrapy backtest troop-deployments --since 30d --query '$soldiers AND (sent OR deploy*)'"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Ours beside Scrapy's own."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Backtest")
        group.add_argument("--since", metavar="DATE", help="only texts seen since then: 2026-11-01, or 30d")
        group.add_argument("--query", help="try this query in the place of the topic's")
        group.add_argument(
            "--against", metavar="QUERY", help="compare with this query or topic; with --query, the topic's own"
        )
        group.add_argument(
            "--judge", nargs="?", type=parse_count, const=20, metavar="N", help="judge a random sample of N (20)"
        )
        group.add_argument("--seed", type=int, default=0, help="of the sample; another number, another sample")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Search, then show."""
        from crawler.config.app import AppConfig
        from schedules.cli.errors import end_with_reader, expected_errors, fail

        if len(args) != 1:
            raise UsageError("say which topic; `scrapy topics` lists them")
        for option, written in (("--query", opts.query), ("--against", opts.against)):
            if written is not None and not written.strip():
                raise UsageError(f"{option}: say what to look for")
        end_with_reader()
        try:
            _backtest(AppConfig.read(self.settings), args[0], opts)
        except expected_errors() as error:
            self.exitcode = fail(error)


def _backtest(config: AppConfig, topic_id: str, opts: argparse.Namespace) -> None:
    from crawler.archive.db.open import open_archive, open_reader
    from crawler.archive.topics.judgements import judgements
    from crawler.clock import utc_now
    from crawler.topics.regex_sandbox import pattern_check
    from schedules.cli.console import Terminal
    from schedules.cli.time_arguments import since_option
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
    db = open_reader(config.archive_db)
    try:
        with pattern_check() as check:
            found = hits(db, tried, since=since, found_by_pattern=check)
            other = hits(db, against, since=since, found_by_pattern=check) if against else None
        judged = judgements(db, live.id)
    finally:
        db.close()
    if opts.judge:
        writable = open_archive(config.archive_db)
        try:
            _judge(writable, console, live.id, found, opts, utc_now)
            judged = judgements(writable, live.id)
        finally:
            writable.close()
    print_backtest(console, tried, found, judged, since)
    if other is not None and against is not None:
        show_changes(console, found, other, "the topic as it is" if against is live else against.query)
    if found and not opts.judge and not judged:
        console.notify("\nIs it any good? ", (f"scrapy backtest {live.id} --judge", "bold"))


def _topic_of(written: str, file: TopicFile, live: Topic, option: str) -> Topic:
    """A topic by its id, or the live one with another query."""
    from crawler.config.topics import format_query_error, topic_of_query
    from crawler.exceptions import WirewatchError
    from crawler.search.query_ast import QueryError

    by_id = {topic.id: topic for topic in file.topics}
    if written in by_id:
        return by_id[written]
    try:
        return topic_of_query(written, file.terms, like=live)
    except QueryError as error:
        raise WirewatchError(f"{option}: {format_query_error(written, error)}") from None


def print_backtest(
    console: Terminal, topic: Topic, found: Sequence[Hit], judged: dict[int, bool], since: datetime | None
) -> None:
    """The chart, the newest, the words, the precision."""
    from schedules.topics.backtest import day_bars, noisy_words, per_day, precision, words_by_hits

    span = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
    noun = "article" if len(found) == 1 else "articles"
    console.heading((topic.title, "bold"), f": {len(found)} {noun}{span}")
    if not found:
        console.print("Nothing in the archive matches. `scrapy topics check` says which words the archive never has.")
        return
    for label, count, eighths in day_bars(per_day(found), width=BAR):
        console.print(f"{label:>17} {_bar(eighths)} {count or ''}")
    console.notify((f"\nThe newest {min(NEWEST_HITS, len(found))}", "bold"))
    for hit in found[:NEWEST_HITS]:
        show_hit(console, hit, judged.get(hit.article_id))
    words = ", ".join(f"{word} {count}" for word, count in words_by_hits(found)[:WORDS])
    console.notify(("\nWords, by articles", "bold"), f"  {words}")
    console.notify(("Precision", "bold"), f"  {precision(found, judged)}")
    for noisy in noisy_words(found, judged):
        alone = f"; alone in {noisy.alone} finds" if noisy.alone else ""
        of = f"{noisy.not_relevant} of {noisy.judged} judged finds with it are noise{alone}"
        console.notify(("Noisy", "bold"), f"  {noisy.word}: {of}")


def _bar(eighths: int) -> str:
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def show_hit(console: Terminal, hit: Hit, relevant: bool | None = None, *, sentences: int = 2) -> None:
    """A hit with its first sentences."""
    from rich.padding import Padding
    from rich.text import Text

    sign = {True: "✓ ", False: "✗ ", None: ""}[relevant]
    line = Text.assemble((f"{hit.at:%d %b %H:%M}  ", "dim"), sign, (hit.title, "bold"), (f"  {hit.source}", "dim"))
    console.print(line)
    for sentence in _sentences(hit)[:sentences]:
        console.print(Padding(sentence, (0, 0, 0, 14), expand=False))


def _sentences(hit: Hit) -> list[Text]:
    from schedules.cli.alert_output import highlighted

    below_title = [sentence for sentence in hit.match.sentences if sentence.column != "title"]
    return [highlighted(sentence.text, sentence.spans) for sentence in below_title or hit.match.sentences]


def show_changes(console: Terminal, found: Sequence[Hit], other: Sequence[Hit], name: str) -> None:
    """What the tried query wins and loses."""
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
    from crawler.archive.topics.judgements import judgements, record_judgement
    from schedules.topics.backtest import to_judge

    sample = to_judge(found, judgements(db, topic), opts.judge, seed=opts.seed)
    if not sample:
        console.print("Everything that it finds was judged already.")
    for number, hit in enumerate(sample, start=1):
        console.heading(f"{number} of {len(sample)}")
        show_hit(console, hit, sentences=5)
        console.notify((hit.url, "dim"))
        answer = _key(console)
        if answer == "q":
            return
        if answer in "yn":
            record_judgement(db, topic, hit.article_id, relevant=answer == "y", at=now(), judged_in="backtest")


def _key(console: Terminal) -> str:
    """y, n, s or q; the end of the input is q."""
    from rich.text import Text

    while True:
        console.print(
            Text.assemble(
                "wanted? ",
                ("y", "bold"),
                " yes, ",
                ("n", "bold"),
                " noise, ",
                ("s", "bold"),
                " skip, ",
                ("q", "bold"),
                " stop ",
            ),
            end="",
        )
        key = _read_key().lower()
        console.print(key)
        if key in ("y", "n", "s", "q"):
            return key
        if key in ("", "\x03", "\x04"):
            return "q"


def _read_key() -> str:
    """One key press on a terminal; elsewhere the first character of the next line."""
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

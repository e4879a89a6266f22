"""Kill flagging, rendering and sending with SIGKILL at random moments: is every alert in exactly one mail per recipient?

    python benchmarks/kill/delivery.py [--kills 1000] [--alerts 10000] [--seed 1] [--quick] [--json FILE]

Articles, edits and pickups are stored. A child process flags them, renders the digests that are due and sends what waits; it is
killed with SIGKILL after a random time, and the next child continues with a clock some minutes later. The mail server is a
separate process that refuses temporarily, is slow, disconnects before and after it has a message, and logs each message that it
has. Finally, a child runs without kills until nothing waits. Then the results are compared: the alerts with those of an archive
that was flagged without kills, each alert with the message for each recipient, the copies of each message with each other, and
the headlines with the messages that the server has. --quick takes about half a minute. Figures, also in --json:

- `killed_in_PHASE`: kills by phase; `alerts`, `deliveries`, `messages`, `given_up`: rows of the archive at the end;
- `accepted`: messages that the server received completely; `repeats`: those of them that it already had;
- `stories_seen`: stories in the messages; `folded`: messages in which some stories are only counted;
- `lost`, `twice`, `different`: alerts, deliveries, messages or stories that are missing, repeated or differ; all must be 0.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from datetime import time as clock_time
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.kill.archive import (  # noqa: E402
    QUERIES,
    compare_alerts,
    create_archive,
    revisions,
    rows,
    run_flag_job,
    store_revisions,
)
from benchmarks.support.kill.tools import KillReport, finish, kill_options  # noqa: E402
from crawler.archive.db.open import open_archive  # noqa: E402
from crawler.archive.delivery import recipients  # noqa: E402
from crawler.config.digests import Digest, subscribers  # noqa: E402
from crawler.sqlite.connection import Connection  # noqa: E402
from schedules.delivery.mail_server import MailServer  # noqa: E402
from schedules.delivery.outbox import Pending, pending, queue_message, send_pending  # noqa: E402
from schedules.digest.job import render_digest, sender_of  # noqa: E402

NOW = datetime(2026, 3, 28, 12, tzinfo=timezone.utc)
"""In Kyiv, clocks go forward in the following night."""
BATCH = 8
"""Revisions per transaction; few, so that kills hit many moments."""
STORED = 60
"""Revisions stored when a child has finished."""
STEP = timedelta(minutes=3)
"""Added to the clock after each child."""
SPAN = {"flag": 0.08, "render": 0.25, "send": 0.08}
"""Seconds after the start of a phase within which a child is killed: about the length of the phase."""
REFUSED = "gone@harbour.example"
EDITED, RECENT = 0.25, 40
"""Share of the revisions that edit an earlier article, and how many of the latest articles they edit."""
DIGESTS = (
    Digest(
        id="quarterly",
        title="Every quarter of an hour",
        recipients=("one@harbour.example", "two@harbour.example", REFUSED),
        at=tuple(clock_time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)),
        timezone="Europe/Kyiv",
        skip_empty=True,
    ),
    Digest(
        id="newsroom", title="At once", recipients=("one@harbour.example",), topics=("troops", "ferry"), immediate=True
    ),
)
PHASES = ("idle", "flag", "render", "send")


@dataclass(slots=True)
class Report(KillReport):
    """The results; the lists are empty if there is no error."""

    killed_in: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(PHASES, 0)))
    alerts: int = 0
    deliveries: int = 0
    messages: int = 0
    given_up: int = 0
    """Messages to the recipient that the server refuses permanently."""
    accepted: int = 0
    repeats: int = 0
    """Copies of messages that the server already had."""
    stories_seen: int = 0
    """Stories whose headlines are in the messages that the server has."""
    folded: int = 0
    """Messages in which some stories are only counted."""
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)


def create(path: Path) -> Connection:
    """A new archive with the topics and recipients."""
    db = create_archive(path, now=NOW)
    for digest in DIGESTS:
        recipients.register_recipients(db, digest.id, digest.destinations, NOW)
    return db


# --- The child ------------------------------------------------------------------------------------------------------


def run_jobs(path: Path, server: MailServer, now: datetime, phase: Any) -> None:
    """Run the monitor's jobs: flag, render, send."""
    db = open_archive(path)
    of_topic = subscribers(DIGESTS, list(QUERIES))
    phase[0] = 1
    run_flag_job(
        db, now=now, batch=BATCH,
        queue_deliveries=lambda d, alert, topic, at: recipients.queue_deliveries(d, alert, of_topic[topic], at),
    )  # fmt: skip
    phase[0] = 2
    for one in list(pending(db, DIGESTS, now=now)):
        queue_message(db, one, render_digest, sender=server.sender, now=now)
    phase[0] = 3
    for _ in send_pending(db, sender_of(server), now=lambda: now, locks=path.parent / "locks"):
        pass
    phase[0] = 0
    db.close()


def killed_in(target: str, seconds: float, path: Path, server: MailServer, now: datetime, phase: Any) -> bool:
    """Run the jobs in a child and kill it some seconds after the phase began. False: it finished before."""
    phase[0] = 0
    child = os.fork()
    if child == 0:
        status = 1
        try:
            run_jobs(path, server, now, phase)
            status = 0
        finally:
            os._exit(status)
    until = None
    while until is None or time.monotonic() < until:
        if until is None and phase[0] >= PHASES.index(target):
            until = time.monotonic() + seconds
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if status:
                raise RuntimeError(f"a child failed by itself: {status}")
            return False
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _preload(path: Path, now: datetime) -> None:
    """Import and compile everything before the first fork."""
    db = open_archive(path)
    one = Pending(digest=DIGESTS[0], recipient="", period="", begins_at=now, ends_at=now, late=False, alerts=())
    render_digest(db, one, now)
    db.close()


# --- The benchmark --------------------------------------------------------------------------------------------------


def kill_delivery(folder: Path, *, kills: int, alerts: int, seed: int) -> Report:
    """Kill `kills` times and until there are `alerts` alerts, then finish and compare."""
    rng = random.Random(seed)
    path, log, source = folder / "killed.db", folder / "mail.ndjson", _revisions(seed)
    phase = mmap.mmap(-1, 1)
    report, stored, now = Report(), STORED, NOW
    db = create(path)
    store_revisions(db, source, STORED, now=now)
    db.close()
    script = str(ROOT / "benchmarks" / "support" / "smtp_server.py")
    mail_server = subprocess.Popen(
        [sys.executable, script, "--log", str(log), "--seed", str(seed), "--refused", REFUSED],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert mail_server.stdout is not None
        server = MailServer(
            host="127.0.0.1", port=int(mail_server.stdout.readline()), sender="wirewatch@harbour.example", timeout=5
        )
        _preload(path, now)
        while report.kills < kills or _count(path, "alerts") < alerts:
            now += STEP
            target = rng.choice(list(SPAN))
            seconds = rng.uniform(0, SPAN[target])
            if report.kills < kills and killed_in(target, seconds, path, server, now, phase):
                report.kills += 1
                report.killed_in[PHASES[phase[0]]] += 1
            else:
                if report.kills >= kills:
                    run_jobs(path, server, now, phase)
                db = open_archive(path)
                store_revisions(db, source, STORED, now=now)
                db.close()
                stored += STORED
        mail_server.send_signal(signal.SIGUSR1)
        while _is_waiting(path):
            now += timedelta(hours=1)
            run_jobs(path, server, now, phase)
    finally:
        mail_server.terminate()
        mail_server.wait()
        if mail_server.stdout is not None:
            mail_server.stdout.close()
    undisturbed = _undisturbed(folder / "undisturbed.db", seed, stored)
    report.alerts, report.lost, report.twice, report.different = compare_alerts(path, undisturbed)
    _compare_messages(path, log, report)
    return report


def _revisions(seed: int) -> Iterator[tuple[int, int, str]]:
    return revisions(seed, edited=EDITED, recent=RECENT)


def _undisturbed(path: Path, seed: int, stored: int) -> Path:
    """An archive of the same articles, flagged without kills."""
    db = create(path)
    store_revisions(db, _revisions(seed), stored, now=NOW)
    run_flag_job(db, now=NOW)
    db.close()
    return path


def _count(path: Path, table: str) -> int:
    return int(str(rows(path, f"SELECT count(*) FROM {table}")[0][0]))


def _is_waiting(path: Path) -> bool:
    waiting = "SELECT 1 FROM outbox WHERE state = 'waiting' UNION SELECT 1 FROM deliveries WHERE outbox_id IS NULL"
    return bool(rows(path, waiting))


def _compare_messages(path: Path, log: Path, report: Report) -> None:
    of_topic = subscribers(DIGESTS, list(QUERIES))
    expected = {
        (alert, digest, recipient)
        for alert, topic in rows(path, "SELECT id, topic_id FROM alerts")
        for digest, recipient in of_topic[str(topic)]
    }
    deliveries = rows(path, "SELECT alert_id, digest_id, recipient, outbox_id FROM deliveries")
    report.deliveries = len(deliveries)
    found = Counter((alert, digest, recipient) for alert, digest, recipient, _ in deliveries)
    report.lost += [f"delivery {one} is missing" for one in sorted(expected - set(found), key=str)]
    report.twice += [f"delivery {one} exists twice" for one, count in found.items() if count > 1]
    report.lost += [f"alert {row[0]} still waits" for row in deliveries if row[3] is None]
    copies: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in log.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        copies[_identity(one["content"])].append(one)
    report.accepted = sum(len(some) for some in copies.values())
    report.repeats = sum(len(some) - 1 for some in copies.values())
    messages = rows(path, "SELECT id, message_id, recipient, content_sha256, state FROM outbox")
    report.messages = len(messages)
    read: dict[object, tuple[set[int], bool]] = {}
    for number, identity, recipient, sha256, state in messages:
        some = copies.pop(str(identity), [])
        if recipient == REFUSED:
            report.given_up += state == "given_up"
            report.different += [f"message {number} is {state}, not given up"] if state != "given_up" else []
            continue
        report.lost += [f"message {number} is {state}"] if state != "sent" else []
        report.lost += [f"message {number} is not on the server"] if not some else []
        report.different += [f"message {number}: different copy" for one in some if one["sha256"] != sha256]
        report.different += [f"message {number}: went elsewhere" for one in some if one["to"] != [recipient]]
        if some:
            read[number] = _articles(some[0]["content"])
    report.different += [f"a message that is not in the outbox: {identity}" for identity in copies]
    _compare_stories(path, read, report)


def _compare_stories(path: Path, read: dict[object, tuple[set[int], bool]], report: Report) -> None:
    """Check that a message contains the stories of its alerts, and no others."""
    queued: dict[object, set[int]] = defaultdict(set)
    alerts = rows(
        path,
        "SELECT d.outbox_id, m.story_id FROM deliveries d JOIN alerts a ON a.id = d.alert_id"
        " JOIN story_articles m ON m.article_id = a.article_id",
    )
    for number, story in alerts:
        queued[number].add(int(str(story)))
    story_of = {
        article: int(str(story)) for article, story in rows(path, "SELECT article_id, story_id FROM story_articles")
    }
    for number, (articles, folded) in read.items():
        seen = {story_of[article] for article in articles}
        report.stories_seen += len(seen)
        report.folded += folded
        report.twice += [f"story {story} is in message {number} by mistake" for story in seen - queued[number]]
        if not folded:
            report.lost += [f"story {story} is not in message {number}" for story in queued[number] - seen]


def _articles(content: str) -> tuple[set[int], bool]:
    """The articles whose headlines are in a message, and whether others are only counted."""
    body = message_from_bytes(content.encode("ascii"), policy=policy.default).get_body(("plain",))
    text = body.get_content() if body is not None else ""
    found = {int(number) for number in re.findall(r"^\* Notice number (\d+) ends", text, re.MULTILINE)}
    return found, re.search(r"^ *and [\d,]+ more (story|stories|older|update)", text, re.MULTILINE) is not None


def _identity(content: str) -> str:
    return str(message_from_bytes(content.encode("ascii"), policy=policy.default)["Message-ID"]).strip("<>")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its results. Exit status 1 if there is an error."""
    parser = kill_options(__doc__, kills=1000, quick="40 kills, 400 alerts")
    parser.add_argument("--alerts", type=int, default=10_000, help="smallest number of alerts (default: %(default)s)")
    options = parser.parse_args(arguments)
    kills, alerts = (40, 400) if options.quick else (options.kills, options.alerts)
    with tempfile.TemporaryDirectory() as folder:
        report = kill_delivery(Path(folder), kills=kills, alerts=alerts, seed=options.seed)
    return finish(report, options.json)


if __name__ == "__main__":
    sys.exit(main())

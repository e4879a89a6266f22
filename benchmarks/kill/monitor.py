"""Kill the monitor with SIGKILL at random moments: does it continue without losing or repeating anything?

    python benchmarks/kill/monitor.py [--kills 200] [--seed 1] [--quick] [--json FILE]

A monitor runs over outlets on loopback whose feeds grow. It is killed at a random moment of its first nine seconds and started
again. After each kill, jobs, waiting alerts and waiting mails become an hour older, so that kills also hit flagging and
sending. After each tenth kill and at the end, `scrapy monitor --once` runs until nothing is due, and everything is compared.
--quick uses about 75 s of CPU time. Figures, also in --json:

- `running_at_kill`: child processes at the kills; `jobs_killed`: runs of jobs other than crawls that a kill ended;
- `looks`: comparisons; `articles`, `alerts`, `mails`: how many there were; `copies`: repeated mails, with the same bytes;
- `orphans`: processes that outlived the monitor; `stuck_locks`: locks of the monitor or of a domain that were still held;
- `lost_pages`, `twice`: published pages that are no article, or two; `damaged`: errors of `scrapy archive check`;
- `not_caught_up`: jobs that did not run after the kill; `failed_runs`: monitors that ended with an error;
- `untold`: alerts that are in no mail on the mail server; `double_digests`: alerts in two mails, or mails with one Message-ID
  and different bytes. All from `orphans` on must be 0.
"""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.kill.tools import (  # noqa: E402
    SCRAPY,
    KillReport,
    finish,
    kill_options,
    kill_process,
    reading,
    run_scrapy,
    scrapy_environment,
)
from benchmarks.support.sites.growing_site import GrowingWeb  # noqa: E402
from benchmarks.support.smtp_server import MailHandler, smtp_server  # noqa: E402
from crawler.archive.db.seals import seal_rows  # noqa: E402
from crawler.clock import utc_now  # noqa: E402
from crawler.filesystem.locks import acquire  # noqa: E402
from crawler.sqlite.connection import SqliteError, connect, transaction  # noqa: E402
from crawler.sqlite.values import format_utc  # noqa: E402

LONGEST = 9.0
"""Seconds after which a monitor is killed at the latest: by then it has started, crawled, flagged and sent."""
DEATH_LIMIT = 5.0
"""Seconds that a process may take to end after the monitor."""
RUN_LIMIT = 180.0
"""Seconds after which a run without a kill counts as hanging."""
EACH = 10
"""Kills between two comparisons."""
NEW_ARTICLES = 2
"""Published by each outlet between two kills."""
AFTERWARDS = 3
"""Runs at the end, an hour apart for the jobs; by then every alert must have been sent."""
TOPIC = '[openings]\ntitle = "Openings"\nquery = "opened"\n'
DIGEST = '[desk]\ntitle = "Openings"\nrecipients = ["desk@harbour-gazette.example"]\ntopics = ["openings"]\nimmediate = true\n'


@dataclass(slots=True)
class Report(KillReport):
    """The results; the lists are empty if there is no error."""

    looks: int = 0
    articles: int = 0
    running_at_kill: int = 0
    """Child processes when the monitor was killed, over all kills."""
    jobs_killed: int = 0
    """Runs of jobs other than crawls that a kill ended."""
    alerts: int = 0
    mails: int = 0
    """Different mails; `copies` counts their repetitions."""
    copies: int = 0
    orphans: list[str] = field(default_factory=list)
    stuck_locks: list[str] = field(default_factory=list)
    lost_pages: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    not_caught_up: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    double_digests: list[str] = field(default_factory=list)
    failed_runs: list[str] = field(default_factory=list)


def environment(folder: Path) -> dict[str, str]:
    """The environment of a monitor with short intervals."""
    mail = (folder / "mail-port").read_text()
    return scrapy_environment(
        folder,
        WIREWATCH_SMTP_URL=f"smtp://127.0.0.1:{mail}?from=wirewatch@harbour-gazette.example",
        WIREWATCH_MONITOR_INTERVAL="0.5",
        WIREWATCH_MAX_CRAWLS="2",
        DOWNLOAD_DELAY="0",
        PYTHONDONTWRITEBYTECODE="1",
    )


def kill_once(folder: Path, moment: float, report: Report) -> None:
    """Start a monitor, kill it after `moment` seconds, and check for orphans and locks."""
    log = (folder / "monitor.log").open("ab")
    monitor = subprocess.Popen([*SCRAPY, "monitor"], cwd=ROOT, env=environment(folder), stdout=log, stderr=log)
    time.sleep(moment)
    if monitor.poll() is not None:
        report.failed_runs.append(
            f"ended by itself: {monitor.returncode}: {(folder / 'monitor.log').read_text()[-400:]}"
        )
        return
    running, orphans = kill_process(monitor, seconds=DEATH_LIMIT)
    log.close()
    report.kills += 1
    report.running_at_kill += running
    report.orphans += [f"kill {report.kills}: {orphan}" for orphan in orphans]
    if (folder / "archive.db").exists():
        with reading(folder) as db, contextlib.suppress(sqlite3.OperationalError):  # killed before it created the table
            unfinished = "SELECT count(*) FROM job_runs WHERE finished_at IS NULL AND name <> 'crawl'"
            report.jobs_killed = db.execute(unfinished).fetchone()[0]
    names = [path.name.removesuffix(".lock") for path in (folder / "locks").glob("*.lock")]
    with acquire(folder / "locks", names) as busy:
        report.stuck_locks += [f"kill {report.kills}: {name} by {owner}" for name, owner in busy.items()]


def hours_pass(folder: Path) -> None:
    """Make every job due again, and waiting alerts and mails an hour older. No monitor runs meanwhile."""
    if not (folder / "archive.db").exists():
        return
    db = connect(folder / "archive.db")
    # The monitor may have been killed before it created the tables.
    with contextlib.closing(db), contextlib.suppress(SqliteError), transaction(db):
        past = format_utc(utc_now() - timedelta(hours=1))
        db.execute("UPDATE jobs SET due_at = ? WHERE name NOT IN ('check', 'backup')", (past,))
        db.execute("UPDATE deliveries SET added_at = min(added_at, ?) WHERE outbox_id IS NULL", (past,))
        seal_rows(db, "deliveries", "outbox_id IS NULL", ())
        db.execute("UPDATE outbox SET next_try_at = ? WHERE state = 'waiting'", (past,))


def compare_mail(folder: Path, desk: MailHandler, report: Report, *, at_the_end: bool) -> None:
    """Compare the mails on the mail server with the alerts in the archive."""
    forms: dict[str, set[bytes]] = {}
    for mail in desk.accepted:
        message = message_from_bytes(mail.content, policy=policy.default)
        forms.setdefault(str(message["Message-ID"]).strip("<>"), set()).add(mail.content)
    report.mails, report.copies = len(forms), len(desk.accepted) - len(forms)
    report.double_digests += [
        f"kill {report.kills}: mail {name} has {len(one)} different copies"
        for name, one in forms.items()
        if len(one) > 1
    ]
    with reading(folder) as db:
        reported = db.execute(
            "SELECT deliveries.alert_id, outbox.message_id, outbox.state, articles.url FROM deliveries"
            " JOIN alerts ON alerts.id = deliveries.alert_id JOIN articles ON articles.id = alerts.article_id"
            " LEFT JOIN outbox ON outbox.id = deliveries.outbox_id"
        ).fetchall()
    report.alerts = len(reported)
    texts = {name: _plain(next(iter(one))) for name, one in forms.items()}
    links, rest = (
        {name: _links(text) for name, text in texts.items()},
        {name: _rest(text) for name, text in texts.items()},
    )
    for alert, message_id, state, url in reported:
        inside = [name for name in texts if url in links[name] or alert in rest[name]]
        if len(inside) > 1:
            report.double_digests.append(f"kill {report.kills}: alert {alert} in {len(inside)} mails")
        if at_the_end and (state != "sent" or message_id not in forms or not inside):
            report.untold.append(f"kill {report.kills}: alert {alert} ({url}): {state}")


def _plain(content: bytes) -> str:
    body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _links(text: str) -> set[str]:
    """The URLs of articles in a mail."""
    return set(re.findall(r"http://127[.\d]+:\d+/news/\d+", text))


def _rest(text: str) -> set[int]:
    """Alerts that a long mail lists by number only: "alert_list in the archive, alerts 105 to 109"."""
    return {
        alert
        for first, last in re.findall(r"in the archive,\s+alerts?\s+(\d+)(?:\s+to\s+(\d+))?", text)
        for alert in range(int(first), int(last or first) + 1)
    }


def run_once(folder: Path, report: Report) -> bool:
    """Run everything that is due. False: the run failed."""
    status, output = run_scrapy(["monitor", "--once"], environment(folder), timeout=RUN_LIMIT)
    if status:
        report.failed_runs.append(f"--once: exit status {status}: {output}")
    return status == 0


def look(folder: Path, web: GrowingWeb, report: Report) -> None:
    """Let a monitor catch up, and compare everything."""
    killed_at = format_utc(utc_now())
    published = web.urls()
    until = time.monotonic() + RUN_LIMIT
    while True:
        succeeded = run_once(folder, report)
        lost, waiting = missing(folder, published)
        if not succeeded or not (lost or waiting) or time.monotonic() > until:
            break
        time.sleep(1.0)  # a feed that was just polled is due again in a second or two
    report.looks += 1
    report.articles = len(published)
    report.lost_pages += [f"kill {report.kills}: {url}" for url in lost]
    with reading(folder) as db:
        count = db.execute("SELECT count(*) FROM articles").fetchone()[0]
        versions = db.execute("SELECT count(*) FROM revisions").fetchone()[0]
        overdue = db.execute(
            "SELECT name, due_at FROM jobs WHERE due_at <= ? AND (last_finished_at IS NULL OR last_finished_at < ?)"
            " AND cursor IS NULL AND name <> 'crawl'",
            (killed_at, killed_at),
        ).fetchall()
    if count > len(published) or versions > len(published):
        report.twice.append(f"kill {report.kills}: {count} articles and {versions} revisions of {len(published)} pages")
    report.not_caught_up += [f"kill {report.kills}: {name} was due {due} and has not run" for name, due in overdue]
    status, output = run_scrapy(["archive", "check"], environment(folder))
    if status:
        report.damaged.append(f"kill {report.kills}: {output}")


def missing(folder: Path, urls: list[str]) -> tuple[list[str], int]:
    """(published pages that are no article yet, number of URLs that wait in the queue)."""
    with reading(folder) as db:
        stored = db.execute(
            "SELECT u.url FROM article_urls u JOIN articles a ON a.id = u.article_id WHERE a.latest_revision_id IS NOT NULL"
        )
        have = {row[0] for row in stored}
        waiting = db.execute("SELECT count(*) FROM queue WHERE state = 'waiting'").fetchone()[0]
    return [url for url in urls if url not in have], int(waiting)


def kill_monitors(folder: Path, *, kills: int, rng: random.Random, quiet: bool = True) -> Report:
    """Kill `kills` monitors over one folder; compare everything after each tenth kill and at the end."""
    report = Report()
    desk = MailHandler()
    with GrowingWeb(outlets=4, first=6) as web, smtp_server(desk) as port:
        web.write_sources(folder / "sources.toml")
        (folder / "mail-port").write_text(str(port))
        (folder / "topics.toml").write_text(TOPIC)
        (folder / "digests.toml").write_text(DIGEST)
        run_once(folder, report)
        while report.kills < kills and not report.failed_runs:
            web.publish(NEW_ARTICLES)
            kill_once(folder, rng.uniform(0.2, LONGEST), report)
            hours_pass(folder)
            if (report.kills % EACH == 0 or report.kills == kills) and (folder / "archive.db").exists():
                look(folder, web, report)
                for _ in range(AFTERWARDS if report.kills == kills else 1):
                    hours_pass(folder)
                    run_once(folder, report)
                compare_mail(folder, desk, report, at_the_end=report.kills == kills)
                if not quiet:
                    print(f"{report.progress()}, {report.articles} pages", flush=True)
    return report


def main() -> int:
    """Run the benchmark and print its results. Exit status 1 if there is an error."""
    args = kill_options(__doc__, kills=200, quick="4 kills").parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kill-monitor-"))
    report = kill_monitors(folder, kills=4 if args.quick else args.kills, rng=random.Random(args.seed), quiet=False)
    status = finish(report, args.json)
    if report.faults:
        print(f"the folder is kept: {folder}")
    else:
        shutil.rmtree(folder)
    return status


if __name__ == "__main__":
    sys.exit(main())

"""kill -9 of the monitor at random moments, and what is left of it.

    python benchmarks/kill/monitor.py [--kills 200] [--seed 1] [--json FILE]

A monitor runs over a loopback web of outlets whose feeds grow; it is killed at a random moment of its first seconds,
started again, killed again. After each kill:

- no process of it is left (`orphans`): crawls, jobs, parsers;
- no lock is held (`stuck_locks`): neither the monitor's nor that of any registered domain.

After each tenth, and at the end, a monitor is left to work until nothing is due (`scrapy monitor --once`), and then:

- every page that was published is an article, once (`lost_pages`, `twice`);
- every job has run since the kill that interrupted it (`not_caught_up`);
- `scrapy archive check` finds nothing (`damaged`);
- every alert was told in a mail that the mail server has (`untold`), and no alert in two different mails, and no mail has two
  forms (`double_digests`): a mail that is sent again after a kill has the same Message-ID and the same bytes.

Jobs, and alerts and mails that wait, are made an hour older after each kill, so that kills fall into flagging and sending too.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: the checkout is what is imported

from benchmarks.support.growing_site import GrowingWeb  # noqa: E402
from benchmarks.support.smtp_server import MailHandler, smtp_server  # noqa: E402
from crawler.clock import utc_now  # noqa: E402
from crawler.locks import acquire  # noqa: E402
from crawler.sqlite.values import format_utc  # noqa: E402

SCRAPY = (sys.executable, "-m", "scrapy")
LONGEST = 9.0
"""Seconds after which a monitor is killed at the latest: by then it has started, crawled, flagged and sent."""
DEATH_LIMIT = 5.0
"""Seconds that a process may take to die after the monitor."""
RUN_LIMIT = 180.0
"""Seconds after which a run that is left alone hangs."""
EACH = 10
"""Kills between two looks at everything."""
NEW_ARTICLES = 2
"""Published by each outlet between two kills."""
AFTERWARDS = 3
"""Runs at the end, an hour apart by the jobs' clock: whoever is to be told has been told by then."""
TOPIC = '[openings]\ntitle = "Openings"\nquery = "opened"\n'
DIGEST = '[desk]\ntitle = "Openings"\nrecipients = ["desk@harbour-gazette.example"]\ntopics = ["openings"]\nimmediate = true\n'


@dataclass(slots=True)
class Report:
    """What was found over all kills; every list is empty when all is well."""

    kills: int = 0
    looks: int = 0
    articles: int = 0
    running_at_kill: int = 0
    """Child processes that were there when the monitor was killed, over all kills: how much there was to leave."""
    jobs_killed: int = 0
    """Runs of jobs other than crawls that a kill ended."""
    alerts: int = 0
    mails: int = 0
    """Different ones; `copies` counts those that came again."""
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

    @property
    def faults(self) -> dict[str, list[str]]:
        """The lists that are not empty."""
        lists = {name: value for name, value in asdict(self).items() if isinstance(value, list)}
        return {name: value for name, value in lists.items() if value}


def environment(folder: Path) -> dict[str, str]:
    """Of a monitor that is in a hurry."""
    mail = (folder / "mail-port").read_text()
    return {
        "WIREWATCH_SMTP_URL": f"smtp://127.0.0.1:{mail}?from=wirewatch@harbour-gazette.example",
        **os.environ, "WIREWATCH_DATA_DIR": str(folder), "WIREWATCH_MONITOR_INTERVAL": "0.5", "DOWNLOAD_DELAY": "0",
        "WIREWATCH_MAX_CRAWLS": "2", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip


def kill_once(folder: Path, moment: float, report: Report) -> None:
    """Start a monitor, kill it after so many seconds, look at what is left."""
    log = (folder / "monitor.log").open("ab")
    monitor = subprocess.Popen([*SCRAPY, "monitor"], cwd=ROOT, env=environment(folder), stdout=log, stderr=log)
    time.sleep(moment)
    if monitor.poll() is not None:
        report.failed_runs.append(
            f"ended by itself: {monitor.returncode}: {(folder / 'monitor.log').read_text()[-400:]}"
        )
        return
    children = psutil.Process(monitor.pid).children(recursive=True)
    monitor.kill()
    monitor.wait()
    log.close()
    report.kills += 1
    report.running_at_kill += len(children)
    _, alive = psutil.wait_procs(children, timeout=DEATH_LIMIT)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            report.orphans.append(
                f"kill {report.kills}: {process.pid} {process.status()} {' '.join(process.cmdline())[:200]}"
            )
            process.kill()
    if (folder / "archive.db").exists():
        db = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True, timeout=30)
        with contextlib.suppress(sqlite3.OperationalError):
            unfinished = "SELECT count(*) FROM job_runs WHERE finished_at IS NULL AND name <> 'crawl'"
            report.jobs_killed = db.execute(unfinished).fetchone()[0]
        db.close()
    names = [path.name.removesuffix(".lock") for path in (folder / "locks").glob("*.lock")]
    with acquire(folder / "locks", names) as busy:
        report.stuck_locks += [f"kill {report.kills}: {name} by {owner}" for name, owner in busy.items()]


def hours_pass(folder: Path) -> None:
    """Every job is due again; the monitor is dead, so nobody else writes but a reader's checkpoint."""
    if not (folder / "archive.db").exists():
        return
    db = sqlite3.connect(folder / "archive.db", timeout=30)
    with contextlib.suppress(sqlite3.OperationalError), db:  # it was killed before it made the table
        past = format_utc(utc_now() - timedelta(hours=1))
        db.execute("UPDATE jobs SET due_at = ? WHERE name NOT IN ('check', 'backup')", (past,))
        db.execute("UPDATE deliveries SET added_at = min(added_at, ?) WHERE outbox_id IS NULL", (past,))
        db.execute("UPDATE outbox SET next_try_at = ? WHERE state = 'waiting'", (past,))
    db.close()


def compare_mail(folder: Path, desk: MailHandler, report: Report, *, at_the_end: bool) -> None:
    """What the mail server has, against the alerts in the archive."""
    forms: dict[str, set[bytes]] = {}
    for taken in desk.accepted:
        message = message_from_bytes(taken.content, policy=policy.default)
        forms.setdefault(str(message["Message-ID"]).strip("<>"), set()).add(taken.content)
    report.mails, report.copies = len(forms), len(desk.accepted) - len(forms)
    report.double_digests += [
        f"kill {report.kills}: {name} has {len(one)} forms" for name, one in forms.items() if len(one) > 1
    ]
    db = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    reported = db.execute(
        "SELECT deliveries.alert_id, outbox.message_id, outbox.state, articles.url FROM deliveries"
        " JOIN alerts ON alerts.id = deliveries.alert_id JOIN articles ON articles.id = alerts.article_id"
        " LEFT JOIN outbox ON outbox.id = deliveries.outbox_id"
    ).fetchall()
    db.close()
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
    """The addresses in a mail."""
    return set(re.findall(r"http://127[.\d]+:\d+/news/\d+", text))


def _rest(text: str) -> set[int]:
    """Alerts that a long mail does not show but names: "alert_list in the archive, alerts 105 to 109"."""
    return {
        alert
        for first, last in re.findall(r"in the archive,\s+alerts?\s+(\d+)(?:\s+to\s+(\d+))?", text)
        for alert in range(int(first), int(last or first) + 1)
    }


def run_once(folder: Path, report: Report) -> bool:
    """All that is due, to its end."""
    done = subprocess.run(
        [*SCRAPY, "monitor", "--once"], cwd=ROOT, env=environment(folder), capture_output=True, text=True,
        check=False, timeout=RUN_LIMIT,
    )  # fmt: skip
    if done.returncode:
        report.failed_runs.append(f"--once: {done.returncode}: {(done.stdout + done.stderr)[-500:]}")
    return done.returncode == 0


def look(folder: Path, web: GrowingWeb, report: Report) -> None:
    """Let a monitor catch up, and look at everything."""
    killed_at = format_utc(utc_now())
    published = web.urls()
    until = time.monotonic() + RUN_LIMIT
    while True:
        well = run_once(folder, report)
        lost, waiting = missing(folder, published)
        if not well or not (lost or waiting) or time.monotonic() > until:
            break
        time.sleep(1.0)  # a feed that has just been asked is due again in a second or two
    report.looks += 1
    report.articles = len(published)
    report.lost_pages += [f"kill {report.kills}: {url}" for url in lost]
    db = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    count = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    more = db.execute("SELECT count(*) FROM revisions").fetchone()[0]
    if count > len(published) or more > len(published):
        report.twice.append(f"kill {report.kills}: {count} articles and {more} revisions of {len(published)} pages")
    report.not_caught_up += [
        f"kill {report.kills}: {name} was due {due} and has not run" for name, due in db.execute(
            "SELECT name, due_at FROM jobs WHERE due_at <= ? AND (last_finished_at IS NULL OR last_finished_at < ?)"
            " AND cursor IS NULL", (killed_at, killed_at))
        if name != "crawl"
    ]  # fmt: skip
    db.close()
    check = subprocess.run(
        [*SCRAPY, "archive", "check"], cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False
    )
    if check.returncode:
        report.damaged.append(f"kill {report.kills}: {(check.stdout + check.stderr)[-500:]}")


def missing(folder: Path, urls: list[str]) -> tuple[list[str], int]:
    """Published pages that are no article yet, and how many URLs wait."""
    db = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    rows = db.execute(
        "SELECT u.url FROM article_urls u JOIN articles a ON a.id = u.article_id WHERE a.latest_revision_id IS NOT NULL"
    )
    have = {row[0] for row in rows}
    waiting = db.execute("SELECT count(*) FROM queue WHERE state = 'waiting'").fetchone()[0]
    db.close()
    return [url for url in urls if url not in have], int(waiting)


def kill_monitors(folder: Path, *, kills: int, rng: random.Random, quiet: bool = True) -> Report:
    """So many kills over one folder, a look at everything after each tenth and at the end."""
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
                    reported = {name: len(value) for name, value in report.faults.items()} or "none"
                    print(f"{report.kills} kills, {report.articles} pages, faults: {reported}", flush=True)
    return report


def main() -> int:
    """Run, print, fail on any fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="four kills")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kill-monitor-"))
    report = kill_monitors(folder, kills=4 if args.quick else args.kills, rng=random.Random(args.seed), quiet=False)
    figures = {name: len(value) if isinstance(value, list) else value for name, value in asdict(report).items()}
    print("\n".join(f"{name:20} {value}" for name, value in figures.items()))
    for name, faults in report.faults.items():
        print(f"{name}:", *faults[:10], sep="\n  ")
    if args.json:
        args.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    if report.faults:
        print(f"the folder is kept: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

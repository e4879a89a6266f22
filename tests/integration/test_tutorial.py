"""The session of docs/tutorial.md, run as written against an outlet and a mail server on loopback."""

from __future__ import annotations

import re
import shlex
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.support.smtp_server import MailHandler, smtp_server
from schedules.demo.outlets import LEDGER
from schedules.demo.server import DemoWeb
from tests.support.cli import ROOT, scrapy

OUTLET = "https://dnipro-ledger.example/"
SERVER = "smtps://user:password@mail.example.org?from=wirewatch@example.org"
DAYS, MONTHS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun", "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
TIMES = re.compile(rf"now|(in )?\d+ (s|min|h)( ago)?|\b({DAYS}|{MONTHS})\b|\d+")


def session(page: Path) -> list[tuple[str, list[str]]]:
    """Each command of the page's console blocks, with the output below it."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    found: list[tuple[str, list[str]]] = []
    for line in "".join(blocks).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def comparable(line: str) -> str:
    """A line without what differs between two runs: times, counts and widths of columns."""
    return " ".join(TIMES.sub("#", line).split())


def first_digest(commands: list[str]) -> list[str]:
    """The commands up to the first one that sends a digest."""
    return commands[: next(number for number, one in enumerate(commands, 1) if "digest --send" in one)]


def test_the_tutorial_runs_as_written_and_leads_to_a_sent_digest(tmp_path: Path) -> None:
    handler = MailHandler()
    run = 0
    with DemoWeb(now=datetime.now(timezone.utc)) as web, smtp_server(handler) as port:
        base = f"{web.base(LEDGER)}/"
        for command, output in session(ROOT / "docs" / "tutorial.md"):
            program, *words = shlex.split(command)
            if program != "scrapy":
                continue
            given = [
                base
                if word == OUTLET
                else f"smtp://127.0.0.1:{port}?from=wirewatch@example.org"
                if word == SERVER
                else word
                for word in words
            ]
            private = ["--allow-private"] if base in given else []
            done = scrapy(*given, *private, data=tmp_path, DOWNLOAD_DELAY="0.05")
            printed = f"{done.stdout}\n{done.stderr}".replace(base, OUTLET).replace(
                base.rstrip("/"), OUTLET.rstrip("/")
            )
            printed = printed.replace(f"127.0.0.1:{port}", "mail.example.org:465").replace(f"{tmp_path}/", "data/")
            lines = {comparable(line) for line in printed.splitlines()}
            missing = [line for line in output if comparable(line) not in lines]
            assert not missing, f"{command}\n{printed}"
            run += 1
    assert run > 4
    assert [one.recipients for one in handler.received] == [("desk@example.org",)] * 2
    assert b"1 story: Troops, prisoner swap" in handler.received[1].content


def test_readme_and_tutorial_lead_to_a_digest_in_five_commands() -> None:
    for page in ("README.md", "docs/tutorial.md"):
        commands = first_digest([command.replace(".venv/bin/", "") for command, _ in session(ROOT / page)])
        assert [" ".join(command.split()[:2]) for command in commands] == [
            "git clone",
            "make install",
            "scrapy setup",
            "scrapy monitor",
            "scrapy digest",
        ]

"""Invalid arguments of commands: one line of error, and the exit status of docs/reference/settings.md."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.sqlite.connection import connect
from tests.support.cli import ROOT, scrapy
from tests.support.factories import HOME, Archive, article, hour, page, record

TOPICS = '[pier]\ntitle = "Pier"\nquery = "pier"\n'
DIGESTS = '[desk]\nrecipients = ["desk@ngo.example"]\nat = ["07:00"]\ntimezone = "UTC"\n'
HUGE = "9" * 25


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    archive = Archive(folder)
    archive.record_fetch(record())
    for number in (1, 2):
        archive.record_fetch(
            record(article(f"Text {number}."), page(f"{HOME}/news/one", str(number).encode()), at=hour(number))
        )
    archive.store.close()
    for name, text in (("topics", TOPICS), ("digests", DIGESTS), ("sources", "")):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("diff", "²"), "²: no such article in the archive"),
        (("diff", HUGE), "no such article in the archive"),
        (("diff", "1", "²"), "give an article by URL or ID"),
        (("diff", "1", HUGE), "give an article by URL or ID"),
        (("stories", "²"), "give one story ID"),
        (("stories", HUGE), "give one story ID"),
        (("stories", "--split", HUGE), "expected a whole number"),
        (("stories", "1", "--join", HUGE), "expected a whole number"),
        (("stories", "--limit", HUGE), "expected a whole number"),
        (("stories", "--min-articles", HUGE), "expected a whole number"),
        (("outbox", "--retry", HUGE), "expected a whole number"),
        (("backtest", "pier", "--judge", "-1"), "invalid number '-1': expected a positive integer"),
        (("backtest", "pier", "--judge", "0"), "expected a positive integer"),
        (("backtest", "pier", "--query", ""), "--query: the query is empty"),
        (("backtest", "pier", "--against", " "), "--against: the query is empty"),
        (("gaps", "gazette", "lantern"), "unexpected argument 'lantern'"),
        (("demo", "a", "b"), "unexpected argument 'b'"),
        (("topics", "check", "--json"), "--json and --group cannot be combined with check"),
        (("health", "--verbose"), "unknown option --verbose"),
        (("init", "--force"), "unknown option --force"),
        (("crawl", "all", "gazette"), "give either all or the names of sources"),
        (("crawl", "all"), "sources.toml: contains no source"),
        (("digest", "--preview", "/proc/nowhere"), "/proc/nowhere: cannot write the preview"),
        (("digest", "--preview", "desk"), "desk is a digest: write `scrapy digest desk --preview`"),
        (("digest", "--send", "--to", ""), "--to: write an address"),
        (("stories", "99"), "no story 99"),
        (("stories", "--split", "1"), "article 1 is alone in story 1"),
        (("stories", "1", "--join", "1"), "is in story 1 already"),
        (("archive", "backup", "."), "already exists"),
        (("archive", "backup", "~nobody-of-that-name/x"), "write the folder in full"),
    ],
    ids=lambda words: " ".join(words)[:40] if isinstance(words, tuple) else "",
)
def test_an_invalid_argument_is_reported_and_the_exit_status_is_2(
    data: Path, words: tuple[str, ...], message: str
) -> None:
    ended = scrapy(*words, data=data)
    reported = ended.stdout + ended.stderr
    assert message in reported
    assert "Traceback" not in reported
    assert ended.returncode == 2
    assert not (Path.cwd() / "desk").exists()


def test_output_to_a_full_disk_is_reported_and_the_exit_status_is_2(data: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "scrapy", "archive", "export"], stdout=full, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "WIREWATCH_DATA_DIR": str(data)}, cwd=ROOT, check=False,
        )  # fmt: skip
    assert ended.stderr == (
        "standard output: cannot be written: No space left on device; what was written is not complete\n"
    )
    assert ended.returncode == 2


def test_a_digest_that_the_server_refuses_is_reported_with_its_recipient(data: Path) -> None:
    ended = scrapy(
        "digest",
        "--send",
        "--to",
        "gone@ngo.example",
        data=data,
        WIREWATCH_SMTP_URL="smtp://127.0.0.1:9?from=wire@ngo.example",
    )
    assert "gone@ngo.example: " in ended.stderr
    assert "desk was not sent and is not retried" in ended.stderr
    assert ended.returncode == 1


def test_the_outbox_list_with_a_message_that_was_given_up_exits_with_1(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    assert scrapy("outbox", data=folder).returncode == 0
    db = connect(folder / "archive.db")
    db.execute(
        "INSERT INTO outbox (digest_id, recipient, period, subject, message_id, content, content_sha256, state, created_at)"
        " VALUES ('desk', 'gone@ngo.example', 'p', 's', 'm', x'', '', 'given_up', '2026-03-01T12:00:00Z')"
    )
    db.close()
    assert scrapy("outbox", data=folder).returncode == 1

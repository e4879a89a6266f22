"""What commands are given by mistake: one line that says so, and the exit status of docs/reference/settings.md."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crawler.sqlite.connection import connect
from tests.support.cli import scrapy
from tests.support.factories import HOME, Archive, article, hour, page, record

TOPICS = '[pier]\ntitle = "Pier"\nquery = "pier"\n'
DIGESTS = '[desk]\nrecipients = ["desk@ngo.example"]\nat = ["07:00"]\ntimezone = "UTC"\n'
HUGE = "9" * 25


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    archive = Archive(folder)
    archive.file(record())
    for number in (1, 2):
        archive.file(
            record(article(f"Text {number}."), page(f"{HOME}/news/one", str(number).encode()), at=hour(number))
        )
    archive.store.close()
    for name, text in (("topics", TOPICS), ("digests", DIGESTS), ("sources", "")):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("diff", "²"), "²: no such article in the archive"),
        (("diff", HUGE), "no such article in the archive"),
        (("diff", "1", "²"), "say which article"),
        (("diff", "1", HUGE), "say which article"),
        (("stories", "²"), "say which story by its number"),
        (("stories", HUGE), "say which story by its number"),
        (("stories", "--split", HUGE), "is no number from 0 on"),
        (("stories", "1", "--join", HUGE), "is no number from 0 on"),
        (("stories", "--limit", HUGE), "is no number from 0 on"),
        (("stories", "--min-articles", HUGE), "is no number from 0 on"),
        (("outbox", "--retry", HUGE), "is no number from 0 on"),
        (("backtest", "pier", "--judge", "-1"), "'-1' is no number from 1 on"),
        (("backtest", "pier", "--judge", "0"), "is no number from 1 on"),
        (("backtest", "pier", "--query", ""), "--query: say what to look for"),
        (("backtest", "pier", "--against", " "), "--against: say what to look for"),
        (("gaps", "gazette", "lantern"), "'lantern' is too much"),
        (("demo", "a", "b"), "'b' is too much"),
        (("topics", "check", "--json"), "--json is for the list"),
        (("crawl", "all", "gazette"), "with all, names choose nothing"),
        (("crawl", "all"), "sources.toml: names no source yet"),
        (("digest", "--preview", "/proc/nowhere"), "/proc/nowhere: cannot hold the preview"),
        (("digest", "--preview", "desk"), "desk is a digest: `scrapy digest desk --preview`"),
        (("digest", "--send", "--to", ""), "--to: say to which address"),
        (("stories", "99"), "there is no story 99"),
        (("stories", "--split", "1"), "alone in story 1 already"),
        (("stories", "1", "--join", "1"), "is in story 1 already"),
        (("archive", "backup", "."), "exists already"),
    ],
    ids=lambda words: " ".join(words)[:40] if isinstance(words, tuple) else "",
)
def test_a_mistake_is_told_in_a_line_and_ends_with_2(data: Path, words: tuple[str, ...], said: str) -> None:
    ended = scrapy(*words, data=data)
    reported = ended.stdout + ended.stderr
    assert said in reported
    assert "Traceback" not in reported
    assert ended.returncode == 2
    assert not (Path.cwd() / "desk").exists()


def test_a_server_that_does_not_take_a_digest_is_told_with_the_address(data: Path) -> None:
    ended = scrapy(
        "digest",
        "--send",
        "--to",
        "gone@ngo.example",
        data=data,
        WIREWATCH_SMTP_URL="smtp://127.0.0.1:9?from=wire@ngo.example",
    )
    assert "gone@ngo.example: " in ended.stderr
    assert "desk was not sent, and is not tried again" in ended.stderr
    assert ended.returncode == 1


def test_a_list_with_a_message_that_was_given_up_ends_with_1(data: Path, tmp_path: Path) -> None:
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

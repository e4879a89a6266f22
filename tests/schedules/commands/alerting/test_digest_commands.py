"""`scrapy digest` and `scrapy outbox` with a real mail server on loopback."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from benchmarks.support.smtp_server import DISCONNECT, OK, MailHandler, smtp_server
from crawler.archive.db.open import open_archive
from crawler.archive.delivery import recipients
from tests.support.archives.flagged import flagged_archive
from tests.support.cli import scrapy
from tests.support.factories import SOURCE
from tests.support.servers.recording import web

DESK = "desk@harbour.example"
DIGESTS = f"""
[news]
title = "News desk"
recipients = ["{DESK}"]
immediate = true
archive_url = "https://archive.harbour.example/"

[feed]
feed = "feeds/alerts.atom"
"""
TOPICS = """
[pier]
title = "Pier"
query = "pier AND close"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An archive with two alerts that are due to the recipient of the digest."""
    with flagged_archive(tmp_path) as flagged:
        at = "2026-03-01T16:00:00Z"
        flagged.db.execute(
            "INSERT INTO digest_recipients (digest_id, recipient, done_until) VALUES ('news', ?, ?)", (DESK, at)
        )
        for alert in flagged.alerts:
            recipients.queue_deliveries(flagged.db, alert, [("news", DESK)], flagged.now)
    (tmp_path / "digests.toml").write_text(DIGESTS, encoding="utf-8")
    (tmp_path / "topics.toml").write_text(TOPICS, encoding="utf-8")
    (tmp_path / "sources.toml").write_text(
        f'[{SOURCE.id}]\nname = "{SOURCE.name}"\nhome = "{SOURCE.home}"\nfeeds = ["{SOURCE.home}rss"]\n',
        encoding="utf-8",
    )
    return tmp_path


@contextmanager
def mail_url(handler: MailHandler) -> Iterator[str]:
    with smtp_server(handler) as port:
        yield f"smtp://127.0.0.1:{port}?from=wirewatch@harbour.example"


def text_of(content: bytes) -> str:
    body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def waiting(data: Path) -> str:
    (line,) = [line for line in scrapy("digest", data=data).stdout.splitlines() if line.startswith("news")]
    return line.split()[-1]


def test_digest_lists_recipients_next_time_and_waiting_alerts(data: Path) -> None:
    result = scrapy("digest", data=data)
    assert result.returncode == 0, result.stderr
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("news")]
    assert line.split() == ["news", DESK, "immediate", "2"]


def test_alerts_that_wait_for_a_removed_recipient_are_listed(data: Path) -> None:
    (data / "digests.toml").write_text(DIGESTS.replace(DESK, "night@harbour.example"), encoding="utf-8")
    shown = scrapy("digest", data=data).stdout
    (line,) = [line for line in shown.splitlines() if DESK in line]
    assert line.split() == ["news", DESK, "never:", "removed", "from", "digests.toml", "2"]


def test_a_preview_is_written_as_html_and_text_and_changes_nothing(data: Path) -> None:
    handler = MailHandler()
    with mail_url(handler) as url:
        result = scrapy("digest", "news", "--preview", data=data, WIREWATCH_SMTP_URL=url)
    assert result.returncode == 0, result.stderr
    assert str(data / "preview" / "news.html") in result.stdout
    text = (data / "preview" / "news.txt").read_text(encoding="utf-8")
    assert "Council closes northern pier" in text
    assert "<html" in (data / "preview" / "news.html").read_text(encoding="utf-8")
    assert not handler.received
    assert waiting(data) == "2"


def test_a_preview_is_exactly_the_next_mail_and_a_sample_has_all_alerts(data: Path) -> None:
    handler = MailHandler()
    preview = data / "preview" / "news.txt"
    with mail_url(handler) as url:
        scrapy("digest", "news", "--preview", data=data)
        before = preview.read_text(encoding="utf-8")
        assert scrapy("digest", "--send", data=data, WIREWATCH_SMTP_URL=url).returncode == 0
    sent = text_of(handler.received[0].content)

    def without_times(text: str) -> str:
        return re.sub(r"^.* – .*$", "", text.replace("\r\n", "\n"), flags=re.MULTILINE).strip()

    assert without_times(before.split("\n\n", 1)[1]) == without_times(sent)
    after = scrapy("digest", "news", "--preview", data=data)
    assert after.stdout.startswith("news: no alert is waiting")
    sample = scrapy("digest", "news", "--preview", "--sample", "--since", "2026-01-01", data=data)
    assert sample.stdout.startswith("news: 1 story: Pier")


def test_a_preview_has_one_file_for_recipients_with_the_same_mail(data: Path) -> None:
    (data / "digests.toml").write_text(
        DIGESTS.replace(f'"{DESK}"', f'"{DESK}", "a@harbour.example", "b@harbour.example"').replace(
            "immediate = true", 'at = "07:00"'
        ),
        encoding="utf-8",
    )
    result = scrapy("digest", "news", "--preview", data=data)
    assert result.returncode == 0, result.stderr
    assert re.search(rf"^news for {DESK}: .*1 story: Pier", result.stdout)
    assert "news-2 for a@harbour.example, b@harbour.example: No new stories" in result.stdout


def test_a_sample_leaves_out_topics_that_are_not_in_the_file(data: Path) -> None:
    (data / "topics.toml").write_text('[ferry]\ntitle = "Ferry"\nquery = "ferry"\n', encoding="utf-8")
    result = scrapy("digest", "news", "--preview", "--sample", "--since", "2026-01-01", data=data)
    assert result.stdout.startswith("news: No new stories")


def test_send_sends_once_and_writes_the_feed(data: Path) -> None:
    handler = MailHandler()
    with mail_url(handler) as url:
        first = scrapy("digest", "--send", data=data, WIREWATCH_SMTP_URL=url)
        second = scrapy("digest", "--send", data=data, WIREWATCH_SMTP_URL=url)
        third = scrapy("outbox", "--send", data=data, WIREWATCH_SMTP_URL=url)
    assert (first.returncode, second.returncode, third.returncode) == (0, 0, 0), first.stderr + second.stderr
    assert f"sent to {DESK}: 1 story" in first.stdout
    assert second.stdout.strip() == "No digest is due."
    (mail,) = handler.received
    assert mail.recipients == (DESK,)
    assert "https://archive.harbour.example/article/" in text_of(mail.content)
    assert (data / "feeds" / "alerts.atom").read_text(encoding="utf-8").count("<entry>") == 2
    assert "The outbox is empty." in scrapy("outbox", data=data).stdout
    assert DESK in scrapy("outbox", "--all", data=data).stdout


def test_a_refused_message_is_reported_listed_and_can_be_retried(data: Path) -> None:
    replies = iter(["550 5.1.1 no such mailbox", OK])
    handler = MailHandler(on_recipient=lambda _: next(replies))
    with mail_url(handler) as url:
        sent = scrapy("digest", "--send", "--quiet", data=data, WIREWATCH_SMTP_URL=url)
        assert sent.returncode == 1
        assert "550 5.1.1 no such mailbox" in sent.stderr
        assert "given up" in sent.stderr
        shown = " ".join(scrapy("outbox", data=data).stdout.split())
        assert "given up" in shown
        assert "no such mailbox" in shown
        assert scrapy("outbox", "--retry", "1", data=data).returncode == 0
        assert scrapy("outbox", "--send", data=data, WIREWATCH_SMTP_URL=url).returncode == 0
    assert len(handler.received) == 1


def test_a_message_can_be_dropped_and_an_unknown_id_is_an_error(data: Path) -> None:
    with mail_url(MailHandler(on_recipient=lambda _: "450 later")) as url:
        assert scrapy("digest", "--send", data=data, WIREWATCH_SMTP_URL=url).returncode == 1
    assert "450 later" in " ".join(scrapy("outbox", data=data).stdout.split())
    assert scrapy("outbox", "--drop", "1", data=data).returncode == 0
    result = scrapy("outbox", "--drop", "7", data=data)
    assert result.returncode == 2
    assert result.stderr.strip() == "7: no unsent message has this ID; `scrapy outbox` lists them"


def test_a_sample_can_be_sent_to_an_address_and_changes_nothing(data: Path) -> None:
    handler = MailHandler()
    words = ("digest", "news", "--send", "--to", "colleague@harbour.example", "--since", "2026-01-01")
    with mail_url(handler) as url:
        result = scrapy(*words, data=data, WIREWATCH_SMTP_URL=url)
    assert result.returncode == 0, result.stderr
    assert [one.recipients for one in handler.received] == [("colleague@harbour.example",)]
    assert waiting(data) == "2"
    wrong = scrapy("digest", "--send", "--to", "a@b.example\nBcc: c@d.example", data=data)
    assert wrong.returncode == 2
    assert len(wrong.stderr.strip().splitlines()) <= 2


def test_the_dead_mans_switch_is_requested_only_when_no_message_waits(data: Path) -> None:
    replies = iter([DISCONNECT, OK])
    with web() as (host, requests), mail_url(MailHandler(on_data=lambda _: next(replies))) as url:
        environ = {"WIREWATCH_SMTP_URL": url, "WIREWATCH_DEADMAN_URL": f"http://{host}/s3cret"}
        assert scrapy("digest", "--send", data=data, **environ).returncode == 1
        assert scrapy("digest", "--send", data=data, **environ).returncode == 0  # it waits for its next attempt
        assert not requests
        assert scrapy("outbox", "--retry", "1", data=data).returncode == 0
        sent = scrapy("digest", "--send", data=data, **environ)
    assert sent.returncode == 0, sent.stderr
    assert [path for path, _ in requests] == ["/s3cret"]
    assert "s3cret" not in sent.stdout + sent.stderr


def test_without_a_mail_server_send_is_refused_and_renders_nothing(data: Path) -> None:
    result = scrapy("digest", "--send", data=data)
    assert result.returncode == 2
    assert "mail server: none is configured; set WIREWATCH_SMTP_URL=" in result.stderr
    assert "The outbox is empty." in scrapy("outbox", data=data).stdout
    assert waiting(data) == "2"


def test_channels_need_no_mail_server(data: Path) -> None:
    (data / "digests.toml").write_text('[chat]\nchannels = ["CHAT_URL"]\nimmediate = true\n', encoding="utf-8")
    assert scrapy("digest", "--send", data=data).returncode == 0


def test_a_fault_of_the_server_is_reported_at_each_run_and_holds_the_dead_mans_switch(data: Path) -> None:
    handler = MailHandler(on_recipient=lambda _: "554 5.7.1 Relay access denied")
    with web() as (host, requests), mail_url(handler) as url:
        environ = {"WIREWATCH_SMTP_URL": url, "WIREWATCH_DEADMAN_URL": f"http://{host}/s3cret"}
        first = scrapy("digest", "--send", "--quiet", data=data, **environ)
        second = scrapy("digest", "--send", "--quiet", data=data, **environ)
    assert (first.returncode, second.returncode) == (1, 1)
    assert "Relay access denied; will be retried" in first.stderr
    assert second.stderr.strip() == "1 message waiting: 554 5.7.1 Relay access denied (`scrapy outbox`)"
    assert not requests
    health = scrapy("health", data=data)
    assert "outbox: 1 message waiting: 554 5.7.1 Relay access denied (`scrapy outbox`)" in health.stdout
    assert health.returncode == 1


def test_secrets_are_neither_in_the_output_nor_in_the_archive(data: Path) -> None:
    (data / "digests.toml").write_text(
        DIGESTS.replace("immediate", 'channels = ["CHAT_URL"]\nimmediate').replace("[feed]", "[feed2]"),
        encoding="utf-8",
    )
    db = open_archive(data / "archive.db")
    for row in db.execute("SELECT id FROM alerts").fetchall():
        db.execute(
            "INSERT INTO deliveries VALUES (?, 'news', 'channel:CHAT_URL', '2026-03-01T16:00:00Z', NULL, '')", (row[0],)
        )
    db.close()
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    result = scrapy(
        "digest", "--send", "-L", "DEBUG", data=data,
        WIREWATCH_SMTP_URL=f"smtp://wirewatch:s3cret@127.0.0.1:{port}?from=wirewatch@harbour.example",
        CHAT_URL=f"json://user:s3cret@127.0.0.1:{port}/s3cret",
    )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr.count("will be retried") == 2, result.stderr
    assert "s3cret" not in result.stdout + result.stderr
    for path in data.iterdir():
        assert path.is_dir() or b"s3cret" not in path.read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("digest", "evening", "--preview"), "there is no digest 'evening'"),
        (("digest", "--to", DESK), "--to needs --send"),
        (("outbox", "--retry", "1", "--drop", "1"), "one of"),
        (("digest", "--preview", "--sample", "--since", "soon"), "--since soon"),
    ],
)
def test_invalid_options_are_refused_in_one_line(words: tuple[str, ...], message: str, data: Path) -> None:
    result = scrapy(*words, data=data)
    assert result.returncode == 2
    assert message in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_flag_records_deliveries_for_the_recipients(data: Path) -> None:
    (data / "digests.toml").write_text(DIGESTS.replace("immediate = true", "immediate = maybe"), encoding="utf-8")
    broken = scrapy("flag", data=data)
    assert broken.returncode == 2
    assert "digests.toml" in broken.stderr
    db = open_archive(data / "archive.db")
    for table in ("deliveries", "match_sentences", "matches", "alerts"):
        db.execute(f"DELETE FROM {table}")
    db.close()
    (data / "digests.toml").write_text(DIGESTS, encoding="utf-8")
    flagged = scrapy("flag", "pier", "--since", "2026-01-01", data=data)
    assert flagged.returncode == 0, flagged.stderr
    db = open_archive(data / "archive.db")
    rows = db.execute("SELECT d.recipient FROM deliveries d JOIN alerts a ON a.id = d.alert_id").fetchall()
    db.close()
    assert [row[0] for row in rows] == [DESK, DESK]


def test_feeds_of_two_archives_have_different_entry_ids(data: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    with flagged_archive(other):
        for name in ("topics.toml", "sources.toml"):
            (other / name).write_bytes((data / name).read_bytes())
    for folder in (data, other):
        (folder / "digests.toml").write_text('[feed]\nfeed = "feeds/alerts.atom"\n', encoding="utf-8")
    ids = []
    for folder in (data, other, data):
        (folder / "feeds" / "alerts.atom").unlink(missing_ok=True)
        assert scrapy("digest", "--send", data=folder).returncode == 0
        ids.append(set(re.findall(r"<id>([^<]+)</id>", (folder / "feeds" / "alerts.atom").read_text("utf-8"))))
    assert len(ids[0]) == 3
    assert ids[0] == ids[2], "the IDs of one archive are stable"
    assert ids[0].isdisjoint(ids[1])

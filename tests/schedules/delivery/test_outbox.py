"""The outbox with a real mail server on loopback: every alert is in exactly one mail despite failures and clock changes."""

from __future__ import annotations

import multiprocessing
import os
import socket
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from benchmarks.support.smtp_server import DISCONNECT, OK, MailHandler, smtp_server
from crawler.archive.db.open import open_archive
from crawler.archive.delivery import outbox, recipients
from crawler.archive.desk.mutes import mute, unmute
from crawler.archive.maintenance.consistency import consistency_faults
from crawler.config.digests import Digest
from crawler.filesystem.locks import acquire
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from schedules.delivery.mail_server import MailServer
from schedules.delivery.outbox import SEND_LOCK, SendResult, pending, queue_message, send_pending
from schedules.digest.job import render_digest, sender_of
from tests.support.archives.flagged import flagged_archive
from tests.support.servers.recording import web
from tests.support.servers.scripted import scripted_server

DESK, EDITOR, NIGHT = "desk@harbour.example", "editor@harbour.example", "night@harbour.example"
MORNING = Digest.model_validate(
    {"id": "morning", "title": "Morning", "recipients": (DESK, EDITOR), "at": ("07:00",), "timezone": "UTC"}
)
AT_ONCE = Digest.model_validate({"id": "news", "title": "News", "recipients": (NIGHT,), "immediate": True})


class Jobs:
    """An archive with two alerts, and the steps of the digest job."""

    def __init__(self, db: Connection, alerts: Sequence[int], now: datetime, locks: Path) -> None:
        self.db, self.alerts, self.now, self.locks = db, list(alerts), now, locks

    def subscribe(self, digest: Digest, alerts: Sequence[int] | None = None) -> None:
        """Register its recipients and queue these alerts for them."""
        recipients.register_recipients(self.db, digest.id, digest.destinations, self.now)
        self.queue_deliveries(digest, self.alerts if alerts is None else alerts)

    def queue_deliveries(self, digest: Digest, alerts: Sequence[int]) -> None:
        for alert in alerts:
            recipients.queue_deliveries(self.db, alert, [(digest.id, one) for one in digest.destinations], self.now)

    def make(self, *digests: Digest, hours: float) -> list[int]:
        """Render what is due some hours later; returns outbox IDs."""
        at = self.at(hours)
        made = [
            queue_message(self.db, one, render_digest, sender="w@harbour.example", now=at)
            for one in pending(self.db, digests, now=at)
        ]
        return [one for one in made if one is not None]

    def send(self, port: int, *, hours: float, timeout: float = 60) -> list[SendResult]:
        server = MailServer(host="127.0.0.1", port=port, sender="w@harbour.example", timeout=timeout)
        return list(send_pending(self.db, sender_of(server), now=lambda: self.at(hours), locks=self.locks))

    def at(self, hours: float) -> datetime:
        return self.now + timedelta(hours=hours)

    def next_morning(self, days: int) -> datetime:
        """07:05, some days later."""
        return (self.now + timedelta(days=days)).replace(hour=7, minute=5)

    def waiting(self, digest: Digest) -> set[int]:
        return {alert for one in digest.destinations for alert in recipients.waiting_alerts(self.db, digest.id, one)}

    def states(self) -> list[str]:
        return [row[0] for row in self.db.execute("SELECT state FROM outbox ORDER BY id")]


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    with flagged_archive(tmp_path) as flagged:
        yield Jobs(flagged.db, flagged.alerts, flagged.now, tmp_path / "locks")


def identity(content: bytes) -> str:
    return str(message_from_bytes(content, policy=policy.default)["Message-ID"])


# --- Rendering ------------------------------------------------------------------------------------------------------


def test_each_recipient_gets_one_mail_at_the_time_of_the_digest(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    assert jobs.make(MORNING, hours=1) == []
    assert len(jobs.make(MORNING, hours=24)) == 2
    assert jobs.make(MORNING, hours=24.1) == []
    assert jobs.waiting(MORNING) == set()
    handler = MailHandler()
    with smtp_server(handler) as port:
        jobs.send(port, hours=24.1)
        jobs.send(port, hours=24.2)
    assert sorted(one.recipients for one in handler.received) == [(DESK,), (EDITOR,)]
    assert all(len(one.recipients) == 1 for one in handler.received)


def test_missed_periods_come_in_one_digest_that_says_that_it_is_late(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    jobs.make(MORNING, hours=24 * 4)
    contents = [outbox.content_of(jobs.db, number) for number in (1, 2)]
    assert len(jobs.states()) == 2
    for content in contents:
        plain = message_from_bytes(content, policy=policy.default).get_body(("plain",))
        assert plain is not None
        assert "late" in plain.get_content()


def test_an_alert_that_is_created_between_rendering_and_storing_waits_for_the_next_mail(jobs: Jobs) -> None:
    jobs.subscribe(MORNING, jobs.alerts[:1])
    due = list(pending(jobs.db, [MORNING], now=jobs.at(24)))
    jobs.queue_deliveries(MORNING, jobs.alerts[1:])
    for one in due:
        assert queue_message(jobs.db, one, render_digest, sender="w@harbour.example", now=jobs.at(24)) is not None
    assert jobs.waiting(MORNING) == set(jobs.alerts[1:])
    jobs.make(MORNING, hours=48)
    assert jobs.waiting(MORNING) == set()


def test_alerts_of_a_muted_story_are_counted_in_one_line_instead_of_shown(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    mute(jobs.db, "story", "1", until=jobs.at(72), now=jobs.now)
    (first, _) = jobs.make(MORNING, hours=24)
    plain = message_from_bytes(outbox.content_of(jobs.db, first), policy=policy.default).get_body(("plain",))
    assert plain is not None
    text = " ".join(plain.get_content().split())
    assert "2 alerts of 1 muted story are not shown." in text
    assert "Council closes" not in text
    assert jobs.waiting(MORNING) == set(), "they are delivered with the message that counts them"


def test_muted_alerts_alone_cause_no_immediate_digest_and_none_that_skips_empty_ones(jobs: Jobs) -> None:
    quiet = MORNING.model_copy(update={"id": "quiet", "skip_empty": True})
    jobs.subscribe(AT_ONCE)
    jobs.subscribe(quiet)
    mute(jobs.db, "topic", "pier", until=jobs.at(72), now=jobs.now)
    assert jobs.make(AT_ONCE, quiet, hours=24) == []
    unmute(jobs.db, "topic", "pier")
    assert len(jobs.make(AT_ONCE, quiet, hours=48)) == 3, "after the mute was undone, they are reported"


def test_an_immediate_digest_waits_for_the_end_of_its_quiet_hours(jobs: Jobs) -> None:
    night = AT_ONCE.model_copy(update={"quiet_hours": (time(22), time(7)), "timezone": "UTC"})
    jobs.subscribe(night)  # at 16:00
    assert jobs.make(night, hours=7) == []
    assert jobs.make(night, hours=14.9) == []
    assert len(jobs.make(night, hours=15)) == 1


def test_alerts_above_the_number_of_messages_per_hour_come_together_later(jobs: Jobs) -> None:
    capped = AT_ONCE.model_copy(update={"max_per_hour": 1})
    jobs.subscribe(capped, jobs.alerts[:1])
    assert len(jobs.make(capped, hours=0.5)) == 1
    jobs.queue_deliveries(capped, jobs.alerts[1:])
    assert jobs.make(capped, hours=1.4) == []
    assert len(jobs.make(capped, hours=1.6)) == 1


def test_a_recipient_who_unsubscribed_gets_nothing_more_until_the_address_is_added_again(jobs: Jobs) -> None:
    jobs.subscribe(MORNING, jobs.alerts[:1])
    jobs.make(MORNING, hours=24)
    token = recipients.unsubscribe_token(jobs.db, MORNING.id, DESK)
    assert token is not None
    recipients.unsubscribe(jobs.db, token, jobs.at(24))
    assert jobs.states() == ["dropped", "waiting"], "a message that was not sent yet is dropped"
    jobs.queue_deliveries(MORNING, jobs.alerts[1:])
    assert recipients.waiting_alerts(jobs.db, MORNING.id, DESK) == []
    assert len(jobs.make(MORNING, hours=48)) == 1
    jobs.make(MORNING.model_copy(update={"recipients": (EDITOR,)}), hours=49)
    assert recipients.subscription(jobs.db, token) is None
    assert len(jobs.make(MORNING, hours=72)) == 1, "the address was added again: its periods begin now"
    assert len(jobs.make(MORNING, hours=96)) == 2


def test_a_mail_says_why_it_came_and_how_to_end_it(jobs: Jobs) -> None:
    linked = MORNING.model_copy(
        update={
            "archive_url": "https://archive.example/",
            "one_click_unsubscribe": True,
            "reply_to": "chief@harbour.example",
            "topics": ("pier",),
        }
    )
    jobs.subscribe(linked)
    (first, _) = jobs.make(linked, hours=24)
    message = message_from_bytes(outbox.content_of(jobs.db, first), policy=policy.default)
    token = recipients.unsubscribe_token(jobs.db, "morning", DESK)
    url = f"https://archive.example/unsubscribe/{token}"
    assert message["Reply-To"] == "chief@harbour.example"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"] == f"<{url}>, <mailto:chief@harbour.example?subject=unsubscribe%20morning>"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        text = " ".join(part.get_content().split())
        for words in (
            f"because {DESK} is a recipient of the digest “Morning” (morning), about Pier.",
            url,
            "https://archive.example/",
        ):
            assert words in text, kind


def test_a_summary_has_numbers_of_its_topics_for_this_period_and_the_one_before(jobs: Jobs) -> None:
    weekly = MORNING.model_copy(update={"summary": True, "recipients": (DESK,)})
    jobs.subscribe(weekly)
    jobs.db.execute("UPDATE digest_recipients SET done_until = ?", (format_utc(jobs.at(-100)),))
    (first,) = jobs.make(weekly, hours=24)
    plain = message_from_bytes(outbox.content_of(jobs.db, first), policy=policy.default).get_body(("plain",))
    assert plain is not None
    assert "Pier: 1 new report (0 in the period before) from 1 outlet" in " ".join(plain.get_content().split())


def test_two_schedulers_that_render_the_same_store_one_message(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    one, other = (list(pending(jobs.db, [MORNING], now=jobs.at(24))) for _ in range(2))
    for mine, theirs in zip(one, other, strict=True):
        assert queue_message(jobs.db, mine, render_digest, sender="w@harbour.example", now=jobs.at(24)) is not None
        assert queue_message(jobs.db, theirs, render_digest, sender="w@harbour.example", now=jobs.at(24.01)) is None
    assert jobs.states() == ["waiting", "waiting"]


def test_an_empty_digest_is_sent_unless_skip_empty_is_set(jobs: Jobs) -> None:
    quiet = MORNING.model_copy(update={"id": "quiet", "skip_empty": True})
    for digest in (MORNING, quiet):
        recipients.register_recipients(jobs.db, digest.id, digest.destinations, jobs.now)
    jobs.make(MORNING, quiet, hours=24)
    assert [row[0] for row in jobs.db.execute("SELECT DISTINCT digest_id FROM outbox")] == ["morning"]
    jobs.queue_deliveries(quiet, jobs.alerts)
    assert jobs.make(quiet, hours=24.5) == []  # that day is over: the alerts come with the next digest
    assert len(jobs.make(quiet, hours=48)) == 2


@pytest.mark.parametrize(
    "meanwhile",
    [
        [],
        [MORNING.model_copy(update={"enabled": False})],
        [MORNING.model_copy(update={"recipients": ("other@harbour.example",)})],
        [MORNING.model_copy(update={"at": (), "immediate": True})],
    ],
    ids=["no digest", "disabled", "other recipients", "immediate"],
)
def test_a_recipient_who_is_added_again_gets_only_new_alerts_and_no_digest_is_late(
    jobs: Jobs, meanwhile: list[Digest]
) -> None:
    jobs.subscribe(MORNING, [])
    jobs.make(MORNING, hours=24)
    jobs.make(AT_ONCE, *meanwhile, hours=25)
    jobs.make(AT_ONCE, *meanwhile, hours=24 * 40)
    assert jobs.make(MORNING, hours=24 * 40 + 5) == []
    late = [one.late for one in pending(jobs.db, [MORNING], now=jobs.next_morning(41))]
    assert late == [False, False]


def test_no_digest_is_lost_if_the_file_is_empty_for_a_moment(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    jobs.make(MORNING, hours=1)
    assert jobs.make(hours=2) == []
    assert len(jobs.make(MORNING, hours=24)) == 2


@pytest.mark.parametrize("change", [{"at": (time(5), time(7))}, {"timezone": "Asia/Tokyo"}])
def test_new_times_of_a_digest_count_from_the_first_run_after_the_change(jobs: Jobs, change: dict[str, object]) -> None:
    """A time that is already past when it is added to the file does not count as missed."""
    jobs.subscribe(MORNING, [])
    for one in list(pending(jobs.db, [MORNING], now=jobs.next_morning(1))):
        queue_message(jobs.db, one, render_digest, sender="w@harbour.example", now=jobs.next_morning(1))
    changed = MORNING.model_copy(update=change)
    at = jobs.next_morning(2) - timedelta(hours=0.5)
    assert list(pending(jobs.db, [MORNING], now=at - timedelta(minutes=1))) == []
    assert list(pending(jobs.db, [changed], now=at)) == []


def test_a_story_after_a_weekly_digest_goes_with_that_weeks_digest_in_the_new_timezone(jobs: Jobs) -> None:
    weekly = MORNING.model_copy(update={"weekdays": ("mon",), "recipients": (DESK,), "timezone": "Europe/Kyiv"})
    monday = jobs.next_morning(0)
    monday = (monday + timedelta(days=(7 - monday.weekday()) % 7)).replace(hour=5)  # 07:00 in Kyiv
    recipients.register_recipients(jobs.db, weekly.id, weekly.destinations, monday - timedelta(days=1))
    for one in list(pending(jobs.db, [weekly], now=monday)):
        queue_message(jobs.db, one, render_digest, sender="w@harbour.example", now=monday)
    jobs.queue_deliveries(weekly, jobs.alerts)
    moved = weekly.model_copy(update={"timezone": "America/New_York"})
    assert list(pending(jobs.db, [moved], now=monday + timedelta(hours=2))) == []
    (due,) = pending(jobs.db, [moved], now=monday + timedelta(hours=7))
    assert due.alerts == tuple(jobs.alerts)
    assert not due.late


def test_an_immediate_digest_waits_for_the_rest_of_the_crawl(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    assert jobs.make(AT_ONCE, hours=0) == []
    assert len(jobs.make(AT_ONCE, hours=1 / 60)) == 1
    assert jobs.make(AT_ONCE, hours=1) == []


def test_setting_back_a_clock_neither_repeats_nor_stops_a_digest(jobs: Jobs) -> None:
    jobs.subscribe(MORNING, jobs.alerts[:1])
    jobs.make(MORNING, hours=24 * 365)
    assert len(jobs.states()) == 2
    jobs.queue_deliveries(MORNING, jobs.alerts[1:])
    assert len(jobs.make(MORNING, hours=24)) == 2
    assert jobs.make(MORNING, hours=25) == []
    assert jobs.waiting(MORNING) == set()


def test_immediate_alerts_from_a_clock_that_was_ahead_are_sent_immediately(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    assert len(jobs.make(AT_ONCE, hours=-24)) == 1


# --- Sending --------------------------------------------------------------------------------------------------------


def test_a_lost_reply_leads_to_the_same_bytes_with_the_same_message_id(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    jobs.make(AT_ONCE, hours=1)
    replies = iter([DISCONNECT, "451 4.3.0 later", OK])
    handler = MailHandler(on_data=lambda _: next(replies))
    with smtp_server(handler) as port:
        assert [one.state for one in jobs.send(port, hours=1)] == ["waiting"]
        assert [one.state for one in jobs.send(port, hours=2)] == ["waiting"]
        assert [one.state for one in jobs.send(port, hours=3)] == ["sent"]
    assert len(handler.received) == 3
    assert len({one.content for one in handler.received}) == 1
    assert outbox.content_of(jobs.db, 1) == handler.received[0].content


def test_a_message_that_was_not_accepted_is_retried_at_growing_intervals(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    jobs.make(AT_ONCE, hours=1)
    tried = []
    with smtp_server(MailHandler(on_recipient=lambda _: "450 4.2.0 later")) as port:
        tried = [minute for minute in range(130) if jobs.send(port, hours=1 + minute / 60)]
    assert tried == [0, 1, 3, 7, 15, 31, 63, 127]
    (message,) = outbox.messages(jobs.db, states=["waiting"])
    assert message.error is not None
    assert message.error.startswith("450 4.2.0 later")


def test_after_days_of_temporary_refusals_a_message_is_given_up_with_its_reason(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    jobs.make(AT_ONCE, hours=1)
    with smtp_server(MailHandler(on_recipient=lambda _: "450 4.2.0 later")) as port:
        for hours in range(1, 24 * 5, 5):
            jobs.send(port, hours=hours)
    (message,) = outbox.messages(jobs.db, states=["given_up"])
    assert "450" in str(message.error)
    assert message.next_try_at is None


def test_a_permanently_refused_recipient_is_given_up_and_the_others_get_their_mail(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    jobs.make(MORNING, hours=24)
    handler = MailHandler(on_recipient=lambda address: "550 5.1.1 unknown" if address == EDITOR else OK)
    with smtp_server(handler) as port:
        found = {one.message.recipient: (one.state, one.error) for one in jobs.send(port, hours=24)}
    assert found[DESK] == ("sent", None)
    assert found[EDITOR][0] == "given_up"
    assert "550" in str(found[EDITOR][1])
    assert outbox.is_drained(jobs.db)


def test_a_slow_server_is_tried_again(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    jobs.make(AT_ONCE, hours=1)
    delays = iter([60.0, 0.0])
    handler = MailHandler(delay=lambda: next(delays))
    with smtp_server(handler) as port:
        (attempt,) = jobs.send(port, hours=1, timeout=2)
        assert "in time" in str(attempt.error)
        assert [one.state for one in jobs.send(port, hours=2)] == ["sent"]
    assert handler.received[0].content == handler.received[1].content


def test_a_refusal_of_the_server_is_retried_until_it_is_corrected(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    jobs.make(MORNING, hours=24)
    with smtp_server(MailHandler(on_recipient=lambda _: "554 5.7.1 Relay access denied")) as port:
        for hours in range(24, 24 * 12, 5):
            jobs.send(port, hours=hours)
    assert jobs.states() == ["waiting", "waiting"]
    assert outbox.undelivered(jobs.db) == [("waiting", "554 5.7.1 Relay access denied", 2)]
    handler = MailHandler()
    with smtp_server(handler) as port:
        jobs.send(port, hours=24 * 12)
    assert jobs.states() == ["sent", "sent"]
    assert outbox.undelivered(jobs.db) == []


def test_a_silent_mail_server_holds_up_neither_chat_messages_nor_more_than_one_mail(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Digest.model_validate({"id": "chat", "title": "Chat", "channels": ("CHAT_URL",), "immediate": True})
    for digest in (MORNING, chat):
        jobs.subscribe(digest)
    jobs.make(MORNING, chat, hours=24)
    connections = []

    def say_nothing(connection: socket.socket) -> None:
        connections.append(connection)
        connection.recv(1)

    with web() as (host, requests), scripted_server(say_nothing) as port:
        monkeypatch.setenv("CHAT_URL", f"json://{host}/")
        results = [(one.message.recipient, one.state) for one in jobs.send(port, hours=24, timeout=0.5)]
    assert results == [("channel:CHAT_URL", "sent"), (DESK, "waiting")]
    assert len(requests) == len(connections) == 1
    with smtp_server(MailHandler()) as port:
        assert [one.message.recipient for one in jobs.send(port, hours=24)] == [EDITOR]


def test_only_one_process_sends_at_a_time(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    jobs.make(AT_ONCE, hours=1)
    handler = MailHandler()
    with smtp_server(handler) as port:
        with acquire(jobs.locks, [SEND_LOCK]):
            assert jobs.send(port, hours=1) == []
        assert len(jobs.send(port, hours=1)) == 1


def test_a_message_that_was_dropped_while_others_were_sent_is_not_sent(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    jobs.make(MORNING, hours=24)
    path = Path(jobs.db.execute("PRAGMA database_list").fetchone()["file"])

    def drop_the_second(_: tuple[str, ...]) -> str:
        other = open_archive(path)
        outbox.drop(other, 2)
        other.close()
        return OK

    handler = MailHandler(on_data=drop_the_second)
    with smtp_server(handler) as port:
        jobs.send(port, hours=24)
    assert jobs.states() == ["sent", "dropped"]
    assert len(handler.received) == 1


def test_an_unexpected_error_of_one_message_does_not_stop_the_others(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    jobs.make(MORNING, hours=24)
    sent = []

    def send(message: outbox.Message, content: bytes) -> None:
        if message.recipient == DESK:
            raise ZeroDivisionError("secret")
        sent.append(content)

    attempts = list(send_pending(jobs.db, send, now=lambda: jobs.at(24), locks=jobs.locks))
    assert [one.state for one in attempts] == ["waiting", "sent"]
    assert "secret" not in str(attempts[0].error)
    assert len(sent) == 1


def test_damaged_bytes_are_not_sent(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    jobs.make(AT_ONCE, hours=1)
    jobs.db.execute("UPDATE outbox SET content = cast(content || x'00' AS BLOB)")
    handler = MailHandler()
    with smtp_server(handler) as port:
        (attempt,) = jobs.send(port, hours=1)
    assert attempt.state == "given_up"
    assert not handler.received


def test_a_message_can_be_retried_or_dropped_by_hand(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    jobs.make(MORNING, hours=24)
    with smtp_server(MailHandler(on_recipient=lambda _: "550 no")) as port:
        jobs.send(port, hours=24)
    assert jobs.states() == ["given_up", "given_up"]
    assert outbox.retry(jobs.db, 1)
    assert outbox.drop(jobs.db, 2)
    assert not outbox.retry(jobs.db, 99)
    handler = MailHandler()
    with smtp_server(handler) as port:
        jobs.send(port, hours=24)
    assert jobs.states() == ["sent", "dropped"]
    assert not outbox.retry(jobs.db, 1)
    assert not outbox.drop(jobs.db, 1)


def test_an_old_message_that_is_retried_by_hand_is_tried_for_a_day_before_it_is_given_up(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    jobs.make(AT_ONCE, hours=1)
    with smtp_server(MailHandler(on_recipient=lambda _: "550 no")) as port:
        jobs.send(port, hours=1)
    assert outbox.retry(jobs.db, 1)
    start = 24 * 10
    with smtp_server(MailHandler(on_recipient=lambda _: "451 4.7.1 greylisted")) as port:
        for hours in range(start, start + 24):
            jobs.send(port, hours=hours)
        assert jobs.states() == ["waiting"]
        for hours in range(start + 24, start + 72, 4):
            jobs.send(port, hours=hours)
    assert jobs.states() == ["given_up"]


def test_an_old_message_is_not_given_up_at_its_first_attempt(jobs: Jobs) -> None:
    jobs.subscribe(AT_ONCE)
    jobs.make(AT_ONCE, hours=1)
    with smtp_server(MailHandler(on_recipient=lambda _: "451 4.7.1 greylisted")) as port:
        assert [one.state for one in jobs.send(port, hours=24 * 6)] == ["waiting"]
    with smtp_server(MailHandler()) as port:
        assert [one.state for one in jobs.send(port, hours=24 * 6 + 1)] == ["sent"]


def test_the_bytes_of_sent_messages_are_deleted_after_a_month_and_their_rows_stay(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    jobs.make(MORNING, hours=24)
    replies = iter([OK, "450 later"])
    with smtp_server(MailHandler(on_recipient=lambda _: next(replies))) as port:
        jobs.send(port, hours=24)
    outbox.forget_bytes(jobs.db, jobs.at(24 * 20))
    assert all(outbox.content_of(jobs.db, number) for number in (1, 2))
    outbox.forget_bytes(jobs.db, jobs.at(24 * 32))
    assert [bool(outbox.content_of(jobs.db, number)) for number in (1, 2)] == [False, True]
    assert jobs.waiting(MORNING) == set()
    assert not list(consistency_faults(jobs.db, "alerts"))


def _run(path: str, port: int, at: str, locks: str, go: object) -> None:
    """A scheduler in a process of its own."""
    from crawler.sqlite.values import parse_utc

    go.wait()  # type: ignore[attr-defined]
    db = open_archive(Path(path))
    now = parse_utc(at)
    for one in list(pending(db, [MORNING, AT_ONCE], now=now)):
        queue_message(db, one, render_digest, sender="w@harbour.example", now=now)
    server = MailServer(host="127.0.0.1", port=port, sender="w@harbour.example")
    for _ in send_pending(db, sender_of(server), now=lambda: now, locks=Path(locks)):
        pass
    db.close()
    os._exit(0)  # skip pytest's teardown in the child


def test_four_schedulers_at_the_same_moment_send_one_mail_to_each_recipient(jobs: Jobs) -> None:
    jobs.subscribe(MORNING)
    jobs.subscribe(AT_ONCE)
    path = jobs.db.execute("PRAGMA database_list").fetchone()["file"]
    context = multiprocessing.get_context("spawn")
    handler, go = MailHandler(delay=lambda: 0.05), context.Event()
    with smtp_server(handler) as port:
        arguments = (path, port, format_utc(jobs.at(24)), str(jobs.locks), go)
        children = [context.Process(target=_run, args=arguments) for _ in range(4)]
        for child in children:
            child.start()
        go.set()
        for child in children:
            child.join(timeout=300)
        assert [child.exitcode for child in children] == [0] * 4
        jobs.send(port, hours=25)  # what the last one rendered after the others had sent
    assert sorted(one.recipients[0] for one in handler.received) == sorted([DESK, EDITOR, NIGHT])
    assert len({identity(one.content) for one in handler.received}) == 3

"""Sending mail to a real server on loopback that refuses, delays and disconnects; and the settings of the server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import datetime, timezone
from email import message_from_bytes, policy

import pytest
from scrapy.settings import Settings

from benchmarks.support.smtp_server import DISCONNECT, OK, MailHandler, smtp_server
from crawler.exceptions import ConfigurationError
from schedules.delivery.mail_server import MailServer, server_from
from schedules.delivery.mime import SendError, build
from schedules.delivery.smtp import send
from tests.support.servers.scripted import scripted_server

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=timezone.utc)


def content(recipient: str = "desk@harbour.example") -> bytes:
    return build(
        sender="wirewatch@harbour.example",
        recipient=recipient,
        subject="1 story: ceasefire talks",
        text="Мир\n.\nA line with a dot above.\n",
        html="<p>Мир</p>\n",
        message_id="1@harbour.example",
        digest="morning",
        at=NOW,
    )


def server(port: int, *, timeout: float = 60) -> MailServer:
    return MailServer(host="127.0.0.1", port=port, sender="wirewatch@harbour.example", timeout=timeout)


def test_the_server_gets_the_exact_bytes_for_one_recipient() -> None:
    handler = MailHandler()
    with smtp_server(handler) as port:
        send(server(port), "desk@harbour.example", content())
    assert [(one.sender, one.recipients) for one in handler.received] == [
        ("wirewatch@harbour.example", ("desk@harbour.example",))
    ]
    assert handler.received[0].content == content()
    plain = message_from_bytes(handler.received[0].content, policy=policy.default).get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == "Мир\n.\nA line with a dot above.\n"


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ("450 4.2.1 later", "temporary"),
        ("451 4.7.1 greylisted", "temporary"),
        ("550 5.1.1 no such mailbox", "permanent"),
        ("550 user unknown", "permanent"),
        ("553 5.1.3 bad name", "permanent"),
        ("552 5.2.2 mailbox full", "permanent"),
        ("552 Mailbox limit exceeded", "permanent"),
        ("550 5.1.1 <sender@blocked.example>: Recipient address rejected: User unknown", "permanent"),
        ("550 <relay@limits.example> no such user", "permanent"),
        ("550 5.4.1 Recipient address rejected: Access denied", "permanent"),
        ("550 5.7.1 Daily quota of this account exceeded", "server"),
        ("550 sender mailbox not verified", "server"),
        ("550 5.1.0 sender rejected", "server"),
        ("530 5.7.0 authentication required", "server"),
        ("554 Relay access denied", "server"),
        ("554 5.7.1 <desk@harbour.example>: Relay access denied", "server"),
        ("550 5.7.1 Unable to relay", "server"),
        ("550 sender rejected", "server"),
        ("553 5.1.8 Sender address rejected: Domain not found", "server"),
        ("554 5.7.1 Client host blocked", "server"),
    ],
)
def test_only_a_refusal_of_the_recipient_is_permanent(reply: str, fault: str) -> None:
    with (
        smtp_server(MailHandler(on_recipient=lambda _: reply)) as port,
        pytest.raises(SendError, match=reply[:3]) as caught,
    ):
        send(server(port), "desk@harbour.example", content())
    assert caught.value.fault == fault


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ("452 4.2.2 full", "temporary"),
        ("554 5.7.1 looks like spam", "permanent"),
        ("552 5.3.4 message too big", "permanent"),
        ("550 5.7.26 SPF check failed", "server"),
    ],
)
def test_only_a_refusal_of_the_message_is_permanent(reply: str, fault: str) -> None:
    with smtp_server(MailHandler(on_data=lambda _: reply)) as port, pytest.raises(SendError, match=reply[:3]) as caught:
        send(server(port), "desk@harbour.example", content())
    assert caught.value.fault == fault


def test_a_refused_sender_is_a_fault_of_the_settings() -> None:
    handler = MailHandler(on_sender=lambda _: "550 5.1.0 not here")
    with smtp_server(handler) as port, pytest.raises(SendError, match="sender refused: 550") as caught:
        send(server(port), "desk@harbour.example", content())
    assert caught.value.fault == "server"


def _greet_then(reply: bytes, times: int = 1, pause: float = 0.0) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example\r\n")
        connection.recv(1_000)
        for _ in range(times):
            connection.sendall(reply)
            time.sleep(pause)

    return talk


def test_a_reply_line_that_is_too_long_is_not_a_refusal() -> None:
    with (
        scripted_server(_greet_then(b"250 " + b"x" * 20_000 + b"\r\n")) as port,
        pytest.raises(SendError, match="too long") as caught,
    ):
        send(server(port), "desk@harbour.example", content())
    assert caught.value.fault == "server"


def test_endless_ehlo_lines_are_cut_off() -> None:
    with (
        scripted_server(_greet_then(b"250-X-LINE\r\n", times=100_000)) as port,
        pytest.raises(SendError, match="too long"),
    ):
        send(server(port), "desk@harbour.example", content())


def test_a_server_that_sends_a_reply_byte_by_byte_is_cut_off() -> None:
    started = time.monotonic()
    with (
        scripted_server(_greet_then(b"2", times=10_000, pause=0.05)) as port,
        pytest.raises(SendError, match="in time") as caught,
    ):
        send(server(port, timeout=0.1), "desk@harbour.example", content())
    assert caught.value.is_unreachable
    assert time.monotonic() - started < 60


def test_a_connection_lost_after_the_message_is_a_temporary_error() -> None:
    handler = MailHandler(on_data=lambda _: DISCONNECT)
    with smtp_server(handler) as port, pytest.raises(SendError, match="connection was lost") as caught:
        send(server(port), "desk@harbour.example", content())
    assert caught.value.fault == "temporary"
    assert len(handler.received) == 1


def test_a_server_that_does_not_reply_in_time_is_unreachable() -> None:
    handler = MailHandler(delay=lambda: 1.0)
    with smtp_server(handler) as port, pytest.raises(SendError, match="in time") as caught:
        send(server(port, timeout=0.2), "desk@harbour.example", content())
    assert caught.value.fault == "server"


def test_a_refused_connection_is_reported_in_one_line() -> None:
    with smtp_server(MailHandler()) as port:
        pass
    with pytest.raises(SendError, match=f"^127.0.0.1:{port}: no connection: Connection refused$") as caught:
        send(server(port), "desk@harbour.example", content())
    assert caught.value.fault == "server"
    assert "\n" not in str(caught.value)


def test_without_starttls_on_the_server_no_mail_and_no_password_is_sent() -> None:
    handler = MailHandler()
    with smtp_server(handler) as port:
        encrypted = MailServer(
            host="127.0.0.1", port=port, sender="w@harbour.example", user="w", password="s3cret", security="starttls"
        )
        with pytest.raises(SendError, match="STARTTLS") as caught:
            send(encrypted, "desk@harbour.example", content())
    assert caught.value.fault == "server"
    assert not handler.received
    assert "s3cret" not in str(caught.value)


def test_refused_recipients_do_not_affect_the_others() -> None:
    handler = MailHandler(on_recipient=lambda address: OK if address.startswith(("a", "c")) else "550 5.1.1 unknown")
    refused = []
    with smtp_server(handler) as port:
        for name in ("a", "b", "c", "d"):
            try:
                send(server(port), f"{name}@harbour.example", content(f"{name}@harbour.example"))
            except SendError:
                refused.append(name)
    assert refused == ["b", "d"]
    assert [one.recipients for one in handler.accepted] == [("a@harbour.example",), ("c@harbour.example",)]


# --- Settings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host", "port", "security"),
    [
        ("smtp://mail.example.org?from=w@example.org", "mail.example.org", 587, "starttls"),
        ("smtp://mail.example.org:2525?from=w@example.org&tls=no", "mail.example.org", 2525, "none"),
        ("smtps://mail.example.org?from=w@example.org", "mail.example.org", 465, "tls"),
        ("smtp://localhost?from=w@example.org", "localhost", 25, "none"),
        ("smtp://127.0.0.1:1025?from=w@example.org", "127.0.0.1", 1025, "none"),
    ],
)
def test_the_url_has_server_and_security_and_encrypts_by_default(url: str, host: str, port: int, security: str) -> None:
    found = server_from(Settings(), {"WIREWATCH_SMTP_URL": url})
    assert (found.host, found.port, found.security, found.sender) == (host, port, security, "w@example.org")


def test_the_password_is_unquoted_and_not_in_the_repr() -> None:
    found = server_from(Settings(), {"WIREWATCH_SMTP_URL": "smtps://w%40example.org:p%2Fw%3F@mail.example.org"})
    assert (found.user, found.password, found.sender) == ("w@example.org", "p/w?", "w@example.org")
    assert "p/w?" not in repr(found)


def test_scrapys_settings_are_used_without_a_url() -> None:
    settings = Settings(
        {"MAIL_HOST": "mx.example.org", "MAIL_PORT": 26, "MAIL_FROM": "w@example.org", "MAIL_TLS": True}
    )
    found = server_from(settings, {})
    assert (found.host, found.port, found.security) == ("mx.example.org", 26, "starttls")


def test_without_a_configured_server_there_is_none() -> None:
    with pytest.raises(ConfigurationError, match="none is configured; set WIREWATCH_SMTP_URL"):
        server_from(Settings(), {})
    with pytest.raises(ConfigurationError, match="MAIL_FROM is not set"):
        server_from(Settings({"MAIL_HOST": "mx.example.org"}), {})


def test_a_password_is_not_sent_unencrypted_to_another_machine_unless_allowed() -> None:
    login = {"MAIL_FROM": "w@example.org", "MAIL_USER": "w", "MAIL_PASS": "s3cret"}
    with pytest.raises(
        ConfigurationError, match=r"MAIL_PASS would be sent to mx\.example\.org without encryption"
    ) as caught:
        server_from(Settings({**login, "MAIL_HOST": "mx.example.org"}), {})
    assert "s3cret" not in str(caught.value)
    for extra in ({"MAIL_TLS": True}, {"MAIL_TLS": False}, {"MAIL_SSL": True}, {"MAIL_HOST": "127.0.0.1"}):
        assert server_from(Settings({**login, "MAIL_HOST": "mx.example.org", **extra}), {}).password == "s3cret"
    url = "smtp://w:s3cret@mx.example.org?from=w@example.org"
    assert server_from(Settings(), {"WIREWATCH_SMTP_URL": url}).security == "starttls"
    assert server_from(Settings(), {"WIREWATCH_SMTP_URL": f"{url}&tls=no"}).security == "none"


@pytest.mark.parametrize(
    "url",
    [
        "http://user:s3cret@mail.example.org",
        "smtp://user:s3cret@mail.example.org:port",
        "smtp://user:s3cret@mail.example.org?form=w@example.org",
        "smtp://user:s3cret@mail.example.org",
        "smtp://user:s3cret@mail.example.org?from=a@b%0aBcc:x@y",
        "smtp://user:s3cret@[mail",
        "smtp://user:p@s3cret/w@mail.example.org?from=w@example.org",
        "smtp://user:s3cret#w@mail.example.org?from=w@example.org",
        "smtp://user:s3cret@mail.example.org?from=w@example.org&tls=maybe",
    ],
)
def test_a_mistake_in_the_url_is_reported_in_one_line_without_the_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        server_from(Settings(), {"WIREWATCH_SMTP_URL": url})
    assert "s3cret" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1

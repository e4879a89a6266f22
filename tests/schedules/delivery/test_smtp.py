"""Sending mail to a real server on loopback that refuses, delays and disconnects; and the settings of the server."""

from __future__ import annotations

from datetime import datetime, timezone
from email import message_from_bytes, policy

import pytest
from scrapy.settings import Settings

from benchmarks.support.smtp_server import DISCONNECT, OK, MailHandler, smtp_server
from crawler.exceptions import ConfigurationError
from schedules.delivery.errors import SendError
from schedules.delivery.mime import build
from schedules.delivery.smtp import MailServer, send, server_from

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


def server(port: int, *, timeout: float = 5) -> MailServer:
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
    ("reply", "permanent"),
    [
        ("450 4.2.1 later", False),
        ("451 4.7.1 greylisted", False),
        ("550 5.1.1 no such mailbox", True),
        ("553 5.1.3 bad name", True),
        ("530 5.7.0 authentication required", False),
    ],
)
def test_a_refused_recipient_is_temporary_on_4xx_and_permanent_on_5xx_about_the_recipient(
    reply: str, *, permanent: bool
) -> None:
    with (
        smtp_server(MailHandler(on_recipient=lambda _: reply)) as port,
        pytest.raises(SendError, match=reply[:3]) as caught,
    ):
        send(server(port), "desk@harbour.example", content())
    assert caught.value.permanent is permanent


@pytest.mark.parametrize(("reply", "permanent"), [("452 4.2.2 full", False), ("554 5.7.1 looks like spam", True)])
def test_a_refused_message_is_temporary_on_4xx_and_permanent_on_5xx(reply: str, *, permanent: bool) -> None:
    with (
        smtp_server(MailHandler(on_data=lambda _: reply)) as port,
        pytest.raises(SendError, match=reply[:3]) as caught,
    ):
        send(server(port), "desk@harbour.example", content())
    assert caught.value.permanent is permanent


def test_a_connection_lost_after_the_message_is_a_temporary_error() -> None:
    handler = MailHandler(on_data=lambda _: DISCONNECT)
    with smtp_server(handler) as port, pytest.raises(SendError, match="connection was lost") as caught:
        send(server(port), "desk@harbour.example", content())
    assert not caught.value.permanent
    assert len(handler.received) == 1


def test_a_server_that_does_not_reply_in_time_is_a_temporary_error() -> None:
    handler = MailHandler(delay=lambda: 1.0)
    with smtp_server(handler) as port, pytest.raises(SendError, match="in time") as caught:
        send(server(port, timeout=0.2), "desk@harbour.example", content())
    assert not caught.value.permanent


def test_an_unreachable_server_is_a_temporary_error_in_one_line() -> None:
    with smtp_server(MailHandler()) as port:
        pass
    with pytest.raises(SendError, match=f"^127.0.0.1:{port}: no connection: Connection refused$") as caught:
        send(server(port), "desk@harbour.example", content())
    assert not caught.value.permanent
    assert "\n" not in str(caught.value)


def test_without_starttls_on_the_server_no_mail_and_no_password_is_sent() -> None:
    handler = MailHandler()
    with smtp_server(handler) as port:
        encrypted = MailServer(
            host="127.0.0.1", port=port, sender="w@harbour.example", user="w", password="s3cret", security="starttls"
        )
        with pytest.raises(SendError, match="STARTTLS") as caught:
            send(encrypted, "desk@harbour.example", content())
    assert not caught.value.permanent
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


def test_the_default_server_is_described_as_unset() -> None:
    default = server_from(Settings(), {})
    assert str(default) == "localhost:25 (WIREWATCH_SMTP_URL and MAIL_HOST are not set)"
    for environ, settings in (({"MAIL_HOST": "localhost"}, {}), ({}, {"MAIL_HOST": "localhost"})):
        assert str(server_from(Settings(settings), environ)) == "localhost:25"


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

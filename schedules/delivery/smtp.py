"""Send one mail through an SMTP server; its replies are bounded, and classified by who can correct the fault."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

from crawler.archive.delivery.outbox import Fault
from schedules.delivery.mail_server import MailServer
from schedules.delivery.mime import SendError

DEADLINE = 5
"""Timeouts within which all replies of a connection must come; a server that sends one byte a minute is cut off."""
MAX_REPLY_LINE, MAX_REPLY_LINES = 8_192, 100
"""Bytes of a line and lines of a reply. RFC 5321, section 4.5.3.1.5 allows 512 bytes; servers send up to 30 lines to EHLO."""
SERVER_CODES = frozenset({530, 534, 535, 538})
"""5xx replies about the connection, not the mail: authentication required, too weak or wrong, encryption required (RFC 4954,
RFC 3207)."""

NO_REPLY, TOO_LONG = "no reply in time", "its reply is too long"
_ADDRESS = re.compile(r"<[^<>]*>|\S+@\S+")
_SENDER_WORDS = r"relay|sender|authenti|\bspf\b|\bdkim\b|\bdmarc\b"
_SERVER_WORDS = re.compile(rf"{_SENDER_WORDS}|block|black ?list|reputation|\brate\b|limit|not permitted", re.IGNORECASE)
"""In a refusal: the server refuses us, not the recipient or the message."""
_RECIPIENT_WORDS = re.compile(
    rf"(?!.*(?:{_SENDER_WORDS})).*(?:mailbox|user|account|recipient address rejected)", re.IGNORECASE | re.DOTALL
)
_STATUS = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")
"""Enhanced status code, RFC 3463."""
_BAD_SENDER = frozenset({"7", "8"})
"""Of class 5.1: status codes about the sender's address."""


def send(server: MailServer, recipient: str, content: bytes) -> None:
    """Send a mail to one recipient, in a connection of its own. Raises SendError."""
    with _smtp_errors(server), _connection(server) as client:
        client.sendmail(server.sender, [recipient], content)


@contextlib.contextmanager
def _connection(server: MailServer) -> Iterator[smtplib.SMTP]:
    kind = _LimitedSSL if server.security == "tls" else _LimitedSMTP
    options: dict[str, Any] = {"context": ssl.create_default_context()} if server.security == "tls" else {}
    client = None
    try:
        try:
            client = kind(server.host, server.port, local_hostname=_own_name(), timeout=server.timeout, **options)
            client.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                client.starttls(context=ssl.create_default_context())
            if server.user is not None:
                client.login(server.user, server.password or "")
        except smtplib.SMTPException as error:
            # Before MAIL FROM, every reply is about the server or its settings, whatever its code.
            raise SendError(f"{server}: {_reason(error)}", "server", is_unreachable=True) from error
        yield client
    finally:
        if client is not None:
            # The mail was accepted or not; QUIT changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                client.quit()
            client.close()


@contextlib.contextmanager
def _smtp_errors(server: MailServer) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, reply = next(iter(error.recipients.values()))
        raise _refused(code, _decoded(reply), of_recipient=True) from error
    except smtplib.SMTPSenderRefused as error:
        fault: Fault = "server" if error.smtp_code >= 500 else "temporary"
        raise SendError(f"sender refused: {error.smtp_code} {_decoded(error.smtp_error)}", fault) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, _decoded(error.smtp_error), of_recipient=False) from error
    except smtplib.SMTPException as error:
        reason = _reason(error)
        is_slow = reason == NO_REPLY
        fault = "server" if is_slow or reason == TOO_LONG else "temporary"
        raise SendError(f"{server}: {reason}", fault, is_unreachable=is_slow) from error
    except TimeoutError as error:
        raise SendError(f"{server}: {NO_REPLY}", "server", is_unreachable=True) from error
    except OSError as error:
        reason = f"{server}: no connection: {error.strerror or type(error).__name__}"
        raise SendError(reason, "server", is_unreachable=True) from error


def _refused(code: int, reply: str, *, of_recipient: bool) -> SendError:
    """The error of a refused recipient or message: permanent only if the reply is about that recipient or message."""
    fault: Fault = "temporary"
    if 500 <= code < 600:
        fault = "permanent" if _is_permanent(code, reply, of_recipient=of_recipient) else "server"
    return SendError(f"{code} {reply}", fault)


def _is_permanent(code: int, reply: str, *, of_recipient: bool) -> bool:
    status, words = _STATUS.match(reply), _ADDRESS.sub("", reply)
    if code in SERVER_CODES:
        return False
    if of_recipient and status is not None and status[1] in ("1", "2") and status[2] not in _BAD_SENDER | {"0"}:
        return True
    if of_recipient and (status is None or status[1] == "4") and _RECIPIENT_WORDS.match(words):
        return True
    if _SERVER_WORDS.search(words):
        return False
    return not of_recipient or (code in (550, 551, 552, 553) if status is None else status[1] in ("1", "2"))


class _Replies:
    """The replies of a server, with limits."""

    def __init__(self, file: Any, deadline: float) -> None:
        self.file, self.deadline, self.lines = file, deadline, 0

    def readline(self, _: int = 0) -> bytes:
        """The next line. Raises OSError for a reply that is too long or too slow."""
        line = b""
        self.lines += 1
        while not line.endswith(b"\n"):
            if self.lines > MAX_REPLY_LINES or len(line) > MAX_REPLY_LINE:
                raise OSError(TOO_LONG)
            if time.monotonic() > self.deadline:
                raise TimeoutError(NO_REPLY)
            received = self.file.peek()  # at most one read from the socket, which has a timeout of its own
            if not received:
                break
            line += self.file.read(received.find(b"\n") + 1 or len(received))
        return line

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class _LimitedSMTP(smtplib.SMTP):
    """An SMTP client that does not read endless replies."""

    deadline: float | None = None
    """By the monotonic clock; set at the first reply."""

    def getreply(self) -> tuple[int, bytes]:
        """Like smtplib's, within limits."""
        if self.deadline is None:
            self.deadline = time.monotonic() + DEADLINE * self.timeout
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock.makefile("rb"), self.deadline)
        if self.file is not None:
            self.file.lines = 0
        return super().getreply()


class _LimitedSSL(_LimitedSMTP, smtplib.SMTP_SSL):
    pass


def _reason(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"replied {error.smtp_code} {_decoded(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        known = next((reason for reason in (NO_REPLY, TOO_LONG) if reason in str(error)), None)
        slow = NO_REPLY if "timed out" in str(error) else None
        return known or slow or "the connection was lost before the mail was accepted"
    return str(error) or type(error).__name__


def _decoded(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply


def _own_name() -> str:
    """The name for EHLO: this machine's host name if it is a full one. A DNS lookup could take long."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"

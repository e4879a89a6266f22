"""Send one mail through an SMTP server, and read the server's address from the settings.

The server is given in the environment as WIREWATCH_SMTP_URL (smtp://user:password@host:587?from=wirewatch@example.org, or
smtps://), or in Scrapy's MAIL_* settings. The password is read from there when it is needed and stored nowhere.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from crawler.exceptions import ConfigurationError
from schedules.delivery.errors import SendError

URL = "WIREWATCH_SMTP_URL"
SMTP_TIMEOUT = 60.0
"""Seconds to wait for a reply; smtplib's default is no limit. RFC 5321, section 4.5.3.2 allows minutes; after a timeout, the
same bytes are sent again later."""
SERVER_CODES = frozenset({530, 534, 535, 538})
"""5xx replies about the connection, not the mail: authentication required, too weak or wrong, encryption required (RFC 4954,
RFC 3207)."""

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """An SMTP server and how to use it."""

    host: str
    port: int
    sender: str
    """Address for From and for bounces."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Security = "none"
    timeout: float = SMTP_TIMEOUT
    is_default: bool = False
    """No server is configured; this is Scrapy's default, localhost."""

    def __str__(self) -> str:
        unset = f" ({URL} and MAIL_HOST are not set)" if self.is_default else ""
        return f"{self.host}:{self.port}{unset}"


def send(server: MailServer, recipient: str, content: bytes) -> None:
    """Send a mail to one recipient, in a connection of its own. Raises SendError."""
    with _smtp_errors(server), _connection(server) as client:
        client.sendmail(server.sender, [recipient], content)


@contextlib.contextmanager
def _connection(server: MailServer) -> Iterator[smtplib.SMTP]:
    kind = smtplib.SMTP_SSL if server.security == "tls" else smtplib.SMTP
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
            raise SendError(f"{server}: {_reply(error)}") from error
        yield client
    finally:
        if client is not None:
            with contextlib.suppress(
                smtplib.SMTPException, OSError
            ):  # the mail was accepted or not; QUIT changes nothing
                client.quit()
            client.close()


@contextlib.contextmanager
def _smtp_errors(server: MailServer) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(*next(iter(error.recipients.values()))) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPServerDisconnected as error:
        slow = "timed out" in str(error)  # smtplib raises the same error for both
        what = "no reply in time" if slow else "the connection was lost"
        raise SendError(f"{server}: {what} before the mail was accepted") from error
    except smtplib.SMTPException as error:
        raise SendError(_reply(error)) from error
    except TimeoutError as error:
        raise SendError(f"{server}: no reply in time") from error
    except OSError as error:
        raise SendError(f"{server}: no connection: {error.strerror or error}") from error


def _refused(code: int, reply: bytes | str) -> SendError:
    return SendError(f"{code} {_decoded(reply)}", permanent=500 <= code < 600 and code not in SERVER_CODES)


def _reply(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"replied {error.smtp_code} {_decoded(error.smtp_error)}"
    return str(error) or type(error).__name__


def _decoded(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply


def _own_name() -> str:
    """The name for EHLO: this machine's host name if it is a full one. A DNS lookup could take long."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


# --- Settings -------------------------------------------------------------------------------------------------------


def server_from(settings: Any, environ: Mapping[str, str] = os.environ) -> MailServer:
    """The configured mail server. Raises ConfigurationError, which contains no password."""
    url = environ.get(URL, "").strip()
    server = _from_url(url) if url else _from_settings(settings, environ)
    local, _, domain = server.sender.rpartition("@")
    if not local or not domain or not server.sender.isascii() or any(char in server.sender for char in " \r\n<>,"):
        raise _mistake(f"invalid sender address {server.sender!r}; end the URL with ?from=wirewatch@example.org")
    return server


def _from_url(url: str) -> MailServer:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise _mistake("invalid URL; write smtp://user:password@host:587?from=wirewatch@example.org") from None
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise _mistake("must begin with smtp:// or smtps:// and name a host")
    if parts.path not in ("", "/") or parts.fragment:
        raise _mistake("has / or # before its end; in a password, write %2F for /, %23 for #, %3F for ? and %40 for @")
    options = parse_qs(parts.query)
    if unknown := sorted(set(options) - {"from", "tls"}):
        raise _mistake(f"unknown option {unknown[0]!r}; allowed: from, tls")
    tls = options.get("tls", ["no" if is_loopback(host) else "yes"])[-1]
    if tls not in ("yes", "no"):
        raise _mistake("tls must be yes or no")
    user = unquote(parts.username) if parts.username else None
    security: Security = "tls" if parts.scheme == "smtps" else "starttls" if tls == "yes" else "none"
    return MailServer(
        host=host,
        port=port or {"tls": 465, "starttls": 587, "none": 25}[security],
        sender=options.get("from", [user if user and "@" in user else ""])[-1],
        user=user,
        password=unquote(parts.password) if parts.password else None,
        security=security,
    )


def _from_settings(settings: Any, environ: Mapping[str, str]) -> MailServer:
    """Each setting is also read from the environment, so that MAIL_PASS does not have to be in a file."""

    def value(name: str) -> str:
        return environ.get(name) or str(settings.get(name) or "")

    def is_on(name: str) -> bool:
        return value(name).lower() in ("1", "true", "yes")

    port = value("MAIL_PORT") or "25"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigurationError("settings", [f"MAIL_PORT = {port!r}: write a port such as 587"])
    return MailServer(
        host=value("MAIL_HOST") or "localhost",
        port=int(port),
        sender=value("MAIL_FROM"),
        user=value("MAIL_USER") or None,
        password=value("MAIL_PASS") or None,
        security="tls" if is_on("MAIL_SSL") else "starttls" if is_on("MAIL_TLS") else "none",
        is_default=not environ.get("MAIL_HOST") and not settings.getpriority("MAIL_HOST"),
    )


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _mistake(what: str) -> ConfigurationError:
    return ConfigurationError(URL, [what])

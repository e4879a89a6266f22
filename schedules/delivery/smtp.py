"""Handing one mail to an SMTP server: which server, and what its answer means.

The server stands in Scrapy's MAIL_* settings or in the environment's WIREWATCH_SMTP_URL, which wins:
smtp://user:password@host:587?from=wirewatch@example.org, or smtps://. A password is read from there and goes nowhere else.
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
from schedules.delivery.mime import SendError

URL = "WIREWATCH_SMTP_URL"
SMTP_TIMEOUT = 60.0
"""That a server may take for an answer; smtplib's own is for ever. RFC 5321, 4.5.3.2 allows minutes, of which we have
none to lose: the next attempt brings the same bytes."""
OURS_TO_MEND = frozenset({530, 534, 535, 538})
"""5xx that say nothing of the mail: authentication required, too weak, wrong, not encrypted (RFC 4954, RFC 3207)."""

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail goes out."""

    host: str
    port: int
    sender: str
    """Address in From, and the one to which replies that a mail could not be delivered go."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Security = "none"
    seconds: float = SMTP_TIMEOUT
    is_assumed: bool = False
    """Nobody named one: it is Scrapy's default, this machine."""

    def __str__(self) -> str:
        unset = f" ({URL} and MAIL_HOST are not set)" if self.is_assumed else ""
        return f"{self.host}:{self.port}{unset}"


def server_from(settings: Any, environ: Mapping[str, str] = os.environ) -> Server:
    """The user's server. Raises ConfigurationError, in which no secret stands."""
    url = environ.get(URL, "").strip()
    found = _from_url(url) if url else _from_settings(settings, environ)
    local, _, domain = found.sender.rpartition("@")
    if not local or not domain or not found.sender.isascii() or any(char in found.sender for char in " \r\n<>,"):
        raise _mistake(f"the sender {found.sender!r} is no mail address; end the URL with ?from=wirewatch@example.org")
    return found


def send(server: Server, recipient: str, content: bytes) -> None:
    """One transaction, one recipient. Raises SendError."""
    with _translate_smtp_errors(server), _connected(server) as client:
        client.sendmail(server.sender, [recipient], content)


@contextlib.contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    kind = smtplib.SMTP_SSL if server.security == "tls" else smtplib.SMTP
    options: dict[str, Any] = {"context": ssl.create_default_context()} if server.security == "tls" else {}
    client = None
    try:
        try:
            client = kind(server.host, server.port, local_hostname=_own_name(), timeout=server.seconds, **options)
            client.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                client.starttls(context=ssl.create_default_context())
            if server.user is not None:
                client.login(server.user, server.password or "")
        except smtplib.SMTPException as error:
            # Nothing was said of the mail yet: whatever the code, it is the server or its settings.
            raise SendError(f"{server} {_reason(error)}") from error
        yield client
    finally:
        if client is not None:
            # It has the mail or has not: a server that is rude at goodbye changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                client.quit()
            client.close()


@contextlib.contextmanager
def _translate_smtp_errors(server: Server) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _answered(code, said) from error
    except smtplib.SMTPResponseException as error:
        raise _answered(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPServerDisconnected as error:
        slow = "timed out" in str(error)  # smtplib makes both of them one error
        what = "did not answer in time" if slow else "the connection broke"
        raise SendError(f"{server}: {what}, before it said that it has the mail") from error
    except smtplib.SMTPException as error:
        raise SendError(_reason(error)) from error
    except TimeoutError as error:
        raise SendError(f"{server}: did not answer in time") from error
    except OSError as error:
        raise SendError(f"{server}: no connection: {error.strerror or error}") from error


def _answered(code: int, said: bytes | str) -> SendError:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return SendError(f"{code} {text}", for_good=500 <= code < 600 and code not in OURS_TO_MEND)


def _reason(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"said {error.smtp_code} {text}"
    return str(error) or type(error).__name__


def _own_name() -> str:
    """What we say we are: this machine's full name where it has one; looking it up in the DNS could take long."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


# --- Settings -------------------------------------------------------------------------------------------------------


def _from_url(url: str) -> Server:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise _mistake("is no URL; write smtp://user:password@host:587?from=wirewatch@example.org") from None
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise _mistake("must begin with smtp:// or smtps:// and name a host")
    if parts.path not in ("", "/") or parts.fragment:
        raise _mistake("has / or # before its end; in a password write them as %2F and %23 (? as %3F, @ as %40)")
    options = parse_qs(parts.query)
    if unknown := sorted(set(options) - {"from", "tls"}):
        raise _mistake(f"has an option {unknown[0]!r}; from and tls are known")
    wants = options.get("tls", ["" if _is_here(host) else "yes"])[-1]
    if wants not in ("", "yes", "no"):
        raise _mistake("tls is yes or no")
    user = unquote(parts.username) if parts.username else None
    security: Security = "tls" if parts.scheme == "smtps" else "starttls" if wants == "yes" else "none"
    return Server(
        host=host,
        port=port or {"tls": 465, "starttls": 587, "none": 25}[security],
        sender=options.get("from", [user if user and "@" in user else ""])[-1],
        user=user,
        password=unquote(parts.password) if parts.password else None,
        security=security,
    )


def _from_settings(settings: Any, environ: Mapping[str, str]) -> Server:
    """Each from the environment where it stands there, so that MAIL_PASS need not stand in a file."""

    def written(name: str) -> str:
        return environ.get(name) or str(settings.get(name) or "")

    def relevant(name: str) -> bool:
        return written(name).lower() in ("1", "true", "yes")

    port = written("MAIL_PORT") or "25"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigurationError("settings", [f"MAIL_PORT = {port!r}: write a port such as 587"])
    return Server(
        host=written("MAIL_HOST") or "localhost",
        port=int(port),
        sender=written("MAIL_FROM"),
        user=written("MAIL_USER") or None,
        password=written("MAIL_PASS") or None,
        security="tls" if relevant("MAIL_SSL") else "starttls" if relevant("MAIL_TLS") else "none",
        is_assumed=not environ.get("MAIL_HOST") and not settings.getpriority("MAIL_HOST"),
    )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _mistake(what: str) -> ConfigurationError:
    return ConfigurationError(URL, [what])

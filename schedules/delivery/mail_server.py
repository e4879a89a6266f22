"""The mail server, as configured.

It is given in the environment as WIREWATCH_SMTP_URL (smtp://user:password@host:587?from=wirewatch@example.org, or smtps://),
or in Scrapy's MAIL_* settings. The password is read from there when it is needed and stored nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from crawler.exceptions import ConfigurationError
from crawler.urls import is_loopback

URL = "WIREWATCH_SMTP_URL"
SMTP_TIMEOUT = 60.0
"""Seconds to wait for a reply; smtplib's default is no limit. RFC 5321, section 4.5.3.2 allows minutes; after a timeout, the
same bytes are sent again later."""

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

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def server_from(settings: Any, environ: Mapping[str, str] = os.environ) -> MailServer:
    """The configured mail server. Raises ConfigurationError, which contains no password."""
    url = environ.get(URL, "").strip()
    if not url and not _is_set("MAIL_HOST", settings, environ):
        raise ConfigurationError(
            "mail server",
            [f"none is configured; set {URL}=smtps://user:password@mail.example.org?from=wirewatch@example.org,"
             " or Scrapy's MAIL_HOST and MAIL_FROM"],
        )  # fmt: skip
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

    if not _is_set("MAIL_FROM", settings, environ):
        raise ConfigurationError("settings", ["MAIL_FROM is not set; write the sender's address"])
    port = value("MAIL_PORT") or "25"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigurationError("settings", [f"MAIL_PORT = {port!r}: write a port such as 587"])
    server = MailServer(
        host=value("MAIL_HOST"),
        port=int(port),
        sender=value("MAIL_FROM"),
        user=value("MAIL_USER") or None,
        password=value("MAIL_PASS") or None,
        security="tls" if is_on("MAIL_SSL") else "starttls" if is_on("MAIL_TLS") else "none",
    )
    is_clear = server.password and server.security == "none" and not is_loopback(server.host)
    if is_clear and not _is_set("MAIL_TLS", settings, environ):
        raise ConfigurationError(
            "settings",
            [f"MAIL_PASS would be sent to {server.host} without encryption; set MAIL_TLS or MAIL_SSL to True, or MAIL_TLS to"
             " False to allow it"],
        )  # fmt: skip
    return server


def _is_set(name: str, settings: Any, environ: Mapping[str, str]) -> bool:
    """Whether the user has set it: Scrapy has defaults for all of them."""
    return bool(environ.get(name)) or bool(settings.getpriority(name))


def _mistake(what: str) -> ConfigurationError:
    return ConfigurationError(URL, [what])

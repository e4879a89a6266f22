"""Build the bytes of one mail to one recipient (RFC 5322).

The same digest, recipient and period give the same Message-ID and the same bytes. Text of outlets occurs in the subject and
the bodies only; the finished mail is parsed and its headers are compared before it is used.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import quote

from crawler.archive.delivery.outbox import Fault
from crawler.exceptions import WirewatchError
from schedules.formatting.plain_text import header_text, one_line


@dataclass(frozen=True, slots=True)
class RenderedDigest:
    """A digest as text, without headers."""

    subject: str
    text: str
    html: str
    chat: str
    """For chat services: one paragraph per story, not wrapped."""


class SendError(WirewatchError):
    """A message was not accepted. Raised by `smtp.send` and `channels.notify`."""

    def __init__(self, reason: str, fault: Fault = "temporary", *, is_unreachable: bool = False) -> None:
        self.reason = one_line(reason, most=300)
        self.fault = fault
        self.is_unreachable = is_unreachable
        """The service did not reply; other messages for it would have to wait as well."""
        super().__init__(self.reason)


MIME_POLICY = policy.SMTP.clone(cte_type="7bit")
"""CRLF, and bodies that pass servers without 8BITMIME."""
MAX_LINE = 998
"""Characters of a line, RFC 5322, section 2.1.1."""


def build(
    *,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    digest: str,
    at: datetime,
    reply_to: str | None = None,
    unsubscribe_url: str | None = None,
) -> bytes:
    """The bytes of a mail. `message_id` is without brackets, `at` becomes the Date header.

    `unsubscribe_url`: accepts the one-click POST of RFC 8058; replies to the sender's address are the other way.

    A subject that cannot be encoded safely is replaced with the digest's ID.
    """
    body = EmailMessage(policy=MIME_POLICY)
    body.set_content(text)
    body.add_alternative(html, subtype="html")
    body.set_boundary("=_" + hashlib.sha256(message_id.encode()).hexdigest()[:40])
    # Written here, because the library folds and encodes addresses and URLs, which must stay as they are.
    headers = {
        "Date": format_datetime(at),
        "From": f"Wirewatch <{sender}>",
        "To": recipient,
        "Message-ID": f"<{message_id}>",
        "List-Id": f"<{digest}.wirewatch.{sender.rpartition('@')[2]}>",
        "List-Unsubscribe": _unsubscribe_field(reply_to or sender, digest, unsubscribe_url),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no automatic replies
        "Precedence": "bulk",  # for programs that ignore Auto-Submitted
        "X-Auto-Response-Suppress": "All",  # for Exchange, which ignores both
    }
    if reply_to is not None:
        headers["Reply-To"] = reply_to
    if unsubscribe_url is not None:
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    names = sorted([*headers, "Subject", "MIME-Version", "Content-Type"])
    for line in (header_text(subject), f"Digest {digest}"):
        try:
            content = (fields + _subject_field(line)).encode("ascii") + body.as_bytes()
            if _is_as_written(content, names, line):
                return content
        except (ValueError, MessageError, LookupError):  # limits of the library
            continue
    raise AssertionError("a subject of ASCII letters can always be encoded")


def _unsubscribe_field(address: str, digest: str, url: str | None) -> str:
    mail = f"<mailto:{quote(address, safe='@')}?subject={quote(f'unsubscribe {digest}')}>"
    return f"<{url}>,\r\n {mail}" if url is not None else mail


def _subject_field(subject: str) -> str:
    """Encoded with Python's legacy encoder: the newer one loses spaces between words of other scripts."""
    encoded = Header(subject, "us-ascii" if subject.isascii() else "utf-8", header_name="Subject", maxlinelen=76)
    return f"Subject: {encoded.encode(linesep=chr(13) + chr(10))}\r\n"


def _is_as_written(content: bytes, names: list[str], subject: str) -> bool:
    """Whether a parser sees exactly these headers, each once, and this subject."""
    parsed = message_from_bytes(content, policy=policy.default)
    found = sorted(parsed.keys())
    parts = [part.get_content_type() for part in parsed.iter_parts()] if isinstance(parsed, EmailMessage) else []
    return (
        found == names
        and " ".join(str(parsed["Subject"]).split()) == " ".join(subject.split())
        and parts == ["text/plain", "text/html"]
        and content.isascii()
        and all(len(line) <= MAX_LINE for line in content.split(b"\r\n"))
    )

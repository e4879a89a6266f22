"""A rendered digest as the bytes of one mail to one recipient: RFC 5322, and nothing in it that a stranger put there.

The same digest, recipient and period give the same Message-ID and the same bytes. Text of outlets stands in the subject
and in the bodies alone; what was made is parsed again and compared before it is believed.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import quote

from crawler.exceptions import WirewatchError
from schedules.formatting.plain_text import header_text, one_line

MIME_POLICY = policy.SMTP.clone(cte_type="7bit")
"""CRLF, and bodies that pass servers without 8BITMIME."""
_CRLF = "\r\n"
HEADERS = frozenset(
    {
        "date", "from", "to", "message-id", "subject", "list-id", "list-unsubscribe", "auto-submitted", "precedence",
        "x-auto-response-suppress", "mime-version", "content-type",
    }
)  # fmt: skip
"""Each stands once in a mail of ours, and no other does."""


class SendError(WirewatchError):
    """A message was not taken. `for_good`: it never will be. Raised by whoever sends."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        self.reason = one_line(reason, most=300)
        self.for_good = for_good
        super().__init__(self.reason)


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
) -> bytes:
    """The mail's bytes; `message_id` without its brackets, `at` its Date. Two calls alike give the same.

    Where a subject cannot be written without harm, one that says less stands in its place.
    """
    for line in (header_text(subject), f"Digest {digest}"):
        try:
            made = _made(sender, recipient, line, text, html, message_id, digest, at)
        except (ValueError, MessageError, LookupError):  # the library's own limits
            continue
        if _roundtrips(made, line):
            return made
    raise AssertionError("a subject of plain letters cannot be misread")


def is_address(text: str) -> bool:
    """Whether a mail can be addressed so."""
    from crawler.config.digests import ADDRESS

    return ADDRESS.fullmatch(text) is not None


def _made(
    sender: str, recipient: str, subject: str, text: str, html: str, message_id: str, digest: str, at: datetime
) -> bytes:
    body = EmailMessage(policy=MIME_POLICY)
    body.set_content(text)
    body.add_alternative(html, subtype="html")
    body.set_boundary("=_" + hashlib.sha256(message_id.encode()).hexdigest()[:40])
    # Written here rather than by the library, which folds and encodes what may be neither: addresses and URLs.
    fields = {
        "Date": format_datetime(at),
        "From": f"Wirewatch <{sender}>",
        "To": recipient,
        "Message-ID": f"<{message_id}>",
        "List-Id": f"<{digest}.wirewatch.{sender.rpartition('@')[2]}>",
        "List-Unsubscribe": f"<mailto:{quote(sender, safe='@')}?subject={quote(f'unsubscribe {digest}')}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's vacation answers it
        "Precedence": "bulk",  # for those who do not read Auto-Submitted
        "X-Auto-Response-Suppress": "All",  # for Exchange, which reads neither
    }
    written = "".join(f"{name}: {value}{_CRLF}" for name, value in fields.items()) + _subject_field(subject)
    return written.encode("ascii") + body.as_bytes()


def _subject_field(subject: str) -> str:
    """Encoded by the older of Python's two encoders: the newer one loses spaces between words of other scripts."""
    encoded = Header(subject, "us-ascii" if subject.isascii() else "utf-8", header_name="Subject", maxlinelen=76)
    return f"Subject: {encoded.encode(linesep=_CRLF)}{_CRLF}"


def _roundtrips(made: bytes, subject: str) -> bool:
    """Whether whoever reads it sees our headers, each once, and that subject."""
    read = message_from_bytes(made, policy=policy.default)
    names = [name.lower() for name in read.keys()]  # noqa: SIM118 -- a message's iterator is not typed
    alternatives = [part.get_content_type() for part in read.iter_parts()] if isinstance(read, EmailMessage) else []
    return (
        sorted(names) == sorted(HEADERS)
        and " ".join(str(read["Subject"]).split()) == " ".join(subject.split())
        and alternatives == ["text/plain", "text/html"]
        and made.isascii()
        and all(len(line) <= 998 for line in made.split(b"\r\n"))  # RFC 5322, 2.1.1
    )

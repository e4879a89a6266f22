"""Find the archive roots in a mail. Pure."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

_ROOT = re.compile(r"Archive root for\s+(\d{4}-\d\d-\d\d)\s*:\s*([0-9a-fA-F]{64})\b")
_TAG = re.compile(r"<[^>]*>")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def roots_in_mail(content: bytes) -> list[tuple[str, str]]:
    """(day, root) for each "Archive root for DAY: ROOT" in a mail as stored or forwarded (.eml), or in plain text."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    texts = [_text(part) for part in message.walk() if part.get_content_maintype() == "text"]
    found = [match.groups() for text in texts for match in _ROOT.finditer(_TAG.sub(" ", text))]
    return list(dict.fromkeys((day, root.lower()) for day, root in found))


def is_root(text: str) -> bool:
    """Whether a text has the form of a root: 64 hexadecimal digits."""
    return _HEX.fullmatch(text.strip()) is not None


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""

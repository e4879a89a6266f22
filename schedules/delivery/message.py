"""Types of delivery: the parts of a rendered digest, and the error of a message that was not accepted."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.archive.delivery.outbox import Fault
from crawler.exceptions import WirewatchError
from schedules.formatting.plain_text import one_line


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

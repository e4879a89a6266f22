"""The error of a message that could not be sent."""

from __future__ import annotations

from crawler.exceptions import WirewatchError
from schedules.formatting.plain_text import one_line


class SendError(WirewatchError):
    """A message was not accepted; `permanent`: it will never be. Raised by `smtp.send` and `channels.notify`."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        self.reason = one_line(reason, most=300)
        self.permanent = permanent
        super().__init__(self.reason)

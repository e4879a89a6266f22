"""A poll whose links are stored: what the polling schedule, the publication rate and the coverage are updated from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crawler.items import PollRecord
from crawler.models import PollStatus
from crawler.polling.publication_rate import rate_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPoll:
    """A poll with the time at which each of its links was first seen."""

    poll: PollRecord
    seed_id: int
    poll_id: int
    outcome: PollStatus
    first_seen: tuple[str | None, ...] = ()
    """For each link, in the order of the document: when it was first seen; None: now."""

    @property
    def at(self) -> datetime:
        """Time of the poll."""
        return self.poll.at

    @property
    def source(self) -> str:
        """Id of the source."""
        return self.poll.source.id

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the source's week is counted."""
        return rate_zone(self.poll.source.timezone)

    @property
    def fresh(self) -> int:
        """Number of links that were never seen before."""
        return sum(seen is None for seen in self.first_seen)

    @property
    def is_same_document(self) -> bool:
        """Whether the links of the last document still hold."""
        return self.outcome is PollStatus.NOT_MODIFIED or self.poll.is_index

    def known_since(self, moment: str) -> list[bool]:
        """For each link: whether it was known at that moment."""
        return [seen is not None and seen <= moment for seen in self.first_seen]

    def oldest(self) -> datetime | None:
        """Since when the document lists everything that was published; None if too few links have dates."""
        given = sorted(date for date in self.poll.dates if date is not None)
        # A document holds its newest links; one old article on top of them does not make it reach back further.
        return given[len(given) // 20] if given and len(given) >= 0.8 * len(self.poll.dates) else None

"""Drift: a source's pages stop giving a field that they used to give, as happens when a site is rebuilt.

Pure: whoever asks counts, for each field, how many of the earlier and of the latest pages gave it, and gets back what
changed, in words that a person can act on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FIELDS = ("title", "text", "byline", "published", "lead", "section")
"""Fields that are watched; the others come and go with the article."""
EARLIER_LEAST = 20
"""Earlier pages below which nothing can be said to be usual."""
RECENT_LEAST = 5
"""Latest pages below which a gap may be chance: at 90 % usual, five misses in a row happen once in 100,000."""
USUAL = 0.8
"""Share of earlier pages from which a field is one that the source gives."""
LOST, FADING = 0.1, 0.5
"""Shares of the latest pages, relative to the earlier share, below which a field is lost, or fading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many pages gave a field, of how many that were read."""

    given: int
    pages: int

    @property
    def share(self) -> float:
        """0 to 1; 0 where there were no pages."""
        return self.given / self.pages if self.pages else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A field that a source's latest pages no longer give as they did."""

    field: str
    earlier: Count
    recent: Count
    lost: bool
    """Almost none of the latest pages give it; otherwise it only became rarer."""

    def __str__(self) -> str:
        usual = f"{self.field}: {self.earlier.share:.0%} of earlier pages, "
        return usual + f"{self.recent.given or 'none'} of the last {self.recent.pages}"


def find_drift(earlier: Mapping[str, Count], recent: Mapping[str, Count]) -> tuple[Drift, ...]:
    """The drifts of one source, the lost fields first. Both mappings are field -> count."""
    found = [drift for field in _watched(earlier) if (drift := _compared(field, earlier, recent))]
    return tuple(sorted(found, key=lambda drift: (not drift.lost, FIELDS.index(drift.field))))


def _watched(earlier: Mapping[str, Count]) -> Iterable[str]:
    return (field for field in FIELDS if field in earlier)


def _compared(field: str, earlier: Mapping[str, Count], recent: Mapping[str, Count]) -> Drift | None:
    before, now = earlier[field], recent.get(field)
    if now is None or before.pages < EARLIER_LEAST or now.pages < RECENT_LEAST or before.share < USUAL:
        return None
    kept = now.share / before.share
    if kept > FADING:
        return None
    return Drift(field=field, earlier=before, recent=now, lost=kept <= LOST)

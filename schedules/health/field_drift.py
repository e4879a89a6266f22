"""Detect field drift: the pages of a source no longer have a field, usually because the site changed its layout. Pure.

The caller counts, for each field, how many of the earlier and of the latest pages have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FIELDS = ("title", "text", "byline", "published", "lead", "section")
"""Fields that are checked; other fields depend on the article."""
EARLIER_LEAST = 20
"""Least number of earlier pages for a comparison."""
RECENT_LEAST = 5
"""Least number of latest pages: if 90 % usually have a field, five pages without it happen once in 100,000."""
USUAL = 0.8
"""Share of earlier pages that must have a field for it to be checked."""
LOST, FADING = 0.1, 0.5
"""Ratios of the latest to the earlier share at or below which a field is lost, or fading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The number of pages with a field, and the number of extracted pages."""

    given: int
    pages: int

    @property
    def share(self) -> float:
        """Return the share of pages with the field, 0 to 1; 0 if there are no pages."""
        return self.given / self.pages if self.pages else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A field that the latest pages of a source have less often than earlier pages."""

    field: str
    earlier: Count
    recent: Count
    lost: bool
    """Whether almost no latest page has it; otherwise it only became less frequent."""

    def __str__(self) -> str:
        usual = f"{self.field}: {self.earlier.share:.0%} of earlier pages, "
        return usual + f"{self.recent.given or 'none'} of the last {self.recent.pages}"


def find_drift(earlier: Mapping[str, Count], recent: Mapping[str, Count]) -> tuple[Drift, ...]:
    """Return the drifts of one source, lost fields first. Both mappings are field -> count."""
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

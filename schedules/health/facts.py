"""Input of the rules: the facts of a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.polling.silence_detector import SilenceState
from schedules.health.field_drift import Count


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFacts:
    """A seed of the source."""

    kind: str
    url: str
    failures: int = 0
    failing_since: datetime | None = None
    http_status: int | None = None
    reason_code: str | None = None
    error: str | None = None
    moved_to: str | None = None
    polled_at: datetime | None = None
    newest_at: datetime | None = None
    """Published time of the newest item in its last document."""
    gave_new_at: datetime | None = None
    others_since: int = 0
    """Articles listed by other seeds since then."""
    given: int = 0
    """Links that it has listed so far, counted up to 20; 0 if it listed a new one recently."""
    items: int = 0
    """Links in its last full document."""
    entries: int = 0
    """Entries of its last document."""
    lost: int = 0
    """Of these, entries that may be missed articles."""
    empty_since: datetime | None = None
    """Time since which its documents have no links, if they had some before."""
    ahead_seconds: int | None = None
    note: str | None = None
    """Why its last document had no links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """The facts of a source that the rules need."""

    id: str
    timezone: str = "UTC"
    seeds: tuple[SeedFacts, ...] = ()
    silence: SilenceState = field(default_factory=SilenceState)
    a_week: float = 0.0
    """Usual articles per week; 0 if its alarm is below the lowest level. The same holds for `usual_since_quiet`."""
    came_since_quiet: int = 0
    """Articles first seen since `silence.quiet_since`."""
    usual_since_quiet: float = 0.0
    """Articles expected since then."""
    recent: Mapping[str, int] = field(default_factory=dict)
    """Outcomes of the latest fetches."""
    recent_since: datetime | None = None
    """Time of the first failed fetch among them."""
    recent_reason: str | None = None
    """The most frequent reason of failed fetches."""
    earlier: Mapping[str, int] = field(default_factory=dict)
    """Outcomes of the fetches before those."""
    earlier_fields: Mapping[str, Count] = field(default_factory=dict)
    recent_fields: Mapping[str, Count] = field(default_factory=dict)
    drift_since: datetime | None = None
    """When the first of the latest pages was fetched."""
    future_links: int = 0
    latest_links: int = 0
    future_by: timedelta | None = None
    """Median time by which links are dated in the future."""

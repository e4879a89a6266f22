"""What the rules of `health.py` are handed of a source, and what they find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from crawler.polling.silence_detector import SilenceState
from schedules.health.field_drift import Count

ProblemKind = Literal["unreachable", "blocked", "silent", "stuck", "moved", "extraction", "drift", "clock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFacts:
    """One way into the source."""

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
    """Articles that other ways of the source brought since then."""
    given: int = 0
    """Links that it gave so far."""
    items: int = 0
    """In its last full document."""
    entries: int = 0
    """Entries of its last document."""
    lost: int = 0
    """Of these, entries that may be missed articles."""
    empty_since: datetime | None = None
    """Since when it answers with documents without any link, where it had some before."""
    ahead_seconds: int | None = None
    note: str | None = None
    """What was noted of its last document, where that gave no link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What the archive knows of a source, as far as its health goes."""

    id: str
    timezone: str = "UTC"
    seeds: tuple[SeedFacts, ...] = ()
    silence: SilenceState = field(default_factory=SilenceState)
    a_week: float = 0.0
    """Articles that it usually brings."""
    came_since_quiet: int = 0
    """Articles first seen since `pulse.quiet_since`."""
    usual_since_quiet: float = 0.0
    """Articles to be expected since then."""
    recent: Mapping[str, int] = field(default_factory=dict)
    """Outcomes of the latest attempts at articles."""
    recent_since: datetime | None = None
    """When the first of those that went wrong in a row was."""
    recent_reason: str | None = None
    """The commonest reason among them."""
    earlier: Mapping[str, int] = field(default_factory=dict)
    """Outcomes of the attempts before those."""
    earlier_fields: Mapping[str, Count] = field(default_factory=dict)
    recent_fields: Mapping[str, Count] = field(default_factory=dict)
    drift_since: datetime | None = None
    """When the first of the latest pages was read."""
    future_links: int = 0
    latest_links: int = 0
    future_by: timedelta | None = None
    """By how much the links that are dated in the future are, in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing that is wrong."""

    kind: ProblemKind
    since: datetime
    evidence: str
    advice: str
    what: str = ""
    """The way or field concerned; "" for the source as a whole."""

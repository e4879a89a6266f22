"""How the monitor's children ended, for its log."""

from __future__ import annotations

from dataclasses import dataclass

from schedules.monitor.job_definitions import SOMETHING_WRONG

TELL_OF_READERS = frozenset({"digest", "outbox"})
"""Jobs whose lines begin with an address."""


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """A child that ended."""

    name: str
    about: tuple[str, ...]
    """Sources of a crawl."""
    status: int
    """Exit status, below 0 the signal that ended it."""
    seconds: float
    late: float
    """Seconds between when it was due and when it was started."""
    failed: bool
    said: str


def outcome_line(outcome: JobOutcome) -> str:
    """Of the log: what ran, how long, how it ended; the end of what it said where that was not well."""
    about = f" {' '.join(outcome.about)}" if outcome.about else ""
    late = f", {outcome.late:.0f} s late" if outcome.late >= 60 else ""
    reported = f"{outcome.name}{about}: {outcome.seconds:.1f} s{late}, exit status {outcome.status}"
    if outcome.said and (outcome.failed or outcome.status == SOMETHING_WRONG):
        reported += "\n" + "\n".join(f"  {text}" for text in outcome.said.splitlines()[-5:])
    return reported


def outcome_message(outcome: JobOutcome) -> str | None:
    """For the archive, which others may read: the last line that is not empty, shortened; null where all was well.

    What names a reader or quotes digests.toml stays in the log: who is told what is nobody else's business.
    """
    lines = [text.strip() for text in outcome.said.splitlines() if text.strip()]
    if not outcome.failed or not lines:
        return None
    if outcome.name in TELL_OF_READERS or "@" in lines[-1] or "digests.toml" in lines[-1]:
        return "what it said may name readers: it stands in the monitor's log"
    return lines[-1][:500]

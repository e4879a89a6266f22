"""How the monitor's children ended, for its log."""

from __future__ import annotations

from dataclasses import dataclass

from schedules.jobs import SOMETHING_WRONG


@dataclass(frozen=True, slots=True)
class Outcome:
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


def line(outcome: Outcome) -> str:
    """Of the log: what ran, how long, how it ended; the end of what it said where that was not well."""
    about = f" {' '.join(outcome.about)}" if outcome.about else ""
    late = f", {outcome.late:.0f} s late" if outcome.late >= 60 else ""
    told = f"{outcome.name}{about}: {outcome.seconds:.1f} s{late}, exit status {outcome.status}"
    if outcome.said and (outcome.failed or outcome.status == SOMETHING_WRONG):
        told += "\n" + "\n".join(f"  {text}" for text in outcome.said.splitlines()[-5:])
    return told


def last_line(said: str) -> str | None:
    """The last line that is not empty, shortened."""
    lines = [text.strip() for text in said.splitlines() if text.strip()]
    return lines[-1][:500] if lines else None

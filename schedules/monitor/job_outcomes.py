"""How a child process of the monitor ended: the line for the log, and the message for the archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schedules.monitor.job_definitions import PROBLEMS_FOUND

NAMES_RECIPIENTS = frozenset({"digest", "outbox"})
"""Jobs whose output begins with the address of a recipient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutcome:
    """A run that ended."""

    name: str
    status: int
    """Exit status; below 0 the signal that ended it."""
    failed: bool
    output: str
    seconds: float
    started_at: datetime
    late_seconds: float = 0.0
    """From the due time to the start."""
    sources: tuple[str, ...] = ()
    """Source IDs of a crawl."""
    due_at: datetime | None = None
    """When the job is due again; None for a crawl."""


def outcome_line(outcome: JobOutcome) -> str:
    """Returns the line for the log, followed by the last lines of output when the run failed or found problems."""
    name = " ".join((outcome.name, *outcome.sources))
    late = f", {outcome.late_seconds:.0f} s late" if outcome.late_seconds >= 60 else ""
    line = f"{name}: {outcome.seconds:.1f} s{late}, exit status {outcome.status}"
    if outcome.output and (outcome.failed or outcome.status == PROBLEMS_FOUND):
        line += "\n" + "\n".join(f"  {text}" for text in outcome.output.splitlines()[-5:])
    return line


def outcome_message(outcome: JobOutcome) -> str | None:
    """Returns the last line of a failed run's output, for `job_runs.message`; None when it succeeded.

    Other people may read the archive, so a line that may name a recipient or quote digests.toml stays in the log.
    """
    lines = [text.strip() for text in outcome.output.splitlines() if text.strip()]
    if not outcome.failed or not lines:
        return None
    if outcome.name in NAMES_RECIPIENTS or "@" in lines[-1] or "digests.toml" in lines[-1]:
        return "the output may name recipients; see the monitor's log"
    return lines[-1][:500]

"""Format the progress line and the summary of a crawl. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crawler.stats import SourceStats

_STORED = ("new", "revised", "unchanged")
_UNCHANGED = ("unchanged", "not_modified")
_READ_BUT_NOT_STORED = ("blocked", "failed", "refused", "empty", "gone")
MAX_REASONS = 3
"""Most reasons listed for a source; the table `fetches` has all."""


def progress_line(source_stats: Mapping[str, SourceStats], *, started_at: datetime, now: datetime) -> str:
    """Return the progress line for a terminal: counts so far, pages per second, elapsed time."""
    new, revised, unchanged, failed = totals(source_stats)
    new -= without_text(source_stats)
    seconds = max((now - started_at).total_seconds(), 1.0)
    done = sum(1 for stats in source_stats.values() if stats.finished_at is not None)
    pace = (new + revised + unchanged + failed) / seconds
    return (
        f"{done}/{len(source_stats)} sources · {new} new · {revised} revised · {unchanged} unchanged · {failed} failed"
        f" · {pace:.1f} pages/s · {seconds:.0f} s"
    )


def totals(source_stats: Mapping[str, SourceStats]) -> tuple[int, int, int, int]:
    """Return the numbers of new, revised, unchanged and failed pages of all sources."""
    outcomes = [stats.outcomes for stats in source_stats.values()]
    return (
        sum(counts["new"] for counts in outcomes),
        sum(counts["revised"] for counts in outcomes),
        sum(counts[name] for counts in outcomes for name in _UNCHANGED),
        sum(counts[name] for counts in outcomes for name in _READ_BUT_NOT_STORED),
    )


def without_text(source_stats: Mapping[str, SourceStats]) -> int:
    """New articles without their whole text, over all sources."""
    return sum(stats.without_text for stats in source_stats.values())


SUMMARY_NUMBERS = ("new", "no text", "revised", "unchanged", "failed", "waiting", "time")


def summary_row(name: str, stats: SourceStats) -> tuple[object, ...]:
    """Return the row of a source: its name and SUMMARY_NUMBERS."""
    new, revised, unchanged, failed = totals({name: stats})
    counts = (new - stats.without_text, stats.without_text, revised, unchanged, failed, stats.waiting)
    return (name, *(count or "·" for count in counts), duration(stats))


def summary_style(name: str, stats: SourceStats) -> str:
    """Return red for a source with failures, "" for others."""
    return "red" if totals({name: stats})[3] or stats.seeds_read < stats.seeds_tried else ""


def reason_lines(source_stats: Mapping[str, SourceStats]) -> list[str]:
    """Return one line with the reasons of failures for each source that has any; shown below the table."""
    return [f"{name}: {reasons(stats)}" for name, stats in source_stats.items() if stats.reasons]


def reasons(stats: SourceStats) -> str:
    """Return the reasons of the failures of a source, the most frequent first."""
    most = stats.reasons.most_common()
    reported = [f"{reason.text} ({count})" if count > 1 else reason.text for reason, count in most[:MAX_REASONS]]
    return "; ".join(
        [*reported, f"and {len(most) - MAX_REASONS} other reasons"] if len(most) > MAX_REASONS else reported
    )


def duration(stats: SourceStats) -> str:
    """Return the duration of the crawl of a source; "" if it was not finished."""
    seconds = _seconds(stats)
    return "" if seconds is None else f"{seconds:.0f} s"


def _seconds(stats: SourceStats) -> float | None:
    if stats.started_at is None or stats.finished_at is None:
        return None
    return (stats.finished_at - stats.started_at).total_seconds()


def as_dict(source_stats: Mapping[str, SourceStats], *, run_id: int, exit_status: int) -> dict[str, object]:
    """Return the summary for JSON. Every key is always present; counts may be 0, `seconds` may be None."""
    sources = {
        name: {
            **{outcome: stats.outcomes[outcome] for outcome in (*_STORED, "not_modified", *_READ_BUT_NOT_STORED)},
            "without_text": stats.without_text,
            "waiting": stats.waiting,
            "seeds_tried": stats.seeds_tried,
            "seeds_read": stats.seeds_read,
            "seconds": _seconds(stats),
            "reasons": stats.reason_counts(),
        }
        for name, stats in source_stats.items()
    }
    return {"run": run_id, "exit_status": exit_status, "sources": sources}

"""What a crawl tells its user: a line while it runs, a table when it ends. Pure: counts in, text out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.run import Tally

if TYPE_CHECKING:
    from rich.table import Table

_STORED = ("new", "revised", "unchanged")
_UNCHANGED = ("unchanged", "not_modified")
_READ_BUT_NOT_STORED = ("blocked", "failed", "refused", "empty", "gone")
MAX_REASONS = 3
"""Reasons named in a row of the summary; the `fetches` table has all of them."""


def progress_line(tallies: Mapping[str, Tally], *, started_at: datetime, now: datetime) -> str:
    """One line for a terminal: what has been done so far, and how fast."""
    new, revised, unchanged, failed = totals(tallies)
    seconds = max((now - started_at).total_seconds(), 1.0)
    done = sum(1 for tally in tallies.values() if tally.finished_at is not None)
    pace = (new + revised + unchanged + failed) / seconds
    return (
        f"{done}/{len(tallies)} sources · {new} new · {revised} revised · {unchanged} unchanged · {failed} not read"
        f" · {pace:.1f} pages/s · {seconds:.0f} s"
    )


def totals(tallies: Mapping[str, Tally]) -> tuple[int, int, int, int]:
    """New, revised, unchanged and not read, over all sources."""
    outcomes = [tally.outcomes for tally in tallies.values()]
    return (
        sum(counts["new"] for counts in outcomes),
        sum(counts["revised"] for counts in outcomes),
        sum(counts[name] for counts in outcomes for name in _UNCHANGED),
        sum(counts[name] for counts in outcomes for name in _READ_BUT_NOT_STORED),
    )


def summary_table(tallies: Mapping[str, Tally]) -> Table:
    """A row a source: new, revised, unchanged, failed and why, time taken."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("source", no_wrap=True)
    for heading in ("new", "revised", "unchanged", "failed", "waiting", "time"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, tally in tallies.items():
        new, revised, unchanged, failed = totals({name: tally})
        style = "red" if failed or tally.ways_read < tally.ways_tried else ""
        counts = (str(count) if count else "·" for count in (new, revised, unchanged, failed, tally.waiting))
        table.add_row(name, *counts, duration(tally), style=style)
    return table


def reason_lines(tallies: Mapping[str, Tally]) -> list[str]:
    """Why what failed failed, a line a source; below the table, where there is room for a sentence."""
    return [f"{name}: {reasons(tally)}" for name, tally in tallies.items() if tally.reasons]


def reasons(tally: Tally) -> str:
    """Why what failed failed, the commonest first."""
    most = tally.reasons.most_common()
    told = [f"{reason} ({count})" if count > 1 else reason for reason, count in most[:MAX_REASONS]]
    return "; ".join([*told, f"and {len(most) - MAX_REASONS} other reasons"] if len(most) > MAX_REASONS else told)


def duration(tally: Tally) -> str:
    """Time taken, "" where the source was not finished."""
    seconds = _seconds(tally)
    return "" if seconds is None else f"{seconds:.0f} s"


def _seconds(tally: Tally) -> float | None:
    if tally.started_at is None or tally.finished_at is None:
        return None
    return (tally.finished_at - tally.started_at).total_seconds()


def as_dict(tallies: Mapping[str, Tally], *, run_id: int, exit_status: int) -> dict[str, object]:
    """The same for programs. What did not happen is a 0, so that no key is ever missing."""
    sources = {
        name: {
            **{outcome: tally.outcomes[outcome] for outcome in (*_STORED, "not_modified", *_READ_BUT_NOT_STORED)},
            "waiting": tally.waiting,
            "ways_tried": tally.ways_tried,
            "ways_read": tally.ways_read,
            "seconds": _seconds(tally),
            "reasons": dict(tally.reasons),
        }
        for name, tally in tallies.items()
    }
    return {"run": run_id, "exit_status": exit_status, "sources": sources}

"""The texts of the reports of an event, and what each adds to the earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.archive.events.queries import EventReport
from crawler.events.additions import Additions, ReportText, additions
from crawler.sqlite.connection import Connection

MAX_REPORTS_COMPARED = 60
"""Reports of one event that are read, in order of time; later ones show no additions."""


def additions_of(db: Connection, reports: Sequence[EventReport]) -> list[Additions]:
    """Return for each report the names and figures that no earlier one has, in order of time."""
    found = additions([_text(db, report) for report in reports[:MAX_REPORTS_COMPARED]])
    return found + [Additions(facts=(), sentences=())] * (len(reports) - len(found))


def _text(db: Connection, report: EventReport) -> ReportText:
    row = db.execute(
        "SELECT r.title, r.lead, r.text, r.language FROM articles a JOIN revisions r ON r.id = a.latest_revision_id"
        " WHERE a.id = ?",
        (report.article_id,),
    ).fetchone()
    if row is None:
        return ReportText(title=None, text="", language=None)
    text = "\n\n".join(part for part in (row["lead"], row["text"]) if part)
    return ReportText(title=row["title"], text=text, language=row["language"])

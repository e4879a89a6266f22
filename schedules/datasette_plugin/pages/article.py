"""The page of one article: a version of its text, the comparison with the version before, alerts, story and raw pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from crawler.archive.events.queries import event_of_story, event_reports
from crawler.archive.stories.queries import story_articles, story_of
from crawler.archive.topics.alerts import Alert
from crawler.sqlite.connection import Connection
from crawler.text.diff import ParagraphChange, diff_paragraphs, text_paragraphs
from schedules.datasette_plugin import alert_queries, article_queries
from schedules.datasette_plugin.pages.alerts import AlertView, alert_views
from schedules.datasette_plugin.queries import PageRow
from schedules.datasette_plugin.rendering.template_filters import AlertMark, mark_sentences
from schedules.datasette_plugin.responses import Context, PageRequest, found_or_404

MAX_STORY_ARTICLES = 60
"""Listed of a story; the page of the story has all."""
MAX_VERSIONS = 200
"""Listed of an article, besides the one that is shown; the table `revisions` has all."""
MAX_RAW_PAGES = 50
"""Listed of an article, besides that of the version that is shown; the table `pages` has all."""


def article_context(db: Connection, request: PageRequest) -> Context:
    """The article in the version with `number`, or in the current one. Raises NotFound."""
    article = found_or_404(article_queries.article_row(db, request.id), "There is no such article")
    if request.number is None:
        version = article_queries.current_revision(db, request.id)
    else:
        version = found_or_404(
            article_queries.revision_row(db, request.id, request.number), "The article has no such version"
        )
    alerts = alert_views(db, alert_queries.alert_ids_of(db, "article", request.id), request.now)
    story = story_of(db, request.id)
    event = event_of_story(db, story) if story is not None else None
    reports = [one for one in event_reports(db, event) if one.story_id != story] if event is not None else []
    others = [one for one in story_articles(db, story) if one.article_id != request.id] if story is not None else []
    compare = "compare" in request.args
    page_id = version["page_id"] if version else None
    return {
        "article": article,
        "version": version,
        "number": version["number"] if version else 0,
        "versions": article_queries.version_list(db, request.id, version["number"] if version else 0, MAX_VERSIONS),
        "bylines": article_queries.revision_bylines(db, version["id"]) if version else [],
        "tags": json.loads(version["tags"] or "[]") if version else [],
        **(_texts(version, alerts) if version else {"title": "", "lead": "", "paragraphs": []}),
        "compare": compare,
        "comparison": _comparison(db, version) if compare and version else None,
        "alerts": alerts,
        "story_id": story,
        "event_id": event,
        "event_reports": reports[:MAX_STORY_ARTICLES],
        "more_event_reports": max(0, len(reports) - MAX_STORY_ARTICLES),
        "story_articles": others[:MAX_STORY_ARTICLES],
        "more_story_articles": max(0, len(others) - MAX_STORY_ARTICLES),
        "pages": article_queries.raw_pages(db, request.id, page_id, MAX_RAW_PAGES),
        "page_count": article_queries.raw_page_count(db, request.id),
    }


def _texts(version: PageRow, alerts: list[AlertView]) -> Context:
    """Title, lead and paragraphs with their kinds, and with the sentences of alerts marked."""
    marks = [
        AlertMark(one.alert.id, sentence.text, sentence.spans)
        for one in alerts
        for sentence in one.alert.sentences
        if _may_contain(version["id"], one.alert, sentence.change)
    ]
    texts = text_paragraphs(version["text"])
    kinds = version["blocks"].split()
    title, lead, *body = mark_sentences([version["title"] or "", version["lead"] or "", *texts], marks)
    kinds += ["p"] * (len(body) - len(kinds))
    return {"title": title, "lead": lead, "paragraphs": list(zip(kinds, body, strict=False))}


def _may_contain(revision_id: int, alert: Alert, change: str) -> bool:
    """Whether to look for a sentence of an alert in a revision: a removed sentence is only in the revision before."""
    return alert.previous_revision_id == revision_id if change == "removed" else alert.revision_id <= revision_id


def _comparison(db: Connection, version: PageRow) -> Context | None:
    """The version next to the one before; None for the first, and if the text of one of the two was pruned."""
    before = article_queries.revision_row(db, version["article_id"], version["number"] - 1)
    if before is None or before["text_pruned_at"] or version["text_pruned_at"]:
        return None
    fields = [
        (name, row)
        for name in ("title", "lead", "byline")
        for row in _compared(before[name] or "", version[name] or "")
        if row.kind != "same"
    ]
    rows = _compared(before["text"], version["text"])
    return {"before": before, "fields": fields, "rows": folded(rows), "is_coarse": any(row.is_coarse for row in rows)}


@lru_cache(maxsize=64)
def _compared(before: str, after: str) -> tuple[ParagraphChange, ...]:
    """Cached by the texts: revisions never change."""
    return diff_paragraphs(text_paragraphs(before), text_paragraphs(after))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Unchanged paragraphs that are shown on request."""

    rows: tuple[ParagraphChange, ...]
    kind: Literal["fold"] = "fold"


def folded(rows: Sequence[ParagraphChange], *, around: int = 1) -> list[ParagraphChange | Fold]:
    """Each run of unchanged paragraphs as a fold, except those next to a change."""
    changed = [number for number, row in enumerate(rows) if row.kind != "same"]
    near = {index for number in changed for index in range(number - around, number + around + 1)}
    shown: list[ParagraphChange | Fold] = []
    hidden: list[ParagraphChange] = []
    for number, row in enumerate(rows):
        if number not in near:
            hidden.append(row)
            continue
        shown += [Fold(rows=tuple(hidden)), row] if hidden else [row]
        hidden = []
    return [*shown, Fold(rows=tuple(hidden))] if hidden else shown

"""One article: what it says now, what it said before, who wrote and who carries it, what topics found in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

from crawler.archive.stories.queries import StoryArticle, story_articles, story_of
from crawler.archive.topics.alerts import Alert, alerts_by_id
from crawler.sqlite.connection import Connection
from schedules.datasette_plugin.rendering.side_by_side import Fold, Row, folded, side_by_side, text_paragraphs
from schedules.datasette_plugin.rendering.template_filters import Run, marked_paragraphs
from schedules.formatting.highlight import HighlightedSentence, HighlightSpan, highlight

MAX_STORY_ARTICLES = 60
"""Shown of a story; the story's own page has all."""
MOST_REVISIONS = 200
"""Listed of an article, and the one that is shown; the table of revisions has all."""
MOST_PAGES = 50
"""Listed of an article, and the one that the text was read from; the table of pages has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert with its sentences ready to be shown."""

    alert: Alert
    sentences: tuple[tuple[str, tuple[HighlightSpan, ...]], ...]
    """Field, pieces."""
    relevant: bool | None

    @property
    def headline(self) -> tuple[HighlightSpan, ...]:
        """With the words that hit, where they stand in it."""
        found = next((pieces for field, pieces in self.sentences if field == "title"), None)
        return found or (HighlightSpan(self.alert.title or self.alert.url),)

    @property
    def below(self) -> tuple[tuple[str, tuple[HighlightSpan, ...]], ...]:
        """The sentences that the headline does not show."""
        return tuple(one for one in self.sentences if one[0] != "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph with its kind, and with the sentences of alerts in it."""

    kind: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A revision next to the one before it."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    fields: tuple[tuple[str, Row], ...]
    """Title, lead, byline where they changed."""
    rows: tuple[Row | Fold, ...]

    @property
    def is_coarse(self) -> bool:
        """Whether struck and added words may hold some that stayed."""
        return any(row.is_coarse for row in self.rows if isinstance(row, Row))


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """All that the article's page shows."""

    article: Mapping[str, Any]
    revision: Mapping[str, Any] | None
    """The one that is shown; None where no text could be read."""
    revisions: tuple[Mapping[str, Any], ...]
    """Without their texts, newest first: the newest, and the one that is shown."""
    revision_count: int
    """Of all."""
    bylines: tuple[Mapping[str, Any], ...]
    paragraphs: tuple[Paragraph, ...]
    title: tuple[Run, ...]
    lead: tuple[Run, ...]
    comparison: Comparison | None
    alerts: tuple[AlertView, ...]
    story_id: int | None
    story_articles: tuple[StoryArticle, ...]
    more_story_articles: int
    pages: tuple[Mapping[str, Any], ...]
    """The newest, and the one that the text was read from."""
    page_count: int
    """Of all."""
    tags: tuple[str, ...]

    @property
    def number(self) -> int:
        return self.revision["number"] if self.revision else 0


def read_article(
    db: Connection, article_id: int, *, number: int | None = None, compare: bool = False
) -> ArticleView | None:
    """The article as its revision of that number, the newest where it is not given; None where there is none."""
    row = db.execute(
        "SELECT a.*, s.name AS source_name, s.home AS source_home FROM articles a JOIN sources s ON s.id = a.source_id"
        " WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    if row is None:
        return None
    revision = _revision(db, row, number)
    if revision is None and number is not None:
        return None
    revision_id = revision["id"] if revision else None
    alerts = _alerts(db, article_id)
    shown = [
        (one.alert.id, sentence.text, sentence.spans)
        for one in alerts
        for sentence in one.alert.sentences
        if revision is not None and _stands_in(one.alert, sentence.change, revision["id"])
    ]
    body, title, lead = _texts(revision, shown)
    story = story_of(db, article_id)
    comparable = [one for one in story_articles(db, story) if one.article_id != article_id] if story is not None else []
    return ArticleView(
        article=dict(row),
        revision=revision,
        revisions=tuple(_revisions(db, article_id, revision["number"] if revision else 0)),
        revision_count=_count(db, "revisions", article_id),
        bylines=tuple(
            dict(one)
            for one in db.execute(
                "SELECT name, kind FROM bylines WHERE revision_id = ? ORDER BY position", (revision_id,)
            )
        ),
        paragraphs=body,
        title=title,
        lead=lead,
        comparison=_comparison(db, revision) if compare and revision else None,
        alerts=tuple(alerts),
        story_id=story if comparable else None,
        story_articles=tuple(comparable[:MAX_STORY_ARTICLES]),
        more_story_articles=max(0, len(comparable) - MAX_STORY_ARTICLES),
        pages=tuple(_pages(db, article_id, revision["page_id"] if revision else None)),
        page_count=_count(db, "pages", article_id),
        tags=tuple(str(tag) for tag in json.loads(revision["tags"] or "[]")) if revision else (),
    )


def _stands_in(alert: Alert, change: str, revision_id: int) -> bool:
    """Whether a sentence of an alert is to be looked for in a text: one that was taken out stood in the text before."""
    if change == "removed":
        return alert.previous_revision_id == revision_id
    return alert.revision_id <= revision_id


def _revision(db: Connection, article: Mapping[str, Any], number: int | None) -> dict[str, Any] | None:
    if number is None:
        found = db.execute("SELECT * FROM revisions WHERE id = ?", (article["latest_revision_id"],)).fetchone()
    else:
        found = db.execute(
            "SELECT * FROM revisions WHERE article_id = ? AND number = ?", (article["id"], number)
        ).fetchone()
    return dict(found) if found is not None else None


def _count(db: Connection, table: Literal["revisions", "pages"], article_id: int) -> int:
    found = db.execute(f"SELECT count(*) FROM {table} WHERE article_id = ?", (article_id,))  # noqa: S608 -- one of two
    return int(found.fetchone()[0])


def _pages(db: Connection, article_id: int, shown: int | None) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT id, url, final_url, fetched_at, http_status, bytes, sha256, rendered FROM pages WHERE id = ?2 OR id IN"
        " (SELECT id FROM pages WHERE article_id = ?1 ORDER BY id DESC LIMIT ?3) ORDER BY id DESC",
        (article_id, shown, MOST_PAGES),
    )
    return [dict(row) for row in rows]


def _revisions(db: Connection, article_id: int, shown: int) -> list[dict[str, Any]]:
    """`stealth`: an edit that the page does not mark; `is_reextraction`: the same page, extracted again."""
    rows = db.execute(
        "SELECT r.id, r.number, r.seen_at, r.title, r.words, r.status, r.modified_at, r.page_id,"
        " b.words AS words_before, b.title AS title_before,"
        " (SELECT stealth FROM edits WHERE edits.revision_id = r.id) AS stealth,"
        " r.number > 1 AND r.page_id IS NOT NULL AND r.page_id IS b.page_id AS is_reextraction"
        " FROM revisions r LEFT JOIN revisions b ON b.article_id = r.article_id AND b.number = r.number - 1"
        " WHERE r.article_id = ?1 AND (r.number = ?2 OR r.number IN"
        " (SELECT number FROM revisions WHERE article_id = ?1 ORDER BY number DESC LIMIT ?3)) ORDER BY r.number DESC",
        (article_id, shown, MOST_REVISIONS),
    )
    return [dict(row) for row in rows]


def _texts(
    revision: Mapping[str, Any] | None, shown: list[tuple[int, str, tuple[tuple[int, int], ...]]]
) -> tuple[tuple[Paragraph, ...], tuple[Run, ...], tuple[Run, ...]]:
    if revision is None:
        return (), (), ()
    texts = text_paragraphs(revision["text"])
    kinds = revision["blocks"].split()
    runs = marked_paragraphs([revision["title"] or "", revision["lead"] or "", *texts], shown)
    body = tuple(
        Paragraph(kind=kinds[number] if number < len(kinds) else "p", runs=tuple(one))
        for number, one in enumerate(runs[2:])
    )
    return body, tuple(runs[0]), tuple(runs[1])


def _alerts(db: Connection, article_id: int) -> list[AlertView]:
    ids = [row[0] for row in db.execute("SELECT id FROM alerts WHERE article_id = ? ORDER BY id DESC", (article_id,))]
    return views_of(db, ids)


def place_of_alert(db: Connection, alert_id: int) -> tuple[int, int] | None:
    """The article of an alert, and the number of its text in which the sentence stands."""
    row = db.execute(
        "SELECT r.article_id, r.number FROM alerts a JOIN revisions r ON r.id ="
        " CASE a.kind WHEN 'removed' THEN coalesce(a.previous_revision_id, a.revision_id) ELSE a.revision_id END"
        " WHERE a.id = ?",
        (alert_id,),
    ).fetchone()
    return (row["article_id"], row["number"]) if row is not None else None


def views_of(db: Connection, ids: list[int]) -> list[AlertView]:
    """Alerts as pages show them, with what was said of them."""
    found = alerts_by_id(db, ids)
    judged = {
        (row["topic_id"], row["article_id"]): bool(row["relevant"])
        for row in db.execute(
            "SELECT j.topic_id, j.article_id, j.relevant FROM judgements j JOIN alerts a ON a.topic_id = j.topic_id"
            " AND a.article_id = j.article_id WHERE a.id IN (SELECT value FROM json_each(?))",
            (json.dumps(ids),),
        )
    }
    return [
        AlertView(
            alert=alert,
            sentences=tuple((sentence.field, highlight(_sentence(sentence))) for sentence in alert.sentences),
            relevant=judged.get((alert.topic, alert.article_id)),
        )
        for alert in found
    ]


def together(alerts: Sequence[AlertView]) -> tuple[tuple[AlertView, ...], ...]:
    """Alerts of one text that follow each other, as one entry: several topics found it."""
    return tuple(tuple(some) for _, some in groupby(alerts, key=lambda one: one.alert.revision_id))


def _sentence(sentence: Any) -> HighlightedSentence:
    """An edit's words are struck and added; what is new with its article is not all marked as added."""
    change = sentence.change if sentence.change == "removed" or sentence.replaces is not None else "unchanged"
    return HighlightedSentence(
        text=sentence.text, field=sentence.field, change=change, spans=sentence.spans, replaces=sentence.replaces
    )


def _comparison(db: Connection, revision: dict[str, Any]) -> Comparison | None:
    before = db.execute(
        "SELECT * FROM revisions WHERE article_id = ? AND number = ?", (revision["article_id"], revision["number"] - 1)
    ).fetchone()
    if before is None:
        return None
    fields = []
    for name in ("title", "lead", "byline"):
        rows = _compared(before[name] or "", revision[name] or "")
        fields += [(name, row) for row in rows if row.kind != "same"]
    return Comparison(
        before=dict(before),
        after=revision,
        fields=tuple(fields),
        rows=tuple(folded(_compared(before["text"], revision["text"]))),
    )


@lru_cache(maxsize=64)
def _compared(before: str, after: str) -> tuple[Row, ...]:
    """Remembered by the texts themselves: revisions never change."""
    return side_by_side(text_paragraphs(before), text_paragraphs(after))

"""The list of stories, and the page of one story: its articles in time order, and what each adds or leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.archive.desk.mutes import mute_of
from crawler.archive.events.membership import current_story
from crawler.archive.events.queries import event_of_story
from crawler.archive.stories.near_misses import near_misses
from crawler.archive.stories.queries import StoryArticle, current_text, story_articles
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection
from crawler.stories.sentence_novelty import novel_sentences
from schedules.datasette_plugin import alert_queries, article_queries, queries
from schedules.datasette_plugin.pages.alerts import alert_views, grouped
from schedules.datasette_plugin.responses import Context, PageRequest, found_or_404, path_number

STORY_FILTERS = ("topic", "group", "source", "tag", "language", "since", "until")
STORIES_PER_PAGE = 30
MAX_COMPARED = 60
"""Articles that are compared with the first; of the others only the headline is shown."""
MAX_STORY_ALERTS = 30
MAX_NOVEL_SENTENCES = 6
"""Shown of what an article adds, and of what it leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticleView:
    """An article of a story, compared with the first."""

    article: StoryArticle
    adds: tuple[str, ...] = ()
    omits: tuple[str, ...] = ()
    is_compared: bool = True


def stories_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound or BadRequest."""
    before = request.args.get("before")
    latest_at, _, story_id = (before or "").partition("~")
    place = (latest_at, path_number(story_id) or 0) if before else None
    filters = request.filters(*STORY_FILTERS)
    values = request.sql_values(filters)
    found = article_queries.stories_by_time(db, values, limit=STORIES_PER_PAGE + 1, before=place)
    shown = found[:STORIES_PER_PAGE]
    more = len(found) > STORIES_PER_PAGE
    return {
        "stories": shown,
        "before": before,
        "filters": filters,
        "filter_names": STORY_FILTERS,
        "choices": queries.filter_choices(db),
        "next_before": f"{shown[-1]['latest_at']}~{shown[-1]['story_id']}" if more else None,
    }


def story_context(db: Connection, request: PageRequest) -> Context:
    """Raises NotFound."""
    try:
        story_id = current_story(db, request.id)
    except ArchiveError:
        story_id = 0
    articles = found_or_404(story_articles(db, story_id) or None, "There is no such story")
    first = next((one for one in articles if one.role == "first"), articles[0])
    text = current_text(db, first.article_id)
    alerts = alert_queries.alert_ids_of_story(db, story_id)
    return {
        "story_id": story_id,
        "mute": mute_of(db, "story", str(story_id), request.now),
        "requested_id": request.id,
        "event_id": event_of_story(db, story_id),
        "first": first,
        "articles": [
            _compared(db, one, text)
            if one is not first and number < MAX_COMPARED
            else StoryArticleView(article=one, is_compared=False)
            for number, one in enumerate(articles)
        ],
        "outlets": len({one.source_id for one in articles}),
        "not_compared": max(0, len(articles) - MAX_COMPARED),
        "max_sentences": MAX_NOVEL_SENTENCES,
        "alerts": grouped(alert_views(db, alerts[:MAX_STORY_ALERTS], request.now)),
        "more_alerts": max(0, len(alerts) - MAX_STORY_ALERTS),
        "near_misses": near_misses(db, story_id),
    }


def _compared(db: Connection, article: StoryArticle, text: str) -> StoryArticleView:
    own = current_text(db, article.article_id)
    return StoryArticleView(article=article, adds=novel_sentences(own, [text]), omits=novel_sentences(text, [own]))

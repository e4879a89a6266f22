"""One story: who carries it, in time order, and what each adds to the first or leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.archive.stories.near_misses import NearMiss, near_misses
from crawler.archive.stories.queries import StoryArticle, current_story, newest_text, story_articles
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection
from crawler.stories.sentence_novelty import novel_sentences
from schedules.datasette_plugin.pages.article import AlertView, together, views_of

MOST = 60
"""Carriers whose texts are compared with the first; of the others only the headline is shown."""
ALERTS_SHOWN_PER_STORY = 30
SENTENCES_PER_ARTICLE = 6
"""Of what a carrier adds, and of what it leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticleView:
    """One article of the story."""

    story_article: StoryArticle
    adds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    more_added: int = 0
    more_lacking: int = 0
    is_compared: bool = True

    @property
    def says_the_same(self) -> bool:
        return self.is_compared and not self.adds and not self.lacks


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """All that the story's page shows."""

    id: int
    asked_for: int
    """Another number where the story went into this one."""
    first: StoryArticle
    story_articles: tuple[StoryArticleView, ...]
    outlets: int
    not_compared: int
    """Of the carriers, the last."""
    alerts: tuple[tuple[AlertView, ...], ...]
    more_alerts: int
    """Older than those."""
    near_misses: tuple[NearMiss, ...]
    """What has like wording and is in other stories."""


def read_story(db: Connection, story_id: int) -> StoryView | None:
    """None where there is none."""
    try:
        current = current_story(db, story_id)
    except ArchiveError:
        return None
    found = story_articles(db, current)
    if not found:
        return None
    first = next((one for one in found if one.role == "first"), found[0])
    text = newest_text(db, first.article_id)
    alerts = [row[0] for row in db.execute("SELECT id FROM alerts WHERE story_id = ? ORDER BY id DESC", (current,))]
    return StoryView(
        id=current,
        asked_for=story_id,
        first=first,
        story_articles=tuple(_view(db, one, first, text, number < MOST) for number, one in enumerate(found)),
        outlets=len({one.source_id for one in found}),
        not_compared=max(0, len(found) - MOST),
        alerts=together(views_of(db, alerts[:ALERTS_SHOWN_PER_STORY])),
        more_alerts=max(0, len(alerts) - ALERTS_SHOWN_PER_STORY),
        near_misses=tuple(near_misses(db, current)),
    )


def _view(
    db: Connection, story_article: StoryArticle, first: StoryArticle, text: str, compared: bool
) -> StoryArticleView:
    if story_article is first or not compared:
        return StoryArticleView(story_article=story_article, is_compared=False)
    own = newest_text(db, story_article.article_id)
    adds, lacks = novel_sentences(own, [text]), novel_sentences(text, [own])
    return StoryArticleView(
        story_article=story_article,
        adds=adds[:SENTENCES_PER_ARTICLE],
        lacks=lacks[:SENTENCES_PER_ARTICLE],
        more_added=max(0, len(adds) - SENTENCES_PER_ARTICLE),
        more_lacking=max(0, len(lacks) - SENTENCES_PER_ARTICLE),
    )

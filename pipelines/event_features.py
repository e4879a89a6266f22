"""The event features of an extracted article, made in the child process that extracts its page."""

from __future__ import annotations

from crawler.events.features import EventFeatures, event_features
from crawler.models import Article, Status
from crawler.stories.similarity import story_text


def make_event_features(article: Article) -> EventFeatures | None:
    """The features of an article; None if it has no text to compare."""
    if article.status not in (Status.OK, Status.TEASER):
        return None
    return event_features(article.title, story_text(article.lead, article.text), article.language)

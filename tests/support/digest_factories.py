"""Alerts, entries and contents of digests, with defaults, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from crawler.archive.delivery.digest_queries import Pickup, RevisionInfo
from crawler.archive.monitoring.problems import Problem
from crawler.archive.topics.alerts import Alert, AlertSentence
from schedules.digest.content import DigestContent, Entry, Health, TopicRef
from schedules.formatting.highlight import HighlightedSentence

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=timezone.utc)
TALKS = TopicRef(id="talks", title="Ceasefire talks")
TROOPS = TopicRef(id="troops", title="Troop deployments")
OK = Health(phrase="all 14 sources OK", last_polled_at=NOW - timedelta(minutes=10))


def hours_ago(count: float) -> datetime:
    return NOW - timedelta(hours=count)


def sentence(text: str = "Talks resume on Monday.", *, hits: str | None = None, **known: Any) -> HighlightedSentence:
    """`hits`: the words to highlight."""
    spans = ((text.index(hits), text.index(hits) + len(hits)),) if hits else ()
    return HighlightedSentence(**{"text": text, "field": "text", "change": "unchanged", "spans": spans, **known})


def entry(number: int = 1, **known: Any) -> Entry:
    defaults: dict[str, Any] = {
        "kind": "new",
        "alert_ids": (number,),
        "topics": (TALKS,),
        "article_id": number,
        "revision_id": number,
        "revision_number": 1,
        "shown_alert_id": number,
        "story_id": number,
        "title": f"Headline {number}",
        "outlet": "The Harbour Gazette",
        "byline": "Mara Voss",
        "url": f"https://harbour-gazette.example/news/{number}",
        "language": "en",
        "published_at": hours_ago(number),
        "time_kind": "published",
        "changed_at": hours_ago(number),
        "sentences": (sentence(hits="Talks"),),
    }
    return Entry(**{**defaults, **known})


def content(*stories: Entry, **known: Any) -> DigestContent:
    defaults: dict[str, Any] = {
        "id": "morning",
        "title": "Morning digest",
        "timezone": "Europe/Kyiv",
        "period_start": NOW - timedelta(days=1),
        "now": NOW,
        "late": False,
        "stories": stories,
        "older": (),
        "changes": (),
        "health": OK,
    }
    return DigestContent(**{**defaults, **known})


def problem(source: str = "wire", **known: Any) -> Problem:
    defaults: dict[str, Any] = {
        "id": 1,
        "source": source,
        "kind": "silent",
        "what": "",
        "since": hours_ago(50),
        "evidence": "No article since Saturday; five a day are usual.",
        "advice": "Look at its home page.",
        "opened_at": hours_ago(20),
    }
    return Problem(**{**defaults, **known})


def alert(number: int, **known: Any) -> Alert:
    article = known.get("article_id", number)
    defaults: dict[str, Any] = {
        "id": number,
        "topic": "talks",
        "topic_title": "Ceasefire talks",
        "kind": "new",
        "article_id": article,
        "revision_id": number,
        "previous_revision_id": None,
        "story_id": article,
        "title": f"Headline {article}",
        "source": "gazette",
        "source_name": "The Harbour Gazette",
        "byline": None,
        "published_at": hours_ago(article),
        "created_at": hours_ago(0),
        "url": f"https://harbour-gazette.example/news/{article}",
        "sentences": (alert_sentence("Talks resume on Monday."),),
    }
    return Alert(**{**defaults, **known})


def alert_sentence(text: str, change: Any = "added", **known: Any) -> AlertSentence:
    return AlertSentence(**{"change": change, "field": "text", "text": text, "spans": ((0, 5),), **known})


def revision_info(revision: int, **known: Any) -> RevisionInfo:
    defaults: dict[str, Any] = {
        "number": 1,
        "seen_at": hours_ago(0.5),
        "published_at": hours_ago(revision),
        "precision": "second",
        "language": "en",
    }
    return RevisionInfo(**{**defaults, **known})


def pickup(article: int, source: str, outlet: str | None = None) -> Pickup:
    return Pickup(
        article_id=article, source=source, outlet=outlet or source.title(), url=f"https://{source}.example/{article}"
    )

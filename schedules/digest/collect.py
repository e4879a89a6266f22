"""Collect the content of a digest from the archive: stories, changes in reported stories, health of the sources.

`collect` reads the archive; everything else is pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from crawler.archive.crawl.coverage_queries import gaps
from crawler.archive.delivery.digest_queries import (
    AlertContext,
    Pickup,
    RevisionInfo,
    alert_context,
    report_counts,
    topic_titles,
    unmatched_texts,
)
from crawler.archive.desk.mutes import Mute, active_mutes, muted_alerts
from crawler.archive.evidence.daily_roots import current_root
from crawler.archive.monitoring.problems import resolved_since
from crawler.archive.monitoring.source_states import source_statuses
from crawler.archive.topics.alerts import Alert, alerts_by_id
from crawler.archive.topics.figures import figures_of_topic
from crawler.archive.topics.trends import topic_trends
from crawler.config.digests import Digest
from crawler.figures.ledger import distinct_moves, moves_of
from crawler.grouping import grouped_by
from crawler.sqlite.connection import Connection
from schedules.delivery.outbox import unsubscribe_url
from schedules.digest.content import DigestContent, Entry, Footer, TopicRef
from schedules.digest.health import health_of
from schedules.digest.sentences import EDITS, sentences_of
from schedules.formatting.plain_text import count_phrase

COMPARED_FIGURES = timedelta(days=90)
"""How far back a figure is compared with what the same speaker claimed before."""


def collect(
    db: Connection,
    digest: Digest,
    alert_ids: Sequence[int],
    *,
    period_start: datetime,
    now: datetime,
    late: bool,
    recipient: str = "",
) -> DigestContent:
    """The content of a digest of these alerts for a recipient; without one, a sample. Unknown alert IDs are ignored."""
    muted = muted_alerts(db, alert_ids, now)
    alerts = alerts_by_id(db, sorted(set(alert_ids) - muted.keys()))
    context = alert_context(db, alerts, digest=digest.id, recipient=recipient)
    arranged = arrange(alerts, context, by_event=digest.group_by_event)
    if digest.summary:
        arranged["stories"] = tuple(sorted(arranged["stories"], key=lambda entry: -len(entry.others)))
    moves = _moved_figures(db, alerts, since=period_start - COMPARED_FIGURES)
    arranged = {part: tuple(_with_moves(entry, moves) for entry in entries) for part, entries in arranged.items()}
    return DigestContent(
        id=digest.id,
        title=digest.title,
        timezone=digest.timezone,
        period_start=period_start,
        now=now,
        late=late,
        **arranged,
        numbers=report_counts(db, digest.topics, digest.tags, begin=period_start, end=now) if digest.summary else None,
        footer=_footer(db, digest, recipient) if recipient else None,
        trends=_trends(db, digest, now),
        muted=_muted_line(muted),
        health=health_of(
            source_statuses(db, now=now),
            resolved_since(db, period_start),
            gaps(db, unrepaired_only=True),
            unmatched=unmatched_texts(db),
            since=period_start,
            now=now,
            zone=ZoneInfo(digest.timezone),
        ),
        archive_root=current_root(db, now=now),
        archive_url=digest.archive_url,
    )


def _muted_line(muted: Mapping[int, Mute]) -> str:
    targets = {(one.kind, one.target) for one in muted.values()}
    counts = Counter[str](kind for kind, _ in targets)
    names = (("story", "muted story", "muted stories"), ("topic", "muted topic", "muted topics"))
    parts = [count_phrase(counts[kind], one, many) for kind, one, many in names if counts[kind]]
    verb = "is" if len(muted) == 1 else "are"
    return f"{count_phrase(len(muted), 'alert')} of {' and '.join(parts)} {verb} not shown." if muted else ""


def _footer(db: Connection, digest: Digest, recipient: str) -> Footer:
    titles = topic_titles(db, digest.topics)
    subjects = [", ".join(titles) if digest.topics else "all topics"]
    if digest.tags:
        subjects.append(f"in sources tagged {', '.join(digest.tags)}")
    return Footer(
        recipient=recipient,
        subjects=" ".join(filter(None, subjects)),
        reply_to=digest.reply_to,
        unsubscribe_url=unsubscribe_url(db, digest, recipient),
    )


def _trends(db: Connection, digest: Digest, now: datetime) -> tuple[str, ...]:
    """Spikes and silences of the digest's topics that are not muted. A digest with tags has none: they count all sources."""
    if digest.tags:
        return ()
    muted = {one.target for one in active_mutes(db, now) if one.kind == "topic"}
    return tuple(str(one) for one in topic_trends(db, digest.topics, now=now) if one.topic not in muted)


def _moved_figures(db: Connection, alerts: Sequence[Alert], *, since: datetime) -> dict[int, tuple[str, ...]]:
    """Alert ID -> lines on the figures that moved with it."""
    ids = {alert.id for alert in alerts}
    found: dict[int, tuple[str, ...]] = {}
    for topic in dict.fromkeys(alert.topic for alert in alerts):
        found |= moves_of(figures_of_topic(db, topic, since=since).points, ids)
    return found


def _with_moves(entry: Entry, moves: Mapping[int, tuple[str, ...]]) -> Entry:
    lines = distinct_moves(line for alert in entry.alert_ids for line in moves.get(alert, ()))
    return replace(entry, moved_figures=lines, parts=tuple(_with_moves(part, moves) for part in entry.parts))


def arrange(alerts: Sequence[Alert], context: AlertContext, *, by_event: bool = True) -> dict[str, tuple[Entry, ...]]:
    """`stories` and `older`: one entry per story, newest first. `changes` in stories already reported, latest first.

    `by_event`: the stories of one event are one entry, by the earliest of them, with the others as its parts. No alert is
    left out by that.
    """

    def story_or_article(alert: Alert) -> tuple[str, int]:
        story = context.stories.get(alert.article_id)
        return ("article", alert.article_id) if story is None else ("story", story)

    stories: list[Entry] = []
    older: list[Entry] = []
    changes: list[Entry] = []
    for group in grouped_by(alerts, story_or_article).values():
        if all(alert.id in context.reported for alert in group):
            by_article = grouped_by(group, lambda alert: alert.article_id)
            changes += [_entry(some, some[0].kind, context) for some in by_article.values()]
        else:
            # An addition to a story that was split off since then is the first report of its own story.
            kind = "new" if group[0].kind == "addition" else group[0].kind
            (older if _is_old(group) else stories).append(_entry(group, kind, context))
    if by_event:
        stories, older = group_events(stories, context), group_events(older, context)
    for entries in (stories, older):
        entries.sort(key=lambda entry: (entry.latest_published_at, entry.alert_ids), reverse=True)
    changes.sort(key=lambda entry: (entry.changed_at, entry.alert_ids), reverse=True)
    return {"stories": tuple(stories), "older": tuple(older), "changes": tuple(changes)}


def group_events(entries: Iterable[Entry], context: AlertContext) -> list[Entry]:
    """One entry for the stories of each event; stories that stand alone stay as they are."""
    by_event = grouped_by(entries, lambda entry: context.events.get(entry.story_id or 0))
    alone = by_event.pop(None, [])
    return alone + [
        _event_entry(event_id, some, context) for event_id, some in by_event.items() if event_id is not None
    ]


def _event_entry(event_id: int, entries: Sequence[Entry], context: AlertContext) -> Entry:
    first, *parts = sorted(entries, key=lambda entry: (entry.published_at, entry.alert_ids))
    topics = dict.fromkeys(topic for entry in (first, *parts) for topic in entry.topics)
    return replace(
        first,
        topics=tuple(topics),
        event_id=event_id,
        reports=tuple(context.reports.get(event_id, ())),
        parts=tuple(parts),
    )


def _is_old(group: Sequence[Alert]) -> bool:
    """Whether all articles of a story were published long before they were found."""
    return all(alert.is_old for alert in group if alert.kind not in EDITS) and any(alert.is_old for alert in group)


def _entry(group: Sequence[Alert], kind: str, context: AlertContext) -> Entry:
    """The entry of one story's alerts: it shows the article of the first alert, in the latest revision with an alert."""
    article_id = group[0].article_id
    shown = max((alert for alert in group if alert.article_id == article_id), key=lambda alert: alert.revision_id)
    revision = context.revisions.get(shown.revision_id)
    story_id = context.stories.get(article_id)
    return Entry(
        kind=kind,
        alert_ids=tuple(alert.id for alert in group),
        topics=_topics(group),
        article_id=article_id,
        revision_id=shown.revision_id,
        revision_number=revision.number if revision else None,
        shown_alert_id=shown.id,
        story_id=story_id,
        title=shown.title or "",
        outlet=shown.source_name,
        byline=shown.byline,
        url=shown.url,
        language=revision.language if revision else None,
        published_at=shown.published_at,
        time_kind=_time_kind(revision),
        changed_at=revision.seen_at if revision else shown.created_at,
        sentences=sentences_of(
            group, article_id, is_new=kind == "new", positions=context.positions, keys=context.keys
        ),
        others=tuple(_others(context.pickups.get(story_id, ()) if story_id is not None else (), shown)),
    )  # fmt: skip


def _time_kind(revision: RevisionInfo | None) -> Literal["published", "day", "first_seen"]:
    if revision is None or revision.published_at is None:
        return "first_seen"
    return "day" if revision.precision == "day" else "published"


def _topics(group: Sequence[Alert]) -> tuple[TopicRef, ...]:
    """The topic with the most sentences first, then in the order of topics.toml."""
    titles = {alert.topic: alert.topic_title for alert in group}
    weight = Counter(dict.fromkeys(titles, 0))
    for alert in group:
        weight[alert.topic] += len(alert.sentences)
    ranked = sorted(titles, key=lambda topic: -weight[topic])
    return tuple(TopicRef(id=topic, title=titles[topic]) for topic in ranked)


def _others(pickups: Sequence[Pickup], shown: Alert) -> Iterable[Pickup]:
    """The first article of each other outlet of the story."""
    seen = {shown.source}
    for pickup in pickups:
        if pickup.source not in seen:
            seen.add(pickup.source)
            yield pickup

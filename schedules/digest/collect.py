"""What a digest says, before it is set in type: its stories by topic, what changed in told ones, and how the sources are.

`collect` reads the archive; everything else is pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crawler.archive.crawl.coverage import gaps
from crawler.archive.delivery.digest_queries import (
    Pickup,
    RevisionInfo,
    pickups_of,
    reported_earlier,
    revision_infos,
    sentence_keys,
    sentence_positions,
    source_names,
    stories_of,
    unmatched_texts,
    watched_sources,
)
from crawler.archive.monitoring.problems import open_problems, resolved_since
from crawler.archive.topics.alerts import Alert, alerts_by_id
from crawler.sqlite.connection import Connection
from schedules.digest.content import DigestContent, Entry, OtherOutlet, Section, TopicRef, by_time
from schedules.digest.health import health_of
from schedules.digest.sentences import sentences_of


class CollectedDigest(Protocol):
    """What is needed to know of `crawler.config.digests.Digest`."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def timezone(self) -> str: ...


def collect(
    db: Connection,
    digest: CollectedDigest,
    alert_ids: Sequence[int],
    *,
    period_start: datetime,
    now: datetime,
    late: bool,
    archive_url: str | None = None,
) -> DigestContent:
    """Everything that a digest of these alerts says. Ids that the archive does not have are passed over."""
    alerts = alerts_by_id(db, sorted(set(alert_ids)))
    stories = stories_of(db, (alert.article_id for alert in alerts))
    sections, changes = arrange(
        alerts,
        reported=reported_earlier(db, [alert.id for alert in alerts]),
        places=sentence_positions(db, [alert.id for alert in alerts]),
        texts=revision_infos(db, (alert.revision_id for alert in alerts)),
        keys=sentence_keys(db, _last_revisions(alerts)),
        stories=stories,
        story_articles=pickups_of(db, stories.values()),
    )
    return DigestContent(
        id=digest.id,
        title=digest.title,
        timezone=digest.timezone,
        period_start=period_start,
        now=now,
        late=late,
        sections=sections,
        changes=changes,
        health=health_of(
            watched_sources(db),
            open_problems(db),
            resolved_since(db, period_start),
            gaps(db, unsettled=True),
            names=source_names(db),
            unmatched=unmatched_texts(db),
            since=period_start,
            now=now,
        ),
        archive_url=archive_url,
    )


def arrange(
    alerts: Sequence[Alert],
    *,
    reported: frozenset[int],
    places: Mapping[tuple[int, str], int],
    texts: Mapping[int, RevisionInfo],
    keys: Mapping[int, frozenset[str]],
    stories: Mapping[int, int],
    story_articles: Mapping[int, Sequence[Pickup]],
) -> tuple[tuple[Section, ...], tuple[Entry, ...]]:
    """Stories by topic, and what changed in told ones.

    `told`: alerts that add to what an earlier digest told. `places`: where a sentence stands in its revision. `keys`: of
    all sentences of a revision. `stories`: by article, the story that it is in now.
    """
    groups: dict[tuple[str, int], list[Alert]] = {}
    for alert in alerts:
        groups.setdefault(_story_key(alert, stories), []).append(alert)
    fresh: list[Entry] = []
    changed: list[Entry] = []
    for group in groups.values():
        story_id = stories.get(group[0].article_id)
        pickups = story_articles.get(story_id, ()) if story_id is not None else ()
        if all(alert.id in reported for alert in group):
            by_article: dict[int, list[Alert]] = {}
            for alert in group:
                by_article.setdefault(alert.article_id, []).append(alert)
            changed += [
                _entry(some, some[0].kind, places, texts, keys, story_id, pickups) for some in by_article.values()
            ]
        else:
            # What was an addition to another story, from which it was parted since, is the first word of its own.
            kind = "new" if group[0].kind == "addition" else group[0].kind
            fresh.append(_entry(group, kind, places, texts, keys, story_id, pickups))
    changed.sort(key=lambda entry: (entry.changed_at, entry.alert_ids), reverse=True)
    return _sections(fresh), tuple(changed)


def _last_revisions(alerts: Sequence[Alert]) -> list[int]:
    """Of each article that is told in more than one text, the last of them."""
    reported: dict[int, set[int]] = {}
    for alert in alerts:
        reported.setdefault(alert.article_id, set()).add(alert.revision_id)
    return [max(revisions) for revisions in reported.values() if len(revisions) > 1]


def _story_key(alert: Alert, stories: Mapping[int, int]) -> tuple[str, int]:
    if alert.article_id in stories:
        return ("story", stories[alert.article_id])
    return ("article", alert.article_id)


def _entry(
    group: Sequence[Alert],
    kind: str,
    places: Mapping[tuple[int, str], int],
    texts: Mapping[int, RevisionInfo],
    keys: Mapping[int, frozenset[str]],
    story_id: int | None,
    pickups: Sequence[Pickup],
) -> Entry:
    """One entry of the alerts of one story: it shows the article that was told first, as it reads now."""
    first = group[0]
    shown = max((alert for alert in group if alert.article_id == first.article_id), key=lambda alert: alert.revision_id)
    text = texts.get(shown.revision_id)
    return Entry(
        kind=kind,
        alert_ids=tuple(alert.id for alert in group),
        topics=_topics(group),
        article_id=shown.article_id,
        revision_id=shown.revision_id,
        revision_number=text.number if text else None,
        shown_alert_id=shown.id,
        previous_revision_id=shown.previous_revision_id,
        story_id=story_id,
        title=shown.title or "",
        outlet=shown.source_name,
        byline=shown.byline,
        url=shown.url,
        language=text.language if text else None,
        at=shown.published_at,
        at_is=_at_is(text),
        changed_at=text.seen_at if text else shown.created_at,
        sentences=sentences_of(group, shown.article_id, is_new=kind == "new", places=places, keys=keys),
        others=tuple(_others(pickups, shown)),
    )


def _at_is(text: RevisionInfo | None) -> str:
    if text is None or text.published_at is None:
        return "seen"
    return "day" if text.precision == "day" else "published"


def _topics(group: Sequence[Alert]) -> tuple[TopicRef, ...]:
    """The topic with the most to show first: that is where a reader looks for it; then in the order of topics.toml."""
    titles = {alert.topic: alert.topic_title for alert in group}
    weight = Counter(dict.fromkeys(titles, 0))
    for alert in group:
        weight[alert.topic] += len(alert.sentences)
    ranked = sorted(titles, key=lambda topic: -weight[topic])
    return tuple(TopicRef(id=topic, title=titles[topic]) for topic in ranked)


def _others(pickups: Sequence[Pickup], shown: Alert) -> Iterable[OtherOutlet]:
    """The other articles of the story, one an outlet; the outlet's own second article only where its address differs."""
    seen = {shown.source}
    for one in pickups:
        if one.article_id != shown.article_id and one.source not in seen:
            seen.add(one.source)
            yield OtherOutlet(outlet=one.source_name, title=one.title, url=one.url)


def _sections(entries: Sequence[Entry]) -> tuple[Section, ...]:
    """The topic with the most stories first."""
    titles: dict[str, TopicRef] = {}
    own: dict[str, list[Entry]] = {}
    elsewhere: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=by_time, reverse=True):
        for index, topic in enumerate(entry.topics):
            titles.setdefault(topic.id, topic)
            (elsewhere if index else own).setdefault(topic.id, []).append(entry)
    sections = [
        Section(topic=topic, entries=tuple(own.get(name, ())), elsewhere=tuple(elsewhere.get(name, ())))
        for name, topic in titles.items()
    ]
    return tuple(sorted(sections, key=lambda one: (-one.stories, -len(one.entries), one.topic.title, one.topic.id)))

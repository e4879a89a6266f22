"""What a digest says, before it is set in type: its stories by topic, what changed in told ones, and how the sources are.

`collect` reads the archive; everything else is pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crawler.archive.alerts import Alert, AlertSentence, alerts_by_id
from crawler.archive.connection import Connection
from crawler.archive.gaps import gaps
from crawler.archive.health import closed_since, open_problems
from crawler.archive.telling import (
    Carrying,
    Text,
    carried_by,
    current_stories,
    places,
    source_names,
    texts_of,
    told_earlier,
    unmatched_texts,
    watched_sources,
)
from schedules.digest_content import DigestContent, Entry, Other, Section, Sentence, Topic
from schedules.digest_health import health_of


class Digest(Protocol):
    """What is needed to know of `crawler.digests.Digest`."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def timezone(self) -> str: ...


def collect(
    db: Connection,
    digest: Digest,
    alert_ids: Sequence[int],
    *,
    period_start: datetime,
    now: datetime,
    late: bool,
    archive_url: str | None = None,
) -> DigestContent:
    """Everything that a digest of these alerts says. Ids that the archive does not have are passed over."""
    alerts = alerts_by_id(db, sorted(set(alert_ids)))
    stories = current_stories(db, (alert.story_id for alert in alerts if alert.story_id is not None))
    sections, changes = arrange(
        alerts,
        told=told_earlier(db, [alert.id for alert in alerts]),
        places=places(db, [alert.id for alert in alerts]),
        texts=texts_of(db, (alert.revision_id for alert in alerts)),
        stories=stories,
        carriers=carried_by(db, stories.values()),
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
            open_problems(db, now),
            closed_since(db, period_start),
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
    told: frozenset[int],
    places: Mapping[tuple[int, str], int],
    texts: Mapping[int, Text],
    stories: Mapping[int, int],
    carriers: Mapping[int, Sequence[Carrying]],
) -> tuple[tuple[Section, ...], tuple[Entry, ...]]:
    """Stories by topic, and what changed in told ones.

    `told`: alerts that add to what an earlier digest told. `places`: where a sentence stands in its revision.
    """
    groups: dict[tuple[str, int], list[Alert]] = {}
    for alert in alerts:
        groups.setdefault(_story_key(alert, stories), []).append(alert)
    fresh: list[Entry] = []
    changed: list[Entry] = []
    for group in groups.values():
        story_id = stories.get(group[0].story_id or 0)
        carrying = carriers.get(story_id, ()) if story_id is not None else ()
        if all(alert.id in told for alert in group):
            by_article: dict[int, list[Alert]] = {}
            for alert in group:
                by_article.setdefault(alert.article_id, []).append(alert)
            changed += [_entry(some, places, texts, story_id, carrying) for some in by_article.values()]
        else:
            fresh.append(_entry(group, places, texts, story_id, carrying))
    changed.sort(key=lambda entry: (entry.changed_at, entry.alert_ids), reverse=True)
    return _sections(fresh), tuple(changed)


def _story_key(alert: Alert, stories: Mapping[int, int]) -> tuple[str, int]:
    if alert.story_id is not None and alert.story_id in stories:
        return ("story", stories[alert.story_id])
    return ("article", alert.article_id)


def _entry(
    group: Sequence[Alert],
    places: Mapping[tuple[int, str], int],
    texts: Mapping[int, Text],
    story_id: int | None,
    carrying: Sequence[Carrying],
) -> Entry:
    """One entry of the alerts of one story: it shows the article that was told first, as it reads now."""
    first = group[0]
    shown = max((alert for alert in group if alert.article_id == first.article_id), key=lambda alert: alert.revision_id)
    text = texts.get(shown.revision_id)
    return Entry(
        kind=first.kind,
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
        changed_at=text.seen_at if text else shown.made_at,
        sentences=tuple(_sentences(group, shown.article_id, places)),
        others=tuple(_others(carrying, shown)),
    )


def _at_is(text: Text | None) -> str:
    if text is None or text.published_at is None:
        return "seen"
    return "day" if text.precision == "day" else "published"


def _topics(group: Sequence[Alert]) -> tuple[Topic, ...]:
    """The topic with the most to show first: that is where a reader looks for it; then in the order of topics.toml."""
    titles = {alert.topic: alert.topic_title for alert in group}
    weight = Counter(dict.fromkeys(titles, 0))
    for alert in group:
        weight[alert.topic] += len(alert.sentences)
    ranked = sorted(titles, key=lambda topic: -weight[topic])
    return tuple(Topic(id=topic, title=titles[topic]) for topic in ranked)


def _sentences(group: Sequence[Alert], article_id: int, places: Mapping[tuple[int, str], int]) -> Iterable[Sentence]:
    """What the alerts tell, as it stands in the text, the entry's own article first; each sentence once."""
    merged: dict[tuple[str | None, str, str], Sentence] = {}
    place: dict[tuple[str | None, str, str], tuple[bool, int]] = {}
    for alert in group:
        outlet = alert.source_name if alert.article_id != article_id else None
        for sentence in alert.sentences:
            if alert.kind == "addition" and sentence.change == "there":
                continue  # the story had it already
            one = _shown(sentence, alert.kind, outlet)
            key = (outlet, one.field if one.field == "title" else "", one.text)
            known = merged.get(key)
            place[key] = (outlet is not None, places.get((alert.revision_id, sentence.text), 0))
            merged[key] = one if known is None else _merged(known, one)
    replaced = {sentence.replaces for sentence in merged.values() if sentence.replaces is not None}
    # Told, and edited before anybody was told: only the last wording is shown, with what it replaced.
    in_order = [merged[key] for key in sorted(merged, key=place.__getitem__)]
    kept = [one for one in in_order if not (one.change == "there" and one.text in replaced)]
    news = [one for one in kept if one.change != "there"]
    return news if news and group[0].kind in ("edited", "removed") else kept


def _shown(sentence: AlertSentence, kind: str, outlet: str | None) -> Sentence:
    """Only an edit adds and removes; of a new article all sentences are just there."""
    return Sentence(
        text=sentence.text,
        field=sentence.field,
        change=sentence.change if kind in ("edited", "removed") else "there",
        spans=sentence.spans,
        replaces=sentence.replaces if kind == "edited" else None,
        outlet=outlet,
    )


def _merged(one: Sentence, other: Sentence) -> Sentence:
    """The same sentence as two topics found it; the later alert says what became of it."""
    leading = other if other.change != "there" else one
    return Sentence(
        text=one.text,
        field=one.field,
        change=leading.change,
        spans=tuple(sorted({*one.spans, *other.spans})),
        replaces=leading.replaces,
        outlet=one.outlet,
    )


def _others(carrying: Sequence[Carrying], shown: Alert) -> Iterable[Other]:
    """The other articles of the story, one an outlet; the outlet's own second article only where its address differs."""
    seen = {shown.source}
    for one in carrying:
        if one.article_id != shown.article_id and one.source not in seen:
            seen.add(one.source)
            yield Other(outlet=one.source_name, title=one.title, url=one.url)


def _sections(entries: Sequence[Entry]) -> tuple[Section, ...]:
    """The topic with the most stories first."""
    titles: dict[str, Topic] = {}
    own: dict[str, list[Entry]] = {}
    elsewhere: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.at, entry.alert_ids), reverse=True):
        for index, topic in enumerate(entry.topics):
            titles.setdefault(topic.id, topic)
            (elsewhere if index else own).setdefault(topic.id, []).append(entry)
    sections = [
        Section(topic=topic, entries=tuple(own.get(name, ())), elsewhere=tuple(elsewhere.get(name, ())))
        for name, topic in titles.items()
    ]
    return tuple(sorted(sections, key=lambda one: (-one.stories, -len(one.entries), one.topic.title, one.topic.id)))

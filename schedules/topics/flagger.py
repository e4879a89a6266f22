"""Flagging: new revisions since each topic's cursor, matched, and what is worth telling written down once.

Matching reads and computes outside of any transaction. What was found, the alerts, their deliveries and the cursor are
then written in transactions, each of which first looks whether another flag job was quicker. So a kill at any moment loses no
alert and makes none twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.archive.stories.queries import story_of
from crawler.archive.topics import match_retries
from crawler.archive.topics.match_retries import Failure
from crawler.archive.topics.revision_texts import (
    Revision,
    matchable_text,
    revision_of,
    revisions_between,
    with_previous,
)
from crawler.archive.topics.versions import ActiveTopic, last_revision
from crawler.config.topics import Topic
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import clean_text, clean_text_or_none, format_utc
from crawler.topics.alert_rules import (
    ALERTED,
    AlertDecision,
    AlertHistory,
    SentenceChange,
    evaluate_first_revision,
    evaluate_later_revision,
)
from crawler.topics.match import MatchableText
from crawler.topics.matcher import PatternCheck
from schedules.topics.alert_history import StoryTexts, alert_history_of, first_alert_of_others
from schedules.topics.fault_isolation import FoundMatches, match_isolating_failures, with_circuit_breaker

FLAG_BATCH = 500
"""Revisions matched at once: a thousand topics cost 0.3 ms an article in batches of hundreds, 6 ms one by one."""
WRITTEN = 20
"""Revisions written at once: what carriers add is found out under the write lock, since it hangs on what was told just
before, and crawls wait for that lock."""

QueueDelivery = Callable[[Connection, int, str, datetime], None]
"""(archive, alert's id, topic's id, now): notes down who is to be told, in the transaction that makes the alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagBatch:
    """What one transaction wrote."""

    revisions: int = 0
    matches: int = 0
    alerts: tuple[int, ...] = ()
    """Their ids."""
    failures: tuple[Failure, ...] = ()


def flag(
    db: Connection,
    watched: Callable[[], Sequence[ActiveTopic]],
    *,
    now: Callable[[], datetime],
    found_by_pattern: PatternCheck,
    queue_deliveries: QueueDelivery,
    batch: int = FLAG_BATCH,
) -> Iterator[FlagBatch]:
    """Look at everything that is new, then again at what failed; a step for each transaction.

    `watched` gives the versions with their cursors.
    """
    check = with_circuit_breaker(found_by_pattern)
    yield from _new(db, watched, now, check, queue_deliveries, batch)
    yield from _retry(db, watched(), now(), check, queue_deliveries)


def _new(
    db: Connection,
    watched: Callable[[], Sequence[ActiveTopic]],
    now: Callable[[], datetime],
    found_by_pattern: PatternCheck,
    queue_deliveries: QueueDelivery,
    batch: int,
) -> Iterator[FlagBatch]:
    while True:
        last = last_revision(db)
        behind = [one for one in watched() if one.cursor < last]
        if not behind:
            return
        start = min(one.cursor for one in behind)
        group = [one for one in behind if one.cursor == start]
        stop = min([last, *(one.cursor for one in behind if one.cursor > start)])
        revisions, until = revisions_between(db, start, stop, batch)
        found, failures = match_isolating_failures(group, revisions, with_previous(db, revisions), found_by_pattern)
        for part, part_until in _parts(revisions, until):
            ids = {revision.id for revision in part}
            failed = [failure for failure in failures if failure.revision_id in ids]
            with transaction(db):
                if not _cursors_are(db, group, start):
                    break  # another flag job was quicker
                step = _write(db, group, part, found, failed, now(), queue_deliveries)
                db.executemany(
                    "UPDATE topic_versions SET cursor = ? WHERE id = ?", [(part_until, one.version_id) for one in group]
                )
            start = part_until
            yield step


def _parts(revisions: Sequence[Revision], until: int) -> Iterator[tuple[Sequence[Revision], int]]:
    """What is written at once, and the id up to which that is everything."""
    for first in range(0, max(len(revisions), 1), WRITTEN):
        part = revisions[first : first + WRITTEN]
        yield part, part[-1].id if first + WRITTEN < len(revisions) else until


def _cursors_are(db: Connection, group: Sequence[ActiveTopic], start: int) -> bool:
    marks = ",".join("?" * len(group))
    rows = db.execute(
        f"SELECT count(*) FROM topic_versions v JOIN topics t ON t.version_id = v.id WHERE v.cursor = ? AND v.id IN ({marks})",
        (start, *(one.version_id for one in group)),
    )
    return int(rows.fetchone()[0]) == len(group)


def _write(
    db: Connection,
    group: Sequence[ActiveTopic],
    revisions: Sequence[Revision],
    found: FoundMatches,
    failures: Sequence[Failure],
    now: datetime,
    queue_deliveries: QueueDelivery,
) -> FlagBatch:
    failed = {(failure.topic, failure.revision_id) for failure in failures}
    hits: dict[int, list[ActiveTopic]] = {}
    by_id = {one.topic.id: one for one in group}
    for topic, text in found:
        hits.setdefault(text, []).append(by_id[topic])
    texts = {revision.id: revision.text for revision in revisions}
    matches, alerts = 0, []
    for revision in revisions:
        texts_known = StoryTexts(db, revision)
        for one in _either(hits, revision):
            if (one.topic.id, revision.id) in failed:
                continue
            written, alert = _file(db, one, texts_known, found, texts, now)
            matches += written
            if alert is not None:
                queue_deliveries(db, alert, one.topic.id, now)
                alerts.append(alert)
    for failure in failures:
        match_retries.record_failure(db, failure, now)
    return FlagBatch(revisions=len(revisions), matches=matches, alerts=tuple(alerts), failures=tuple(failures))


def _either(hits: Mapping[int, Sequence[ActiveTopic]], revision: Revision) -> list[ActiveTopic]:
    """Topics found in the revision or in the one before it."""
    both = [*hits.get(revision.id, ()), *hits.get(revision.previous_id or 0, ())]
    return list({one.version_id: one for one in both}.values())


def _file(
    db: Connection,
    one: ActiveTopic,
    texts_known: StoryTexts,
    found: FoundMatches,
    texts: Mapping[int, MatchableText],
    now: datetime,
) -> tuple[bool, int | None]:
    """Write one match. Gives back whether it was one, and the alert that it made."""
    revision = texts_known.revision
    known = db.execute(
        "SELECT id, alert_id, kind FROM matches WHERE topic_id = ? AND revision_id = ?", (one.topic.id, revision.id)
    ).fetchone()
    if known is not None and known["kind"] in ALERTED and known["alert_id"] is not None:
        return False, None  # an older version of the topic told it
    story = story_of(db, revision.article_id)
    story_alert = first_alert_of_others(db, one.topic.id, story, revision.article_id)
    background = alert_history_of(db, one.topic.id, texts_known, story if story_alert is not None else None)
    finding = _finding(db, one.topic, revision, found, texts, background)
    if finding is None:
        return False, None
    silent = finding.kind in ALERTED and one.silent_until is not None and revision.id <= one.silent_until
    alert = None
    if finding.kind in ALERTED and not silent:
        alert = _insert_alert(db, one, revision, finding, story, now)
    belongs_to = alert if alert is not None else story_alert if finding.kind == "pickup" else None
    _insert_match(db, one, revision, "silent" if silent else finding.kind, finding.sentences, belongs_to, now)
    return True, alert


def _finding(
    db: Connection,
    topic: Topic,
    revision: Revision,
    found: FoundMatches,
    texts: Mapping[int, MatchableText],
    background: AlertHistory | None,
) -> AlertDecision | None:
    match_now = found.get((topic.id, revision.id))
    if revision.previous_id is None:
        return evaluate_first_revision(match_now, background) if match_now is not None else None
    previous = texts.get(revision.previous_id) or matchable_text(db, revision.previous_id)
    match_before = found.get((topic.id, revision.previous_id))
    return evaluate_later_revision(
        match_now, match_before, revision.text, previous, background, is_edit=revision.is_edit
    )


def _insert_alert(
    db: Connection, one: ActiveTopic, revision: Revision, finding: AlertDecision, story: int | None, now: datetime
) -> int:
    cursor = db.execute(
        "INSERT INTO alerts (topic_id, topic_version_id, kind, article_id, revision_id, previous_revision_id, story_id,"
        " page_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            one.topic.id, one.version_id, finding.kind, revision.article_id, revision.id,
            revision.previous_id if finding.kind in ("edited", "removed") else None,
            story, revision.page_id, format_utc(now),
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def _insert_match(
    db: Connection,
    one: ActiveTopic,
    revision: Revision,
    kind: str,
    sentences: Sequence[SentenceChange],
    alert: int | None,
    now: datetime,
) -> None:
    row = db.execute(
        "INSERT INTO matches (topic_id, topic_version_id, revision_id, kind, alert_id, matched_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (topic_id, revision_id) DO UPDATE SET topic_version_id ="
        " excluded.topic_version_id, kind = excluded.kind, alert_id = excluded.alert_id, matched_at = excluded.matched_at"
        " RETURNING id",
        (one.topic.id, one.version_id, revision.id, kind, alert, format_utc(now)),
    ).fetchone()
    db.execute("DELETE FROM match_sentences WHERE match_id = ?", (row[0],))
    db.executemany(
        "INSERT INTO match_sentences (match_id, position, change, field, sentence, spans, replaces) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                row[0], place, reported.change, reported.sentence.column, clean_text(reported.sentence.text),
                json.dumps([list(span) for span in reported.sentence.spans]), clean_text_or_none(reported.replaces),
            )
            for place, reported in enumerate(sentences)
        ],
    )  # fmt: skip


def _retry(
    db: Connection,
    watched: Sequence[ActiveTopic],
    now: datetime,
    found_by_pattern: PatternCheck,
    queue_deliveries: QueueDelivery,
) -> Iterator[FlagBatch]:
    """Pairs that failed before and are due."""
    by_version = {one.version_id: one for one in watched}
    for version, number in match_retries.due_retries(db, now):
        one = by_version.get(version)
        if one is None:
            continue  # topics.toml was changed since: its next version tries it
        revisions = [revision_of(db, number)]
        found, failures = match_isolating_failures([one], revisions, with_previous(db, revisions), found_by_pattern)
        with transaction(db):
            if not failures and not match_retries.remove_retry(db, version, number):
                continue  # another flag job was quicker
            step = _write(db, [one], revisions, found, failures, now, queue_deliveries)
        yield replace(step, revisions=0)

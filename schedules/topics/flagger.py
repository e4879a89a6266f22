"""Flagging: match the revisions after each topic's cursor and create alerts, each exactly once.

Matching runs outside of transactions. Matches, alerts, deliveries and the cursor are then written in transactions, each
of which first checks that no other flag job has moved the cursor. So a kill at any moment loses no alert and repeats
none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.archive.stories.queries import story_of
from crawler.archive.topics import match_retries
from crawler.archive.topics.figures import insert_figures, read_sentences
from crawler.archive.topics.match_retries import MatchFailure
from crawler.archive.topics.matches import (
    StoryTexts,
    alert_history_of,
    first_alert_of_others,
    insert_alert,
    insert_match,
    was_alerted,
)
from crawler.archive.topics.revision_texts import (
    Revision,
    matchable_text,
    revision_of,
    revisions_between,
    with_previous,
)
from crawler.archive.topics.versions import ActiveTopic, cursors_are, last_revision, move_cursors
from crawler.config.topics import Topic
from crawler.figures.claim import SentenceFigures
from crawler.figures.reader import FigureReader
from crawler.sqlite.connection import Connection, transaction
from crawler.topics.alert_rules import (
    ALERTED,
    AlertDecision,
    AlertHistory,
    SentenceChange,
    evaluate_first_revision,
    evaluate_later_revision,
)
from crawler.topics.match import MatchableText, MatchedSentence
from crawler.topics.matcher import PatternCheck
from schedules.topics.fault_isolation import FoundMatches, match_isolating_failures, with_circuit_breaker

log = logging.getLogger(__name__)

FLAG_BATCH = 500
"""Revisions matched at once: a thousand topics cost 0.3 ms an article in batches of hundreds, 6 ms one by one."""
WRITE_BATCH = 20
"""Revisions written in one transaction. What a pickup adds is computed under the write lock, because it depends on alerts
written just before, and crawls wait for that lock."""

QueueDelivery = Callable[[Connection, int, str, datetime], None]
"""(archive, alert ID, topic ID, now): queues the alert's deliveries in the transaction that creates the alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagBatch:
    """What one transaction wrote."""

    revisions: int = 0
    matches: int = 0
    alerts: tuple[int, ...] = ()
    """Their IDs."""
    failures: tuple[MatchFailure, ...] = ()


def flag(
    db: Connection,
    active: Callable[[], Sequence[ActiveTopic]],
    *,
    now: Callable[[], datetime],
    found_by_pattern: PatternCheck,
    queue_deliveries: QueueDelivery,
    figures: FigureReader | None = None,
    batch: int = FLAG_BATCH,
) -> Iterator[FlagBatch]:
    """Match everything after the cursors, then retry what failed before; yields one batch per transaction.

    `active` returns the current versions with their cursors; `figures` reads the claimed figures of matched sentences.
    """
    flagger = _Flagger(
        db=db, now=now, check=with_circuit_breaker(found_by_pattern), queue_deliveries=queue_deliveries,
        reader=figures or FigureReader(),
    )  # fmt: skip
    yield from flagger.match_new(active, batch)
    yield from flagger.retry(active())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flagger:
    db: Connection
    now: Callable[[], datetime]
    check: PatternCheck
    queue_deliveries: QueueDelivery
    reader: FigureReader

    def match_new(self, active: Callable[[], Sequence[ActiveTopic]], batch: int) -> Iterator[FlagBatch]:
        db = self.db
        while True:
            last = last_revision(db)
            behind = [one for one in active() if one.cursor < last]
            if not behind:
                return
            start = min(one.cursor for one in behind)
            group = [one for one in behind if one.cursor == start]
            versions = [one.version_id for one in group]
            stop = min([last, *(one.cursor for one in behind if one.cursor > start)])
            revisions, until = revisions_between(db, start, stop, batch)
            texts = with_previous(db, revisions)
            found, failures = match_isolating_failures(group, revisions, texts, self.check)
            read_ahead(found, texts, self.reader)
            for part, part_until in _parts(revisions, until):
                ids = {revision.id for revision in part}
                failed = [failure for failure in failures if failure.revision_id in ids]
                with transaction(db):
                    if not cursors_are(db, versions, start):
                        break  # another flag job was faster
                    written = self._write(group, part, found, failed)
                    move_cursors(db, versions, part_until)
                start = part_until
                yield written

    def retry(self, active: Sequence[ActiveTopic]) -> Iterator[FlagBatch]:
        """Match again what failed before and is due."""
        db = self.db
        by_version = {one.version_id: one for one in active}
        for version, number in match_retries.due_retries(db, self.now()):
            one = by_version.get(version)
            if one is None:
                continue  # topics.toml has changed: the topic's next version retries it
            revisions = [revision_of(db, number)]
            found, failures = match_isolating_failures([one], revisions, with_previous(db, revisions), self.check)
            with transaction(db):
                if not failures and not match_retries.remove_retry(db, version, number):
                    continue  # another flag job was faster
                written = self._write([one], revisions, found, failures)
            yield replace(written, revisions=0)

    def _write(
        self,
        group: Sequence[ActiveTopic],
        revisions: Sequence[Revision],
        found: FoundMatches,
        failures: Sequence[MatchFailure],
    ) -> FlagBatch:
        now = self.now()
        failed = {(failure.topic, failure.revision_id) for failure in failures}
        by_id = {one.topic.id: one for one in group}
        topics_of_text: dict[int, list[ActiveTopic]] = {}
        for topic, text in found:
            topics_of_text.setdefault(text, []).append(by_id[topic])
        texts = {revision.id: revision.text for revision in revisions}
        matches, alerts = 0, []
        for revision in revisions:
            story_texts = StoryTexts(self.db, revision)
            both = (*topics_of_text.get(revision.id, ()), *topics_of_text.get(revision.previous_id or 0, ()))
            for one in {one.version_id: one for one in both}.values():
                if (one.topic.id, revision.id) in failed:
                    continue
                written, alert = self._record(one, story_texts, found, texts, now)
                matches += written
                if alert is not None:
                    self.queue_deliveries(self.db, alert, one.topic.id, now)
                    alerts.append(alert)
        for failure in failures:
            match_retries.record_match_failure(self.db, failure, now)
        return FlagBatch(revisions=len(revisions), matches=matches, alerts=tuple(alerts), failures=tuple(failures))

    def _record(
        self,
        one: ActiveTopic,
        story_texts: StoryTexts,
        found: FoundMatches,
        texts: Mapping[int, MatchableText],
        now: datetime,
    ) -> tuple[bool, int | None]:
        """Record one match. Returns whether a match was written, and the ID of the alert that it created."""
        db, revision, topic = self.db, story_texts.revision, one.topic
        if was_alerted(db, topic.id, revision.id):
            log.debug(
                "revision %s, topic %s: already reported by an earlier version of the topic", revision.id, topic.id
            )
            return False, None
        story = story_of(db, revision.article_id)
        story_alert = first_alert_of_others(db, topic.id, story, revision.article_id)
        history = alert_history_of(db, topic.id, story_texts, story if story_alert is not None else None)
        decision = _decide(db, topic, revision, found, texts, history)
        if decision is None:
            return False, None
        is_old = decision.kind in ("new", "addition") and _is_old(revision, topic)
        kind = decision.kind if decision.kind not in ALERTED else _recorded_kind(one, revision, decision, is_old=is_old)
        alert = None
        if kind in ALERTED:
            alert = insert_alert(db, one, revision, decision, story, now, is_old=is_old)
        log.debug(
            "revision %s, topic %s, article %s, story %s: %s, %s",
            revision.id, topic.id, revision.article_id, story, kind, f"alert {alert}" if alert else "no alert",
        )  # fmt: skip
        belongs_to = alert if alert is not None else story_alert if kind == "pickup" else None
        match_id = insert_match(db, one, revision, kind, decision.sentences, belongs_to, now)
        record_figures(db, topic.id, match_id, revision, decision.sentences, self.reader)
        return True, alert


def _parts(revisions: Sequence[Revision], until: int) -> Iterator[tuple[Sequence[Revision], int]]:
    """The revisions of each transaction, and the cursor after it."""
    for first in range(0, max(len(revisions), 1), WRITE_BATCH):
        part = revisions[first : first + WRITE_BATCH]
        yield part, part[-1].id if first + WRITE_BATCH < len(revisions) else until


def _recorded_kind(one: ActiveTopic, revision: Revision, decision: AlertDecision, *, is_old: bool) -> str:
    """matches.kind of a match that is worth an alert: "silent" and "old" are recorded without one."""
    if one.silent_until is not None and revision.id <= one.silent_until:
        return "silent"
    return "old" if is_old and one.topic.drop_old else decision.kind


def _is_old(revision: Revision, topic: Topic) -> bool:
    return revision.published_at is not None and revision.found_at - revision.published_at > topic.old_after


def _decide(
    db: Connection,
    topic: Topic,
    revision: Revision,
    found: FoundMatches,
    texts: Mapping[int, MatchableText],
    history: AlertHistory | None,
) -> AlertDecision | None:
    match_now = found.get((topic.id, revision.id))
    if revision.previous_id is None:
        return evaluate_first_revision(match_now, history) if match_now is not None else None
    previous = texts.get(revision.previous_id) or matchable_text(db, revision.previous_id)
    match_before = found.get((topic.id, revision.previous_id))
    return evaluate_later_revision(match_now, match_before, revision.text, previous, history, is_edit=revision.is_edit)


def read_ahead(found: FoundMatches, texts: Mapping[int, MatchableText], reader: FigureReader) -> None:
    """Read the figures of all matched sentences, so that the transactions that store them are short."""
    reader.forget()
    for (_, text_id), match in found.items():
        if text_id in texts:
            for sentence in match.sentences:
                _read(sentence, texts[text_id], reader)


def record_figures(
    db: Connection,
    topic: str,
    match_id: int,
    revision: Revision,
    sentences: Sequence[SentenceChange],
    reader: FigureReader,
) -> None:
    """Store the figures of a match. Removed sentences, and those of earlier versions of the article, are not read again."""
    known = read_sentences(db, topic, revision) if revision.previous_id is not None else frozenset()
    figures = {
        position: (one.sentence.text, _read(one.sentence, revision.text, reader))
        for position, one in enumerate(sentences)
        if one.change != "removed" and one.sentence.column != "byline" and one.sentence.text not in known
    }
    insert_figures(db, match_id, figures)


def _read(sentence: MatchedSentence, text: MatchableText, reader: FigureReader) -> SentenceFigures:
    return reader.of(sentence.text, _sentence_before(sentence, text), text.language)


def _sentence_before(sentence: MatchedSentence, text: MatchableText) -> str:
    """The sentence before in the same column; empty for the first."""
    before = ""
    for column, _, other in text.sentences:
        if column != sentence.column:
            continue
        if other == sentence.text:
            return before
        before = other
    return ""

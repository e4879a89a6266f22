"""Flagging: new revisions since each topic's cursor, matched, and what is worth telling written down once.

Matching reads and computes outside of any transaction. What was found, the alerts, their deliveries and the cursor are
then written in one transaction, which first looks whether another flag job was quicker. So a kill at any moment loses no
alert and makes none twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.alerting import ALERTED, Finding, Told, finding_in_first, finding_in_later, known_in
from crawler.archive import flag_failures
from crawler.archive.careful import Found, matched, patient
from crawler.archive.connection import Connection, transaction
from crawler.archive.flag_failures import Failure
from crawler.archive.matched_texts import Revision, revision_of, revisions_between, text_of, with_previous
from crawler.archive.stories import story_of, told_before
from crawler.archive.topic_versions import Watched, last_revision
from crawler.archive.values import iso, storable, storable_or_none
from crawler.matcher import PatternCheck
from crawler.matchtext import Text
from crawler.topics import Topic

BATCH = 500
"""Revisions matched at once: a thousand topics cost 0.3 ms an article in batches of hundreds, 6 ms one by one."""

Enlist = Callable[[Connection, int, str, datetime], None]
"""(archive, alert's id, topic's id, now): notes down who is to be told, in the transaction that makes the alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one transaction wrote."""

    revisions: int = 0
    matches: int = 0
    alerts: tuple[int, ...] = ()
    """Their ids."""
    failures: tuple[Failure, ...] = ()


def flag(
    db: Connection,
    watched: Callable[[], Sequence[Watched]],
    *,
    now: Callable[[], datetime],
    found_by_pattern: PatternCheck,
    enlist: Enlist,
    batch: int = BATCH,
) -> Iterator[Step]:
    """Look at everything that is new, then again at what failed; a step for each transaction.

    `watched` gives the versions with their cursors.
    """
    check = patient(found_by_pattern)
    yield from _new(db, watched, now, check, enlist, batch)
    yield from _retry(db, watched(), now(), check, enlist)


def _new(
    db: Connection,
    watched: Callable[[], Sequence[Watched]],
    now: Callable[[], datetime],
    found_by_pattern: PatternCheck,
    enlist: Enlist,
    batch: int,
) -> Iterator[Step]:
    while True:
        last = last_revision(db)
        behind = [one for one in watched() if one.cursor < last]
        if not behind:
            return
        start = min(one.cursor for one in behind)
        group = [one for one in behind if one.cursor == start]
        stop = min([last, *(one.cursor for one in behind if one.cursor > start)])
        revisions, until = revisions_between(db, start, stop, batch)
        found, failures = matched(group, revisions, with_previous(db, revisions), found_by_pattern)
        with transaction(db):
            if not _cursors_are(db, group, start):
                continue  # another flag job was quicker
            step = _write(db, group, revisions, found, failures, now(), enlist)
            db.executemany(
                "UPDATE topic_versions SET cursor = ? WHERE id = ?", [(until, one.version_id) for one in group]
            )
        yield step


def _cursors_are(db: Connection, group: Sequence[Watched], start: int) -> bool:
    marks = ",".join("?" * len(group))
    rows = db.execute(
        f"SELECT count(*) FROM topic_versions v JOIN topics t ON t.version_id = v.id WHERE v.cursor = ? AND v.id IN ({marks})",
        (start, *(one.version_id for one in group)),
    )
    return int(rows.fetchone()[0]) == len(group)


def _write(
    db: Connection,
    group: Sequence[Watched],
    revisions: Sequence[Revision],
    found: Found,
    failures: Sequence[Failure],
    now: datetime,
    enlist: Enlist,
) -> Step:
    failed = {(failure.topic, failure.revision_id) for failure in failures}
    hits: dict[int, list[Watched]] = {}
    by_id = {one.topic.id: one for one in group}
    for topic, text in found:
        hits.setdefault(text, []).append(by_id[topic])
    texts = {revision.id: revision.text for revision in revisions}
    matches, alerts = 0, []
    for revision in revisions:
        for one in _either(hits, revision):
            if (one.topic.id, revision.id) in failed:
                continue
            written, alert = _file(db, one, revision, found, texts, now)
            matches += written
            if alert is not None:
                enlist(db, alert, one.topic.id, now)
                alerts.append(alert)
    for failure in failures:
        flag_failures.note(db, failure, now)
    return Step(revisions=len(revisions), matches=matches, alerts=tuple(alerts), failures=tuple(failures))


def _either(hits: Mapping[int, Sequence[Watched]], revision: Revision) -> list[Watched]:
    """Topics found in the revision or in the one before it."""
    both = [*hits.get(revision.id, ()), *hits.get(revision.previous_id or 0, ())]
    return list({one.version_id: one for one in both}.values())


def _file(
    db: Connection, one: Watched, revision: Revision, found: Found, texts: Mapping[int, Text], now: datetime
) -> tuple[bool, int | None]:
    """Write one match. Gives back whether it was one, and the alert that it made."""
    known = db.execute(
        "SELECT id, alert_id, kind FROM matches WHERE topic_id = ? AND revision_id = ?", (one.topic.id, revision.id)
    ).fetchone()
    if known is not None and known["kind"] in ALERTED and known["alert_id"] is not None:
        return False, None  # an older version of the topic told it
    story = story_of(db, revision.article_id)
    story_alert = _story_alert(db, one.topic.id, story, revision.article_id)
    finding = _finding(db, one.topic, revision, found, texts, story if story_alert is not None else None)
    if finding is None:
        return False, None
    silent = finding.kind in ALERTED and one.silent_until is not None and revision.id <= one.silent_until
    alert = None
    if finding.kind in ALERTED and not silent:
        alert = _insert_alert(db, one, revision, finding, story, now)
    belongs_to = alert if alert is not None else story_alert if finding.kind == "carrier" else None
    _insert_match(db, one, revision, "silent" if silent else finding.kind, finding.sentences, belongs_to, now)
    return True, alert


def _finding(
    db: Connection,
    topic: Topic,
    revision: Revision,
    found: Found,
    texts: Mapping[int, Text],
    told_story: int | None,
) -> Finding | None:
    match_now = found.get((topic.id, revision.id))
    is_known = None
    if told_story is not None:
        texts_of_story = told_before(db, told_story, revision.article_id, before=revision.id)
        is_known = known_in(texts_of_story, reworded=revision.previous_id is None)
    if revision.previous_id is None:
        return finding_in_first(match_now, is_known=is_known) if match_now is not None else None
    previous = texts.get(revision.previous_id) or text_of(db, revision.previous_id)
    return finding_in_later(
        match_now,
        found.get((topic.id, revision.previous_id)),
        revision.text,
        previous,
        was_told=_was_told(db, topic.id, revision),
        is_edit=revision.is_edit,
        is_known=is_known,
    )


def _was_told(db: Connection, topic: str, revision: Revision) -> bool:
    row = db.execute(
        "SELECT 1 FROM alerts WHERE article_id = ? AND topic_id = ? AND revision_id < ? LIMIT 1",
        (revision.article_id, topic, revision.id),
    ).fetchone()
    return row is not None


def _story_alert(db: Connection, topic: str, story: int | None, article: int) -> int | None:
    """The alert that told of another article of the story first."""
    row = db.execute(
        "SELECT min(al.id) FROM story_articles m JOIN alerts al ON al.article_id = m.article_id AND al.topic_id = ?"
        " WHERE m.story_id = ? AND m.article_id <> ?",
        (topic, story, article),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _insert_alert(
    db: Connection, one: Watched, revision: Revision, finding: Finding, story: int | None, now: datetime
) -> int:
    cursor = db.execute(
        "INSERT INTO alerts (topic_id, topic_version_id, kind, article_id, revision_id, previous_revision_id, story_id,"
        " page_id, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            one.topic.id, one.version_id, finding.kind, revision.article_id, revision.id,
            revision.previous_id if finding.kind in ("edited", "removed") else None,
            story, revision.page_id, iso(now),
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def _insert_match(
    db: Connection,
    one: Watched,
    revision: Revision,
    kind: str,
    sentences: Sequence[Told],
    alert: int | None,
    now: datetime,
) -> None:
    row = db.execute(
        "INSERT INTO matches (topic_id, topic_version_id, revision_id, kind, alert_id, matched_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (topic_id, revision_id) DO UPDATE SET topic_version_id ="
        " excluded.topic_version_id, kind = excluded.kind, alert_id = excluded.alert_id, matched_at = excluded.matched_at"
        " RETURNING id",
        (one.topic.id, one.version_id, revision.id, kind, alert, iso(now)),
    ).fetchone()
    db.execute("DELETE FROM match_sentences WHERE match_id = ?", (row[0],))
    db.executemany(
        "INSERT INTO match_sentences (match_id, position, change, field, sentence, spans, replaces) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                row[0], place, told.change, told.sentence.column, storable(told.sentence.text),
                json.dumps([list(span) for span in told.sentence.spans]), storable_or_none(told.replaces),
            )
            for place, told in enumerate(sentences)
        ],
    )  # fmt: skip


def _retry(
    db: Connection, watched: Sequence[Watched], now: datetime, found_by_pattern: PatternCheck, enlist: Enlist
) -> Iterator[Step]:
    """Pairs that failed before and are due."""
    by_version = {one.version_id: one for one in watched}
    for version, number in flag_failures.due(db, now):
        one = by_version.get(version)
        if one is None:
            continue  # topics.toml was changed since: its next version tries it
        revisions = [revision_of(db, number)]
        found, failures = matched([one], revisions, with_previous(db, revisions), found_by_pattern)
        with transaction(db):
            if not failures and not flag_failures.settle(db, version, number):
                continue  # another flag job was quicker
            step = _write(db, [one], revisions, found, failures, now, enlist)
        yield replace(step, revisions=0)

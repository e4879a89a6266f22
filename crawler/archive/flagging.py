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

from crawler.alerting import ALERTED, Background, Finding, Told, finding_in_first, finding_in_later
from crawler.archive import flag_failures
from crawler.archive.background import TextsKnown, background_of, first_alert_of_others
from crawler.archive.careful import Found, matched, patient
from crawler.archive.connection import Connection, transaction
from crawler.archive.flag_failures import Failure
from crawler.archive.matched_texts import Revision, revision_of, revisions_between, text_of, with_previous
from crawler.archive.stories import story_of
from crawler.archive.topic_versions import Watched, last_revision
from crawler.archive.values import iso, storable, storable_or_none
from crawler.matcher import PatternCheck
from crawler.matchtext import Text
from crawler.topics import Topic

BATCH = 500
"""Revisions matched at once: a thousand topics cost 0.3 ms an article in batches of hundreds, 6 ms one by one."""
WRITTEN = 20
"""Revisions written at once: what carriers add is found out under the write lock, since it hangs on what was told just
before, and crawls wait for that lock."""

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
        for part, part_until in _parts(revisions, until):
            ids = {revision.id for revision in part}
            failed = [failure for failure in failures if failure.revision_id in ids]
            with transaction(db):
                if not _cursors_are(db, group, start):
                    break  # another flag job was quicker
                step = _write(db, group, part, found, failed, now(), enlist)
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
        texts_known = TextsKnown(db, revision)
        for one in _either(hits, revision):
            if (one.topic.id, revision.id) in failed:
                continue
            written, alert = _file(db, one, texts_known, found, texts, now)
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
    db: Connection, one: Watched, texts_known: TextsKnown, found: Found, texts: Mapping[int, Text], now: datetime
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
    background = background_of(db, one.topic.id, texts_known, story if story_alert is not None else None)
    finding = _finding(db, one.topic, revision, found, texts, background)
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
    background: Background | None,
) -> Finding | None:
    match_now = found.get((topic.id, revision.id))
    if revision.previous_id is None:
        return finding_in_first(match_now, background) if match_now is not None else None
    previous = texts.get(revision.previous_id) or text_of(db, revision.previous_id)
    match_before = found.get((topic.id, revision.previous_id))
    return finding_in_later(match_now, match_before, revision.text, previous, background, is_edit=revision.is_edit)


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

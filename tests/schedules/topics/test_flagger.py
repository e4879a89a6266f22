"""Flagging in a real archive: what is told, once, and what is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.archive.db.open import open_archive
from crawler.archive.topics.match_retries import split_and_requeue
from crawler.archive.topics.versions import Restart, active_topics, sync_topics
from crawler.config.sources import Source
from crawler.config.topics import Topic
from crawler.exceptions import WorkerError
from crawler.models import Byline, Status
from crawler.search.query_ast import expand_terms
from crawler.search.query_parser import parse_query
from schedules.topics.fault_isolation import MAX_CONSECUTIVE_FAILURES
from schedules.topics.flagger import FlagBatch, flag
from tests.support.factories import SOURCE, Archive, article, hour, page, record
from tests.support.query_strategies import queries, texts

LANTERN = "https://lantern.example"
OTHER = Source.model_validate(
    {"id": "lantern", "name": "The Lantern", "home": f"{LANTERN}/", "feeds": [f"{LANTERN}/rss"]}
)
CAPTION = "The garrison on the island, in a picture of last spring."
SENT = "About 1,500 troops were sent to the northern pier on Monday, the council said."
QUIET = "Residents were told to keep their windows closed until the weekend."
MORE = "Ships will be turned away from the outer harbour until further notice is given."


def topic(query: str = "troops AND (sent OR deploy*)", **others: Any) -> Topic:
    return Topic(
        **{"id": "troops", "title": "Troops", "query": query, "node": expand_terms(parse_query(query), {}), **others}
    )


class Desk:
    """An archive, a set of topics, and the flag job."""

    def __init__(self, folder: Path, topics: Sequence[Topic]) -> None:
        self.archive = Archive(folder, (SOURCE, OTHER))
        self.topics = list(topics)
        self.reported: list[tuple[int, str]] = []
        self.flag()

    def publish(
        self, *paragraphs: str, path: str = "/news/pier", at: float = 0.0, source: Source = SOURCE, **known: Any
    ) -> int:
        url = source.home.rstrip("/") + path
        body = json.dumps([paragraphs, at]).encode()
        read = article(*paragraphs, **{"title": "Notes from the harbour", **known})
        came = page(url, body=body, source=source.id, fetched_at=hour(at))
        recorded = self.archive.record_fetch(record(read, came, at=hour(at), source=source))
        return recorded.revision_id or 0

    def flag(
        self, *, now: float = 0.0, restart: Restart | None = None, pattern: Any = None, batch: int = 500
    ) -> list[FlagBatch]:
        db = self.archive.store.db
        sync_topics(db, self.topics, now=hour(now), restart=restart)
        return list(
            flag(
                db, lambda: active_topics(db, self.topics), now=lambda: hour(now), queue_deliveries=lambda _, alert, topic, __: self.reported.append((alert, topic)),
                found_by_pattern=pattern or (lambda *_: True), batch=batch,
            )
        )  # fmt: skip

    def alerts(self) -> list[tuple[str, int]]:
        return [(row[0], row[1]) for row in self.archive.rows("SELECT kind, revision_id FROM alerts ORDER BY id")]

    def sentences(self) -> list[tuple[str, str]]:
        """Of the newest match."""
        return [
            (row[0], row[1])
            for row in self.archive.rows(
                "SELECT change, sentence FROM match_sentences WHERE match_id = (SELECT max(id) FROM matches) ORDER BY position"
            )
        ]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, [topic()])


def test_a_new_article_alerts_once_with_its_sentence_its_words_and_its_page(desk: Desk) -> None:
    revision = desk.publish(CAPTION, SENT, QUIET)
    desk.flag()
    desk.flag()
    assert desk.alerts() == [("new", revision)]
    (row,) = desk.archive.rows(
        "SELECT s.sentence, s.spans, s.change, a.page_id, v.number FROM alerts a JOIN matches m ON m.alert_id = a.id"
        " JOIN match_sentences s ON s.match_id = m.id JOIN topic_versions v ON v.id = a.topic_version_id"
    )
    assert row[0] == SENT
    assert [SENT[start:end] for start, end in json.loads(row[1])] == ["troops", "sent"]
    assert row[2:] == ("added", desk.archive.value("SELECT page_id FROM revisions"), 1)
    assert desk.reported == [(1, "troops")]


def test_an_edit_that_changes_the_number_alerts_as_an_edit(desk: Desk) -> None:
    desk.publish(SENT, QUIET)
    desk.flag()
    edited = desk.publish(SENT.replace("1,500", "3,000"), QUIET, at=1)
    desk.flag(now=1)
    assert desk.alerts()[1:] == [("edited", edited)]
    assert desk.sentences() == [("added", SENT.replace("1,500", "3,000"))]
    assert desk.archive.rows("SELECT replaces FROM match_sentences ORDER BY match_id DESC LIMIT 1") == [(SENT,)]


def test_an_edit_elsewhere_and_cosmetic_change_are_silent(desk: Desk) -> None:
    desk.publish(SENT, QUIET)
    desk.flag()
    desk.publish(SENT, QUIET, MORE, at=1)
    desk.publish(SENT.replace(",", ", ").replace("1, 500", "1,500").upper(), QUIET, MORE, at=2)
    desk.flag(now=2)
    assert [kind for kind, _ in desk.alerts()] == ["new"]
    assert desk.archive.rows("SELECT kind FROM matches ORDER BY id") == [("new",), ("unchanged",), ("unchanged",)]


def test_an_edit_that_brings_the_first_match_alerts(desk: Desk) -> None:
    desk.publish(QUIET)
    edited = desk.publish(QUIET, SENT, at=1)
    desk.flag(now=1)
    assert desk.alerts() == [("edited", edited)]


def test_a_matching_sentence_that_was_removed_is_reported(desk: Desk) -> None:
    desk.publish(SENT, QUIET)
    without = desk.publish(QUIET, MORE, at=1)
    desk.flag(now=1)
    assert desk.alerts()[1:] == [("removed", without)]
    assert desk.sentences() == [("removed", SENT)]


def test_a_better_reading_of_the_same_page_is_no_edit(desk: Desk) -> None:
    desk.publish(SENT, QUIET)
    desk.flag()
    store = desk.archive.store
    from crawler.archive.articles.revisions import insert_revision

    with store.transaction():
        page_id = desk.archive.value("SELECT page_id FROM revisions")
        for number, text in ((2, SENT.replace("council", "town council")), (3, MORE)):
            insert_revision(
                store, 1, number, article(text, QUIET), f"f{number}",
                page_id=page_id, link_id=None, seen_at=hour(number), extractor="better",
            )  # fmt: skip
    desk.flag(now=3)
    assert [kind for kind, _ in desk.alerts()] == ["new"]


def test_a_further_carrier_of_a_told_story_is_listed_and_one_that_adds_something_alerts(desk: Desk) -> None:
    body = (SENT, QUIET, MORE, "The island's only ferry keeps to its timetable, its captain told reporters at noon.")
    first = desk.publish(*body)
    desk.publish(*body, source=OTHER, at=1)
    desk.flag(now=1)
    assert desk.alerts() == [("new", first)]
    assert desk.archive.rows("SELECT kind, alert_id FROM matches ORDER BY id") == [("new", 1), ("pickup", 1)]
    addition = desk.publish(
        *body, "Another 400 troops were sent to the lighthouse by boat.", source=OTHER, at=2, path="/b"
    )
    desk.flag(now=2)
    assert desk.alerts()[1:] == [("addition", addition)]
    assert desk.sentences()[0] == ("added", "Another 400 troops were sent to the lighthouse by boat.")


HEADLINE = "Troops sent to the northern pier"
REPORT = (SENT, QUIET, MORE, "The island's only ferry keeps to its timetable, its captain told reporters at noon.")


@pytest.mark.parametrize("headline", [HEADLINE, "Pier: troops are sent", "Why troops were sent to a pier nobody uses"])
def test_a_carrier_is_listed_whatever_its_headline(desk: Desk, headline: str) -> None:
    first = desk.publish(*REPORT, title=HEADLINE)
    desk.publish(*REPORT, source=OTHER, at=1, title=headline)
    desk.flag(now=1)
    assert desk.alerts() == [("new", first)]


def test_a_carrier_whose_headline_says_something_else_in_the_same_words_is_alerted(desk: Desk) -> None:
    desk.publish(*REPORT, title="About 1,500 troops sent to the northern pier")
    other = desk.publish(*REPORT, source=OTHER, at=1, title="About 3,000 troops sent to the northern pier")
    desk.flag(now=1)
    assert desk.alerts()[1:] == [("addition", other)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1,500", "2,500"),
        ("were sent", "were not sent"),
        ("northern pier on Monday", "northern pier on Tuesday"),
        ("About 1,500 troops were sent to the northern pier", "About 1,500 troops were sent to the Belgrave pier"),
    ],
)
def test_a_carrier_that_says_something_else_in_like_words_is_alerted(desk: Desk, before: str, after: str) -> None:
    named = (SENT.replace("northern", "Kurland") if "Belgrave" in after else SENT, *REPORT[1:])
    desk.publish(*named)
    other = desk.publish(*named, SENT.replace(before, after), source=OTHER, at=1)
    desk.flag(now=1)
    assert desk.alerts()[1:] == [("addition", other)]


def test_a_carrier_that_rewords_a_sentence_is_listed(desk: Desk) -> None:
    desk.publish(*REPORT)
    reworded = SENT.replace("the council said", "the town council told us").replace("About", "Some")
    desk.publish(reworded, *REPORT[1:], source=OTHER, at=1)
    desk.flag(now=1)
    assert len(desk.alerts()) == 1


def test_what_comes_and_goes_is_told_once_and_its_end_once(desk: Desk) -> None:
    box = "More troops were sent to the lighthouse last year."
    for number in range(6):
        desk.publish(SENT, QUIET, *([box] if number % 2 else []), at=number)
        desk.flag(now=number)
    assert [kind for kind, _ in desk.alerts()] == ["new", "edited", "removed"]


def test_two_headlines_on_trial_are_told_once_each(desk: Desk) -> None:
    for number in range(6):
        desk.publish(QUIET, title=(HEADLINE, "Pier: troops are sent")[number % 2], at=number)
        desk.flag(now=number)
    assert [kind for kind, _ in desk.alerts()] == ["new", "edited"]


def test_a_sentence_that_returns_after_a_week_is_another_days(desk: Desk) -> None:
    desk.publish(SENT, QUIET)
    desk.publish(QUIET, at=1)
    again = desk.publish(SENT, QUIET, at=24 * 7)
    desk.flag(now=24 * 7)
    assert desk.alerts()[-1] == ("edited", again)


def test_the_same_correction_at_a_second_outlet_is_neither_told_nor_called_taken_out(desk: Desk) -> None:
    corrected = SENT.replace("1,500", "3,000")
    desk.publish(*REPORT)
    desk.publish(*REPORT, source=OTHER, at=1)
    edited = desk.publish(corrected, *REPORT[1:], source=OTHER, at=2)
    desk.publish(corrected, *REPORT[1:], at=3)
    desk.flag(now=3)
    assert desk.alerts()[1:] == [("edited", edited)]


def test_a_byline_that_matches_is_told_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [topic("ruiz AND harbour", scope="article")])
    byline = (Byline(name="Ana Ruiz"),)
    body = [sentence.replace("Residents", "People of the harbour") for sentence in REPORT]
    for number in range(3):
        desk.publish(*body, f"Fishing went on, day {number}.", bylines=byline, at=number)
    desk.publish(*body, bylines=byline, source=OTHER, at=4)
    desk.flag(now=4)
    assert [kind for kind, _ in desk.alerts()] == ["new"]


def test_an_article_that_turns_out_to_be_another_one_is_not_told_again(desk: Desk) -> None:
    desk.publish(QUIET, path="/stub")
    full = desk.publish(*REPORT, path="/full", at=1)
    desk.flag(now=1)
    assert desk.alerts() == [("new", full)]
    desk.publish(*REPORT, path="/stub", canonical_url=SOURCE.home.rstrip("/") + "/full", at=2)
    assert desk.archive.value("SELECT count(*) FROM articles WHERE merged_into IS NOT NULL") == 1
    desk.flag(now=2)
    assert len(desk.alerts()) == 1


def test_a_summary_that_becomes_the_whole_article_is_no_edit(desk: Desk) -> None:
    desk.publish(SENT, status=Status.TEASER, reason="paywall")
    desk.flag()
    desk.publish(SENT, QUIET, "Another 400 troops were sent to the lighthouse by boat.", at=1)
    desk.publish(QUIET, status=Status.TEASER, reason="paywall", at=2)
    desk.flag(now=2)
    assert [kind for kind, _ in desk.alerts()] == ["new"], "a wall takes nothing out"


def test_a_whole_article_of_which_the_summary_did_not_match_is_new(desk: Desk) -> None:
    desk.publish(QUIET, status=Status.TEASER, reason="paywall")
    whole = desk.publish(QUIET, SENT, at=1)
    desk.flag(now=1)
    assert desk.alerts() == [("new", whole)]


def test_a_report_that_is_split_from_its_story_is_told(desk: Desk) -> None:
    desk.publish(*REPORT)
    copy = desk.publish(*REPORT, source=OTHER, at=1)
    desk.flag(now=1)
    with desk.archive.store.transaction():
        split_and_requeue(desk.archive.store.db, 2, at=hour(2))
    desk.flag(now=2)
    desk.flag(now=3)
    assert desk.alerts()[1:] == [("new", copy)]


def test_a_silent_look_back_tells_what_no_version_has_looked_at_yet(desk: Desk) -> None:
    desk.publish("Some troops were deployed to the lighthouse.", path="/old")
    desk.flag()
    fresh = desk.publish(SENT, at=1)
    desk.topics = [topic("troops")]
    desk.flag(now=1, restart=Restart(since=hour(-1), topics=frozenset({"troops"}), silently=True))
    assert desk.alerts()[1:] == [("new", fresh)]


def test_a_topic_that_was_switched_off_does_not_tell_the_weeks_in_between(desk: Desk) -> None:
    kept = desk.topics
    desk.flag()
    desk.topics = []
    desk.flag()
    desk.publish(SENT, path="/while-away", at=24 * 7)
    desk.topics = kept
    desk.flag(now=24 * 21)
    assert desk.alerts() == []


def test_a_long_page_of_which_all_changed_is_told_in_a_moment(desk: Desk) -> None:
    def reported(count: int) -> list[str]:
        return [f"Ship {number} brought {count} troops that were sent to pier {number}." for number in range(400)]

    desk.publish(*reported(10))
    desk.publish(*reported(20), at=1)
    desk.flag(now=1)
    assert [kind for kind, _ in desk.alerts()] == ["new", "edited"]
    assert (
        desk.archive.value(
            "SELECT count(*) FROM match_sentences WHERE change = 'added' AND replaces IS NOT NULL"
            " AND substr(replaces, 1, 9) = substr(sentence, 1, 9)"
        )
        > 390
    )


def test_a_topic_starts_with_what_was_stored_since_the_job_last_ran(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [topic("residents", id="other")])
    desk.publish(SENT, path="/old")
    desk.flag()
    waiting = desk.publish("Some troops were deployed to the lighthouse.", path="/waiting")
    desk.topics.append(topic())
    desk.flag()
    assert desk.alerts() == [("new", waiting)]


def test_the_very_first_job_looks_a_day_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [])
    desk.publish(SENT, path="/days-ago", at=-40)
    recent = desk.publish("Some troops were deployed to the lighthouse.", path="/recent", at=-3)
    desk.topics.append(topic())
    desk.flag()
    assert desk.alerts() == [("new", recent)]


def test_a_changed_topic_is_a_new_version_that_misses_nothing_and_repeats_nothing(desk: Desk) -> None:
    first = desk.publish(SENT, path="/a")
    desk.flag()
    second = desk.publish("Some troops were deployed to the lighthouse.", path="/b", at=1)
    desk.topics = [topic("troops AND (sent OR deploy* OR march*)")]
    desk.flag(now=1)
    assert desk.alerts() == [("new", first), ("new", second)]
    assert desk.archive.rows("SELECT number, starts_after FROM topic_versions ORDER BY id") == [(1, 0), (2, 1)]
    desk.flag(now=2, restart=Restart(since=hour(-1), topics=frozenset({"troops"})))
    assert len(desk.alerts()) == 2, "what was told is not told again"


def test_a_topic_can_look_back_with_alerts_or_silently(desk: Desk) -> None:
    older = desk.publish("The garrison marched to the lighthouse.")
    desk.flag()
    desk.topics = [topic("marched")]
    desk.flag(now=1, restart=Restart(since=hour(-1), topics=frozenset({"troops"}), silently=True))
    assert desk.alerts() == []
    assert desk.archive.rows("SELECT kind FROM matches") == [("silent",)]
    desk.flag(now=2, restart=Restart(since=hour(-1), topics=frozenset({"troops"})))
    assert desk.alerts() == [("new", older)]


def test_a_topic_that_has_gone_is_not_watched_and_one_that_returns_starts_anew(desk: Desk) -> None:
    kept = desk.topics
    desk.topics = []
    desk.flag()
    desk.publish(SENT, path="/while-away")
    desk.topics = [topic("residents", id="other")]
    desk.flag()
    desk.topics = [*kept, *desk.topics]
    desk.flag()
    assert desk.alerts() == []
    later = desk.publish("Some troops were deployed to the lighthouse.", path="/after")
    desk.flag()
    assert desk.alerts() == [("new", later)]


def test_one_article_that_fails_holds_up_no_other_and_is_tried_again(desk: Desk) -> None:
    def poisoned(pattern: str, text: str) -> bool:
        if "poison" in text:
            raise WorkerError("pattern 'x'", "took longer than 2 s over one text and was stopped")
        return True

    desk.topics = [topic(pattern="x"), topic("residents", id="other")]
    bad = desk.publish("Poisoned troops were sent, poison and all.", path="/bad")
    good = desk.publish(SENT, QUIET, path="/good")
    steps = desk.flag(pattern=poisoned)
    assert [(failure.topic, failure.revision_id) for step in steps for failure in step.failures] == [("troops", bad)]
    assert [revision for _, revision in desk.alerts()] == [good, good]
    assert desk.flag(now=0.1, pattern=poisoned) == [], "not before it is due"
    desk.flag(now=1, pattern=poisoned)
    assert desk.archive.rows("SELECT attempts, error LIKE '%longer than 2 s%' FROM flag_failures") == [(2, 1)]
    desk.flag(now=2)
    assert desk.archive.rows("SELECT * FROM flag_failures") == []
    assert ("new", bad) in desk.alerts()


def test_a_pattern_that_takes_too_long_is_left_alone_after_a_few_texts_and_each_text_has_its_turn(desk: Desk) -> None:
    asked: list[str] = []

    def endless(pattern: str, text: str) -> bool:
        asked.append(text)
        raise WorkerError("pattern 'x'", "took longer than 2 s over one text and was stopped")

    desk.topics = [topic(pattern="x"), *(topic("residents", id=f"other{number}") for number in range(9))]
    for number in range(8):
        desk.publish(f"About {number} troops were sent.", QUIET, path=f"/{number}")
    desk.flag(pattern=endless)
    assert len(asked) == len(set(asked)) == MAX_CONSECUTIVE_FAILURES
    assert len(desk.alerts()) == 9 * 8, "nothing else waits for it"
    assert desk.archive.rows("SELECT attempts, count(*) FROM flag_failures GROUP BY 1") == [(0, 5), (1, 3)]
    desk.flag(now=1, pattern=endless)
    desk.flag(now=2, pattern=endless)
    assert len(set(asked)) == 8
    desk.flag(now=9)
    assert len(desk.alerts()) == 9 * 8 + 8


def test_a_changed_topic_tries_at_once_what_its_last_version_could_not_match(desk: Desk) -> None:
    def endless(pattern: str, text: str) -> bool:
        if pattern == "x":
            raise WorkerError("pattern 'x'", "took longer than 2 s over one text and was stopped")
        return True

    desk.topics = [topic(pattern="x")]
    bad = desk.publish(SENT)
    desk.flag(pattern=endless)
    assert desk.alerts() == []
    desk.topics = [topic(pattern="y")]
    desk.flag(pattern=endless)
    assert desk.alerts() == [("new", bad)]
    assert desk.archive.rows("SELECT * FROM flag_failures") == []


def test_what_a_topic_that_has_gone_could_not_match_is_not_told_for_ever(desk: Desk) -> None:
    def endless(pattern: str, text: str) -> bool:
        raise WorkerError("pattern 'x'", "took longer than 2 s over one text and was stopped")

    desk.topics = [topic(pattern="x")]
    desk.publish(SENT)
    desk.flag(pattern=endless)
    desk.topics = []
    desk.flag(now=1)
    assert desk.archive.rows("SELECT * FROM flag_failures") == []


def test_batches_of_any_size_find_the_same(tmp_path: Path) -> None:
    found = []
    for batch in (1, 3, 500):
        (tmp_path / str(batch)).mkdir()
        desk = Desk(tmp_path / str(batch), [topic(), topic("residents", id="other")])
        for number in range(5):
            desk.publish(SENT.replace("1,500", str(number)), QUIET, path=f"/{number % 3}", at=number)
        desk.flag(now=9, batch=batch)
        found.append(
            desk.archive.rows("SELECT topic_id, kind, revision_id FROM matches ORDER BY topic_id, revision_id")
        )
    assert found[0] == found[1] == found[2]
    assert found[0]


def test_two_jobs_at_once_tell_once(desk: Desk, tmp_path: Path) -> None:
    desk.publish(SENT)
    db = open_archive(tmp_path / "archive.db")
    stale = active_topics(db, desk.topics)
    calls = iter([stale, stale])
    desk.flag()
    late = flag(
        db,
        lambda: next(calls, active_topics(db, desk.topics)),
        now=lambda: hour(0),
        found_by_pattern=lambda *_: True,
        queue_deliveries=lambda *_: None,
    )
    assert list(late) == []
    db.close()
    assert len(desk.alerts()) == 1


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    written=st.lists(queries, min_size=1, max_size=4),
    rows=st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=6),
    scope=st.sampled_from(["article", "paragraph", "sentence"]),
)
def test_live_flagging_backtest_and_the_archives_search_agree(
    written: list[str], rows: list[tuple[str, str, str]], scope: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from schedules.topics.backtest import backtest

    topics = [topic(query, id=f"t{place}", scope=scope) for place, query in enumerate(written)]
    desk = Desk(tmp_path_factory.mktemp("desk"), topics)
    for place, (title, lead, text) in enumerate(rows):
        desk.publish(text or "none", path=f"/{place}", title=f"{title} {place}", lead=lead or None)
    desk.flag()
    live = set(desk.archive.rows("SELECT topic_id, revision_id FROM matches"))
    db = desk.archive.store.db
    tried = {
        (one.id, match.text)
        for one in topics
        for match in backtest(db, one, since=None, found_by_pattern=lambda *_: True)
    }
    assert live == tried
    if scope == "article":
        searched = {
            (one.id, row[0])
            for one in topics
            for row in db.execute("SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH ?", (one.query,))
        }
        assert live == searched
    desk.archive.store.close()


def test_times_are_handed_in(desk: Desk) -> None:
    desk.publish(SENT)
    desk.flag(now=5)
    assert desk.archive.value("SELECT created_at FROM alerts") == datetime.strftime(hour(5), "%Y-%m-%dT%H:%M:%SZ")


def test_check_finds_an_alert_without_its_match_and_a_damaged_message(desk: Desk) -> None:
    from crawler.archive.delivery.outbox import store_message
    from crawler.archive.delivery.recipients import queue_deliveries
    from crawler.archive.maintenance.integrity import check_archive

    desk.publish(SENT)
    desk.flag()
    db, warc = desk.archive.store.db, desk.archive.warc
    queue_deliveries(db, 1, [("daily", "desk@example.org")], hour(0))
    store_message(
        db, digest="daily", recipient="desk@example.org", period="p", done=hour(1), alerts=[1], subject="One story",
        message_id="m@example.org", content=b"Subject: One story", now=hour(1),
    )  # fmt: skip
    assert list(check_archive(db, warc)) == []
    db.execute("UPDATE outbox SET content = x'00'")
    db.execute("UPDATE matches SET alert_id = NULL")
    assert [str(finding).split(":")[0] for finding in check_archive(db, warc)] == [
        "alerts row 1",
        "outbox row 1",
        "matches row 1",
    ]

"""The flag job: which revisions get an alert, and that each alert is created once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive.db.open import open_archive
from crawler.archive.topics.match_retries import split_and_requeue
from crawler.archive.topics.versions import Restart, active_topics, sync_topics
from crawler.config.sources import Source
from crawler.config.topics import Topic
from crawler.exceptions import WorkerError
from crawler.models import Byline, Status, Timestamp
from crawler.search.query_ast import expand_terms
from crawler.search.query_parser import parse_query
from schedules.commands.alerting.flag import version_changes
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
QUIET = "Residents were asked to keep their windows closed until the weekend."
MORE = "Ships will be turned away from the outer harbour until further notice is given."


def topic(query: str = "troops AND (sent OR deploy*)", **others: Any) -> Topic:
    return Topic(
        **{"id": "troops", "title": "Troops", "query": query, "node": expand_terms(parse_query(query), {}), **others}
    )


class FlagJob:
    """The flag job with an archive and topics."""

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
        received = page(url, body=body, source=source.id, fetched_at=hour(at))
        recorded = self.archive.record_fetch(record(read, received, at=hour(at), source=source))
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
        """Change and text of the sentences of the newest match."""
        return [
            (row[0], row[1])
            for row in self.archive.rows(
                "SELECT change, sentence FROM match_sentences WHERE match_id = (SELECT max(id) FROM matches) ORDER BY position"
            )
        ]


@pytest.fixture
def job(tmp_path: Path) -> FlagJob:
    return FlagJob(tmp_path, [topic()])


def test_a_new_article_gets_one_alert_with_its_sentence_matched_words_and_page(job: FlagJob) -> None:
    revision = job.publish(CAPTION, SENT, QUIET)
    job.flag()
    job.flag()
    assert job.alerts() == [("new", revision)]
    (row,) = job.archive.rows(
        "SELECT s.sentence, s.spans, s.change, a.page_id, v.number FROM alerts a JOIN matches m ON m.alert_id = a.id"
        " JOIN match_sentences s ON s.match_id = m.id JOIN topic_versions v ON v.id = a.topic_version_id"
    )
    assert row[0] == SENT
    assert [SENT[start:end] for start, end in json.loads(row[1])] == ["troops", "sent"]
    assert row[2:] == ("added", job.archive.value("SELECT page_id FROM revisions"), 1)
    assert job.reported == [(1, "troops")]


def test_an_edit_of_a_number_in_a_matching_sentence_gets_an_alert(job: FlagJob) -> None:
    job.publish(SENT, QUIET)
    job.flag()
    edited = job.publish(SENT.replace("1,500", "3,000"), QUIET, at=1)
    job.flag(now=1)
    assert job.alerts()[1:] == [("edited", edited)]
    assert job.sentences() == [("added", SENT.replace("1,500", "3,000"))]
    assert job.archive.rows("SELECT replaces FROM match_sentences ORDER BY match_id DESC LIMIT 1") == [(SENT,)]


def test_an_edit_of_other_sentences_and_a_cosmetic_change_get_no_alert(job: FlagJob) -> None:
    job.publish(SENT, QUIET)
    job.flag()
    job.publish(SENT, QUIET, MORE, at=1)
    job.publish(SENT.replace(",", ", ").replace("1, 500", "1,500").upper(), QUIET, MORE, at=2)
    job.flag(now=2)
    assert [kind for kind, _ in job.alerts()] == ["new"]
    assert job.archive.rows("SELECT kind FROM matches ORDER BY id") == [("new",), ("unchanged",), ("unchanged",)]


def test_an_edit_that_adds_the_first_match_gets_an_alert(job: FlagJob) -> None:
    job.publish(QUIET)
    edited = job.publish(QUIET, SENT, at=1)
    job.flag(now=1)
    assert job.alerts() == [("edited", edited)]


def test_a_matching_sentence_that_was_removed_is_reported(job: FlagJob) -> None:
    job.publish(SENT, QUIET)
    without = job.publish(QUIET, MORE, at=1)
    job.flag(now=1)
    assert job.alerts()[1:] == [("removed", without)]
    assert job.sentences() == [("removed", SENT)]


def test_a_reextraction_of_the_same_page_is_not_an_edit(job: FlagJob) -> None:
    job.publish(SENT, QUIET)
    job.flag()
    store = job.archive.store
    from crawler.archive.articles.revisions import insert_revision

    with store.transaction():
        page_id = job.archive.value("SELECT page_id FROM revisions")
        for number, text in ((2, SENT.replace("council", "town council")), (3, MORE)):
            insert_revision(
                store, 1, number, article(text, QUIET), f"f{number}",
                page_id=page_id, link_id=None, seen_at=hour(number), extractor="better",
            )  # fmt: skip
    job.flag(now=3)
    assert [kind for kind, _ in job.alerts()] == ["new"]


def test_a_pickup_of_a_reported_story_is_recorded_without_an_alert_unless_it_adds_something(job: FlagJob) -> None:
    body = (SENT, QUIET, MORE, "The island's only ferry sails at its usual hours, its captain said at noon.")
    first = job.publish(*body)
    job.publish(*body, source=OTHER, at=1)
    job.flag(now=1)
    assert job.alerts() == [("new", first)]
    assert job.archive.rows("SELECT kind, alert_id FROM matches ORDER BY id") == [("new", 1), ("pickup", 1)]
    addition = job.publish(
        *body, "Another 400 troops were sent to the lighthouse by boat.", source=OTHER, at=2, path="/b"
    )
    job.flag(now=2)
    assert job.alerts()[1:] == [("addition", addition)]
    assert job.sentences()[0] == ("added", "Another 400 troops were sent to the lighthouse by boat.")


HEADLINE = "Troops sent to the northern pier"
REPORT = (SENT, QUIET, MORE, "The island's only ferry sails at its usual hours, its captain said at noon.")


@pytest.mark.parametrize("headline", [HEADLINE, "Pier: troops are sent", "Why troops were sent to a pier nobody uses"])
def test_a_pickup_with_any_headline_gets_no_alert(job: FlagJob, headline: str) -> None:
    first = job.publish(*REPORT, title=HEADLINE)
    job.publish(*REPORT, source=OTHER, at=1, title=headline)
    job.flag(now=1)
    assert job.alerts() == [("new", first)]


def test_a_pickup_whose_headline_has_another_number_gets_an_alert(job: FlagJob) -> None:
    job.publish(*REPORT, title="About 1,500 troops sent to the northern pier")
    other = job.publish(*REPORT, source=OTHER, at=1, title="About 3,000 troops sent to the northern pier")
    job.flag(now=1)
    assert job.alerts()[1:] == [("addition", other)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1,500", "2,500"),
        ("were sent", "were not sent"),
        ("northern pier on Monday", "northern pier on Tuesday"),
        ("About 1,500 troops were sent to the northern pier", "About 1,500 troops were sent to the Belgrave pier"),
    ],
)
def test_a_pickup_with_a_similar_sentence_of_another_meaning_gets_an_alert(
    job: FlagJob, before: str, after: str
) -> None:
    named = (SENT.replace("northern", "Kurland") if "Belgrave" in after else SENT, *REPORT[1:])
    job.publish(*named)
    other = job.publish(*named, SENT.replace(before, after), source=OTHER, at=1)
    job.flag(now=1)
    assert job.alerts()[1:] == [("addition", other)]


def test_a_pickup_that_rewords_a_sentence_gets_no_alert(job: FlagJob) -> None:
    job.publish(*REPORT)
    reworded = SENT.replace("the council said", "the town council announced").replace("About", "Some")
    job.publish(reworded, *REPORT[1:], source=OTHER, at=1)
    job.flag(now=1)
    assert len(job.alerts()) == 1


def test_a_sentence_that_is_added_and_removed_repeatedly_gets_one_alert_for_each(job: FlagJob) -> None:
    box = "More troops were sent to the lighthouse last year."
    for number in range(6):
        job.publish(SENT, QUIET, *([box] if number % 2 else []), at=number)
        job.flag(now=number)
    assert [kind for kind, _ in job.alerts()] == ["new", "edited", "removed"]


def test_two_alternating_headlines_get_one_alert_each(job: FlagJob) -> None:
    for number in range(6):
        job.publish(QUIET, title=(HEADLINE, "Pier: troops are sent")[number % 2], at=number)
        job.flag(now=number)
    assert [kind for kind, _ in job.alerts()] == ["new", "edited"]


def test_a_sentence_that_returns_after_a_week_gets_a_new_alert(job: FlagJob) -> None:
    job.publish(SENT, QUIET)
    job.publish(QUIET, at=1)
    again = job.publish(SENT, QUIET, at=24 * 7)
    job.flag(now=24 * 7)
    assert job.alerts()[-1] == ("edited", again)


def test_a_correction_that_a_second_outlet_repeats_gets_no_alert(job: FlagJob) -> None:
    corrected = SENT.replace("1,500", "3,000")
    job.publish(*REPORT)
    job.publish(*REPORT, source=OTHER, at=1)
    edited = job.publish(corrected, *REPORT[1:], source=OTHER, at=2)
    job.publish(corrected, *REPORT[1:], at=3)
    job.flag(now=3)
    assert job.alerts()[1:] == [("edited", edited)]


def test_a_matching_byline_gets_one_alert(tmp_path: Path) -> None:
    job = FlagJob(tmp_path, [topic("ruiz AND harbour", scope="article")])
    byline = (Byline(name="Ana Ruiz"),)
    body = [sentence.replace("Residents", "People of the harbour") for sentence in REPORT]
    for number in range(3):
        job.publish(*body, f"Fishing went on, day {number}.", bylines=byline, at=number)
    job.publish(*body, bylines=byline, source=OTHER, at=4)
    job.flag(now=4)
    assert [kind for kind, _ in job.alerts()] == ["new"]


def test_an_article_that_is_merged_into_a_reported_one_gets_no_alert(job: FlagJob) -> None:
    job.publish(QUIET, path="/stub")
    full = job.publish(*REPORT, path="/full", at=1)
    job.flag(now=1)
    assert job.alerts() == [("new", full)]
    job.publish(*REPORT, path="/stub", canonical_url=SOURCE.home.rstrip("/") + "/full", at=2)
    assert job.archive.value("SELECT count(*) FROM articles WHERE merged_into IS NOT NULL") == 1
    job.flag(now=2)
    assert len(job.alerts()) == 1


def test_a_teaser_that_becomes_the_complete_article_is_not_an_edit(job: FlagJob) -> None:
    job.publish(SENT, status=Status.TEASER, reason="paywall")
    job.flag()
    job.publish(SENT, QUIET, "Another 400 troops were sent to the lighthouse by boat.", at=1)
    job.publish(QUIET, status=Status.TEASER, reason="paywall", at=2)
    job.flag(now=2)
    assert [kind for kind, _ in job.alerts()] == ["new"], "a paywall removes no sentence"


def test_a_complete_article_that_matches_after_its_teaser_did_not_is_new(job: FlagJob) -> None:
    job.publish(QUIET, status=Status.TEASER, reason="paywall")
    whole = job.publish(QUIET, SENT, at=1)
    job.flag(now=1)
    assert job.alerts() == [("new", whole)]


def test_an_article_that_is_split_from_its_story_gets_an_alert(job: FlagJob) -> None:
    job.publish(*REPORT)
    copy = job.publish(*REPORT, source=OTHER, at=1)
    job.flag(now=1)
    with job.archive.store.transaction():
        split_and_requeue(job.archive.store.db, 2, at=hour(2))
    job.flag(now=2)
    job.flag(now=3)
    assert job.alerts()[1:] == [("new", copy)]


def test_a_silent_restart_gives_alerts_for_articles_that_no_version_has_matched_yet(job: FlagJob) -> None:
    job.publish("Some troops were deployed to the lighthouse.", path="/old")
    job.flag()
    fresh = job.publish(SENT, at=1)
    job.topics = [topic("troops")]
    job.flag(now=1, restart=Restart(since=hour(-1), topics=frozenset({"troops"}), silently=True))
    assert job.alerts()[1:] == [("new", fresh)]


def test_a_topic_that_is_enabled_again_gives_no_alerts_for_the_time_between(job: FlagJob) -> None:
    kept = job.topics
    job.flag()
    job.topics = []
    job.flag()
    job.publish(SENT, path="/while-away", at=24 * 7)
    job.topics = kept
    job.flag(now=24 * 21)
    assert job.alerts() == []


def test_every_changed_sentence_of_a_long_page_is_compared_with_its_earlier_form(job: FlagJob) -> None:
    def reported(count: int) -> list[str]:
        return [f"Ship {number} brought {count} troops that were sent to pier {number}." for number in range(400)]

    job.publish(*reported(10))
    job.publish(*reported(20), at=1)
    job.flag(now=1)
    assert [kind for kind, _ in job.alerts()] == ["new", "edited"]
    assert (
        job.archive.value(
            "SELECT count(*) FROM match_sentences WHERE change = 'added' AND replaces IS NOT NULL"
            " AND substr(replaces, 1, 9) = substr(sentence, 1, 9)"
        )
        > 390
    )


def test_a_new_topic_starts_with_the_articles_stored_since_the_last_run(tmp_path: Path) -> None:
    job = FlagJob(tmp_path, [topic("residents", id="other")])
    job.publish(SENT, path="/old")
    job.flag()
    waiting = job.publish("Some troops were deployed to the lighthouse.", path="/waiting")
    job.topics.append(topic())
    job.flag()
    assert job.alerts() == [("new", waiting)]


def test_after_a_new_topic_flag_says_how_many_older_revisions_were_not_matched_and_which_command_matches_them(
    job: FlagJob,
) -> None:
    for number in range(3):
        job.publish(f"Text {number} of the harbour.", path=f"/old/{number}")
    job.flag()
    job.publish(SENT, path="/waiting")
    added = [*job.topics, topic("ferry", id="ferries"), topic("storm", id="storms")]
    with_waiting = list(version_changes(sync_topics(job.archive.store.db, added, now=hour(1))))
    assert with_waiting == [
        "New, starting with 1 stored revision: ferries, storms.",
        "3 older revisions were not matched: `scrapy flag ferries storms --since 7d`.",
    ]
    assert list(version_changes(sync_topics(job.archive.store.db, added, now=hour(2)))) == []


@pytest.mark.parametrize(
    ("days", "published", "is_old"), [(7, -167, 0), (7, -169, 1), (1, -25, 1), (30, -169, 0), (7, None, 0)]
)
def test_an_article_published_longer_ago_than_old_after_days_when_it_was_found_gets_an_alert_marked_as_old(
    tmp_path: Path, days: int, published: float | None, is_old: int
) -> None:
    job = FlagJob(tmp_path, [topic(old_after=timedelta(days=days))])
    at = None if published is None else Timestamp(at=hour(published), provenance="json-ld")
    revision = job.publish(SENT, published=at)
    job.flag()
    assert job.archive.rows("SELECT revision_id, is_old FROM alerts") == [(revision, is_old)]


def test_a_topic_that_drops_old_articles_records_their_match_without_an_alert(tmp_path: Path) -> None:
    job = FlagJob(tmp_path, [topic(drop_old=True)])
    job.publish(SENT, published=Timestamp(at=hour(-24 * 300), provenance="json-ld"))
    new = job.publish("Some troops were deployed to the lighthouse.", path="/news/lighthouse")
    job.flag()
    assert job.alerts() == [("new", new)]
    assert job.archive.rows("SELECT kind FROM matches ORDER BY id") == [("old",), ("new",)]


def test_the_first_run_starts_with_the_articles_of_the_last_day(tmp_path: Path) -> None:
    job = FlagJob(tmp_path, [])
    job.publish(SENT, path="/days-ago", at=-40)
    recent = job.publish("Some troops were deployed to the lighthouse.", path="/recent", at=-3)
    job.topics.append(topic())
    job.flag()
    assert job.alerts() == [("new", recent)]


def test_a_changed_topic_is_a_new_version_that_misses_no_article_and_repeats_no_alert(job: FlagJob) -> None:
    first = job.publish(SENT, path="/a")
    job.flag()
    second = job.publish("Some troops were deployed to the lighthouse.", path="/b", at=1)
    job.topics = [topic("troops AND (sent OR deploy* OR march*)")]
    job.flag(now=1)
    assert job.alerts() == [("new", first), ("new", second)]
    assert job.archive.rows("SELECT number, starts_after FROM topic_versions ORDER BY id") == [(1, 0), (2, 1)]
    job.flag(now=2, restart=Restart(since=hour(-1), topics=frozenset({"troops"})))
    assert len(job.alerts()) == 2, "an article reported before is not reported again"


def test_a_topic_can_be_restarted_with_alerts_or_silently(job: FlagJob) -> None:
    older = job.publish("The garrison marched to the lighthouse.")
    job.flag()
    job.topics = [topic("marched")]
    job.flag(now=1, restart=Restart(since=hour(-1), topics=frozenset({"troops"}), silently=True))
    assert job.alerts() == []
    assert job.archive.rows("SELECT kind FROM matches") == [("silent",)]
    job.flag(now=2, restart=Restart(since=hour(-1), topics=frozenset({"troops"})))
    assert job.alerts() == [("new", older)]


def test_a_removed_topic_is_not_matched_and_starts_anew_when_it_returns(job: FlagJob) -> None:
    kept = job.topics
    job.topics = []
    job.flag()
    job.publish(SENT, path="/while-away")
    job.topics = [topic("residents", id="other")]
    job.flag()
    job.topics = [*kept, *job.topics]
    job.flag()
    assert job.alerts() == []
    later = job.publish("Some troops were deployed to the lighthouse.", path="/after")
    job.flag()
    assert job.alerts() == [("new", later)]


def test_an_article_that_cannot_be_matched_is_tried_again_and_the_others_get_their_alerts(job: FlagJob) -> None:
    def poisoned(pattern: str, text: str) -> bool:
        if "poison" in text:
            raise WorkerError("pattern 'x'", "took longer than 2 s over one text and was stopped")
        return True

    job.topics = [topic(pattern="x"), topic("residents", id="other")]
    bad = job.publish("Poisoned troops were sent, poison and all.", path="/bad")
    good = job.publish(SENT, QUIET, path="/good")
    steps = job.flag(pattern=poisoned)
    assert [(failure.topic, failure.revision_id) for step in steps for failure in step.failures] == [("troops", bad)]
    assert [revision for _, revision in job.alerts()] == [good, good]
    assert job.flag(now=0.1, pattern=poisoned) == [], "the retry is not due yet"
    job.flag(now=1, pattern=poisoned)
    assert job.archive.rows("SELECT attempts, error LIKE '%longer than 2 s%' FROM flag_failures") == [(2, 1)]
    job.flag(now=2)
    assert job.archive.rows("SELECT * FROM flag_failures") == []
    assert ("new", bad) in job.alerts()


def test_a_pattern_that_takes_too_long_is_stopped_after_a_few_texts_and_every_text_is_tried_later(job: FlagJob) -> None:
    tried: list[str] = []

    def endless(pattern: str, text: str) -> bool:
        tried.append(text)
        raise WorkerError("pattern 'x'", "took longer than 2 s over one text and was stopped")

    job.topics = [topic(pattern="x"), *(topic("residents", id=f"other{number}") for number in range(9))]
    for number in range(8):
        job.publish(f"About {number} troops were sent.", QUIET, path=f"/{number}")
    job.flag(pattern=endless)
    assert len(tried) == len(set(tried)) == MAX_CONSECUTIVE_FAILURES
    assert len(job.alerts()) == 9 * 8, "the other topics are matched"
    assert job.archive.rows("SELECT attempts, count(*) FROM flag_failures GROUP BY 1") == [(0, 5), (1, 3)]
    job.flag(now=1, pattern=endless)
    job.flag(now=2, pattern=endless)
    assert len(set(tried)) == 8
    job.flag(now=9)
    assert len(job.alerts()) == 9 * 8 + 8


def test_a_changed_topic_tries_failed_articles_again_at_once(job: FlagJob) -> None:
    def endless(pattern: str, text: str) -> bool:
        if pattern == "x":
            raise WorkerError("pattern 'x'", "took longer than 2 s over one text and was stopped")
        return True

    job.topics = [topic(pattern="x")]
    bad = job.publish(SENT)
    job.flag(pattern=endless)
    assert job.alerts() == []
    job.topics = [topic(pattern="y")]
    job.flag(pattern=endless)
    assert job.alerts() == [("new", bad)]
    assert job.archive.rows("SELECT * FROM flag_failures") == []


def test_the_failures_of_a_removed_topic_are_deleted(job: FlagJob) -> None:
    def endless(pattern: str, text: str) -> bool:
        raise WorkerError("pattern 'x'", "took longer than 2 s over one text and was stopped")

    job.topics = [topic(pattern="x")]
    job.publish(SENT)
    job.flag(pattern=endless)
    job.topics = []
    job.flag(now=1)
    assert job.archive.rows("SELECT * FROM flag_failures") == []


def test_batches_of_any_size_give_the_same_matches(tmp_path: Path) -> None:
    found = []
    for batch in (1, 3, 500):
        (tmp_path / str(batch)).mkdir()
        job = FlagJob(tmp_path / str(batch), [topic(), topic("residents", id="other")])
        for number in range(5):
            job.publish(SENT.replace("1,500", str(number)), QUIET, path=f"/{number % 3}", at=number)
        job.flag(now=9, batch=batch)
        found.append(job.archive.rows("SELECT topic_id, kind, revision_id FROM matches ORDER BY topic_id, revision_id"))
    assert found[0] == found[1] == found[2]
    assert found[0]


def test_two_jobs_at_the_same_time_create_one_alert(job: FlagJob, tmp_path: Path) -> None:
    job.publish(SENT)
    db = open_archive(tmp_path / "archive.db")
    stale = active_topics(db, job.topics)
    calls = iter([stale, stale])
    job.flag()
    late = flag(
        db,
        lambda: next(calls, active_topics(db, job.topics)),
        now=lambda: hour(0),
        found_by_pattern=lambda *_: True,
        queue_deliveries=lambda *_: None,
    )
    assert list(late) == []
    db.close()
    assert len(job.alerts()) == 1


@settings(max_examples=12)
@given(
    written=st.lists(queries, min_size=1, max_size=4),
    rows=st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=6),
    scope=st.sampled_from(["article", "paragraph", "sentence"]),
)
def test_flagging_backtest_and_full_text_search_give_the_same_matches(
    written: list[str], rows: list[tuple[str, str, str]], scope: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from schedules.topics.backtest import backtest

    topics = [topic(query, id=f"t{place}", scope=scope) for place, query in enumerate(written)]
    job = FlagJob(tmp_path_factory.mktemp("archive"), topics)
    for place, (title, lead, text) in enumerate(rows):
        job.publish(text or "none", path=f"/{place}", title=f"{title} {place}", lead=lead or None)
    job.flag()
    live = set(job.archive.rows("SELECT topic_id, revision_id FROM matches"))
    db = job.archive.store.db
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
    job.archive.store.close()


def test_an_alert_has_the_time_that_was_passed_in(job: FlagJob) -> None:
    job.publish(SENT)
    job.flag(now=5)
    assert job.archive.value("SELECT created_at FROM alerts") == datetime.strftime(hour(5), "%Y-%m-%dT%H:%M:%SZ")


def test_check_reports_an_alert_without_its_match_and_a_damaged_message(job: FlagJob) -> None:
    from crawler.archive.delivery.outbox import store_message
    from crawler.archive.delivery.recipients import queue_deliveries
    from crawler.archive.maintenance.integrity import check_archive

    job.publish(SENT)
    job.flag()
    db, warc = job.archive.store.db, job.archive.warc
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

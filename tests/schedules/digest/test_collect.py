"""Collecting a digest: entries, changes and source health from alerts and the archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crawler.archive.crawl.coverage_queries import Gap
from crawler.archive.delivery.digest_queries import AlertContext, Pickup
from crawler.archive.delivery.outbox import store_message
from crawler.archive.delivery.recipients import queue_deliveries
from crawler.archive.monitoring.problems import Problem
from crawler.archive.monitoring.source_states import FailedSeed, SourceState, SourceStatus
from crawler.archive.stories.assignment import split
from crawler.archive.topics.alerts import Alert, AlertSentence
from crawler.config.digests import Digest
from crawler.sqlite.connection import transaction
from crawler.topics.match import key_of
from schedules.digest.collect import arrange, collect
from schedules.digest.content import Entry, Health, sections_of
from schedules.digest.health import health_of, problem_word
from tests.support.digest_factories import NOW, alert, alert_sentence, hours_ago, pickup, problem, revision_info


def arranged(
    *alerts: Alert,
    already_reported: Sequence[int] = (),
    pickups: dict[int, list[Pickup]] | None = None,
    sentences: Mapping[int, Sequence[str]] | None = None,
    **known: Any,
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Stories and changes. `sentences`: of a revision."""
    defaults: dict[str, Any] = {
        "reported": frozenset(already_reported),
        "positions": {},
        "revisions": {one.revision_id: revision_info(one.revision_id) for one in alerts},
        "keys": {number: frozenset(map(key_of, some)) for number, some in (sentences or {}).items()},
        "stories": {one.article_id: one.story_id for one in alerts if one.story_id is not None},
        "pickups": pickups or {},
    }
    found = arrange(alerts, AlertContext(**{**defaults, **known}))
    assert not found["older"]
    return found["stories"], found["changes"]


def test_stories_are_sorted_newest_first() -> None:
    stories, _ = arranged(
        alert(1, published_at=hours_ago(5)), alert(2, published_at=hours_ago(1)), alert(3, published_at=hours_ago(3))
    )
    assert [entry.article_id for entry in stories] == [2, 3, 1]


def test_the_topic_with_the_most_stories_comes_first() -> None:
    stories, _ = arranged(
        alert(1, topic="arms", topic_title="Arms"), alert(2), alert(3), alert(4, topic="zeal", topic_title="Zeal")
    )
    assert [section.topic.id for section in sections_of(stories)[0]] == ["talks", "arms", "zeal"]


def test_a_story_of_several_topics_is_listed_once_and_referred_to_from_the_others() -> None:
    troops = {"topic": "troops", "topic_title": "Troops"}
    more = (alert_sentence("Troops were sent to the harbour."), alert_sentence("Talks resume on Monday."))
    (entry,), _ = arranged(alert(1), alert(2, article_id=1, revision_id=1, sentences=more, **troops))
    by_topic = {section.topic.id: section for section in sections_of([entry])[0]}
    assert by_topic["troops"].entries == (entry,)
    assert not by_topic["talks"].entries
    assert by_topic["talks"].elsewhere == ((entry, entry.topics[0]),)
    assert entry.alert_ids == (1, 2)
    assert [topic.id for topic in entry.topics] == ["troops", "talks"]
    assert sorted(sentence.text for sentence in entry.sentences) == sorted(sentence.text for sentence in more)


def test_a_sentence_of_two_topics_highlights_the_words_of_both() -> None:
    one, other = (
        alert_sentence("Troops and talks.", spans=((0, 6),)),
        alert_sentence("Troops and talks.", spans=((11, 16),)),
    )
    (entry,), _ = arranged(
        alert(1, sentences=(one,)), alert(2, article_id=1, topic="t", topic_title="T", sentences=(other,))
    )
    assert [sentence.spans for sentence in entry.sentences] == [((0, 6), (11, 16))]


def test_sentences_are_in_the_order_of_the_text() -> None:
    alerts = (
        alert(1, sentences=(alert_sentence("The later sentence."),)),
        alert(
            2,
            article_id=1,
            revision_id=1,
            topic="t",
            topic_title="T",
            sentences=(alert_sentence("The first sentence."),),
        ),
    )
    (entry,), _ = arranged(*alerts, positions={(1, "The later sentence."): 90, (1, "The first sentence."): 1})
    assert [sentence.text for sentence in entry.sentences] == ["The first sentence.", "The later sentence."]


def test_an_edit_of_a_reported_story_is_a_change() -> None:
    edit = alert_sentence("Talks resume on Friday.", replaces="Talks resume on Monday.")
    stories, changes = arranged(alert(9, article_id=1, kind="edited", sentences=(edit,)), already_reported=[9])
    assert not stories
    (change,) = changes
    assert change.kind == "edited"
    assert [(one.change, one.text, one.replaces) for one in change.sentences] == [
        ("added", "Talks resume on Friday.", "Talks resume on Monday.")
    ]


def test_a_sentence_that_an_edit_removed_is_shown_as_removed() -> None:
    gone = alert_sentence("Talks are off.", "removed")
    _, (change,) = arranged(alert(9, article_id=1, kind="removed", sentences=(gone,)), already_reported=[9])
    assert [(one.change, one.text) for one in change.sentences] == [("removed", "Talks are off.")]


def test_an_edit_that_matches_for_the_first_time_is_a_story() -> None:
    (story,), changes = arranged(alert(9, article_id=1, kind="edited"))
    assert not changes
    assert story.kind == "edited"


def test_a_story_that_was_edited_before_its_digest_is_shown_once_in_its_latest_revision() -> None:
    edit = alert_sentence("Talks resume on Friday.", replaces="Talks resume on Monday.")
    (story,), changes = arranged(
        alert(1, title="Old headline"),
        alert(2, article_id=1, kind="edited", title="New headline", sentences=(edit,)),
        sentences={2: ["Talks resume on Friday."]},
    )
    assert not changes
    entry = story
    assert entry.title == "New headline"
    assert entry.revision_id == 2
    assert [one.text for one in entry.sentences] == ["Talks resume on Friday."]


THREE, FOUR, FIVE = (f"The lock is shut for {count} weeks." for count in ("three", "four", "five"))


def shown(*alerts: Alert, sentences: Mapping[int, Sequence[str]], already_reported: Sequence[int] = ()) -> list[Any]:
    """Change, text, what it replaced and outlet, of all sentences of the one entry."""
    stories, changes = arranged(*alerts, sentences=sentences, already_reported=already_reported)
    (entry,) = stories + changes
    return [(one.change, one.text, one.replaces, one.outlet) for one in entry.sentences]


def first(text: str, **known: Any) -> Alert:
    return alert(1, sentences=(alert_sentence(text),), **known)


def edit(number: int, *sentences: AlertSentence, **known: Any) -> Alert:
    return alert(number, **{"article_id": 1, "kind": "edited", "sentences": sentences, **known})


def test_of_several_edits_before_a_digest_only_the_first_and_the_last_wording_are_shown() -> None:
    alerts = (edit(2, alert_sentence(FOUR, replaces=THREE)), edit(3, alert_sentence(FIVE, replaces=FOUR)))
    assert shown(first(THREE), *alerts, sentences={3: [FIVE]}) == [("added", FIVE, THREE, None)]
    assert shown(*alerts, sentences={3: [FIVE]}, already_reported=[2, 3]) == [("added", FIVE, THREE, None)]


def test_an_edit_that_was_changed_back_before_a_digest_is_no_change() -> None:
    alerts = (edit(2, alert_sentence(FOUR, replaces=THREE)), edit(3, alert_sentence(THREE, replaces=FOUR)))
    assert shown(first(THREE), *alerts, sentences={3: [THREE]}) == [("unchanged", THREE, None, None)]
    assert shown(*alerts, sentences={3: [THREE]}, already_reported=[2, 3]) == [("unchanged", THREE, None, None)]


def test_a_sentence_that_was_removed_and_restored_is_unchanged() -> None:
    alerts = (edit(2, alert_sentence(THREE, "removed"), kind="removed"), edit(3, alert_sentence(THREE)))
    assert shown(first(THREE), *alerts, sentences={3: [THREE]}) == [("unchanged", THREE, None, None)]


def test_a_sentence_that_was_edited_and_then_removed_is_shown_in_its_first_wording() -> None:
    alerts = (edit(2, alert_sentence(FOUR, replaces=THREE)), edit(3, alert_sentence(FOUR, "removed"), kind="removed"))
    assert shown(first(THREE), *alerts, sentences={3: ["Rain is expected."]}) == [("removed", THREE, None, None)]


def test_a_sentence_that_was_added_and_removed_before_a_digest_is_shown_as_removed() -> None:
    alerts = (edit(2, alert_sentence(THREE)), edit(3, alert_sentence(THREE, "removed"), kind="removed"))
    assert shown(*alerts, sentences={3: ["Rain is expected."]}) == [("removed", THREE, None, None)]


def test_a_sentence_of_the_latest_revision_is_shown_even_if_a_later_alert_of_another_topic_omits_it() -> None:
    other = "Pilots protest."
    later = edit(2, alert_sentence(other), topic="pilots", topic_title="Pilots")
    assert sorted(shown(first(THREE), later, sentences={2: [THREE, other]})) == [
        ("added", other, None, None),
        ("unchanged", THREE, None, None),
    ]


def test_a_sentence_that_another_topic_matches_after_an_edit_is_not_added_if_it_was_there_before() -> None:
    later = edit(2, alert_sentence(THREE), topic="locks", topic_title="Locks")
    assert shown(first(THREE), later, sentences={2: [THREE]}) == [("unchanged", THREE, None, None)]


def test_a_wording_that_is_still_in_the_text_was_not_replaced() -> None:
    alerts = (
        edit(2, alert_sentence(FOUR, replaces=THREE)),
        edit(3, alert_sentence(THREE), alert_sentence(FOUR, "unchanged")),
    )
    assert shown(first(THREE), *alerts, sentences={3: [THREE, FOUR]}) == [
        ("unchanged", THREE, None, None),
        ("added", FOUR, None, None),
    ]


def test_edits_of_another_outlet_are_shown_with_its_name_and_its_repetitions_are_not() -> None:
    wire = {"article_id": 2, "story_id": 1, "source": "wire", "source_name": "Coastline Wire"}
    later = edit(3, alert_sentence(FIVE, "removed"), alert_sentence(THREE, "unchanged"), kind="removed", **wire)
    assert shown(first(THREE), later, sentences={}) == [
        ("unchanged", THREE, None, None),
        ("removed", FIVE, None, "Coastline Wire"),
    ]


def test_an_addition_to_a_story_that_begins_with_an_edit_is_shown() -> None:
    wire = {"article_id": 2, "story_id": 1, "source": "wire", "source_name": "Coastline Wire"}
    addition = alert(3, kind="addition", sentences=(alert_sentence(FIVE), alert_sentence(THREE, "unchanged")), **wire)
    assert shown(edit(2, alert_sentence(THREE)), addition, sentences={}) == [
        ("added", THREE, None, None),
        ("unchanged", FIVE, None, "Coastline Wire"),
    ]


def test_an_edit_of_a_reported_story_that_matches_another_topic_is_one_story() -> None:
    stories, changes = arranged(
        alert(8, article_id=1, kind="edited"),
        alert(9, article_id=1, kind="edited", topic="troops", topic_title="Troops"),
        already_reported=[8],
    )
    assert not changes
    assert len(stories) == 1


def test_an_addition_in_the_same_digest_is_part_of_the_entry_with_its_outlet() -> None:
    addition = alert(
        2,
        kind="addition",
        story_id=1,
        source="wire",
        source_name="Coastline Wire",
        sentences=(alert_sentence("A third round is planned."), alert_sentence("Talks resume on Monday.", "unchanged")),
    )
    (story,), changes = arranged(alert(1), addition)
    assert not changes
    entry = story
    assert [(one.text, one.outlet) for one in entry.sentences] == [
        ("Talks resume on Monday.", None),
        ("A third round is planned.", "Coastline Wire"),
    ]


def test_an_addition_to_a_reported_story_is_a_change() -> None:
    stories, (change,) = arranged(alert(2, kind="addition", story_id=1), already_reported=[2])
    assert not stories
    assert change.kind == "addition"


def test_each_other_outlet_of_the_story_is_listed_once() -> None:
    articles = {1: [pickup(1, "gazette"), pickup(5, "wire"), pickup(6, "wire"), pickup(7, "ledger")]}
    (story,), _ = arranged(alert(1), pickups=articles)
    assert [other.outlet for other in story.others] == ["Wire", "Ledger"]


def test_articles_without_a_story_have_entries_of_their_own() -> None:
    stories, _ = arranged(alert(1, story_id=None), alert(2, story_id=None))
    assert len(stories) == 2


def test_every_alert_is_in_exactly_one_entry() -> None:
    alerts = [
        alert(number, article_id=number % 40 + 1, topic=f"t{number % 7}", topic_title=f"T{number % 7}")
        for number in range(1, 301)
    ]
    stories, changes = arranged(*alerts, already_reported=range(1, 301, 3))
    assert sorted(number for entry in stories + changes for number in entry.alert_ids) == list(range(1, 301))


def test_an_article_without_a_date_has_the_time_when_it_was_first_seen() -> None:
    (story,), _ = arranged(alert(1), revisions={1: revision_info(1, published_at=None)})
    assert story.time_kind == "first_seen"


@pytest.mark.parametrize(
    ("alerts", "older"),
    [
        ([alert(1, is_old=True)], 1),
        ([alert(1, is_old=True), alert(2, article_id=1, kind="edited")], 1),
        ([alert(1, is_old=True), alert(2, story_id=1)], 0),
        ([alert(1)], 0),
    ],
    ids=["old", "old and edited", "picked up now", "new"],
)
def test_stories_of_old_articles_only_have_a_section_of_their_own(alerts: list[Alert], older: int) -> None:
    context = AlertContext(
        reported=frozenset(), positions={}, revisions={}, keys={}, pickups={},
        stories={one.article_id: one.story_id or 0 for one in alerts},
    )  # fmt: skip
    found = arrange(alerts, context)
    assert (len(found["stories"]), len(found["older"])) == (1 - older, older)


# --- Health ---------------------------------------------------------------------------------------------------------


def gap(**known: Any) -> Gap:
    defaults: dict[str, Any] = {
        "id": 1,
        "source": "wire",
        "seed": "https://wire.example/feed",
        "kind": "feed",
        "from_at": hours_ago(9),
        "until_at": hours_ago(7),
        "state": "open",
        "missed": 2.4,
        "seen": 1,
        "found": 0,
        "repair_attempts": 0,
        "resolution": None,
        "resolved_at": None,
    }
    return Gap(**{**defaults, **known})


def status(source: str = "wire", name: str = "Coastline Wire", **known: Any) -> SourceStatus:
    defaults: dict[str, Any] = {"id": source, "name": name, "state": SourceState.OK, "polled_at": hours_ago(1)}
    return SourceStatus(**{**defaults, **known})


def silent(**known: Any) -> SourceStatus:
    return status(state=SourceState.SILENT, problems=(problem(),), **known)


OTHER = status("other", "The Lantern")


def health(
    *statuses: SourceStatus, resolved: Sequence[Problem] = (), gaps: Sequence[Gap] = (), unmatched: int = 0
) -> Health:
    return health_of(
        {one.id: one for one in statuses or [status()]},
        resolved,
        gaps,
        unmatched=unmatched,
        since=hours_ago(24),
        now=NOW,
        zone=ZoneInfo("Europe/Kyiv"),
    )


def test_polled_sources_without_a_problem_are_ok() -> None:
    assert health().is_ok
    assert health(status(), OTHER).phrase == "all 2 sources OK"


def test_a_problem_has_the_name_of_its_outlet_and_its_duration() -> None:
    found = health(silent(), OTHER)
    assert not found.is_ok
    (line,) = found.lines
    assert (line.outlet, line.what, line.source) == ("Coastline Wire", "silent for 2 days", "wire")
    assert "five a day" in line.detail
    assert "home page" in line.advice
    assert found.phrase == "1 of 2 sources OK, 1 silent"


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("unreachable", "failing"),
        ("extraction", "failing"),
        ("stuck", "silent"),
        ("drift", "missing fields"),
        ("moved", "moved"),
    ],
)
def test_a_problem_is_described_with_the_state_of_its_source(kind: str, word: str) -> None:
    assert problem_word(problem(kind=kind)) == word


def test_a_failed_poll_is_reported_before_it_becomes_a_problem() -> None:
    failed = FailedSeed(kind="feed", url="https://wire.example/feed", failures=1, error="HTTP 503")
    (line,) = health(status(state=SourceState.FAILING, failed_seeds=(failed,))).lines
    assert line.what == "failing"
    assert "HTTP 503" in line.detail


def test_problems_of_retired_and_disabled_sources_are_left_out() -> None:
    for state in (SourceState.RETIRED, SourceState.DISABLED):
        assert health(OTHER, status(state=state, problems=(problem(),))).is_ok


def test_an_open_gap_is_reported_each_time_and_a_closed_gap_once() -> None:
    (line,) = health(gaps=[gap()]).lines
    assert line.detail == "Sun 22 Nov, 23:00 – Mon 23 Nov, 01:00: articles may have been missed, about 2 articles."
    assert len(health(gaps=[gap(state="unresolved", resolved_at=hours_ago(2))]).lines) == 1
    assert not health(gaps=[gap(state="unresolved", resolved_at=hours_ago(48))]).lines


def test_sources_that_were_not_polled_recently_are_not_ok() -> None:
    found = health(status(polled_at=NOW - timedelta(days=3)))
    assert found.phrase == "no source was polled recently"
    assert not found.is_ok


def test_a_source_that_was_never_polled_is_not_ok() -> None:
    found = health(OTHER, status("new", "New Times", state=SourceState.NEVER_POLLED, polled_at=None))
    assert [line.outlet for line in found.lines] == ["New Times"]
    assert found.phrase == "1 of 2 sources OK, 1 never polled"


def test_articles_that_could_not_be_matched_are_reported() -> None:
    assert "2 articles not matched" in health(unmatched=2).phrase


def test_a_resolved_problem_is_reported_unless_it_is_open_again() -> None:
    resolved = problem(id=2, resolved_at=hours_ago(3))
    assert health(resolved=[resolved]).resolved == ("Coastline Wire (was silent)",)
    assert not health(silent(), resolved=[resolved]).resolved


# --- The archive ------------------------------------------------------------------------------------------------------


MORNING = Digest.model_validate(
    {
        "id": "morning",
        "title": "Morning digest",
        "recipients": ("desk@example.org",),
        "at": "07:00",
        "timezone": "Europe/Kyiv",
    }
)


@pytest.fixture
def flagged(tmp_path: Path) -> Any:
    """An archive in which a topic found an article, its copy at another outlet, and an edit of the first."""
    from tests.support.archives.flagged import flagged_archive

    with flagged_archive(tmp_path) as made:
        yield made


def test_a_digest_is_read_from_the_archive(flagged: Any) -> None:
    first, *_ = flagged.alerts
    found = collect(flagged.db, MORNING, [first], period_start=hours_ago(24), now=flagged.now, late=False)
    (entry,) = found.stories
    assert [topic.title for topic in entry.topics] == ["Pier"]
    assert entry.title == "Council closes northern pier"
    assert entry.byline == "Mara Voss"
    assert entry.time_kind == "published"
    assert entry.language == "en"
    assert [other.outlet for other in entry.others] == ["Coastline Wire"]
    assert not found.changes


def test_an_edit_is_a_change_if_an_earlier_digest_reported_the_story(flagged: Any) -> None:
    _, *later = flagged.alerts
    found = collect(flagged.db, MORNING, later, period_start=hours_ago(24), now=flagged.now, late=False)
    assert not found.stories
    (change,) = found.changes
    assert change.kind == "edited"


def test_an_edit_is_part_of_the_story_if_the_same_digest_reports_it(flagged: Any) -> None:
    found = collect(flagged.db, MORNING, flagged.alerts, period_start=hours_ago(24), now=flagged.now, late=False)
    assert not found.changes
    assert len(found.stories) == 1


def test_a_story_that_was_split_before_the_digest_has_two_entries(flagged: Any) -> None:
    first, edited = flagged.alerts
    (copy,) = flagged.db.execute("SELECT max(id) FROM articles").fetchone()
    flagged.db.execute("UPDATE alerts SET article_id = ?, kind = 'addition' WHERE id = ?", (copy, edited))
    for alerts in ([first, edited], [edited]):  # in one digest, and after an earlier one reported the first
        found = collect(flagged.db, MORNING, alerts, period_start=hours_ago(24), now=flagged.now, late=False)
        assert len(found.stories) == (1 if first in alerts else 0)
    with transaction(flagged.db):
        split(flagged.db, copy, at=flagged.now)
    for alerts in ([first, edited], [edited]):
        found = collect(flagged.db, MORNING, alerts, period_start=hours_ago(24), now=flagged.now, late=False)
        assert len(found.stories) == len(alerts)
        assert not found.changes
        assert all(
            entry.kind == "new" and all(one.outlet is None for one in entry.sentences) for entry in found.stories
        )


def test_a_story_counts_as_reported_only_if_the_recipient_was_sent_it(flagged: Any) -> None:
    first, *later = flagged.alerts
    desk, other = "desk@example.org", "other@example.org"
    for recipient in (desk, other):
        queue_deliveries(flagged.db, first, [("morning", recipient)], flagged.now)
    for recipient in (desk, other):
        store_message(
            flagged.db, digest="morning", recipient=recipient, period="1", done=flagged.now, alerts=[first], subject="",
            message_id=recipient, content=b"", now=flagged.now,
        )  # fmt: skip
    flagged.db.execute("UPDATE outbox SET state = 'given_up' WHERE recipient = ?", (other,))

    def changes(recipient: str) -> int:
        found = collect(
            flagged.db, MORNING, later, recipient=recipient, period_start=hours_ago(24), now=flagged.now, late=False
        )
        assert len(found.stories) + len(found.changes) == 1
        return len(found.changes)

    assert [changes(one) for one in (desk, other, "new@example.org", "")] == [1, 0, 0, 1]


def test_unknown_alert_ids_are_ignored(flagged: Any) -> None:
    found = collect(flagged.db, MORNING, [987_654], period_start=hours_ago(24), now=flagged.now, late=False)
    assert found.is_empty

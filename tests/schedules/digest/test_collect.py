from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.crawl.coverage import Gap
from crawler.archive.delivery.digest_queries import Pickup, SourcePollState
from crawler.archive.monitoring.problems import Problem
from crawler.archive.stories.assignment import split
from crawler.archive.topics.alerts import Alert, AlertSentence
from crawler.sqlite.connection import transaction
from crawler.topics.match import key_of
from schedules.digest.collect import arrange, collect
from schedules.digest.content import Entry, Health, Section
from schedules.digest.health import health_of
from tests.support.digest_factories import NOW, alert, hours_ago, pickups, reported, text_of


def arranged(
    *alerts: Alert,
    earlier_texts: Sequence[int] = (),
    story_articles: dict[int, list[Pickup]] | None = None,
    reads: Mapping[int, Sequence[str]] | None = None,
) -> tuple[tuple[Section, ...], tuple[Entry, ...]]:
    """`reads`: the sentences of a revision."""
    return arrange(
        alerts,
        reported=frozenset(earlier_texts),
        places={},
        texts={one.revision_id: text_of(one.revision_id) for one in alerts},
        keys={number: frozenset(map(key_of, sentences)) for number, sentences in (reads or {}).items()},
        stories={one.article_id: one.story_id for one in alerts if one.story_id is not None},
        story_articles=story_articles or {},
    )


def test_a_topics_stories_stand_newest_first() -> None:
    (section,), _ = arranged(
        alert(1, published_at=hours_ago(5)), alert(2, published_at=hours_ago(1)), alert(3, published_at=hours_ago(3))
    )
    assert [entry.article_id for entry in section.entries] == [2, 3, 1]


def test_the_topic_with_the_most_stories_comes_first() -> None:
    sections, _ = arranged(
        alert(1, topic="arms", topic_title="Arms"), alert(2), alert(3), alert(4, topic="zeal", topic_title="Zeal")
    )
    assert [section.topic.id for section in sections] == ["talks", "arms", "zeal"]


def test_a_story_that_matches_several_topics_stands_once_with_a_note_under_the_others() -> None:
    troops = {"topic": "troops", "topic_title": "Troops"}
    more = (reported("Troops were sent to the harbour."), reported("Talks resume on Monday."))
    sections, _ = arranged(alert(1), alert(2, article_id=1, revision_id=1, sentences=more, **troops))
    by_topic = {section.topic.id: section for section in sections}
    assert [entry.alert_ids for entry in by_topic["troops"].entries] == [(1, 2)]
    assert not by_topic["talks"].entries
    assert by_topic["talks"].elsewhere == by_topic["troops"].entries
    entry = by_topic["troops"].entries[0]
    assert [topic.id for topic in entry.topics] == ["troops", "talks"]
    assert sorted(sentence.text for sentence in entry.sentences) == sorted(sentence.text for sentence in more)


def test_the_words_of_all_topics_are_marked_in_a_sentence_that_they_share() -> None:
    one, other = (reported("Troops and talks.", spans=((0, 6),)), reported("Troops and talks.", spans=((11, 16),)))
    sections, _ = arranged(
        alert(1, sentences=(one,)), alert(2, article_id=1, topic="t", topic_title="T", sentences=(other,))
    )
    (entry,) = [entry for section in sections for entry in section.entries]
    assert [sentence.spans for sentence in entry.sentences] == [((0, 6), (11, 16))]


def test_sentences_stand_as_in_the_text_whatever_topic_found_them() -> None:
    alerts = (
        alert(1, sentences=(reported("The later sentence."),)),
        alert(2, article_id=1, revision_id=1, topic="t", topic_title="T", sentences=(reported("The first sentence."),)),
    )
    sections, _ = arrange(
        alerts,
        reported=frozenset(),
        places={(1, "The later sentence."): 90, (1, "The first sentence."): 1},
        texts={},
        keys={},
        stories={1: 1},
        story_articles={},
    )
    (entry,) = [entry for section in sections for entry in section.entries]
    assert [sentence.text for sentence in entry.sentences] == ["The first sentence.", "The later sentence."]


def test_an_edit_of_a_story_that_was_told_is_a_change_and_no_story() -> None:
    edit = reported("Talks resume on Friday.", replaces="Talks resume on Monday.")
    sections, changes = arranged(alert(9, article_id=1, kind="edited", sentences=(edit,)), earlier_texts=[9])
    assert not sections
    (change,) = changes
    assert change.kind == "edited"
    assert [(one.change, one.text, one.replaces) for one in change.sentences] == [
        ("added", "Talks resume on Friday.", "Talks resume on Monday.")
    ]


def test_what_an_edit_took_out_is_told_as_removed() -> None:
    gone = reported("Talks are off.", "removed")
    _, (change,) = arranged(alert(9, article_id=1, kind="removed", sentences=(gone,)), earlier_texts=[9])
    assert [(one.change, one.text) for one in change.sentences] == [("removed", "Talks are off.")]


def test_an_edit_that_first_brings_the_words_is_a_story() -> None:
    (section,), changes = arranged(alert(9, article_id=1, kind="edited"))
    assert not changes
    assert section.entries[0].kind == "edited"


def test_a_story_that_was_edited_before_anybody_was_told_stands_once_as_it_reads_now() -> None:
    edit = reported("Talks resume on Friday.", replaces="Talks resume on Monday.")
    (section,), changes = arranged(
        alert(1, title="Old headline"),
        alert(2, article_id=1, kind="edited", title="New headline", sentences=(edit,)),
        reads={2: ["Talks resume on Friday."]},
    )
    assert not changes
    (entry,) = section.entries
    assert entry.title == "New headline"
    assert entry.revision_id == 2
    assert [one.text for one in entry.sentences] == ["Talks resume on Friday."]


THREE, FOUR, FIVE = (f"The lock is shut for {count} weeks." for count in ("three", "four", "five"))


def shown(*alerts: Alert, reads: Mapping[int, Sequence[str]], earlier_texts: Sequence[int] = ()) -> list[Any]:
    """Change, text, what it replaced and outlet, of all sentences of the one entry."""
    sections, changes = arranged(*alerts, reads=reads, earlier_texts=earlier_texts)
    (entry,) = [entry for section in sections for entry in section.entries] + list(changes)
    return [(one.change, one.text, one.replaces, one.outlet) for one in entry.sentences]


def first(text: str, **known: Any) -> Alert:
    return alert(1, sentences=(reported(text),), **known)


def edit(number: int, *sentences: AlertSentence, **known: Any) -> Alert:
    return alert(number, **{"article_id": 1, "kind": "edited", "sentences": sentences, **known})


def test_of_several_edits_before_a_digest_only_the_last_wording_is_shown_with_what_the_first_text_read() -> None:
    alerts = (edit(2, reported(FOUR, replaces=THREE)), edit(3, reported(FIVE, replaces=FOUR)))
    assert shown(first(THREE), *alerts, reads={3: [FIVE]}) == [("added", FIVE, THREE, None)]
    assert shown(*alerts, reads={3: [FIVE]}, earlier_texts=[2, 3]) == [("added", FIVE, THREE, None)]


def test_an_edit_that_was_put_back_before_a_digest_changed_nothing() -> None:
    alerts = (edit(2, reported(FOUR, replaces=THREE)), edit(3, reported(THREE, replaces=FOUR)))
    assert shown(first(THREE), *alerts, reads={3: [THREE]}) == [("unchanged", THREE, None, None)]
    assert shown(*alerts, reads={3: [THREE]}, earlier_texts=[2, 3]) == [("unchanged", THREE, None, None)]


def test_a_sentence_that_was_taken_out_and_came_back_is_shown_as_it_is() -> None:
    alerts = (edit(2, reported(THREE, "removed"), kind="removed"), edit(3, reported(THREE)))
    assert shown(first(THREE), *alerts, reads={3: [THREE]}) == [("unchanged", THREE, None, None)]


def test_a_sentence_that_was_reworded_and_then_taken_out_is_struck_as_the_first_text_had_it() -> None:
    alerts = (edit(2, reported(FOUR, replaces=THREE)), edit(3, reported(FOUR, "removed"), kind="removed"))
    assert shown(first(THREE), *alerts, reads={3: ["Rain is expected."]}) == [("removed", THREE, None, None)]


def test_a_sentence_that_came_and_went_before_a_digest_is_not_passed_over() -> None:
    alerts = (edit(2, reported(THREE)), edit(3, reported(THREE, "removed"), kind="removed"))
    assert shown(*alerts, reads={3: ["Rain is expected."]}) == [("removed", THREE, None, None)]


def test_what_stands_in_the_text_stays_whatever_topic_told_of_it_last() -> None:
    other = "Pilots protest."
    later = edit(2, reported(other), topic="pilots", topic_title="Pilots")
    assert sorted(shown(first(THREE), later, reads={2: [THREE, other]})) == [
        ("added", other, None, None),
        ("unchanged", THREE, None, None),
    ]


def test_a_sentence_that_another_topic_finds_only_after_an_edit_is_not_called_added_where_it_stood_before() -> None:
    later = edit(2, reported(THREE), topic="locks", topic_title="Locks")
    assert shown(first(THREE), later, reads={2: [THREE]}) == [("unchanged", THREE, None, None)]


def test_a_wording_that_still_stands_was_not_replaced() -> None:
    alerts = (edit(2, reported(FOUR, replaces=THREE)), edit(3, reported(THREE), reported(FOUR, "unchanged")))
    assert shown(first(THREE), *alerts, reads={3: [THREE, FOUR]}) == [
        ("unchanged", THREE, None, None),
        ("added", FOUR, None, None),
    ]


def test_what_another_outlet_of_the_story_edits_stands_with_its_name_and_what_it_only_repeats_does_not() -> None:
    wire = {"article_id": 2, "story_id": 1, "source": "wire", "source_name": "Coastline Wire"}
    later = edit(3, reported(FIVE, "removed"), reported(THREE, "unchanged"), kind="removed", **wire)
    assert shown(first(THREE), later, reads={}) == [
        ("unchanged", THREE, None, None),
        ("removed", FIVE, None, "Coastline Wire"),
    ]


def test_what_a_carrier_adds_to_a_story_that_begins_with_an_edit_is_told() -> None:
    wire = {"article_id": 2, "story_id": 1, "source": "wire", "source_name": "Coastline Wire"}
    addition = alert(3, kind="addition", sentences=(reported(FIVE), reported(THREE, "unchanged")), **wire)
    assert shown(edit(2, reported(THREE)), addition, reads={}) == [
        ("added", THREE, None, None),
        ("unchanged", FIVE, None, "Coastline Wire"),
    ]


def test_an_edit_of_a_told_story_that_brings_another_topic_is_told_once_as_a_story_of_that() -> None:
    sections, changes = arranged(
        alert(8, article_id=1, kind="edited"),
        alert(9, article_id=1, kind="edited", topic="troops", topic_title="Troops"),
        earlier_texts=[8],
    )
    assert not changes
    assert sum(len(section.entries) for section in sections) == 1


def test_what_a_carrier_adds_in_the_same_digest_stands_in_the_storys_entry_with_its_outlet() -> None:
    addition = alert(
        2,
        kind="addition",
        story_id=1,
        source="wire",
        source_name="Coastline Wire",
        sentences=(reported("A third round is planned."), reported("Talks resume on Monday.", "unchanged")),
    )
    (section,), changes = arranged(alert(1), addition)
    assert not changes
    (entry,) = section.entries
    assert [(one.text, one.outlet) for one in entry.sentences] == [
        ("Talks resume on Monday.", None),
        ("A third round is planned.", "Coastline Wire"),
    ]


def test_an_addition_to_a_told_story_is_a_change() -> None:
    sections, (change,) = arranged(alert(2, kind="addition", story_id=1), earlier_texts=[2])
    assert not sections
    assert change.kind == "addition"


def test_other_outlets_of_the_story_are_named_once_each() -> None:
    story_articles = {1: [pickups(1, "gazette"), pickups(5, "wire"), pickups(6, "wire"), pickups(7, "ledger")]}
    (section,), _ = arranged(alert(1), story_articles=story_articles)
    assert [other.outlet for other in section.entries[0].others] == ["Wire", "Ledger"]


def test_articles_without_a_story_stand_alone() -> None:
    (section,), _ = arranged(alert(1, story_id=None), alert(2, story_id=None))
    assert len(section.entries) == 2


def test_every_alert_stands_in_exactly_one_entry() -> None:
    alerts = [
        alert(number, article_id=number % 40 + 1, topic=f"t{number % 7}", topic_title=f"T{number % 7}")
        for number in range(1, 301)
    ]
    sections, changes = arranged(*alerts, earlier_texts=range(1, 301, 3))
    entries = [entry for section in sections for entry in section.entries] + list(changes)
    assert sorted(number for entry in entries for number in entry.alert_ids) == list(range(1, 301))


def test_no_time_on_the_page_is_said_as_first_seen() -> None:
    sections, _ = arrange(
        [alert(1)],
        reported=frozenset(),
        places={},
        texts={1: text_of(1, published_at=None)},
        keys={},
        stories={},
        story_articles={},
    )
    assert sections[0].entries[0].at_is == "seen"


# --- Health ---------------------------------------------------------------------------------------------------------


def problem(source: str = "wire", **known: Any) -> Problem:
    defaults: dict[str, Any] = {
        "id": 1,
        "source": source,
        "kind": "silent",
        "what": "",
        "since": hours_ago(30),
        "evidence": "No article since Saturday; five a day are usual.",
        "advice": "Look at its home page.",
        "opened_at": hours_ago(20),
    }
    return Problem(**{**defaults, **known})


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


def health(
    *,
    sources: Sequence[SourcePollState] = (SourcePollState(id="wire", name="Coastline Wire", polled_at=hours_ago(1)),),
    problems: Sequence[Problem] = (),
    closed: Sequence[Problem] = (),
    found_gaps: Sequence[Gap] = (),
    unmatched: int = 0,
) -> Health:
    return health_of(
        sources,
        problems,
        closed,
        found_gaps,
        names={"wire": "Coastline Wire"},
        unmatched=unmatched,
        since=hours_ago(24),
        now=NOW,
    )


def test_sources_that_answer_and_have_no_problem_are_well() -> None:
    assert health().is_well


def test_a_problem_is_told_with_the_outlets_name() -> None:
    found = health(problems=[problem()])
    assert not found.is_well
    assert [(one.outlet, one.kind) for one in found.troubles] == [("Coastline Wire", "silent")]
    assert found.troubled == 1


def test_problems_of_a_source_that_is_watched_no_more_are_not_told() -> None:
    assert health(problems=[problem("retired")]).is_well


def test_an_open_gap_is_told_until_it_is_settled_and_then_once() -> None:
    assert len(health(found_gaps=[gap()]).missed) == 1
    assert len(health(found_gaps=[gap(state="unresolved", resolved_at=hours_ago(2))]).missed) == 1
    assert not health(found_gaps=[gap(state="unresolved", resolved_at=hours_ago(48))]).missed


def test_sources_are_not_called_healthy_when_nothing_was_asked_of_them_lately() -> None:
    found = health(sources=[SourcePollState(id="wire", name="Coastline Wire", polled_at=NOW - timedelta(days=3))])
    assert found.is_stale
    assert not found.is_well


def test_a_source_that_was_never_read_is_not_called_healthy() -> None:
    old = SourcePollState(id="wire", name="Coastline Wire", polled_at=hours_ago(1))
    found = health(sources=[old, SourcePollState(id="new", name="New Times", polled_at=None)])
    assert found.never_read == ("New Times",)
    assert not found.is_well


def test_texts_that_could_not_be_matched_are_told() -> None:
    assert not health(unmatched=2).is_well


def test_what_healed_is_told_but_not_what_broke_again() -> None:
    resolved = problem(resolved_at=hours_ago(3))
    assert len(health(closed=[resolved]).resolved) == 1
    assert not health(closed=[resolved], problems=[problem(id=2)]).resolved


# --- The archive ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Morning:
    id: str = "morning"
    title: str = "Morning digest"
    timezone: str = "Europe/Kyiv"


@pytest.fixture
def flagged(tmp_path: Path) -> Any:
    """An archive in which a topic found an article, its copy at another outlet, and an edit of the first."""
    from tests.support.flagged_archive import flagged_archive

    with flagged_archive(tmp_path) as made:
        yield made


def test_a_digest_is_read_from_the_archive(flagged: Any) -> None:
    first, *_ = flagged.alerts
    found = collect(flagged.db, Morning(), [first], period_start=hours_ago(24), now=flagged.now, late=False)
    (section,) = found.sections
    (entry,) = section.entries
    assert section.topic.title == "Pier"
    assert entry.title == "Council closes northern pier"
    assert entry.byline == "Mara Voss"
    assert entry.at_is == "published"
    assert entry.language == "en"
    assert [other.outlet for other in entry.others] == ["Coastline Wire"]
    assert not found.changes


def test_an_edit_is_a_change_when_an_earlier_digest_told_the_story(flagged: Any) -> None:
    _, *later = flagged.alerts
    found = collect(flagged.db, Morning(), later, period_start=hours_ago(24), now=flagged.now, late=False)
    assert not found.sections
    (change,) = found.changes
    assert change.kind == "edited"
    assert change.previous_revision_id is not None


def test_the_same_edit_is_no_change_when_this_digest_tells_the_story(flagged: Any) -> None:
    found = collect(flagged.db, Morning(), flagged.alerts, period_start=hours_ago(24), now=flagged.now, late=False)
    assert not found.changes
    assert found.stories == 1


def test_a_story_that_was_split_before_the_digest_is_two(flagged: Any) -> None:
    first, edited = flagged.alerts
    (copy,) = flagged.db.execute("SELECT max(id) FROM articles").fetchone()
    flagged.db.execute("UPDATE alerts SET article_id = ?, kind = 'addition' WHERE id = ?", (copy, edited))
    for alerts in ([first, edited], [edited]):  # told in one digest, and when an earlier one has told the first
        found = collect(flagged.db, Morning(), alerts, period_start=hours_ago(24), now=flagged.now, late=False)
        assert found.stories == (1 if first in alerts else 0)
    with transaction(flagged.db):
        split(flagged.db, copy, at=flagged.now)
    for alerts in ([first, edited], [edited]):
        found = collect(flagged.db, Morning(), alerts, period_start=hours_ago(24), now=flagged.now, late=False)
        assert found.stories == len(alerts)
        assert not found.changes
        assert all(
            entry.kind == "new" and all(one.outlet is None for one in entry.sentences)
            for section in found.sections
            for entry in section.entries
        )


def test_ids_that_the_archive_does_not_have_are_passed_over(flagged: Any) -> None:
    found = collect(flagged.db, Morning(), [987_654], period_start=hours_ago(24), now=flagged.now, late=False)
    assert found.is_empty

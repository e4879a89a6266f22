"""Digest entries by event: stories are grouped, ordered, and no alert is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.archive.delivery.digest_queries import AlertContext
from crawler.archive.events.queries import EventReport
from crawler.archive.topics.alerts import Alert
from schedules.digest.collect import arrange
from schedules.digest.content import Entry
from schedules.digest.page import DigestPage, Limits
from schedules.digest.render import render
from tests.support.digest_factories import alert, content, hours_ago, revision_info


def report(story: int, source: str, at: datetime, **known: Any) -> EventReport:
    defaults: dict[str, Any] = {
        "event_id": 7,
        "article_id": story,
        "source_id": source.lower(),
        "title": f"Headline {story}",
        "language": "en",
        "article_count": 1,
        "similarity": None,
        "why": None,
        "reason_code": "same_language",
        "decided_by": "text",
        "url": f"https://{source.lower()}.example/{story}",
    }
    return EventReport(story_id=story, source=source, at=at, **{**defaults, **known})


def arranged(alerts: list[Alert], events: dict[int, int], *, by_event: bool = True, **known: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "reported": frozenset(),
        "positions": {},
        "revisions": {one.revision_id: revision_info(one.revision_id) for one in alerts},
        "keys": {},
        "stories": {one.article_id: one.story_id for one in alerts if one.story_id is not None},
        "pickups": {},
        "events": events,
        "reports": {},
    }
    return arrange(alerts, AlertContext(**{**defaults, **known}), by_event=by_event)


def test_the_stories_of_an_event_are_one_entry_by_the_earliest() -> None:
    found = arranged([alert(1), alert(2), alert(3)], {1: 7, 3: 7})["stories"]
    assert [(entry.story_id, [part.story_id for part in entry.parts]) for entry in found] == [(3, [1]), (2, [])]
    assert found[0].all_alert_ids == (3, 1)


def test_entries_are_ordered_by_the_latest_story_of_each() -> None:
    found = arranged([alert(1), alert(2), alert(9)], {1: 7, 9: 7})["stories"]
    assert [entry.story_id for entry in found] == [9, 2]  # 9 is the oldest, but 1, which is below it, the newest


def test_grouping_can_be_switched_off() -> None:
    found = arranged([alert(1), alert(2)], {1: 7, 2: 7}, by_event=False)["stories"]
    assert [(entry.story_id, entry.parts, entry.event_id) for entry in found] == [(1, (), None), (2, (), None)]


def test_an_entry_has_the_topics_of_all_its_stories() -> None:
    (entry,) = arranged([alert(1, topic="troops", topic_title="Troops"), alert(2)], {1: 7, 2: 7})["stories"]
    assert {topic.id for topic in entry.topics} == {"troops", "talks"}


def test_an_edit_of_a_reported_story_stays_an_update_of_its_own() -> None:
    edit = alert(1, kind="edited")
    found = arranged([edit, alert(2)], {1: 7, 2: 7}, reported=frozenset({1}))
    assert [entry.alert_ids for entry in found["changes"]] == [(1,)]
    assert [entry.alert_ids for entry in found["stories"]] == [(2,)]


@given(
    st.lists(
        st.tuples(st.integers(1, 30), st.sampled_from(["new", "edited", "addition", "removed"]), st.booleans()),
        max_size=25,
    ),
    st.dictionaries(st.integers(1, 30), st.integers(1, 4)),
    st.sets(st.integers(1, 25)),
)
def test_no_alert_is_lost_or_doubled_by_grouping(
    made: list[tuple[int, Any, bool]], events: dict[int, int], reported: set[int]
) -> None:
    alerts = [
        alert(number, article_id=article, kind=kind, is_old=is_old)
        for number, (article, kind, is_old) in enumerate(made, start=1)
    ]
    found = arranged(alerts, events, reported=frozenset(reported))
    apart = arranged(alerts, events, by_event=False, reported=frozenset(reported))
    for name in ("stories", "older", "changes"):
        ids = sorted(number for entry in found[name] for number in entry.all_alert_ids)
        assert ids == sorted(number for entry in apart[name] for number in entry.alert_ids)
        times = [entry.latest_published_at for entry in found[name]]
        assert name == "changes" or times == sorted(times, reverse=True)
    assert sorted(n for name in found for entry in found[name] for n in entry.all_alert_ids) == list(
        range(1, len(alerts) + 1)
    )


def event_entry() -> Entry:
    (entry,) = arranged(
        [alert(1), alert(2)],
        {1: 7, 2: 7},
        reports={
            7: [
                report(2, "Pravda", hours_ago(2)),
                report(1, "Gazette", hours_ago(1.5)),
                report(5, "Ledger", hours_ago(0)),
            ]
        },
    )["stories"]
    return entry


def test_the_entry_says_who_was_first_and_who_followed_when() -> None:
    digest = content(event_entry(), archive_url="https://archive.example")
    line = DigestPage(digest, Limits(8)).event_line(digest.stories[0])
    assert line.startswith("First: Pravda, ")
    assert line.endswith("; then 2 others in other words: Gazette +30 min, Ledger +2 h")
    rendered = render(digest)
    for text in (rendered.text, rendered.html, rendered.chat):
        assert "https://archive.example/event/7" in text
        assert "Headline 1" in text
        assert "Headline 2" in text


def test_stories_that_do_not_fit_are_counted_and_linked() -> None:
    entry = event_entry()
    many = replace(entry, parts=entry.parts * 12)
    page = DigestPage(content(many, archive_url="https://archive.example"), Limits(4))
    more = page.more_parts(many)
    assert more is not None
    assert more.text == "and 8 more stories of this event"
    assert more.href is not None
    assert page.more_parts(entry) is None


def test_every_story_of_every_event_is_shown_or_counted_however_little_fits() -> None:
    alerts = [alert(number) for number in range(1, 241)]
    events = {number: number % 40 for number in range(1, 241)}
    rendered = render(content(*arranged(alerts, events)["stories"]))
    ranges = re.findall(r"in the archive,\s+alerts (\d+)\s+to (\d+)", rendered.text)
    counted = {number for first, last in ranges for number in range(int(first), int(last) + 1)}
    shown = {int(number) for number in re.findall(r"^[*+] Headline (\d+)$", rendered.text, re.MULTILINE)}
    assert 40 <= len(shown) < 240
    assert shown | counted == set(range(1, 241))
    headlines = {int(number) for number in re.findall(r">Headline (\d+)<", rendered.html)}
    assert headlines == shown

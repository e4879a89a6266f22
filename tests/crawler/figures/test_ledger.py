"""Series of claims: conflicts, ranges, repetitions and moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from crawler.figures.ledger import FigurePoint, distinct_moves, figure_text, ledger_of, moves_of

DAY = datetime(2026, 3, 1, tzinfo=timezone.utc)
POINT = FigurePoint(
    id=1, at=DAY, speaker="the ministry", speaker_name="ministry", cue="said", written="300", low=300, high=300, share=None,
    modifier=None, unit="troops", outcome="killed", sentence="300 soldiers were killed, the ministry said.", replaces=None,
    spans={}, source_id="gazette", source="Gazette", url="https://gazette.example/1", article_id=1, story_id=None,
    revision_id=1, version=1, alert_id=1, page_sha256=None,
)  # fmt: skip


def point(
    number: int,
    low: float,
    high: float | None = None,
    *,
    speaker: str | None = "ministry",
    days: float = 0,
    **known: object,
) -> FigurePoint:
    """A claim in an article of its own."""
    values: dict[str, object] = {
        "id": number, "article_id": number, "revision_id": number, "alert_id": number, "low": low,
        "high": low if high is None else high, "speaker": speaker, "speaker_name": speaker, "at": DAY + timedelta(days=days),
        "written": f"{low:,.0f}",
    }  # fmt: skip
    return replace(POINT, **{**values, **known})  # type: ignore[arg-type]  # values of several types


@pytest.mark.parametrize(
    ("low", "high", "days", "conflicts"),
    [
        (400, 400, 0, 0),  # 25 % apart
        (430, 430, 0, 1),  # 30.2 %
        (400, 500, 0, 0),  # ranges are compared at the ends that are closest
        (1000, 1000, 30, 1),
        (1000, 1000, 32, 0),  # a month later, another state
    ],
)
def test_two_speakers_conflict_if_their_numbers_differ_by_more_than_30_percent_within_a_month(
    low: float, high: float, days: float, conflicts: int
) -> None:
    (series,) = ledger_of([point(1, 300), point(2, low, high, speaker="army", days=days)])
    assert len(series.conflicts) == conflicts


def test_one_speaker_or_claims_without_a_speaker_never_conflict() -> None:
    (series,) = ledger_of([point(1, 300), point(2, 9000), point(3, 50, speaker=None)])
    assert series.conflicts == ()


def test_other_outcomes_and_units_are_other_series_and_never_conflict() -> None:
    ledger = ledger_of(
        [
            point(1, 300),
            point(2, 9000, speaker="army", outcome="wounded"),
            point(3, 9000, speaker="army", unit="drones"),
        ]
    )
    assert len(ledger) == 3
    assert [series.conflicts for series in ledger] == [(), (), ()]


def test_a_line_has_the_claims_of_one_speaker_in_order_of_time_and_their_range() -> None:
    (series,) = ledger_of([point(2, 500, days=2), point(1, 300, 350), point(3, 400, speaker="army", days=1)])
    assert [line.speaker for line in series.lines] == ["ministry", "army"]
    assert [one.low for one in series.lines[0].points] == [300, 500]
    assert series.lines[0].range == (300, 500)


def test_the_same_claim_in_a_story_is_shown_once_with_its_other_outlets() -> None:
    same = [
        point(1, 300, story_id=7),
        point(2, 300, story_id=7, days=1, source="Wire"),
        point(3, 300, story_id=7, days=2, source="Post", speaker=None),
        point(4, 300, days=3),
    ]
    (series,) = ledger_of(same)
    assert [(one.id, one.also_in) for one in series.points] == [(1, ("Wire", "Post")), (4, ())]


def test_a_figure_moves_if_the_same_speaker_claimed_another_number_before() -> None:
    points = [point(1, 55_297, unit="people"), point(2, 55_432, unit="people", days=1)]
    assert moves_of(points, {1, 2}) == {2: ("killed (ministry): 55,297 → 55,432",)}
    assert moves_of(points, {1}) == {}
    assert moves_of([point(1, 300), point(2, 300, days=1)], {2}) == {}
    assert moves_of([point(1, 300), point(2, 400, days=1, speaker="army")], {2}) == {}
    assert moves_of([point(1, 300), point(2, 400, days=1)], {2}) == {2: ("troops killed (ministry): 300 → 400",)}


def test_the_second_number_of_an_article_is_not_a_move() -> None:
    up_from = [point(2, 500, days=1), point(3, 300, days=1, article_id=2, revision_id=2, alert_id=2)]
    assert moves_of([point(1, 300), *up_from], {2}) == {2: ("troops killed (ministry): 300 → 500",)}


def test_a_claim_is_written_with_its_modifier_range_or_share() -> None:
    assert figure_text(point(1, 300, modifier="at_least")) == "at least 300"
    assert figure_text(point(1, 2000, 3000)) == "2,000–3,000"
    assert figure_text(point(1, 2666.7, share=2 / 3, written="two-thirds")) == "two-thirds (2,667)"
    assert figure_text(point(1, 100, 999, modifier="magnitude", written="hundreds of")) == "hundreds of"
    assert figure_text(replace(point(1, 0), low=None, high=None, share=0.5, written="half")) == "half"


def test_two_topics_that_had_another_number_before_give_one_line_for_a_new_one() -> None:
    lines = (
        "killed (Voss): two in three (2,000) → 3,000",
        "killed (Voss): 2,000 → 3,000",
        "wounded (Voss): 2,000 → 3,000",
    )
    assert distinct_moves(lines) == (lines[0], lines[2])

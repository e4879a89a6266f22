"""Field drift: fields that recent pages of a source have less often than earlier ones."""

from __future__ import annotations

from schedules.health.field_drift import Count, Drift, find_drift


def count(given: int, pages: int) -> Count:
    return Count(given=given, pages=pages)


def test_a_field_that_the_latest_pages_no_longer_have_is_lost() -> None:
    found = find_drift({"byline": count(95, 100)}, {"byline": count(0, 12)})
    assert found == (Drift(field="byline", earlier=count(95, 100), recent=count(0, 12), lost=True),)
    assert str(found[0]) == "byline: 95% of earlier pages, none of the last 12"


def test_a_field_that_became_rare_is_fading() -> None:
    assert [(drift.lost, str(drift)) for drift in find_drift({"lead": count(100, 100)}, {"lead": count(4, 12)})] == [
        (False, "lead: 100% of earlier pages, 4 of the last 12")
    ]


def test_a_field_that_is_as_frequent_as_before_has_not_drifted() -> None:
    assert find_drift({"byline": count(95, 100)}, {"byline": count(9, 12)}) == ()


def test_a_field_that_was_often_missing_before_has_not_drifted() -> None:
    assert find_drift({"lead": count(40, 100)}, {"lead": count(0, 12)}) == ()


def test_a_few_pages_are_not_enough_for_drift() -> None:
    assert find_drift({"byline": count(95, 100)}, {"byline": count(0, 4)}) == ()
    assert find_drift({"byline": count(10, 10)}, {"byline": count(0, 12)}) == ()


def test_a_new_source_has_not_drifted() -> None:
    assert find_drift({}, {"byline": count(0, 12)}) == ()
    assert find_drift({"byline": count(0, 0)}, {"byline": count(0, 0)}) == ()


def test_lost_fields_come_first() -> None:
    earlier = {field: count(100, 100) for field in ("title", "byline", "published")}
    recent = {"title": count(4, 10), "byline": count(0, 10), "published": count(0, 10)}
    assert [drift.field for drift in find_drift(earlier, recent)] == ["byline", "published", "title"]

from __future__ import annotations

from crawler.events.additions import ReportText, additions

FIRST = ReportText(
    title="Strike on Kupiansk", text="Drones hit a substation in Kupiansk. 90,000 homes are dark.", language="en"
)
LATER = ReportText(
    title="Куп'янськ без світла",
    text="У Куп'янську без світла 90 тисяч осель. Поранено 14 людей, повідомив Олег Синєгубов.",
    language="uk",
)


def test_a_report_adds_the_names_and_figures_that_no_earlier_one_has_in_any_language() -> None:
    first, later = additions([FIRST, LATER])
    assert first.facts == ()
    assert set(later.facts) >= {"14", "Синєгубов"}
    assert not {"90,000", "Куп'янську"} & set(later.facts)
    assert later.sentences == ("Поранено 14 людей, повідомив Олег Синєгубов.",)


def test_a_report_of_the_same_facts_adds_nothing() -> None:
    again = ReportText(title="Kupiansk", text="In Kupiansk 90,000 homes are dark.", language="en")
    assert additions([FIRST, again])[1].facts == ()

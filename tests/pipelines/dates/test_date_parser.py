"""Dates as people write them, in the forms of many languages."""

from __future__ import annotations

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from pipelines.dates.date_parser import parse_date

FORMS = [
    ("en", "Wed, 4 Mar 2026 at 13:11"), ("en", "1:11 PM EST, March 4, 2026"), ("en", "04-Mar-2026 13:11"),
    ("en", "03/04/2026 1:11 PM"), ("de", "Mi, 04.03.2026, 13:11 Uhr"), ("de", "4. März 2026 um 13.11 Uhr"),
    ("fr", "4 mars 2026 à 13 h 11"), ("fr", "le 04/03/2026 à 13h11"), ("es", "4 de marzo de 2026 - 13:11"),
    ("pt", "4 de março de 2026 às 13h11"), ("it", "4 marzo 2026 alle 13:11"), ("nl", "4 maart 2026, 13:11"),
    ("sv", "4 mars 2026 kl 13.11"), ("da", "4. mar 2026 kl. 13:11"), ("fi", "4.3.2026 klo 13.11"),
    ("pl", "4 marca 2026, 13:11"), ("cs", "4. 3. 2026 13:11"), ("hu", "2026. március 4. 13:11"),
    ("ro", "4 martie 2026, 13:11"), ("el", "Τετάρτη, 4 Μαρτίου 2026 13:11"), ("tr", "04 Mar 2026, 13:11"),
    ("lt", "2026 m. kovo 4 d. 13:11"), ("lv", "2026. gada 4. marts 13:11"), ("et", "4. märts 2026 13:11"),
    ("uk", "4 березня 2026 р. о 13:11"), ("ru", "4 марта 2026, 13:11"), ("ar", "٤ مارس ٢٠٢٦ - ١٣:١١"),
    ("hi", "४ मार्च २०२६, १३:११"), ("th", "4 มีนาคม 2569 13:11"), ("vi", "4 tháng 3, 2026 13:11"),
    ("id", "4 Maret 2026 13.11 WIB"), ("ja", "2026年3月4日 13時11分"), ("ja", "2026年3月4日 午後1時11分"),
    ("zh", "2026-03-04 13:11:09"), ("ko", "2026년 3월 4일 오후 1:11"), ("ko", "2026년 3월 4일 13시11분"), ("ko", "입력 2026.03.04 13:11"),
    ("ko", "2026. 3. 4. 오후 1:11"), ("ko", "2026년 3월 4일 (수) 13:11"), ("ja", "2026年3月4日(水) 13:11"), ("ja", "2026年3月4日（水）13時11分"),
    ("zh", "2026年03月04日 星期三 13:11"), ("tr", "4 Mart 2026 Çarşamba 13:11"), ("ru", "4.03.2026, среда, 13:11"),
    ("hu", "2026. március 4., szerda 13:11"), ("hr", "04.03.2026. u 13:11"), ("sr", "4. март 2026. 13:11"), ("cs", "4. března 2026 v 13:11"),
    ("sk", "4. marca 2026 o 13:11"), ("sl", "4. marec 2026 ob 13:11"), ("nl", "4 maart 2026 om 13:11"), ("el", "4 Μαρτίου 2026 στις 13:11"),
    ("ro", "4 martie 2026, ora 13:11"), ("it", "4 marzo 2026 alle ore 13.11"), ("pl", "4 marca 2026 roku, godz. 13:11"),
    ("pl", "środa, 4 marca 2026 (13:11)"), ("th", "4 มีนาคม 2569 เวลา 13.11 น."), ("th", "4 มี.ค. 2569 13:11 น."),
    ("ar", "04 آذار 2026 | 13:11"), ("ar", "4 مارس/آذار 2026 13:11"), ("ar", "2026/03/04 01:11 م"), ("ar", "الأربعاء 4 آذار 2026 - 13:11"),
    ("fa", "۱۳ اسفند ۱۴۰۴، ساعت ۱۳:۱۱"), ("fa", "۱۴۰۴/۱۲/۱۳ - ۱۳:۱۱"), ("bn", "০৪ মার্চ ২০২৬, ১৩: ১১"), ("en", "2026-03-04T13:11:09Z"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "line"), FORMS)
def test_a_date_is_read_with_its_time_of_day(language: str, line: str) -> None:
    found = parse_date(line, timezone.utc, language)
    assert found is not None
    reported = found.at + timedelta(minutes=found.offset_minutes or 0)
    assert (reported.strftime("%Y-%m-%d %H:%M"), found.precision) == ("2026-03-04 13:11", "minute")
    assert found.raw in line


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("4 كانون الثاني 2026", "2026-01-04"), ("09 جوان 2026", "2026-06-09"), ("9 มิ.ย. 2569", "2026-06-09"),
        ("۱ فروردین ۱۴۰۵", "2026-03-21"), ("۳۰ اسفند ۱۴۰۳", "2025-03-20"), ("۱۹ جوزا ۱۴۰۵", "2026-06-09"),
    ],
)  # fmt: skip
def test_months_of_other_names_and_calendars_are_read(line: str, day: str) -> None:
    found = parse_date(line, timezone.utc, "ar")
    assert found is not None
    assert (found.at.strftime("%Y-%m-%d"), found.precision) == (day, "day")


@pytest.mark.parametrize(
    ("line", "utc", "offset"),
    [
        ("June 9, 2026, 10:15 p.m. EDT", "2026-06-10 02:15", -240),
        ("June 9, 2026 10:15 PM ET", "2026-06-10 02:15", -240),
        ("January 9, 2026 10:15 PM ET", "2026-01-10 03:15", -300),
        ("10:15 PM ET, Tue June 9, 2026", "2026-06-10 02:15", -240),
        ("9 June 2026, 10:15 (GMT+7)", "2026-06-09 03:15", 420),
        ("June 9, 2026 7:12 AM GMT+3", "2026-06-09 04:12", 180),
        ("Jun 09, 2026, 10:15 PM IST", "2026-06-09 16:45", 330),
        ("9 June 2026 10:15 UTC-03:30", "2026-06-09 13:45", -210),
        ("9 June 2026 22:15 +03", "2026-06-09 19:15", 180),
        ("9. Juni 2026, 10.15 Uhr MESZ", "2026-06-09 08:15", 120),
        ("9 June 2026, 10:15 h - 12:30", "2026-06-09 14:15", None),
        ("June 9, 2026 10:15 AM ABC News", "2026-06-09 14:15", None),
    ],
)
def test_a_time_zone_after_a_time_wins_over_the_sources(line: str, utc: str, offset: int | None) -> None:
    found = parse_date(line, ZoneInfo("America/New_York"), "en")
    assert found is not None
    assert (found.at.strftime("%Y-%m-%d %H:%M"), found.offset_minutes) == (utc, offset)


@pytest.mark.parametrize(("zone", "offset"), [("Asia/Shanghai", 480), ("America/Chicago", -360), ("UTC", -360)])
def test_an_ambiguous_zone_name_means_the_sources_zone(zone: str, offset: int) -> None:
    found = parse_date("9 January 2026 10:15 CST", ZoneInfo(zone), "en")
    assert found is not None
    assert found.offset_minutes == offset


@pytest.mark.parametrize(
    ("language", "line", "day"),
    [
        ("en-US", "05/06/2026", "2026-05-06"), ("en-GB", "05/06/2026", "2026-06-05"), ("en", "05/06/2026", "2026-06-05"),
        ("en", "05/06/2026 10:15 pm", "2026-05-06"), ("en-GB", "05/06/2026 10:15 pm", "2026-06-05"),
        ("en", "Wed, 05/06/2026 - 10:15", "2026-05-06"), ("en-US", "Fri, 05/06/2026 - 10:15", "2026-06-05"),
        ("es-US", "05/06/2026", "2026-05-06"), ("de", "05.06.2026", "2026-06-05"), ("en-US", "25/06/2026", "2026-06-25"),
    ],
)  # fmt: skip
def test_the_weekday_the_country_and_the_clock_decide_which_number_is_the_month(
    language: str, line: str, day: str
) -> None:
    found = parse_date(line, timezone.utc, language)
    assert found is not None
    assert found.at.strftime("%Y-%m-%d") == day


def test_a_time_after_other_words_is_not_the_time_of_the_date() -> None:
    found = parse_date("9 June 2026, Harbour won by 10:15", timezone.utc, "en")
    assert found is not None
    assert (found.precision, found.raw) == ("day", "9 June 2026")


@pytest.mark.parametrize("line", ["41 Mar 2026", "4 Nobody 2026", "1911", "4 of 2026 ships", "2026. évi 4 hajó"])
def test_other_text_is_not_a_date(line: str) -> None:
    assert parse_date(line, timezone.utc, "en") is None

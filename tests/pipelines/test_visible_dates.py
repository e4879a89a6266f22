"""Dates as people write them, in the forms of many languages."""

from __future__ import annotations

from datetime import timezone

import pytest

from pipelines.visible_dates import read

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
]  # fmt: skip


@pytest.mark.parametrize(("language", "line"), FORMS)
def test_a_date_is_read_with_its_time_of_day(language: str, line: str) -> None:
    found = read(line, timezone.utc, language)
    assert found is not None
    assert found.at.strftime("%Y-%m-%d %H:%M") == "2026-03-04 13:11"
    assert found.raw in line


@pytest.mark.parametrize("line", ["41 Mar 2026", "4 Nobody 2026", "1911", "4 of 2026 ships", "2026. évi 4 hajó"])
def test_what_is_no_date_is_none(line: str) -> None:
    assert read(line, timezone.utc, "en") is None

"""Parsing the dates that publishers write."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from crawler.timestamps import parse_timestamp

KYIV = ZoneInfo("Europe/Kyiv")


@pytest.mark.parametrize(
    ("text", "at", "offset"),
    [
        ("Thu, 05 Mar 2026 18:27:00 +02:00", "2026-03-05T16:27:00", 120),
        ("Thu, 05 Mar 2026 18:27:00 GMT+0200", "2026-03-05T16:27:00", 120),
        ("Thu, 05 Mar 2026 18:27:00 GMT+2", "2026-03-05T16:27:00", 120),
        ("Thu, 05 Mar 2026 18:27:00 UTC-3", "2026-03-05T21:27:00", -180),
        ("Thu, 05 Mar 2026 18:27:00 -05:00", "2026-03-05T23:27:00", -300),
        ("Thu, 05 Mar 2026 18:27:00+5:30", "2026-03-05T12:57:00", 330),
        ("Thu, 05 Mar 2026 18:27:00 +0200 (EET)", "2026-03-05T16:27:00", 120),
        ("Thu Mar 05 2026 18:27:00 GMT+0200 (Eastern European Standard Time)", "2026-03-05T16:27:00", 120),
        ("Thu Mar  5 18:27:00 CET 2026", "2026-03-05T17:27:00", 60),
        ("Tue, 18 Sept 2018 15:53:56 +0300", "2018-09-18T12:53:56", 180),
        ("Thurs, 05 March 2026 18:27:00 GMT", "2026-03-05T18:27:00", 0),
        ("Weds 04 Mar 2026 18:27 Z", "2026-03-04T18:27:00", 0),
        ("05 Mar 26 18:27:00 EST", "2026-03-05T23:27:00", -300),
        ("March 5, 2026 18:27:00 +0200", "2026-03-05T16:27:00", 120),
        ("2026-03-05T18:27:00+02:00[Europe/Paris]", "2026-03-05T16:27:00", 120),
        ("2026-03-05T18:27:00[Europe/Paris]", "2026-03-05T17:27:00", 60),
        ("2026-03-05T18:27:00+2", "2026-03-05T16:27:00", 120),
        ("2026-03-05T18:27:00 GMT+02:00", "2026-03-05T16:27:00", 120),
        ("2026-03-05 18:27:00.123 +0200", "2026-03-05T16:27:00", 120),
        ("2026-03-05T18:27:00\u221203:00", "2026-03-05T21:27:00", -180),
        ("20260305T182700Z", "2026-03-05T18:27:00", 0),
        ("20260305182700", "2026-03-05T16:27:00", None),
        ("Thu, 05 Mar 2026 18:27:00", "2026-03-05T16:27:00", None),
        ("Do, 05 Mär 2026 18:27:00 +0100", "2026-03-05T17:27:00", 60),
        ("jeu., 05 mars 2026 18:27:00 +0100", "2026-03-05T17:27:00", 60),
        ("чт, 05 бер 2026 18:27:00 +0200", "2026-03-05T16:27:00", 120),
        ("Thu, 05 Mar 2026 24:00:00 GMT", "2026-03-06T00:00:00", 0),
        ("Thu, 05 Mar 2026 18:27:60 GMT", "2026-03-05T18:27:59", 0),
        ("Thu, 05 Mar 2026 18:27:00 (UTC-3)", "2026-03-05T21:27:00", -180),
        ("Thu, 05 Mar 2026 18:27:00 -0500 EST", "2026-03-05T23:27:00", -300),
        ("Thu, 05 Mar 2026 18:27:00 -03:00 GMT", "2026-03-05T21:27:00", -180),
        ("Thu, 05 Mar 2026 18:27:00 -0000", "2026-03-05T18:27:00", 0),
        ("Thu, 05 Mar 2026 18:27:00GMT", "2026-03-05T18:27:00", 0),
        ("Thu, 05 Mar 2026 06:27 PM -0300", "2026-03-05T21:27:00", -180),
        ("Thursday, March 5, 2026 - 18:27", "2026-03-05T16:27:00", None),
        ("2026-03-05 18:27:00 EST", "2026-03-05T23:27:00", -300),
        ("2026-03-05T18:27:00+0100Z", "2026-03-05T17:27:00", 60),
        ("2026-03-05T18:27:00Z+01:00", "2026-03-05T17:27:00", 60),
        ("2026-03-05 18:27:00 Europe/Paris", "2026-03-05T17:27:00", 60),
        ("2026-03-05 06:27 PM", "2026-03-05T16:27:00", None),
        ("2026.03.05 18:27", "2026-03-05T16:27:00", None),
        ("2026年3月5日 18:27", "2026-03-05T16:27:00", None),
        ("05.03.2026, 18:27 Uhr", "2026-03-05T16:27:00", None),
        ("05.03.2026 18:27 CET", "2026-03-05T17:27:00", 60),
        ("25/03/2026 18:27", "2026-03-25T16:27:00", None),
        ("03/25/2026 6:27 PM", "2026-03-25T16:27:00", None),
        ("5 March 2026 at 6:27 p.m. EST", "2026-03-05T23:27:00", -300),
    ],
)
def test_a_time_is_parsed_with_its_offset(text: str, at: str, offset: int | None) -> None:
    timestamp = parse_timestamp(text, KYIV, "feed")
    assert timestamp is not None
    assert (timestamp.at.isoformat(), timestamp.offset_minutes) == (f"{at}+00:00", offset)
    assert timestamp.precision != "day"
    assert timestamp.raw == text


@pytest.mark.parametrize(
    "text",
    ["Tue, 17 Jan 2006", "17 January 2006", "Jan. 17, 2006", "2006-01-17", "20060117", "17.01.2006", "17-01-2006"],
)
def test_a_date_without_a_time_is_midnight_in_the_zone_of_the_source(text: str) -> None:
    timestamp = parse_timestamp(text, KYIV, "feed")
    assert timestamp is not None
    assert (timestamp.at.isoformat(), timestamp.precision) == ("2006-01-16T22:00:00+00:00", "day")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "6:27 PM",
        "03/04/2026",
        "2026-03-05T18:27:00+99:00",
        "Tue, 17 Foo 2006",
        "Thu, 32 Mar 2026 18:27:00 GMT",
        "2026-13-40",
        "5",
        "+02:00",
        "x" * 101,
    ],
)
def test_other_texts_are_not_dates(text: str) -> None:
    assert parse_timestamp(text, KYIV, "feed") is None

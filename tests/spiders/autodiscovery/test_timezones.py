"""Guessing the timezone of an outlet."""

from __future__ import annotations

import zoneinfo

import pytest

from spiders.autodiscovery.timezones import guess_timezone


@pytest.mark.parametrize(
    ("host", "language", "zone"),
    [
        ("www.outlet.ua", None, "Europe/Kyiv"),
        ("outlet.co.uk", "en-US", "Europe/London"),
        ("outlet.de", "de", "Europe/Berlin"),
        ("outlet.jp", None, "Asia/Tokyo"),
        ("outlet.com", "uk-UA", "Europe/Kyiv"),
        ("outlet.com", "pl-PL", "Europe/Warsaw"),
        ("outlet.com", "en-US", "UTC"),
        ("outlet.com", "uk", "UTC"),
        ("outlet.us", "en", "UTC"),
        ("outlet.tv", None, "UTC"),
        ("localhost", None, "UTC"),
        ("", "", "UTC"),
        ("127.0.0.1", "xx-XX", "UTC"),
    ],
)
def test_the_timezone_of_a_country_with_one_timezone_is_guessed(host: str, language: str | None, zone: str) -> None:
    guessed, reason = guess_timezone(host, language)
    assert guessed == zone
    assert reason
    assert guessed in zoneinfo.available_timezones()


def test_a_country_with_many_timezones_has_a_choice_of_some() -> None:
    assert "America/New_York" in guess_timezone("outlet.us", None)[1]

"""Addresses as feeds and sitemaps write them."""

from __future__ import annotations

import pytest

from spiders.markup.entries import page_url


@pytest.mark.parametrize(
    "address",
    [
        "https//ledger.example/a",
        "https:/ledger.example/a",
        "https:///ledger.example/a",
        "https:ledger.example/a",
        "https://https://ledger.example/a",
        "http://ledger.examplehttps://ledger.example/a",
        "feed:https://ledger.example/a",
        '<a href="https://ledger.example/a" hreflang="uk">Pier closes</a>',
        '<a href="/a">Pier closes</a>',
    ],
)
def test_a_slip_in_an_address_is_repaired(address: str) -> None:
    assert page_url("https://ledger.example/rss", address) == "https://ledger.example/a"


@pytest.mark.parametrize(
    "address",
    [
        "https://web.archive.example/web/2026/https://ledger.example/a",
        "https://ledger.example/go?to=https://other.example/b",
        "https://http.ledger.example/a",
        "https://ledger.example/https-explained",
    ],
)
def test_an_address_that_contains_another_is_kept(address: str) -> None:
    assert page_url("https://ledger.example/rss", address) == address

from __future__ import annotations

import pytest

from crawler.models import Link
from crawler.url_identity import KeyRules, is_trusted_canonical, link_keys, page_keys, redirected_away

RULES = KeyRules(source="ledger")
PAGE = "https://ledger.example/world/2026/troops-arrive-in-the-north"


@pytest.mark.parametrize(
    ("canonical", "page"),
    [
        ("https://ledger.example/world/2026/troops-arrive-in-the-north", PAGE + "?utm_source=x"),
        ("https://ledger.example/troops-arrive-in-the-north/", PAGE),
        ("https://www.ledger.example/world/2026/troops-arrive-in-the-far-north", PAGE),
        ("https://ledger.example/world/troops-arrive-48211", "https://ledger.example/a/48211"),
        ("https://ledger.example/world/troops-arrive", "https://ledger.example/?p=48211"),
        ("https://ledger.example/world/story", "https://ledger.example/world/story?page=2"),
    ],
)
def test_a_canonical_url_of_the_same_page_is_trusted(canonical: str, page: str) -> None:
    assert is_trusted_canonical(canonical, page_url=page, rules=RULES)


@pytest.mark.parametrize(
    ("canonical", "page"),
    [
        ("https://ledger.example/", PAGE),
        ("https://ledger.example", "https://ledger.example/?p=48211"),
        ("https://ledger.example/world/", PAGE),
        ("https://ledger.example/world/2026", PAGE),
        ("https://ledger.example/world/2026/an-entirely-different-story", PAGE),
        ("https://agency.example/world/2026/troops-arrive-in-the-north", PAGE),
        ("https://ledger.example/article", "https://ledger.example/article?id=77"),
        ("/world/2026/troops-arrive-in-the-north", PAGE),
        ("javascript:alert(1)", PAGE),
    ],
)
def test_a_canonical_url_that_may_be_shared_by_other_articles_is_not_trusted(canonical: str, page: str) -> None:
    assert not is_trusted_canonical(canonical, page_url=page, rules=RULES)


def test_a_new_article_gets_its_canonical_url_and_keeps_every_url_form() -> None:
    link = Link(url="https://ledger.example/r?id=9")
    keys = page_keys(
        url=link.url,
        final_url=PAGE,
        canonical="https://ledger.example/troops-arrive-in-the-north",
        link=link,
        rules=RULES,
    )
    assert keys[0].origin == "canonical"
    assert {key.url for key in keys} == {link.url, PAGE, "https://ledger.example/troops-arrive-in-the-north"}


def test_articles_at_fragments_of_one_page_have_keys_of_their_own() -> None:
    first, second = "https://ledger.example/app#/news/7", "https://ledger.example/app#!/news/8"
    for final_url in (first, "https://ledger.example/app"):  # a browser may report the URL without its fragment
        keys = page_keys(
            url=first, final_url=final_url, canonical="https://ledger.example/app", link=Link(url=first), rules=RULES
        )
        assert {key.key for key in keys} == {"ledger.example/app#/news/7"}
    assert [key.key for key in link_keys(Link(url=second), RULES)] == ["ledger.example/app#!/news/8"]
    assert Link(url=first).has_page


def test_with_identity_guid_only_the_guid_decides() -> None:
    rules = KeyRules(source="ticker", identity="guid")
    one = link_keys(Link(url="https://t.example/live", guid="1"), rules)
    two = link_keys(Link(url="https://t.example/live", guid="2"), rules)
    assert not {key.key for key in one} & {key.key for key in two}


def test_with_identity_both_the_guid_or_the_url_joins() -> None:
    rules = KeyRules(source="ledger", identity="both")
    moved = link_keys(Link(url="https://ledger.example/new-address", guid="1"), rules)
    old = link_keys(Link(url="https://ledger.example/old-address", guid="1"), rules)
    assert {key.key for key in moved} & {key.key for key in old}


def test_without_a_guid_the_url_decides_in_every_mode() -> None:
    keys = link_keys(Link(url=PAGE), KeyRules(source="ledger", identity="guid"))
    assert keys[0].key == "ledger.example/world/2026/troops-arrive-in-the-north"


@pytest.mark.parametrize(
    ("final", "away"),
    [
        ("https://ledger.example/", True),
        ("https://ledger.example/world/", True),
        ("https://ledger.example/world/2026/troops-arrive-in-the-north/", False),
        ("https://ledger.example/troops-arrive-in-the-north", False),
    ],
)
def test_a_redirect_to_the_home_page_or_a_section_is_not_an_article(final: str, away: bool) -> None:
    assert redirected_away(PAGE, final) is away

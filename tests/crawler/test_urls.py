from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import MAX_URL, absolute, registered_domain, url_key
from tests.support.corpus import corpus_or_skip

SAME = [
    ("https://www.ledger.example/world/troops-arrive", "http://ledger.example/world/troops-arrive/"),
    ("https://ledger.example/a?utm_source=x&utm_medium=y", "https://ledger.example/a"),
    ("https://ledger.example/a?fbclid=1#comments", "https://ledger.example/a"),
    ("https://m.ledger.example/a", "https://ledger.example/a"),
    ("https://amp.ledger.example/a", "https://ledger.example/a"),
    ("https://ledger.example/news/amp/world-123", "https://ledger.example/news/world-123"),
    ("https://ledger.example/a/amp/", "https://ledger.example/a"),
    ("https://ledger.example/a.amp.html", "https://ledger.example/a.html"),
    ("https://ledger.example/a?outputType=amp", "https://ledger.example/a"),
    ("https://ledger-example.cdn.ampproject.org/c/s/ledger.example/a/amp/", "https://ledger.example/a"),
    ("https://www.google.com/amp/s/ledger.example/a", "https://ledger.example/a"),
    ("https://ledger.example:443/a", "https://ledger.example/a"),
    ("https://LEDGER.example/a//b", "https://ledger.example/a/b"),
    ("https://ledger.example/новини/війська", "https://ledger.example/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8/%D0%B2%D1%96%D0%B9%D1%81%D1%8C%D0%BA%D0%B0"),
    ("https://ledger.example/a?b=2&c=1", "https://ledger.example/a?c=1&b=2"),
    ("https://ledger.example/a/index.html", "https://ledger.example/a/"),
    ("https://ledger.example/a;jsessionid=9F", "https://ledger.example/a"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("https://hafenstraße.example/a", "https://xn--hafenstrae-e4a.example/a"),
    ("https://ledger.example/a?PHPSESSID=4f", "https://ledger.example/a"),
    ("https://ledger.example/a?sid=0123456789abcdef01", "https://ledger.example/a"),
    ("https://ledger.example/(S(x1y2z3))/a", "https://ledger.example/a"),
    ("https://ledger.example/a?b=1&amp;c=2", "https://ledger.example/a?b=1&c=2"),
    ("https://ledger.example/a?from=rss&_x_tr_sl=uk", "https://ledger.example/a"),
]  # fmt: skip
APART = [
    ("https://ledger.example/?article=77", "https://ledger.example/?article=78"),
    ("https://ledger.example/a?cid=1", "https://ledger.example/a?cid=2"),
    ("https://ledger.example/A", "https://ledger.example/a"),
    ("https://ledger.example/a", "https://sport.ledger.example/a"),
    ("https://ledger.example/a%2Fb", "https://ledger.example/a/b"),
    ("https://ledger.example:8080/a", "https://ledger.example/a"),
    ("https://m.co/a", "https://co/a"),
    ("https://ledger.example/a?sid=12345", "https://ledger.example/a?sid=12346"),
    ("https://ledger.example/a?assessment_id=1", "https://ledger.example/a?assessment_id=2"),
    ("https://ledger.example/a?from=london", "https://ledger.example/a?from=paris"),
    ("https://ledger.example/print.php?print=4821", "https://ledger.example/print.php?print=4822"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_url_forms_of_one_article_have_the_same_key(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_a_url_that_may_be_another_article_has_its_own_key(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


def test_slug_identity_uses_only_the_last_segment() -> None:
    forms = ["https://desk.example/news-feed/x-y", "https://desk.example/x-y", "https://desk.example/x-y/"]
    assert len({url_key(form, slug_identity=True) for form in forms}) == 1


def test_a_parameter_that_the_source_keeps_is_part_of_the_key() -> None:
    assert url_key("https://a.example/x?ref=1", keep_params=("ref",)) != url_key(
        "https://a.example/x?ref=2", keep_params=("ref",)
    )


def test_real_url_forms_of_an_article_have_one_key_and_different_articles_have_different_keys() -> None:
    lines = (corpus_or_skip("links") / "kyiv_independent_url_forms.tsv").read_text(encoding="utf-8").splitlines()
    groups = [{url_key(url, slug_identity=True) for url in line.split("\t")[1:]} for line in lines]
    assert all(len(group) == 1 for group in groups)
    assert len(set().union(*groups)) == len(lines)


@given(st.text() | st.text().map("https://ledger.example/{}".format))
def test_any_text_gives_a_key_and_the_key_is_stable(text: str) -> None:
    key = url_key(text)
    assert url_key(text) == key


@given(
    st.from_regex(
        r"https?://(www\.)?[a-z]{2,8}\.example(/[a-z0-9-]{1,9}){0,3}/?(\?[a-z]{1,5}=[a-z0-9]{0,4})?", fullmatch=True
    )
)
def test_the_key_of_a_key_is_the_same_key(url: str) -> None:
    assert url_key("https://" + url_key(url)) == url_key(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/a", "https://ledger.example/a"),
        ("b#top", "https://ledger.example/world/b"),
        ("//other.example/c", "https://other.example/c"),
        ("mailto:desk@ledger.example", None),
        ("javascript:void(0)", None),
        ("https://[broken", None),
        ("https://not a host/", None),
        ("https://{{site}}/a", None),
        ("https://київ.example/новини", "https://київ.example/новини"),
        ("https://ledger.example:99999999/", None),
        ("https://ledger.example/" + "a" * MAX_URL, None),
        ("https:\\\\ledger.example\\a?b=c\\d", "https://ledger.example/a?b=c\\d"),
        ("https://ledger.example/./x/../a?b=1", "https://ledger.example/a?b=1"),
        ("https://hafenstraße.example:8080/a", "https://xn--hafenstrae-e4a.example:8080/a"),
    ],
)
def test_links_become_absolute_or_are_refused(url: str, expected: str | None) -> None:
    assert absolute("https://ledger.example/world/", url) == expected


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("feeds.bbci.co.uk", "bbci.co.uk"),
        ("kyivindependent.com", "kyivindependent.com"),
        ("127.0.0.5", "127.0.0.5"),
        ("localhost", "localhost"),
    ],
)
def test_the_registered_domain_is_found(host: str, domain: str) -> None:
    assert registered_domain(host) == domain

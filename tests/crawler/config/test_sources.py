"""sources.toml: all shipped sources pass the same checks, and messages say what is wrong, where, and what is allowed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from crawler.config.app import CHECKOUT
from crawler.config.sources import Source, load_sources
from crawler.exceptions import ConfigurationError
from crawler.urls import host_of, registered_domain

SHIPPED = load_sources(CHECKOUT / "data" / "starter" / "sources.toml")
GOOD = """
[gazette]
name = "Harbour Gazette"
home = "https://gazette.example/"
feeds = ["https://gazette.example/rss"]
"""


def load(tmp_path: Path, text: str) -> tuple[Source, ...]:
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return load_sources(path)


def mistakes(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, text)
    assert str(tmp_path / "sources.toml") in str(refusal.value)
    assert all("\n" not in mistake for mistake in refusal.value.mistakes)
    return refusal.value.mistakes


@pytest.mark.parametrize("source", SHIPPED, ids=lambda source: source.id)
def test_a_shipped_source_is_complete(source: Source) -> None:
    assert source.language, "the language helps where a page does not say"
    assert source.timezone, "times without an offset are read in it"
    assert all(seed.url.startswith("https://") for seed in source.seeds)
    assert len(source.domains) <= 3, "the seeds of an outlet are on its own domains"
    assert not source.allow_private
    assert source.verified_on is None or source.verified_on <= date.today()  # noqa: DTZ011 -- a day, by a person's calendar
    for rule in (*source.only_paths, *source.ignore_paths):
        assert re.compile(rule)


def test_the_kyiv_independent_is_the_first_shipped_source() -> None:
    first = SHIPPED[0]
    assert first.id == "kyiv-independent"
    assert first.timezone == "Europe/Kyiv"
    assert first.slug_identity
    assert {seed.kind for seed in first.seeds} == {"feed", "listing"}


def test_there_are_at_least_twelve_more_shipped_sources_in_several_languages() -> None:
    assert len(SHIPPED) > 12
    assert len({source.language for source in SHIPPED}) >= 5
    assert len({source.name for source in SHIPPED}) == len(SHIPPED)


def test_each_shipped_source_has_its_own_domain() -> None:
    homes = [registered_domain(host_of(source.home)) for source in SHIPPED]
    assert len(set(homes)) == len(homes)


def test_a_table_of_three_keys_is_a_source(tmp_path: Path) -> None:
    (source,) = load(tmp_path, GOOD)
    assert (source.id, source.timezone, source.identity) == ("gazette", "UTC", "url")
    assert source.domains == ("gazette.example",)


def test_a_seed_may_be_a_table(tmp_path: Path) -> None:
    (source,) = load(
        tmp_path,
        GOOD + 'listings = [{ url = "https://gazette.example/new", selector = "h3 a", poll_interval = "2h" }]\n',
    )
    seed = source.seeds[-1]
    assert (seed.kind, seed.selector, seed.poll_interval) == ("listing", "h3 a", timedelta(hours=2))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'feads = ["https://gazette.example/x"]',
            r"unknown key \(did you mean 'feeds'\?\); allowed: name, home, feeds",
        ),
        (
            'timezone = "Europe/Kiyv"',
            r"key timezone: 'Europe/Kiyv' is not a time zone \(did you mean 'Europe/Kyiv'\?\)",
        ),
        ('language = "english"', r"key language: 'english' is not an ISO 639-1 code; write two lowercase letters"),
        (
            'poll_interval = "soon"',
            r"""key poll_interval: 'soon': write a duration such as "90s", "15m", "2h" or "1d\"""",
        ),
        ('poll_interval = "0m"', r"must be longer than 0"),
        ('poll_interval = "99999999d"', r"key poll_interval: '99999999d': is too long; write 3650d at most"),
        ('poll_interval = "99999999999999999999d"', r"is too long; write 3650d at most"),
        ("delay = -1", r"key delay: -1: input should be greater than or equal to 0"),
        ("concurrency = 40", r"key concurrency: 40: input should be less than or equal to 16"),
        ("only_paths = [3]", r"key only_paths\[0\]: write a regular expression between quotes"),
        ('ignore_paths = ["[[:alpha:]]"]', r"possible nested set at position 1: inside brackets write"),
        ("verified_on = 2026-05-02T10:00:00", r"key verified_on: 2026-05-02T10:00:00: write a day, such as 2026-05-02"),
        ('identity = "slug"', r"key identity: 'slug' is not allowed; write one of 'url', 'guid' or 'both'"),
        ('only_paths = ["("]', r"key only_paths\[0\]: '\(': not a regular expression"),
        (
            'selectors = { titel = "h1" }',
            r"'titel' cannot be selected \(did you mean 'title'\?\); allowed: title, lead",
        ),
        ('selectors = { title = "h1[" }', r"key selectors.title: 'h1\[': not a CSS selector"),
        (
            'selectors = { byline = ".byline::text" }',
            r"key selectors.byline: '.byline::text': .*remove ::text, because the whole element is used",
        ),
        ("selectors = { lead = 'meta::attr(content)' }", r"key selectors.lead: .*remove ::attr\(content\)"),
        ("selectors = { lead = '*:nth-of-type(1)' }", r"key selectors.lead: .*not a CSS selector: "),
        ('sitemaps = "https://gazette.example/map"', r"key sitemaps: .*write a list of URLs"),
        (
            'sitemaps = ["https://desk:secret@gazette.example/map.xml"]',
            r"user names and passwords in URLs are not supported",
        ),
        ('sitemaps = ["/map.xml"]', r"key sitemaps\[0\].url: '/map.xml': write a full http\(s\) URL"),
        (
            'sitemaps = [{ url = "https://gazette.example/map", selector = "a" }]',
            r"selector and pattern are for listings",
        ),
        ('sitemaps = ["https://gazette.example/rss"]', r"https://gazette.example/rss is listed twice"),
        ('listings = [{ url = "https://gazette.example/n", selecter = "a" }]', r"did you mean 'selector'\?"),
        ('id = "gazette"', r"the table's name is the ID; remove the key"),
        ('verified_on = "yesterday"', r"key verified_on: 'yesterday': write a day, such as 2026-05-02"),
        ('hosts = "gazette.example"', r"key hosts: 'gazette.example': write a list between brackets"),
        ('hosts = ["https://x.example/"]', r"""key hosts\[0\]: 'https://x.example/': write "x.example\""""),
        ('hosts = ["X.EXAMPLE"]', r"""key hosts\[0\]: 'X.EXAMPLE': write "x.example\""""),
        ('hosts = ["*.x.example"]', r"""write "x.example\""""),
        ('hosts = [""]', r"""key hosts\[0\]: .*write a host name such as "x.example\""""),
        ('hosts = ["../../x"]', r"write a host name"),
        ("hosts = [7]", r"write a host name"),
        ('hosts = ["co.uk"]', r"'co.uk': is a public suffix, under which anyone can register a domain"),
        ('delay = "fast"', r"key delay: 'fast': write a number"),
        ("sitemaps = [7]", r"key sitemaps\[0\]: 7: write a table, such as"),
    ],
)
def test_the_message_about_a_mistake_names_table_key_and_allowed_values(
    tmp_path: Path, line: str, expected: str
) -> None:
    (mistake,) = mistakes(tmp_path, GOOD + line + "\n")
    assert ", table [gazette]" in mistake
    assert re.search(expected, mistake), mistake


@pytest.mark.parametrize("host", ["feeds.x.example", "intranet", "127.0.0.1", "новини.укр"])
def test_an_additional_host_is_a_name_or_an_address(tmp_path: Path, host: str) -> None:
    (source,) = load(tmp_path, f'{GOOD}hosts = ["{host}"]\n')
    assert source.hosts == (host,)


def test_a_listing_may_name_attributes_of_its_links(tmp_path: Path) -> None:
    line = 'listings = [{ url = "https://gazette.example/n", selector = "h3 a::attr(href)" }]\n'
    (source,) = load(tmp_path, GOOD + line)
    assert source.listings[0].selector == "h3 a::attr(href)"


def test_mistakes_of_a_whole_table_and_of_its_keys_are_reported_together(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        '[Two]\nname = ""\nhome = "https://b.example/"\n'
        '[one]\nname = "One"\nhome = "nowhere"\nselectors = { titel = "h1", lead = "h2[" }\n'
        'feeds = ["https://a.example/f", { url = "https://a.example/g", selector = "a" }]\n'
        'sitemaps = ["https://a.example/f"]\n',
    )
    for fault in (
        "[Two]: the name must consist of",
        "[Two]: no seed",
        "[Two], key name: '': write a text that is not empty",
        "[one], key home",
        "[one]: https://a.example/f is listed twice",
        "[one], key feeds[1]: https://a.example/g: selector and pattern are for listings",
        "[one], key selectors.titel: 'titel' cannot be selected",
        "[one], key selectors.lead: 'h2[': not a CSS selector",
    ):
        assert any(f", table {fault}" in mistake for mistake in found), (fault, found)
    assert len(found) == 8


def test_all_mistakes_of_all_tables_are_reported_together(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        '[one]\nname = ""\nhome = "nowhere"\nfeeds = ["https://a.example/rss"]\n'
        '[Two]\nname = "x"\n[three]\nname = "Three"\nhome = "https://c.example/"\n'
        '[four]\nname = "Four"\nhome = "https://a.example/"\nlanguage = "x"\nfeeds = ["https://a.example/f"]\n',
    )
    for table in ("[one], key name", "[one], key home", "[Two]", "[three]", "[four], key language"):
        assert any(table in mistake for mistake in found), (table, found)


@pytest.mark.parametrize("name", ["all", "source", "Kyiv", "a_b", "-a", "ä"])
def test_a_name_that_cannot_be_an_id_is_refused(tmp_path: Path, name: str) -> None:
    (mistake,) = mistakes(tmp_path, GOOD.replace("[gazette]", f'["{name}"]'))
    assert "lowercase letters, digits and hyphens" in mistake or 'must not be "all" or "source"' in mistake


def test_the_message_about_a_source_without_seeds_says_how_to_find_them(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path, '[gazette]\nname = "G"\nhome = "https://gazette.example/"\n')
    assert "scrapy sources add URL" in mistake


def test_a_seed_belongs_to_one_source(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path, GOOD + GOOD.replace("[gazette]", "[echo]"))
    assert (
        mistake == "line 7, table [echo]: https://gazette.example/rss is also a seed of [gazette]; remove one of them"
    )


def test_a_file_that_is_not_toml_is_reported_with_the_line(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path, "[gazette\nname = 1\n")
    assert "not valid TOML" in mistake
    assert "line 1" in mistake


def test_the_message_about_a_missing_file_names_the_setting_of_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="DATA_DIR"):
        load_sources(tmp_path / "none" / "sources.toml")

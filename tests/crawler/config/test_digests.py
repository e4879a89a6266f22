"""Reading digests.toml, and the messages about its mistakes."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import pytest

from crawler.config.app import CHECKOUT
from crawler.config.digests import Digest, groups_of, load_digests, subscribers
from crawler.config.parsing.toml import read_toml
from crawler.exceptions import ConfigurationError

TOPICS: dict[str, str | None] = {"troop-deployments": "war", "ceasefire-talks": None}


def loaded(folder: Path, text: str) -> tuple[Digest, ...]:
    path = folder / "digests.toml"
    path.write_text(text, encoding="utf-8")
    return load_digests(path, TOPICS)


def mistakes(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, text)
    return caught.value.mistakes


def test_a_digest_is_read_with_its_times_in_order(tmp_path: Path) -> None:
    (digest,) = loaded(
        tmp_path,
        """
        [morning]
        recipients = ["desk@example.org", "editor@example.org"]
        channels = ["NEWSROOM_URL"]
        topics = ["ceasefire-talks"]
        at = ["18:00", "7:30"]
        weekdays = ["mon", "fri"]
        timezone = "Europe/Kyiv"
        skip_empty = true
        """,
    )
    assert digest.title == "Morning"
    assert digest.at == (time(7, 30), time(18, 0))
    assert digest.destinations == ("desk@example.org", "editor@example.org", "channel:NEWSROOM_URL")
    assert digest.skip_empty
    assert not digest.reports("troop-deployments")


def test_each_topic_has_the_recipients_of_the_digests_that_report_it(tmp_path: Path) -> None:
    digests = loaded(
        tmp_path,
        """
        [all]
        recipients = ["a@example.org"]
        at = "07:00"
        [talks]
        recipients = ["a@example.org", "b@example.org"]
        topics = ["ceasefire-talks"]
        immediate = true
        [off]
        recipients = ["c@example.org"]
        at = "07:00"
        enabled = false
        [file]
        feed = "alerts.atom"
        """,
    )
    assert subscribers(digests, TOPICS) == {
        "troop-deployments": (("all", "a@example.org"),),
        "ceasefire-talks": (("all", "a@example.org"), ("talks", "a@example.org"), ("talks", "b@example.org")),
    }


def test_a_digest_of_a_group_and_of_tags_gets_the_alerts_of_its_topics_and_sources(tmp_path: Path) -> None:
    digests = loaded(
        tmp_path,
        """
        [front]
        recipients = ["a@example.org"]
        groups = ["war"]
        tags = ["regional", "agencies"]
        at = "07:00"
        """,
    )
    reported = {"troop-deployments": (("front", "a@example.org"),), "ceasefire-talks": ()}
    assert subscribers(digests, TOPICS, ["agencies"]) == reported
    assert not any(subscribers(digests, TOPICS, ["national"]).values())
    assert not any(subscribers(digests, TOPICS).values())


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        ('immediate = true\nquiet_hours = ["22:00"]', 'write begin and end, such as ["22:00", "07:00"]'),
        ('immediate = true\nquiet_hours = ["22:00", "22:00"]', "write begin and end"),
        ('at = "07:00"\nquiet_hours = ["22:00", "07:00"]', "are for immediate = true"),
        ('at = "07:00"\nmax_per_hour = 3', "are for immediate = true"),
        ("immediate = true\nmax_per_hour = 0", "max_per_hour"),
        ('at = "07:00"\nreply_to = "desk"', "'desk' is not a mail address"),
        ('at = "07:00"\none_click_unsubscribe = true', "needs archive_url"),
        ('at = "07:00"\none_click_unsubscribe = true\narchive_url = "http://a.example/"', "needs archive_url"),
    ],
)
def test_mistakes_in_the_keys_of_immediate_digests_and_unsubscribing(tmp_path: Path, keys: str, mistake: str) -> None:
    (reported,) = mistakes(tmp_path, f'[news]\nrecipients = ["a@example.org"]\n{keys}\n')
    assert mistake in reported


def test_an_unknown_group_or_tag_is_reported_with_a_suggestion(tmp_path: Path) -> None:
    path = tmp_path / "digests.toml"
    path.write_text('[a]\nfeed = "a.atom"\ngroups = ["wra"]\ntags = ["regionl"]\n', encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_digests(path, TOPICS, ["regional"])
    assert "key groups: 'wra' is not the group of a topic in topics.toml (did you mean 'war'?)" in str(raised.value)
    assert "key tags: 'regionl' is not a tag of a source in sources.toml (did you mean 'regional'?)" in str(
        raised.value
    )


def test_all_mistakes_are_reported_at_once_with_digest_and_key(tmp_path: Path) -> None:
    reported = mistakes(
        tmp_path,
        """
        [Morning]
        recipients = ["desk@example.org"]
        at = "07:00"
        [a]
        recipient = ["desk@example.org"]
        [b]
        recipients = ["desk@example.org"]
        at = "25:00"
        [c]
        recipients = ["desk@example.org"]
        at = "07:00"
        timezone = "Europe/Kiew"
        weekdays = ["monday"]
        [d]
        recipients = ["desk@example.org"]
        at = "07:00"
        topics = ["cease-fire-talks"]
        """,
    )
    assert all(f"[{name}]" in "\n".join(reported) for name in ("Morning", "a", "b", "c", "d"))
    assert any("key recipient" in one and "did you mean 'recipients'" in one for one in reported)
    assert any("'25:00' is not a time" in one for one in reported)
    assert any("'Europe/Kiew' is not a time zone" in one for one in reported)
    assert any("'monday' is not a weekday" in one for one in reported)
    assert any("did you mean 'ceasefire-talks'" in one for one in reported)
    assert all("\n" not in one for one in reported)


@pytest.mark.parametrize(
    "feed",
    ["archive.db", "topics.toml", "warc/wirewatch-202603-00001.warc.gz", "alerts", ".atom", "a\\u0000b.atom", ""],
)
def test_a_feed_must_be_an_atom_or_xml_file(feed: str, tmp_path: Path) -> None:
    (reported,) = mistakes(tmp_path, f'[a]\nfeed = "{feed}"')
    assert reported.startswith("line 2, table [a], key feed")
    assert "alerts.atom" in reported


def test_a_feed_in_the_home_of_an_unknown_user_is_a_mistake(tmp_path: Path) -> None:
    (reported,) = mistakes(tmp_path, '[a]\nfeed = "~no-such-user/alerts.atom"')
    assert "key feed" in reported


@pytest.mark.parametrize(
    "address",
    [
        "desk", "@example.org", "desk@", "desk @example.org", "desk@example.org\\nBcc: evil@example.org",
        "a@example.org, b@example.org", "<desk@example.org>", "Desk <desk@example.org>", "дошка@example.org", "=?utf-8?q?a?=@b c",
    ],
)  # fmt: skip
def test_only_single_plain_addresses_are_accepted(address: str, tmp_path: Path) -> None:
    (reported,) = mistakes(tmp_path, f'[a]\nrecipients = ["{address}"]\nat = "07:00"')
    assert "is not a mail address" in reported


def test_a_secret_in_the_file_is_refused_and_not_printed(tmp_path: Path) -> None:
    (reported,) = mistakes(tmp_path, '[a]\nchannels = ["slack://T0/B0/s3cret"]\nimmediate = true')
    assert "environment variable" in reported
    assert "s3cret" not in reported


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('at = "07:00"', "has no recipients"),
        ('recipients = ["a@example.org"]', "set a time"),
        ('recipients = ["a@example.org"]\nat = "07:00"\nimmediate = true', "remove one"),
        ('recipients = ["a@example.org", "A@example.org"]\nat = "07:00"', "twice"),
        ('recipients = ["a@example.org"]\nat = "07:00"\narchive_url = "javascript:alert(1)"', "http"),
    ],
)
def test_contradictory_keys_are_reported(keys: str, message: str, tmp_path: Path) -> None:
    (reported,) = mistakes(tmp_path, f"[a]\n{keys}")
    assert message in reported


@pytest.mark.parametrize("second", ["alerts.atom", "./alerts.atom", "{folder}/alerts.atom"])
def test_two_digests_with_the_same_feed_file_are_refused(second: str, tmp_path: Path) -> None:
    tables = f'[talks]\nfeed = "alerts.atom"\n[troops]\nfeed = "{second.format(folder=tmp_path)}"\n'
    (reported,) = mistakes(tmp_path, tables)
    assert "table [troops], key feed" in reported
    assert "table [talks]" in reported
    assert len(loaded(tmp_path, tables + "enabled = false")) == 2


def test_the_shipped_file_is_valid_and_enables_no_digest() -> None:
    path = CHECKOUT / "data" / "starter" / "digests.toml"
    assert not any(digest.enabled for digest in load_digests(path))


def test_the_commented_examples_of_the_shipped_file_are_valid(tmp_path: Path) -> None:
    shipped = (CHECKOUT / "data" / "starter" / "digests.toml").read_text(encoding="utf-8")
    text = re.sub(r"^# (?=\[|[a-z_]+ = )", "", shipped, flags=re.MULTILINE)
    path = tmp_path / "digests.toml"
    path.write_text(text.replace("enabled = false", ""), encoding="utf-8")
    topics = groups_of(read_toml(CHECKOUT / "data" / "starter" / "topics.toml"))
    assert [digest.enabled for digest in load_digests(path, topics)] == [True, True, True]


def test_an_unknown_topic_is_reported_together_with_other_mistakes(tmp_path: Path) -> None:
    reported = mistakes(tmp_path, '[m]\nrecipients = ["desk"]\nat = "07:00"\ntopics = ["ceasefire-talk"]\n')
    assert any("'desk' is not a mail address" in one for one in reported)
    assert any(
        "'ceasefire-talk' is not a table of topics.toml (did you mean 'ceasefire-talks'?)" in one for one in reported
    )

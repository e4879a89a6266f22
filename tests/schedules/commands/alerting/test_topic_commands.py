"""`scrapy flag`, `scrapy backtest` and `scrapy topics`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.support.cli import scrapy
from tests.support.factories import HOME, Archive, article, page, record

TOPICS = """
[terms]
soldiers = ["troops", "soldier*"]

[troops]
title = "Troops sent"
query = "$soldiers AND (sent OR deployed)"

[ferries]
title = "Ferries"
query = "ferry"
group = "Harbour"
min_sentences = 1
"""
SENT = "About 1,500 troops were sent to the northern pier on Monday."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    archive = Archive(tmp_path)
    now = datetime.now(timezone.utc).replace(microsecond=0)
    for number, text in enumerate(
        (SENT, "Soldiers were deployed to the lighthouse.", "The deployment took a day. Troops wait.")
    ):
        at = now - timedelta(hours=3 - number)
        received = page(f"{HOME}/{number}", body=str(number).encode(), fetched_at=at)
        archive.record_fetch(record(article(text, title=f"Notes {number}", published=None), received, at=at))
    archive.store.close()
    (tmp_path / "topics.toml").write_text(TOPICS, encoding="utf-8")
    return tmp_path


def test_flag_lists_new_alerts_and_a_second_run_finds_nothing(data: Path) -> None:
    first = scrapy("flag", data=data)
    assert first.returncode == 0, first.stderr
    assert "New, starting with 3 stored revisions: troops, ferries." in first.stdout
    assert SENT in first.stdout
    assert "3 revisions matched: 2 alerts." in first.stdout
    assert scrapy("flag", data=data).stdout.strip() == "No new revisions."
    assert scrapy("flag", "--quiet", data=data).stdout == ""


def test_flag_reports_an_invalid_argument_or_file_in_one_line(data: Path) -> None:
    (data / "topics.toml").write_text(f'{TOPICS}[off]\ntitle = "Off"\nquery = "x"\nenabled = false\n', encoding="utf-8")
    for words, message in (
        (("troops",), "topics and --silent need --since"),
        (("trops", "--since", "1d"), "there is no topic 'trops' (did you mean 'troops'?)"),
        (("off", "--since", "1d"), "[off] has enabled = false"),
        (("--since", "yesterday"), "--since yesterday: write a date such as 2026-11-01"),
    ):
        result = scrapy("flag", *words, data=data)
        assert result.returncode == 2
        assert message in result.stderr + result.stdout
    (data / "topics.toml").write_text('[a]\ntitle = "A"\nquery = "(troops"\n', encoding="utf-8")
    result = scrapy("flag", data=data)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "table [a], key query: at character 1" in result.stderr


def test_backtest_shows_days_articles_words_and_what_another_query_gains_and_loses(data: Path) -> None:
    shown = scrapy("backtest", "troops", data=data).stdout
    assert "Troops sent: 2 articles" in shown
    assert "█" in shown
    assert "Matched words, by articles  deployed 1, sent 1, soldiers 1, troops 1" in shown
    assert "not judged" in shown
    changed = scrapy("backtest", "troops", "--query", "$soldiers AND deploy*", data=data).stdout
    assert "0 gained, 1 lost" in changed
    wrong = scrapy("backtest", "troops", "--query", "$soldiers AND", data=data)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("--query: at character 11, «AND»")


def test_judgements_are_stored_and_give_the_precision(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess
    import sys

    from tests.support.cli import ROOT

    def judge(keys: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "scrapy", "backtest", "troops", "--judge"],
            cwd=ROOT, input=keys, capture_output=True, text=True, check=True, timeout=120,
            env={**__import__("os").environ, "WIREWATCH_DATA_DIR": str(data), "COLUMNS": "120"},
        ).stdout  # fmt: skip

    assert "100% (21% to 100%, 1 judged)" in judge("y\nq\n")
    assert "50% (9% to 91%, 2 judged)" in judge("x\nn\n")
    assert "All articles are judged already." in judge("")
    scrapy("flag", data=data)
    (state, _) = json.loads(scrapy("topics", "--json", data=data).stdout)
    assert (state["alerts"], state["judged"], state["relevant"]) == (2, 2, 1)
    assert "50% (9% to 91%, 2 judged)" in scrapy("topics", data=data).stdout


def test_topics_check_proposes_the_prefix_that_covers_the_forms_of_a_word(data: Path) -> None:
    shown = scrapy("topics", "check", "troops", data=data).stdout
    assert "deployed → deploy* would also find deployment 1" in shown
    assert "not in the archive: ferry" in scrapy("topics", "check", "ferries", data=data).stdout


def test_topics_without_an_archive_are_listed_by_group_and_checked(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text(TOPICS, encoding="utf-8")
    assert "troops" in scrapy("topics", data=tmp_path).stdout
    assert [
        one["id"] for one in json.loads(scrapy("topics", "--group", "Harbour", "--json", data=tmp_path).stdout)
    ] == ["ferries"]
    assert "no topic has the group 'Harbor'" in scrapy("topics", "--group", "Harbor", data=tmp_path).stderr
    assert "2 topics, 1 word lists: no mistakes. No archive yet" in scrapy("topics", "check", data=tmp_path).stdout
    assert "no archive yet" in scrapy("backtest", "troops", data=tmp_path).stderr

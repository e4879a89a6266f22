"""The setup with a real mail server: it writes what is missing, keeps what is there, and can be repeated after a fault."""

from __future__ import annotations

import stat
from datetime import datetime, timezone
from pathlib import Path

import pytest
from scrapy.settings import Settings

from benchmarks.support.smtp_server import MailHandler, smtp_server
from crawler.config.app import STARTER_DIR, AppConfig
from crawler.config.environment import load_environment, read_environment
from crawler.exceptions import ConfigurationError, WirewatchError
from schedules.setup.steps import run_setup

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
OUTLET = '[gazette]\nname = "Gazette"\nhome = "https://gazette.example/"\nfeeds = ["https://gazette.example/rss"]\n'
GIVEN = {
    "contact": "desk@example.org",
    "topic": "pier closure",
    "recipient": "desk@example.org",
    "timezone": "Europe/Kyiv",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("WIREWATCH_CONTACT", "WIREWATCH_SMTP_URL"):
        monkeypatch.setenv(name, "")  # restored afterwards, whatever the setup sets
        monkeypatch.delenv(name)
    (tmp_path / "sources.toml").write_text(OUTLET)
    return tmp_path


def set_up(folder: Path, **given: str) -> None:
    settings = Settings({"DATA_DIR": str(folder)})
    load_environment(folder)
    run_setup(AppConfig.read(settings), settings, given, prompt=None, now=NOW, allow_private=False)


def own_files(folder: Path) -> dict[str, bytes]:
    """All files but the cache of word forms."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_it_ends_with_the_time_of_the_next_digest_and_keeps_everything_when_repeated(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = MailHandler()
    with smtp_server(handler) as port:
        set_up(folder, **GIVEN, **{"smtp-url": f"smtp://127.0.0.1:{port}?from=wirewatch@example.org"})
        assert (
            "Next digest: Daily digest for desk@example.org, Tue 01 Dec 07:30 (Europe/Kyiv)." in capsys.readouterr().out
        )
        files = own_files(folder)
        set_up(folder)
    assert own_files(folder) == files
    assert [one.recipients for one in handler.received] == [("desk@example.org",)] * 2
    assert (folder / "sources.toml").read_text() == OUTLET
    assert (
        folder / "topics.toml"
    ).read_text() == '[pier-closure]\ntitle = "Pier closure"\nquery = \'~"pier closure"\'\n'
    assert stat.S_IMODE((folder / "wirewatch.env").stat().st_mode) == 0o600
    assert read_environment(folder)["WIREWATCH_CONTACT"] == "desk@example.org"


def test_edited_files_get_tables_at_their_end(folder: Path) -> None:
    (folder / "topics.toml").write_text('[pier-closure]\ntitle = "Mine"\nquery = "pier"\n')
    (folder / "digests.toml").write_text('[daily]\ntitle = "Feed"\nfeed = "alerts.atom"\n')
    with smtp_server(MailHandler()) as port:
        set_up(folder, **GIVEN, **{"smtp-url": f"smtp://127.0.0.1:{port}?from=wirewatch@example.org"})
    topics, digests = (folder / "topics.toml").read_text(), (folder / "digests.toml").read_text()
    assert topics.startswith('[pier-closure]\ntitle = "Mine"\nquery = "pier"\n\n[pier-closure-2]\n')
    assert digests.startswith('[daily]\ntitle = "Feed"\nfeed = "alerts.atom"\n\n[daily-2]\n')


def test_a_mail_server_that_does_not_accept_the_test_mail_is_not_stored_and_the_rest_can_go_on_later(
    folder: Path,
) -> None:
    with pytest.raises(WirewatchError, match="was not accepted"):
        set_up(folder, **GIVEN, **{"smtp-url": "smtp://127.0.0.1:1?from=wirewatch@example.org"})
    assert "WIREWATCH_SMTP_URL" not in read_environment(folder)
    assert (folder / "digests.toml").read_bytes() == (STARTER_DIR / "digests.toml").read_bytes()
    with smtp_server(MailHandler()) as port:
        given = {"recipient": "desk@example.org", "smtp-url": f"smtp://127.0.0.1:{port}?from=wirewatch@example.org"}
        set_up(folder, **given, topic="pier closure")
    assert (folder / "topics.toml").read_text().count("[pier-closure") == 1


def test_a_mistake_in_an_own_file_is_reported_before_anything_is_written(folder: Path) -> None:
    (folder / "topics.toml").write_text('[pier]\ntitle = "Pier"\nquery = "pier AND"\n')
    with pytest.raises(ConfigurationError, match=r"topics\.toml"):
        set_up(folder, **GIVEN)
    assert not (folder / "wirewatch.env").exists()


def test_mistakes_of_the_environment_file_are_named_by_line_without_their_values(folder: Path) -> None:
    (folder / "wirewatch.env").write_text("# ours\nWIREWATCH_CONTACT='a@b.example'\nexport secret\n")
    with pytest.raises(ConfigurationError, match="line 3: write NAME=value") as raised:
        read_environment(folder)
    assert "secret" not in str(raised.value)

"""`scrapy archive roots` and `prove`: the root in a digest, the path to it, and what a changed past does to both."""

from __future__ import annotations

import argparse
import email.message
import email.policy
import json
from pathlib import Path

import pytest

from crawler.archive.evidence.daily_roots import daily_roots, newest_root
from crawler.archive.evidence.leaves import leave_tombstones
from crawler.config.app import AppConfig
from crawler.exceptions import WirewatchError
from schedules.delivery.mime import build
from schedules.digest.render import render
from schedules.evidence.archive_actions import prove, roots
from schedules.evidence.proof_text import roots_in_mail
from tests.support.archives.evidence import at, daily_archive
from tests.support.digest_factories import content, entry
from tests.support.factories import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return daily_archive(tmp_path)


def config(archive: Archive) -> AppConfig:
    return AppConfig.read({"DATA_DIR": str(archive.db_path.parent)}, {})


def prove_row(archive: Archive, number: int = 4, **known: object) -> int:
    options = argparse.Namespace(**{"kind": "revision", "against": "", "wacz": "", "json": False, **known})
    return prove(config(archive), [str(number)], options)


def mail_with_root(archive: Archive, folder: Path) -> Path:
    """A digest as a mail program saves it."""
    rendered = render(content(entry(), archive_root=newest_root(archive.store.db)))
    mail = build(
        sender="wirewatch@desk.example", recipient="desk@desk.example", subject=rendered.subject, text=rendered.text,
        html=rendered.html, message_id="<1@desk.example>", digest="morning", at=at(4, 7),
    )  # fmt: skip
    path = folder / "digest.eml"
    path.write_bytes(mail)
    return path


def test_the_foot_of_a_digest_shows_the_newest_root_in_text_and_html(archive: Archive) -> None:
    root = newest_root(archive.store.db)
    assert root is not None
    rendered = render(content(entry(), archive_root=root))
    assert rendered.text.endswith(f"\nArchive root for 2026-11-03:\n{root.root}\n")
    assert f"Archive root for 2026-11-03: {root.root}</p>" in rendered.html
    assert "Archive root" not in render(content(entry())).text


def test_the_root_is_found_in_a_saved_mail_and_in_a_forwarded_one(archive: Archive, tmp_path: Path) -> None:
    path = mail_with_root(archive, tmp_path)
    expected = [("2026-11-03", daily_roots(archive.store.db)[-1].root)]
    assert roots_in_mail(path.read_bytes()) == expected
    forwarded = email.message.EmailMessage(policy=email.policy.SMTP)
    forwarded.set_content("As discussed.")
    forwarded.add_attachment(email.message_from_bytes(path.read_bytes(), policy=email.policy.default))
    assert roots_in_mail(forwarded.as_bytes()) == expected
    assert roots_in_mail(b"\xff\x00 no mail at all") == []


def test_a_revision_is_proven_by_a_digest_of_a_later_day(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = mail_with_root(archive, tmp_path)
    assert prove_row(archive, against=str(path)) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("leaf   revision 4 2026-11-02T10:00:00Z ")
    assert f"root   2026-11-03 {daily_roots(archive.store.db)[-1].root}" in shown
    assert "OK     verified against" in shown


@pytest.mark.parametrize("kind", ["page", "alert"])
def test_pages_and_alerts_are_proven_likewise(archive: Archive, kind: str) -> None:
    assert prove_row(archive, number=2, kind=kind, against=daily_roots(archive.store.db)[-1].root) == 0


def test_a_root_that_is_older_than_the_row_proves_nothing(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove_row(archive, number=9, against=daily_roots(archive.store.db)[0].root) == 1
    assert "the row is newer than this root, or the past was altered" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE revisions SET text = 'forged' WHERE id = 4", "its content does not match its hash"),
        ("UPDATE revisions SET section = 'forged' WHERE id = 4", "its content does not match its hash"),
        ("UPDATE revisions SET row_sha256 = row_sha256 || '' WHERE id = 99", ""),
        (
            "UPDATE alerts SET created_at = '2026-11-01T20:00:01Z' WHERE id = 1",
            "the rows of 2026-11-01 give another root than was recorded",
        ),
    ],
)
def test_an_altered_day_is_not_proven(
    archive: Archive, change: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    archive.store.db.execute(change)
    assert prove_row(archive, number=1 if "alerts" in change else 4) == int(bool(message))
    assert message in capsys.readouterr().err


def test_a_removed_row_is_reported_with_the_date(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    db = archive.store.db
    leave_tombstones(db, "alert", [1], at=at(6), reason="request of the outlet")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("DELETE FROM alerts WHERE id = 1")
    assert prove_row(archive, number=1, kind="alert") == 1
    assert "alert 1: removed on 2026-11-06 (request of the outlet)" in capsys.readouterr().err


def test_a_row_that_no_root_covers_is_not_proven(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove_row(archive, number=12) == 1
    assert "no root covers it yet" in capsys.readouterr().err


def test_bad_input_is_named(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(WirewatchError, match="no revision 99 in the archive"):
        prove_row(archive, number=99)
    with pytest.raises(WirewatchError, match="neither a root"):
        prove_row(archive, against=str(tmp_path / "missing.eml"))
    other = tmp_path / "other.eml"
    other.write_text("Subject: lunch\n\nToday?")
    with pytest.raises(WirewatchError, match="no line"):
        prove_row(archive, against=str(other))


def test_roots_are_listed_with_counts_and_as_json(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    options = argparse.Namespace(json=False)
    assert roots(config(archive), [], options) == 0
    listed = capsys.readouterr().out.splitlines()
    first = daily_roots(archive.store.db)[0]
    assert listed[0].startswith(f"Archive root for 2026-11-01: {first.root}  3 revisions, 3 pages, ")
    options.json = True
    assert roots(config(archive), [], options) == 0
    assert json.loads(capsys.readouterr().out)[0]["root"] == first.root

"""Daily roots: which rows they cover, how they are chained, and what a change of the past does to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.archive.evidence.daily_roots import NO_ROOT, daily_roots, newest_root, record_daily_root
from crawler.archive.evidence.leaves import leave_tombstones, tombstone_of
from crawler.archive.evidence.root_check import Prover, root_faults
from crawler.archive.maintenance.integrity import check_archive
from crawler.evidence.verify_pack import VerificationError, verify_days, verify_proof, verify_root
from crawler.exceptions import NotFoundError
from tests.support.archives.evidence import at, daily_archive, store_article
from tests.support.factories import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return daily_archive(tmp_path)


def faults(archive: Archive) -> list[str]:
    return [f"{fault.day}: {fault.what}" for fault in root_faults(archive.store.db)]


def test_each_complete_day_has_a_root_that_continues_the_one_before(archive: Archive) -> None:
    roots = daily_roots(archive.store.db)
    assert [root.day for root in roots] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert [root.previous for root in roots] == [NO_ROOT, roots[0].root, roots[1].root]
    assert [dict(root.counts) for root in roots] == [
        {"revision": 3, "page": 3, "alert": root.counts["alert"]} for root in roots
    ]
    assert all(root.counts["alert"] for root in roots)
    assert faults(archive) == []
    assert list(check_archive(archive.store.db, archive.warc)) == []


def test_a_day_has_its_root_from_one_in_the_morning(archive: Archive) -> None:
    assert record_daily_root(archive.store.db, now=at(5, 0.9)) is None
    recorded = record_daily_root(archive.store.db, now=at(5, 1))
    assert recorded is not None
    assert recorded.day == "2026-11-04"
    assert record_daily_root(archive.store.db, now=at(5, 23)) is None


def test_rows_of_the_running_day_are_not_covered(archive: Archive) -> None:
    store_article(archive, "early", at(5, 0.5), 5)
    recorded = record_daily_root(archive.store.db, now=at(5, 1.5))
    assert recorded is not None
    assert recorded.counts["revision"] == 3
    assert recorded.ranges["revision"].last == archive.value("SELECT max(id) - 1 FROM revisions")


def test_after_days_without_a_run_the_next_root_covers_them(archive: Archive) -> None:
    store_article(archive, "late", at(6), 6)
    recorded = record_daily_root(archive.store.db, now=at(9))
    assert recorded is not None
    assert (recorded.day, recorded.counts["revision"]) == ("2026-11-08", 4)
    assert faults(archive) == []


def test_an_empty_archive_has_no_root(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert record_daily_root(archive.store.db, now=at(2)) is None
    assert newest_root(archive.store.db) is None


@pytest.mark.parametrize("kind", ["revision", "page", "alert"])
def test_a_proof_leads_from_a_row_to_the_root_of_its_day_and_on_to_later_ones(archive: Archive, kind: str) -> None:
    prover = Prover(archive.store.db)
    proof = prover.proof(kind, 2)  # type: ignore[arg-type]
    assert proof is not None
    days = prover.days(proof["day"])
    roots = verify_days(days)
    verify_proof(proof, days, roots)
    assert verify_root(roots, prover.roots[-1].root.upper()) == "2026-11-03"
    forged = {**proof, "leaf": proof["leaf"].replace("2026-11", "2025-11")}
    with pytest.raises(VerificationError, match="does not belong"):
        verify_proof(forged, days, roots)


def test_a_row_of_the_running_day_has_no_proof(archive: Archive) -> None:
    assert Prover(archive.store.db).proof("revision", 12) is None


def test_a_chain_with_another_day_inside_is_refused(archive: Archive) -> None:
    days = Prover(archive.store.db).days("2026-11-01")
    with pytest.raises(VerificationError, match="does not continue"):
        verify_days([days[0], days[2]])
    with pytest.raises(VerificationError, match="does not contain"):
        verify_days([{**days[0], "day": "2026-10-31"}])


@pytest.mark.parametrize(
    ("change", "day", "what"),
    [
        ("UPDATE revisions SET row_sha256 = replace(row_sha256, 'a', 'b') WHERE id = 4", "2026-11-02", "altered"),
        ("UPDATE pages SET fetched_at = '2026-11-03T10:00:01Z' WHERE id = 7", "2026-11-03", "altered"),
        ("DELETE FROM alerts WHERE id = (SELECT min(id) FROM alerts)", "2026-11-01", "1 alerts removed"),
        ("INSERT INTO tombstones VALUES ('page', 0, 'no hash', '2026-12-01T00:00:00Z', '')", "2026-11-01", "1 pages added"),
        ("UPDATE daily_roots SET root = previous WHERE day = '2026-11-02'", "2026-11-02", "altered"),
        ("DELETE FROM daily_roots WHERE day = '2026-11-02'", "2026-11-03", "does not continue the root of 2026-11-01"),
        ("DELETE FROM daily_roots WHERE day = '2026-11-01'", "2026-11-02", "continues a root that is not in the archive"),
        ("UPDATE daily_roots SET alerts = alerts + 1 WHERE day = '2026-11-03'", "2026-11-03", "1 alerts removed"),
        ("UPDATE daily_roots SET last_page_id = 1 WHERE day = '2026-11-03'", "2026-11-03", "below those of the day before"),
    ],
)  # fmt: skip
def test_what_was_changed_in_the_past_is_named_by_day(archive: Archive, change: str, day: str, what: str) -> None:
    archive.store.db.execute("PRAGMA foreign_keys = OFF")
    archive.store.db.execute(change)
    assert any(line.startswith(day) and what in line for line in faults(archive)), faults(archive)


def test_a_row_that_is_dated_back_after_the_root_is_named_but_not_called_proven(archive: Archive) -> None:
    store_article(archive, "forged", at(2), 2)
    found = list(root_faults(archive.store.db))
    assert {(fault.day, fault.is_proven) for fault in found} == {("2026-11-02", False)}
    assert "1 revisions of this day were stored after its root, first row 13" in found[-1].what


def test_check_names_the_day_of_a_damaged_row(archive: Archive) -> None:
    archive.store.db.execute("UPDATE revisions SET text = text || '!' WHERE id = 4")
    found = [str(finding) for finding in check_archive(archive.store.db, archive.warc)]
    assert any(line.startswith("revisions row 4 (daily root of 2026-11-02): text does not match") for line in found)


def test_check_names_the_day_of_a_replaced_warc_record(archive: Archive) -> None:
    name, offset, length = archive.rows(
        "SELECT name, warc_offset, warc_length FROM pages JOIN warc_files ON warc_files.id = warc_file_id WHERE pages.id = 5"
    )[0]
    with (archive.warc / name).open("r+b") as file:
        file.seek(offset + 4)  # the time in the header of a gzip member, which does not change its content
        file.write(b"\1")
    assert length
    found = [str(finding) for finding in check_archive(archive.store.db, archive.warc)]
    assert any(line.startswith("pages row 5 (daily root of 2026-11-02)") and "has changed" in line for line in found), (
        found
    )


def test_a_removal_on_purpose_leaves_the_chain_intact(archive: Archive) -> None:
    db = archive.store.db
    leave_tombstones(db, "alert", [1], at=at(6), reason="at the request of the outlet")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("DELETE FROM alerts WHERE id = 1")
    assert faults(archive) == []
    stone = tombstone_of(db, "alert", 1)
    assert stone is not None
    assert (stone.removed_at, stone.reason) == ("2026-11-06T12:00:00Z", "at the request of the outlet")
    with pytest.raises(NotFoundError):
        leave_tombstones(db, "alert", [1], at=at(7), reason="again")


def test_a_proof_survives_json(archive: Archive) -> None:
    prover = Prover(archive.store.db)
    proof = prover.proof("page", 4)
    assert proof is not None
    document = json.loads(json.dumps(prover.document([proof], ["page 12"])))
    roots = verify_days(document["days"])
    verify_proof(document["proofs"][0], document["days"], roots)
    assert list(roots) == ["2026-11-02", "2026-11-03"]

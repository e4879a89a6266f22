"""Merging of archives: everything arrives once, whenever the merge is interrupted or repeated."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.articles.identity import key_sha256
from crawler.archive.db.seals import insert_sealed
from crawler.archive.desk.saved_searches import save_search
from crawler.archive.maintenance.integrity import check_archive
from crawler.archive.merging import merge as merging
from crawler.archive.merging.copy_articles import FORGOTTEN_HERE, OLDER
from crawler.archive.merging.merge import merge_archives
from crawler.archive.merging.other_archive import MergeCounts, OtherArchive
from crawler.archive.storage.store import ArchiveStore
from crawler.config.sources import Source
from crawler.exceptions import ArchiveError
from tests.support.archives.flagged import LEAD, REST, WIRE, flagged_archive
from tests.support.factories import HOME, SOURCE, TEXT, Archive, article, hour, link, page, poll, record

LATER = hour(100)


@contextmanager
def merged_into(folder: Path, *others: Path) -> Iterator[tuple[ArchiveStore, MergeCounts]]:
    """Merge archives into the one in a folder; yields it and the counts."""
    folder.mkdir(exist_ok=True)
    with closing(ArchiveStore.open(folder / "archive.db", folder / "warc")) as store:
        opened = [OtherArchive(other) for other in others]
        try:
            yield store, merge_archives(store, opened, at=LATER)
        finally:
            for other in opened:
                other.close()


def content(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What is comparable of an archive: texts, stories, alerts, by URL."""
    queries = {
        "articles": "SELECT url, title, first_seen_at, fetch_count, revision_count, next_check_at FROM articles ORDER BY url",
        "revisions": "SELECT a.url, r.number, r.seen_at, r.text, p.sha256, l.url FROM revisions r JOIN articles a ON"
        " a.id = r.article_id LEFT JOIN pages p ON p.id = r.page_id LEFT JOIN links l ON l.id = r.link_id ORDER BY 1, 2",
        "alerts": "SELECT t.topic_id, t.kind, a.url, r.number, t.created_at FROM alerts t JOIN articles a ON a.id = t.article_id"
        " JOIN revisions r ON r.id = t.revision_id ORDER BY t.created_at, t.kind",
        "sentences": "SELECT s.sentence, m.kind FROM match_sentences s JOIN matches m ON m.id = match_id ORDER BY 1, 2",
        "stories": "SELECT a.url, f.url FROM story_articles m JOIN stories s ON s.id = m.story_id JOIN articles a ON"
        " a.id = m.article_id JOIN articles f ON f.id = s.first_article_id ORDER BY 1",
        "polls": "SELECT s.url, p.at, p.outcome, p.items FROM polls p JOIN seeds s ON s.id = p.seed_id ORDER BY p.at",
        "queue": "SELECT q.url, q.state, a.url FROM queue q LEFT JOIN articles a ON a.id = q.article_id ORDER BY 1",
        "annotations": "SELECT a.url, n.starred, n.note FROM annotations n JOIN articles a ON a.id = n.article_id",
        "judgements": "SELECT j.topic_id, a.url, j.relevant FROM judgements j JOIN articles a ON a.id = j.article_id",
        "found": "SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH 'pier'",
    }
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        found = {name: db.execute(query).fetchall() for name, query in queries.items()}
    found["found"] = [(len(found["found"]),)]
    return found


def rows_of(folder: Path) -> dict[str, int]:
    """Rows of each table."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        names = [
            row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'")
        ]
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def faults(store: ArchiveStore, folder: Path) -> list[str]:
    return [str(finding) for finding in check_archive(store.db, folder / "warc") if finding.is_fault]


@pytest.fixture
def shard(tmp_path: Path, shared_shard: Path) -> Path:
    """A copy of the shard for one test."""
    return shutil.copytree(shared_shard, tmp_path / "shard")


@pytest.fixture(scope="module")
def shared_shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with alerts, an edit, a copy at another outlet, polls, a queue and a judgement."""
    folder = tmp_path_factory.mktemp("shared")
    with flagged_archive(folder) as flagged:
        flagged.db.execute("INSERT INTO annotations VALUES (1, 1, 'Ask the mayor', '2026-03-02T00:00:00Z')")
        flagged.db.execute("INSERT INTO judgements VALUES ('pier', 1, 1, '2026-03-02T00:00:00Z', 'browser')")
    archive = Archive(folder)
    archive.poll(poll(link(title="Pier closes"), link("/news/other", title="Other"), at=hour(5)))
    found = archive.rows("SELECT id, key FROM links WHERE url LIKE '%other'")[0]
    archive.record_fetch(
        record(article(*TEXT), page(f"{HOME}/news/other"), at=hour(6), link_id=found[0], queue_key=found[1])
    )
    archive.record_fetch(record(None, None, at=hour(7), status="failed", reason="HTTP 500", http_status=500))
    archive.store.close()
    return folder


def test_an_archive_that_is_merged_into_an_empty_one_is_there_as_a_whole(tmp_path: Path, shard: Path) -> None:
    with merged_into(tmp_path / "desk", shard) as (store, counts):
        assert faults(store, tmp_path / "desk") == []

    assert content(tmp_path / "desk") == content(shard)
    assert counts.left_out == {}
    assert counts.added["articles"] == 3


def test_merging_again_changes_nothing(tmp_path: Path, shard: Path) -> None:
    with merged_into(tmp_path / "desk", shard):
        pass
    before = rows_of(tmp_path / "desk")
    with merged_into(tmp_path / "desk", shard) as (_, counts):
        assert not counts.added

    assert rows_of(tmp_path / "desk") == before


def test_a_merge_that_was_interrupted_anywhere_continues(
    tmp_path: Path, shard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = 0
    copy_rows = merging._copy_rows

    def fail_on_third(store: ArchiveStore, **known: Any) -> None:
        nonlocal units
        units += 1
        copy_rows(store, **known)
        if units == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(merging, "ARTICLES_A_UNIT", 1)
    monkeypatch.setattr(merging, "_copy_rows", fail_on_third)
    with pytest.raises(KeyboardInterrupt), merged_into(tmp_path / "desk", shard):
        pass
    with merged_into(tmp_path / "desk", shard) as (store, _):
        assert faults(store, tmp_path / "desk") == []

    assert content(tmp_path / "desk") == content(shard)


def test_a_later_merge_copies_what_the_shard_stored_since(tmp_path: Path, shard: Path) -> None:
    with merged_into(tmp_path / "desk", shard):
        pass
    archive = Archive(shard)
    edited = article(*TEXT, "A third paragraph was added on the next day, with the names of both members.")
    archive.record_fetch(record(edited, page(f"{HOME}/news/other", b"edited"), at=hour(30)))
    archive.poll(poll(link(title="Pier closes"), link("/news/new", title="New"), at=hour(31)))
    archive.store.close()
    with merged_into(tmp_path / "desk", shard) as (store, counts):
        assert counts.added["revisions"] == 1
        assert faults(store, tmp_path / "desk") == []

    assert content(tmp_path / "desk") == content(shard)


def test_copies_in_two_shards_are_one_story_that_began_in_the_earlier_one(tmp_path: Path) -> None:
    for name, source, at in (("a", WIRE, 2.0), ("b", SOURCE, 1.0)):
        (tmp_path / name).mkdir()
        archive = Archive(tmp_path / name, (source,))
        received = page(f"{source.home}news/pier", name.encode(), source=source.id, fetched_at=hour(at))
        archive.record_fetch(record(article(LEAD, *REST), received, at=hour(at), source=source))
        archive.store.close()
    with merged_into(tmp_path / "desk", tmp_path / "a", tmp_path / "b"):
        pass

    first = f"{SOURCE.home}news/pier"
    assert content(tmp_path / "desk")["stories"] == [(f"{WIRE.home}news/pier", first), (first, first)]


def test_alerts_of_a_shard_are_not_created_again_by_the_flag_job_here(tmp_path: Path, shard: Path) -> None:
    from crawler.archive.topics.matches import was_alerted

    with merged_into(tmp_path / "desk", shard) as (store, _):
        alerted = store.db.execute("SELECT topic_id, revision_id FROM alerts").fetchall()
        assert alerted
        assert all(was_alerted(store.db, row["topic_id"], row["revision_id"]) for row in alerted)
        assert store.db.execute("SELECT count(*) FROM deliveries").fetchone()[0] == 0


def test_of_an_article_in_both_archives_only_later_versions_are_copied(tmp_path: Path) -> None:
    for name, versions in (("here", ((2.0, "second"),)), ("there", ((1.0, "first"), (3.0, "third")))):
        (tmp_path / name).mkdir()
        archive = Archive(tmp_path / name)
        for at, text in versions:
            archive.record_fetch(record(article(*TEXT, f"The {text} text."), page(body=text.encode()), at=hour(at)))
        archive.store.close()
    with merged_into(tmp_path / "here", tmp_path / "there") as (store, counts):
        texts = [row[0].split("\n\n")[-1] for row in store.db.execute("SELECT text FROM revisions ORDER BY number")]
        assert faults(store, tmp_path / "here") == []

    assert texts == ["The second text.", "The third text."]
    assert counts.left_out == {OLDER: 1}


@pytest.mark.parametrize("at", [1.0, 2.0, 3.0], ids=["earlier", "same time", "later"])
def test_a_version_that_both_archives_have_was_created_by_the_fetch_here(tmp_path: Path, at: float) -> None:
    for name, fetched in (("here", 2.0), ("there", at)):
        (tmp_path / name).mkdir()
        archive = Archive(tmp_path / name)
        archive.record_fetch(record(article(*TEXT), page(body=b"the same"), at=hour(fetched)))
        archive.store.close()
    with merged_into(tmp_path / "here", tmp_path / "there") as (store, _):
        assert faults(store, tmp_path / "here") == []
        fetches = store.db.execute("SELECT outcome, revision_id FROM fetches ORDER BY id").fetchall()

    assert [tuple(fetch) for fetch in fetches] == [("new", 1), ("unchanged", None)]


def test_an_article_that_was_removed_here_is_not_brought_back(tmp_path: Path, shard: Path) -> None:
    with closing(OtherArchive(shard)) as other:
        [row] = other.rows("SELECT key FROM articles WHERE url LIKE '%other'")
    (tmp_path / "desk").mkdir()
    archive = Archive(tmp_path / "desk")
    with archive.store.transaction():
        archive.store.db.execute(
            "INSERT INTO forgotten VALUES (1, 'gazette', NULL, '2026-03-01T00:00:00Z', NULL, NULL)"
        )
        archive.store.db.execute("INSERT INTO forgotten_keys VALUES (?, 1)", (key_sha256(row["key"]),))
    archive.store.close()
    with merged_into(tmp_path / "desk", shard) as (_, counts):
        pass

    assert counts.left_out == {FORGOTTEN_HERE: 1}
    assert not [one for one in content(tmp_path / "desk")["articles"] if one[0].endswith("other")]


def test_a_damaged_raw_page_is_reported_and_copied_once_it_is_restored(tmp_path: Path, shard: Path) -> None:
    [warc] = (shard / "warc").glob("*.warc.gz")
    whole = warc.read_bytes()
    with closing(OtherArchive(shard)) as other:
        [place] = other.rows("SELECT warc_offset FROM pages WHERE url LIKE '%other'")
    warc.write_bytes(whole[: place["warc_offset"] + 20] + b"XXXX" + whole[place["warc_offset"] + 24 :])
    with merged_into(tmp_path / "desk", shard) as (_, counts):
        assert len(counts.faults) == 1
    warc.write_bytes(whole)
    with merged_into(tmp_path / "desk", shard) as (store, counts):
        assert counts.faults == []
        assert store.db.execute("SELECT count(*) FROM pages").fetchone()[0] == rows_of(shard)["pages"]


def test_the_same_archive_and_a_copy_of_it_are_refused(tmp_path: Path, shard: Path) -> None:
    with pytest.raises(ArchiveError, match="is this archive, or a copy"), merged_into(shard, shard):
        pass
    with pytest.raises(ArchiveError, match="is the same as"), merged_into(tmp_path / "desk", shard, shard):
        pass


def test_a_source_id_that_stands_for_two_outlets_is_refused_before_anything_is_copied(
    tmp_path: Path, shard: Path
) -> None:
    (tmp_path / "desk").mkdir()
    another = Source.model_validate(
        {"id": "gazette", "name": "G", "home": "https://gazette.example/", "feeds": ["https://gazette.example/f"]}
    )
    Archive(tmp_path / "desk", (another,)).store.close()
    with (
        pytest.raises(ArchiveError, match=r"source gazette is .* there and .* here"),
        merged_into(tmp_path / "desk", shard),
    ):
        pass
    assert rows_of(tmp_path / "desk")["merged_archives"] == 0


WATCHED = {
    "coverage": "SELECT s.url, c.source_id, c.from_at, c.until_at, c.state, c.polls, p.at, c.resolution FROM coverage c"
    " JOIN seeds s ON s.id = c.seed_id LEFT JOIN polls p ON p.id = c.poll_id ORDER BY c.from_at, c.until_at",
    "problems": "SELECT source_id, kind, what, since, reports, resolved_at FROM problems ORDER BY id",
    "rates": "SELECT s.url, r.hour, r.arrivals, r.hours FROM publication_rates r JOIN seeds s ON s.id = r.seed_id ORDER BY 1, 2",
    "activity": "SELECT s.url, a.document_at, a.items FROM seed_activity a JOIN seeds s ON s.id = a.seed_id ORDER BY 1",
    "silences": "SELECT source_id, watched_since, alarm FROM silences ORDER BY 1",
    "mutes": "SELECT m.kind, coalesce(a.url, m.target), m.until_at FROM mutes m LEFT JOIN stories s ON m.kind = 'story'"
    " AND s.id = m.target LEFT JOIN articles a ON a.id = s.first_article_id ORDER BY 1, 2",
    "searches": "SELECT name, path, query FROM saved_searches ORDER BY 1",
}


def watched(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        return {name: db.execute(query).fetchall() for name, query in WATCHED.items()}


def watch(folder: Path, at: str = "2026-03-03T00:00:00Z") -> None:
    """A gap, a problem, publication rates, mutes and a saved search in the archive of a shard."""
    archive = Archive(folder)
    db = archive.store.db
    with archive.store.transaction():
        insert_sealed(db, "coverage", {"source_id": SOURCE.id, "seed_id": 1, "from_at": "2026-03-02T00:00:00Z", "until_at": at,
                                       "state": "open", "polls": 1, "poll_id": 1, "repair_attempts": 0, "found": 0})  # fmt: skip
        insert_sealed(db, "problems", {"source_id": SOURCE.id, "kind": "silent", "what": "", "since": at, "evidence": "none",
                                       "advice": "look", "opened_at": at, "reports": 1})  # fmt: skip
        db.execute("INSERT OR REPLACE INTO publication_rates VALUES (1, 5, 2.5, 10.0)")
        db.execute(
            "INSERT OR REPLACE INTO silences (source_id, watched_since, alarm) VALUES (?, ?, 0.5)", (SOURCE.id, at)
        )
        db.execute("INSERT INTO mutes VALUES ('story', '1', ?, '2026-04-01T00:00:00Z')", (at,))
        db.execute("INSERT INTO mutes VALUES ('topic', 'pier', ?, '2026-04-01T00:00:00Z')", (at,))
    save_search(db, "Piers", "/search", "q=pier", now=hour(3))
    archive.store.close()


def test_what_is_known_of_sources_and_what_people_set_is_merged_once(tmp_path: Path, shard: Path) -> None:
    watch(shard)
    with merged_into(tmp_path / "desk", shard) as (store, counts):
        assert faults(store, tmp_path / "desk") == []
    assert watched(tmp_path / "desk") == watched(shard)
    assert all(watched(shard).values())
    assert (counts.added["problems"], counts.added["mutes"], counts.added["saved searches"]) == (1, 2, 1)
    before = rows_of(tmp_path / "desk")
    with merged_into(tmp_path / "desk", shard) as (_, counts):
        assert not counts.added
    assert rows_of(tmp_path / "desk") == before


def test_a_gap_that_was_repaired_and_a_problem_that_was_resolved_there_are_so_here(tmp_path: Path, shard: Path) -> None:
    watch(shard)
    with merged_into(tmp_path / "desk", shard):
        pass
    before = rows_of(tmp_path / "desk")
    archive = Archive(shard)
    with archive.store.transaction():
        archive.store.db.execute("UPDATE coverage SET state = 'repaired', resolution = 'sitemap' WHERE state = 'open'")
        archive.store.db.execute("UPDATE problems SET resolved_at = '2026-03-04T00:00:00Z'")
    archive.store.close()
    with merged_into(tmp_path / "desk", shard) as (store, counts):
        assert not counts.added
        assert faults(store, tmp_path / "desk") == []
    assert watched(tmp_path / "desk") == watched(shard)
    assert rows_of(tmp_path / "desk") == before  # the unit of the earlier state is forgotten


def test_what_was_undone_here_does_not_come_back(tmp_path: Path, shard: Path) -> None:
    watch(shard)
    with merged_into(tmp_path / "desk", shard) as (store, _):
        store.db.execute("DELETE FROM mutes")
        store.db.execute("DELETE FROM saved_searches")
    archive = Archive(shard)
    save_search(archive.store.db, "More", "/search", "q=more", now=hour(5))
    archive.store.db.execute("INSERT INTO mutes VALUES ('topic', 'a', '2026-03-03T00:00:00Z', '2026-04-01T00:00:00Z')")
    archive.store.close()
    with merged_into(tmp_path / "desk", shard):
        pass
    assert watched(tmp_path / "desk")["mutes"] == [("topic", "a", "2026-04-01T00:00:00Z")]
    assert watched(tmp_path / "desk")["searches"] == [("More", "/search", "q=more")]


def test_of_two_saved_searches_of_one_name_both_stay_and_an_open_problem_is_one(tmp_path: Path, shard: Path) -> None:
    watch(shard)
    archive = Archive(tmp_path / "desk")
    save_search(archive.store.db, "Piers", "/alerts", "topic=pier", now=hour(1))
    with archive.store.transaction():
        insert_sealed(archive.store.db, "problems", {"source_id": SOURCE.id, "kind": "silent", "what": "", "since": "2026",
                                                     "evidence": "own", "advice": "", "opened_at": "2026", "reports": 0})  # fmt: skip
    archive.store.close()
    with merged_into(tmp_path / "desk", shard):
        pass
    found = watched(tmp_path / "desk")
    assert found["searches"] == [("Piers", "/alerts", "topic=pier"), ("Piers (shard)", "/search", "q=pier")]
    assert len(found["problems"]) == 1


@pytest.mark.parametrize(("make", "problem"), [
    (lambda path: None, "no such folder"),
    (lambda path: path.mkdir(), "no archive.db in this folder"),
    (lambda path: path.write_bytes(b""), "not a folder"),
])  # fmt: skip
def test_a_folder_without_an_archive_is_refused_by_its_name(tmp_path: Path, make: Any, problem: str) -> None:
    make(tmp_path / "other")
    with pytest.raises(ArchiveError, match=f"other: {problem}; name the data folder of another archive"):
        OtherArchive(tmp_path / "other")

"""Copy an article of another archive: raw pages, versions, fetches, what people wrote, alerts; its story is assigned anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crawler.archive.articles.identity import key_sha256, merge_articles
from crawler.archive.articles.revisions import CURRENT_COLUMNS, index_revision, latest_revision
from crawler.archive.db.seals import insert_sealed
from crawler.archive.merging.copy_alerts import copy_alerts
from crawler.archive.merging.other_archive import MergeCounts, RowCopier, RowValues
from crawler.archive.stories.assignment import assign_story
from crawler.archive.stories.lsh_index import stored_sketch
from crawler.exceptions import ArchiveError
from crawler.sqlite.rows import marks
from crawler.sqlite.values import parse_utc

_STATE_COLUMNS = (
    "last_fetched_at", "next_check_at", "fetch_count", "gone_at", "etag", "last_modified", "body_sha256",
    "last_full_fetch_at",
)  # fmt: skip


FORGOTTEN_HERE = "articles that were removed here with `scrapy archive forget`"
OLDER = "versions that are older than the newest one here"


def copy_article(copier: RowCopier, row: RowValues, counts: MergeCounts, *, at: datetime) -> None:
    """Copy an article, or what was added to it since the last merge. Runs inside a transaction."""
    article_id = copier.mapped("articles", row["id"]) or _find_or_insert(copier, row, counts)
    if article_id is None:
        return
    for url in copier.other.rows("SELECT * FROM article_urls WHERE article_id = ?", row["id"]):
        insert_sealed(
            copier.store.db, "article_urls", copier.here("article_urls", url), "ON CONFLICT (key, url) DO NOTHING"
        )
    for page in copier.other.rows("SELECT * FROM pages WHERE article_id = ? ORDER BY id", row["id"]):
        copy_page(copier, page, counts, at=at)
    is_changed = False
    for revision in copier.other.rows("SELECT * FROM revisions WHERE article_id = ? ORDER BY number", row["id"]):
        is_changed |= _copy_revision(copier, revision, article_id, counts)
    for fetch in copier.other.rows("SELECT * FROM fetches WHERE article_id = ? ORDER BY id", row["id"]):
        copy_fetch(copier, fetch, counts)
    _take_state(copier, row, article_id)
    if row["merged_into"] is None and is_changed:
        sketch = stored_sketch(copier.other.db, row["id"])
        assign_story(copier.store.db, article_id, sketch, at=parse_utc(row["first_seen_at"]))
    for judgement in copier.other.rows("SELECT * FROM judgements WHERE article_id = ?", row["id"]):
        copier.keep_newer("judgements", judgement, ("topic_id", "article_id"), "judged_at")
    for annotation in copier.other.rows("SELECT * FROM annotations WHERE article_id = ?", row["id"]):
        copier.keep_newer("annotations", annotation, ("article_id",), "changed_at")
    copy_alerts(copier, row["id"], article_id, counts.added)


def copy_page(copier: RowCopier, page: RowValues, counts: MergeCounts, *, at: datetime) -> None:
    """Copy a raw page with its WARC record; one that the other archive pruned without it."""
    if copier.mapped("pages", page["id"]) is not None:
        return
    place: dict[str, Any] = {"warc_file_id": None, "warc_offset": None}
    if page["pruned_at"] is None:
        try:
            record = copier.other.record(page)
        except ArchiveError as error:
            counts.faults.append(str(error))
            return
        place["warc_file_id"], place["warc_offset"] = copier.store.append_record(record, at)
    copier.insert("pages", page, **place)
    counts.added["pages"] += 1


def copy_fetch(copier: RowCopier, fetch: RowValues, counts: MergeCounts) -> None:
    """Copy one fetch. One whose version was here already, or was left out, created none here: it is "unchanged" here."""
    if copier.mapped("fetches", fetch["id"]) is not None:
        return
    if fetch["revision_id"] is not None and not _creates_version(copier, fetch):
        copier.insert("fetches", fetch, revision_id=None, outcome="unchanged")
    else:
        copier.insert("fetches", fetch)
    counts.added["fetches"] += 1


def _creates_version(copier: RowCopier, fetch: RowValues) -> bool:
    """Whether the version here that a fetch created there was copied with its raw page, and not by an earlier fetch."""
    row = copier.store.db.execute(
        "SELECT 1 FROM revisions r WHERE id = ? AND page_id IS ? AND seen_at = ?"
        " AND NOT EXISTS (SELECT 1 FROM fetches WHERE revision_id = r.id)",
        (copier.mapped("revisions", fetch["revision_id"]), copier.mapped("pages", fetch["page_id"]), fetch["at"]),
    ).fetchone()
    return row is not None


def _find_or_insert(copier: RowCopier, row: RowValues, counts: MergeCounts) -> int | None:
    """The article here with one of the other's URLs, or a new one; None if it was removed here."""
    db = copier.store.db
    keys = [row["key"], *(url["key"] for url in copier.other.rows(
        "SELECT DISTINCT key FROM article_urls WHERE article_id = ?", row["id"]
    ))]  # fmt: skip
    hashes = [key_sha256(key) for key in keys]
    if db.execute(f"SELECT 1 FROM forgotten_keys WHERE key_sha256 IN ({marks(keys)})", hashes).fetchone() is not None:
        counts.left_out[FORGOTTEN_HERE] += 1
        return None
    own = db.execute(
        f"SELECT min(coalesce(a.merged_into, a.id)) FROM article_urls u JOIN articles a ON a.id = u.article_id"
        f" WHERE u.key IN ({marks(keys)})", keys,
    ).fetchone()[0] or db.execute("SELECT id FROM articles WHERE key = ?", (row["key"],)).fetchone()  # fmt: skip
    if own is not None:
        return copier.remember("articles", row["id"], int(own if isinstance(own, int) else own[0]))
    counts.added["articles"] += 1
    return copier.insert(
        "articles", row, latest_revision_id=None, revision_count=0, **dict.fromkeys(CURRENT_COLUMNS)
    )  # fmt: skip


def _copy_revision(copier: RowCopier, row: RowValues, article_id: int, counts: MergeCounts) -> bool:
    """Copy a version behind the newest one here. False if it is here already, or older than the newest one."""
    if copier.mapped("revisions", row["id"]) is not None:
        return False
    store = copier.store
    same = store.db.execute(
        "SELECT id FROM revisions WHERE article_id = ? AND fingerprint = ? AND seen_at = ? AND extractor = ?",
        (article_id, row["fingerprint"], row["seen_at"], row["extractor"]),
    ).fetchone()
    if same is not None:
        copier.remember("revisions", row["id"], same["id"])
        return False
    latest = latest_revision(store, article_id)
    is_own = latest is None or _is_from(copier, latest.id)
    if latest is not None and not is_own:
        if row["seen_at"] < latest.seen_at:
            counts.left_out[OLDER] += 1
            return False
        if row["fingerprint"] == latest.fingerprint:
            copier.remember("revisions", row["id"], latest.id)
            return False
    number = (latest.number if latest is not None else 0) + 1
    bylines = [
        (one["position"], one["name"], one["kind"])
        for one in copier.other.rows("SELECT * FROM bylines WHERE revision_id = ? ORDER BY position", row["id"])
    ]
    revision_id = copier.insert("revisions", row, bylines, number=number)
    store.db.executemany("INSERT INTO bylines VALUES (?, ?, ?, ?)", [(revision_id, *one) for one in bylines])
    index_revision(store, revision_id, (row["title"], row["lead"], row["byline"], row["text"]))
    current = {
        **{name: row[name] for name in CURRENT_COLUMNS},
        "latest_revision_id": revision_id,
        "revision_count": number,
    }
    copier.refresh("articles", article_id, current)
    counts.added["revisions"] += 1
    return True


def _is_from(copier: RowCopier, revision_id: int) -> bool:
    """Whether a version here was copied from this other archive."""
    row = copier.store.db.execute(
        "SELECT 1 FROM merged_rows WHERE kind = 'revisions' AND id = ? AND archive_id = ?",
        (revision_id, copier.archive_id),
    ).fetchone()
    return row is not None


def _take_state(copier: RowCopier, row: RowValues, article_id: int) -> None:
    """Take over validators and next recheck if the other archive fetched the article later."""
    own = copier.store.db.execute(
        "SELECT last_fetched_at, merged_into FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    if (row["last_fetched_at"] or "") >= (own["last_fetched_at"] or ""):
        copier.refresh("articles", article_id, {name: row[name] for name in _STATE_COLUMNS})
    merged_into = copier.mapped("articles", row["merged_into"])
    if merged_into is not None and own["merged_into"] is None and merged_into != article_id:
        merge_articles(copier.store.db, article_id, merged_into)

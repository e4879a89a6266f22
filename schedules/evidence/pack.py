"""Build an evidence file: raw pages as WARC records, what is known about them as JSON, with proofs, and a cover page."""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.archive.articles.revisions import text_content
from crawler.archive.db.seals import stored_content
from crawler.archive.evidence.daily_roots import DailyRoot
from crawler.archive.evidence.leaves import LEAF_TABLES, LeafKind
from crawler.archive.evidence.pack_queries import (
    JsonRow,
    Selection,
    alert_rows,
    coverage_rows,
    fetch_rows,
    page_rows,
    revision_rows,
)
from crawler.archive.evidence.root_check import Proof, Prover
from crawler.archive.evidence.root_timestamps import root_timestamps
from crawler.archive.storage.warc_records import read_slice, read_stored_page, warcinfo
from crawler.config.app import user_agent
from crawler.evidence import verify_pack
from crawler.evidence.opentimestamps import detached_timestamp
from crawler.evidence.verify_pack import PROOFS, VerificationError
from crawler.evidence.wacz import WARC_NAME, RecordPlace, WaczPage, record_places, write_wacz
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc
from crawler.text.diff import diff_paragraphs
from schedules.evidence.timestamps import stamped_text
from schedules.formatting.templates import templates_of


@dataclass(slots=True, kw_only=True)
class Pack:
    """The content of an evidence file."""

    selection: Selection
    at: datetime
    info: bytes
    """The compressed warcinfo record."""
    pages: list[WaczPage]
    page_rows: list[JsonRow]
    revisions: list[JsonRow]
    alerts: list[JsonRow]
    proofs: dict[str, Any] = field(default_factory=dict)
    """As in `PROOFS`."""
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def newest_root(self) -> dict[str, Any] | None:
        """The newest day of the chain; None without one."""
        return self.proofs["days"][-1] if self.proofs["days"] else None


MAX_TEXT_SHOWN = 3_000
"""Characters of one version on the cover page; the whole text is in its own file."""


def cover_page(pack: Pack, hashes: str, name: str) -> str:
    """The page as HTML without scripts and without references to other files. `name`: of the WACZ file."""
    pages = {row["id"]: row for row in pack.page_rows}
    proven = {" ".join(proof["leaf"].split()[:2]): proof["day"] for proof in pack.proofs["proofs"]}
    versions = [
        {
            **row,
            "page": pages.get(row["page_id"]),
            "proven": proven.get(f"revision {row['id']}"),
            "page_proven": proven.get(f"page {row['page_id']}"),
            "shown": row["text"][:MAX_TEXT_SHOWN],
            "left_out": max(0, len(row["text"]) - MAX_TEXT_SHOWN),
            "paragraphs": row["text"][:MAX_TEXT_SHOWN].split("\n\n"),
        }
        for row in pack.revisions
    ]
    context: dict[str, Any] = {
        "pack": pack,
        "name": name,
        "versions": versions,
        "root": pack.newest_root,
        "stamped": {
            kind: max((path for path in pack.files if path.endswith(kind)), default="") for kind in (".tsr", ".ots")
        },
        "hashes": [line.split("  ", 1) for line in hashes.splitlines()],
    }
    return templates_of("schedules.evidence").get_template("cover.html").render(context)


COVERAGE_AROUND = timedelta(days=1)
"""Coverage of the sources is shown from this time before the first version to this time after the last one."""
HASHES = "evidence/hashes.sha256"
COVER = "evidence/cover.html"


def collect_pack(db: Connection, warc_dir: Path, selection: Selection, *, at: datetime) -> Pack:
    """Read everything that belongs into the file. Raises ArchiveError if a raw page is damaged."""
    revisions = revision_rows(db, selection.revisions)
    rows = page_rows(db, selection.revisions)
    titles = {row["page_id"]: row["title"] or row["url"] for row in revisions}
    pack = Pack(
        selection=selection,
        at=at,
        info=warcinfo(WARC_NAME, at, user_agent()),
        pages=[_wacz_page(db, row, warc_dir, titles[row["id"]]) for row in rows],
        page_rows=rows,
        revisions=revisions,
        alerts=alert_rows(db, selection.alerts),
    )
    prover = Prover(db)
    _add_documents(pack, db)
    _add_proofs(pack, db, prover)
    _add_timestamps(pack, db, prover.roots)
    pack.files["evidence/verify_pack.py"] = inspect.getsource(verify_pack).encode()
    return pack


def write_pack(pack: Pack, target: Path) -> None:
    """Write the file with its cover page and its list of hashes. Raises OSError."""
    listed = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {path}\n"
        for path, content in {
            f"archive/{WARC_NAME}": pack.info + b"".join(page.record for page in pack.pages),
            **dict(sorted(pack.files.items())),
        }.items()
    )
    files = {COVER: cover_page(pack, listed, target.name).encode(), HASHES: listed.encode(), **pack.files}
    write_wacz(
        target,
        title=f"Evidence: {pack.selection.title}",
        info=pack.info,
        pages=pack.pages,
        files=files,
        at=pack.at,
    )


def _wacz_page(db: Connection, row: JsonRow, warc_dir: Path, title: str) -> WaczPage:
    read_stored_page(db, warc_dir, row["id"])  # raises ArchiveError if the record is not what was stored
    return WaczPage(
        id=row["id"],
        url=row["final_url"],
        title=title,
        fetched_at=parse_utc(row["fetched_at"]),
        status=row["http_status"],
        mime=(row["content_type"] or "text/html").partition(";")[0].strip(),
        body_sha256=row["sha256"],
        record=read_slice(warc_dir / row["name"], row["warc_offset"], row["warc_length"]),
    )


def _add_documents(pack: Pack, db: Connection) -> None:
    seen = [parse_utc(row["seen_at"]) for row in pack.revisions]
    begin, end = format_utc(min(seen) - COVERAGE_AROUND), format_utc(max(seen) + COVERAGE_AROUND)
    places = record_places(pack.info, pack.pages)
    documents: dict[str, Any] = {
        "alerts": pack.alerts,
        "revisions": pack.revisions,
        "changes": _changes(pack.revisions),
        "pages": [_page_document(row, places[row["id"]]) for row in pack.page_rows],
        "fetches": fetch_rows(db, pack.selection.articles),
        "coverage": coverage_rows(db, pack.selection.articles, begin=begin, end=end),
    }
    for name, value in documents.items():
        pack.files[f"evidence/{name}.json"] = _as_json(value)


def _page_document(row: JsonRow, place: RecordPlace) -> JsonRow:
    in_archive = {"name": row["name"], "offset": row["warc_offset"]}
    kept = {name: value for name, value in row.items() if not name.startswith("warc_") and name != "name"}
    return {**kept, "offset": place.offset, "length": place.length, "in_archive": in_archive}


def _changes(revisions: list[JsonRow]) -> list[JsonRow]:
    """What each version changed in the version before it, if both are in the file."""
    by_place = {(row["article_id"], row["number"]): row for row in revisions}
    found = []
    for row in revisions:
        before = by_place.get((row["article_id"], row["number"] - 1))
        if before is None or before["text_pruned_at"] or row["text_pruned_at"]:
            continue
        changes = diff_paragraphs(paragraphs_of(before), paragraphs_of(row))
        found.append(
            {
                "revision": row["id"],
                "before": before["id"],
                "paragraphs": [
                    {"kind": one.kind, "before": one.before_text, "after": one.after_text}
                    for one in changes
                    if one.kind != "same"
                ],
            }
        )
    return found


def paragraphs_of(row: JsonRow) -> list[str]:
    """The title, byline, lead and paragraphs of a revision."""
    return [part for part in (row["title"], row["byline"], row["lead"], *row["text"].split("\n\n")) if part]


def _add_proofs(pack: Pack, db: Connection, prover: Prover) -> None:
    """Add the sealed content of each row, and the path of each to the root of its day."""
    places = record_places(pack.info, pack.pages)
    leaves: list[tuple[LeafKind, int, dict[str, Any]]] = [
        *(("page", one.id, _page_place(places[one.id])) for one in pack.pages),
        *(("revision", row["id"], _seal_files(pack, db, "revision", row["id"])) for row in pack.revisions),
        *(("alert", row["id"], _seal_files(pack, db, "alert", row["id"])) for row in pack.alerts),
    ]
    proofs: list[Proof] = []
    unproven = []
    try:
        for kind, row_id, content in leaves:
            proof = prover.proof(kind, row_id)
            if proof is None:
                unproven.append(f"{kind} {row_id}: stored after the newest daily root")
            else:
                proofs.append({**proof, **content})
        pack.proofs = prover.document(proofs, unproven)
    except VerificationError as error:
        pack.proofs = prover.document([], [f"{kind} {row_id}: {error}" for kind, row_id, _ in leaves])
    pack.files[PROOFS] = _as_json(pack.proofs)


def _page_place(place: RecordPlace) -> dict[str, Any]:
    return {"file": f"archive/{WARC_NAME}", "offset": place.offset, "length": place.length}


def _seal_files(pack: Pack, db: Connection, kind: LeafKind, row_id: int) -> dict[str, Any]:
    """Add the files whose SHA-256 is in the leaf of a row. Raises ArchiveError if the row is damaged."""
    table = LEAF_TABLES[kind].table
    row = dict(db.execute(f"SELECT * FROM {table} WHERE id = ?", (row_id,)).fetchone())  # noqa: S608 -- a constant
    content = stored_content(db, table, row)
    if hashlib.sha256(content).hexdigest() != row["row_sha256"]:
        raise ArchiveError(f"{table} row {row_id}: does not match its seal; restore it from a backup")
    files = {"file": f"evidence/{kind}-{row_id}.sealed.json"}
    pack.files[files["file"]] = content
    if kind == "revision" and row["text_pruned_at"] is None:
        text = text_content(**{name: row[name] for name in ("title", "lead", "byline", "text")})
        if hashlib.sha256(text).hexdigest() != row["text_sha256"]:
            raise ArchiveError(f"revisions row {row_id}: its text does not match its hash; restore it from a backup")
        files["text"] = f"evidence/revision-{row_id}.txt"
        pack.files[files["text"]] = text
    return files


def _add_timestamps(pack: Pack, db: Connection, roots: list[DailyRoot]) -> None:
    """Add the time-stamps for the days of the chain, each with the text that it is for."""
    stamps = root_timestamps(db)
    days = {day["day"] for day in pack.proofs["days"]}
    for root in roots:
        mine = [one for one in stamps if one.day == root.day] if root.day in days else []
        text = f"evidence/root-{root.day}.txt"
        if mine:
            pack.files[text] = stamped_text(root)
        for one in mine:
            if one.kind == "rfc3161":
                pack.files[f"evidence/root-{root.day}.tsr"] = one.content
        calendars = [one.content for one in mine if one.kind == "opentimestamps"]
        if calendars:
            digest = hashlib.sha256(pack.files[text]).digest()
            pack.files[f"{text}.ots"] = detached_timestamp(digest, calendars)


def _as_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")

"""The cover page of an evidence file: what was fetched when, from where, what it said, and how to check it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schedules.formatting.templates import templates_of

if TYPE_CHECKING:
    from schedules.evidence.pack_content import Pack

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
        "stamped": [path for path in pack.files if path.endswith(".tsr")],
        "hashes": [line.split("  ", 1) for line in hashes.splitlines()],
    }
    return templates_of("schedules.evidence").get_template("cover.html").render(context)

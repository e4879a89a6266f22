"""Store and read links: the rows of `links`, one for each seed and URL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.archive.db.seals import row_sha256
from crawler.archive.storage.store import ArchiveStore
from crawler.models import Link, Timestamp
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.rows import marks
from crawler.sqlite.values import (
    clean_text,
    clean_text_or_none,
    format_utc,
    format_utc_or_none,
    names_or_none,
    parse_utc_or_none,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkContext:
    """The poll that found a link."""

    source: str
    seed_id: int
    poll_id: int
    at: datetime


_UPDATED_COLUMNS = (
    "url guid title summary content_html authors published_at published_offset published_raw updated_at tags language"
    " image position last_seen_at row_sha256"
).split()
_LINK_COLUMNS = ("seed_id", "source_id", "key", "first_seen_at", "poll_id", *_UPDATED_COLUMNS)
_UPSERT_LINK = (
    f"INSERT INTO links ({', '.join(_LINK_COLUMNS)}) VALUES ({marks(_LINK_COLUMNS)})"
    f" ON CONFLICT (seed_id, key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _UPDATED_COLUMNS)}"
)


def upsert_link(store: ArchiveStore, context: LinkContext, key: str, link: Link) -> tuple[int, bool]:
    """Store a link; return links.id, and whether the entry of a known link changed."""
    stored_key = clean_text(key)
    known = store.db.execute(
        "SELECT id, source_id, first_seen_at, poll_id, title, updated_at, content_html FROM links"
        " WHERE seed_id = ? AND key = ?",
        (context.seed_id, stored_key),
    ).fetchone()
    at = format_utc(context.at)
    columns: dict[str, Any] = {
        "seed_id": context.seed_id,
        "source_id": known["source_id"] if known is not None else context.source,
        "key": stored_key,
        "first_seen_at": known["first_seen_at"] if known is not None else at,
        "poll_id": known["poll_id"] if known is not None else context.poll_id,
        "url": link.url,
        "guid": clean_text_or_none(link.guid),
        "title": clean_text_or_none(link.title),
        "summary": clean_text_or_none(link.summary),
        "content_html": clean_text_or_none(link.content_html),
        "authors": names_or_none(link.authors),
        "published_at": format_utc_or_none(link.published.at if link.published else None),
        "published_offset": link.published.offset_minutes if link.published else None,
        "published_raw": clean_text_or_none(link.published_raw),
        "updated_at": format_utc_or_none(link.updated.at if link.updated else None),
        "tags": names_or_none(link.tags),
        "language": clean_text_or_none(link.language),
        "image": clean_text_or_none(link.image),
        "position": link.position,
        "last_seen_at": at,
    }
    columns["row_sha256"] = row_sha256(columns)
    store.db.execute(_UPSERT_LINK, [columns[name] for name in _LINK_COLUMNS])
    if known is not None:
        has_changed = any(known[name] != columns[name] for name in ("title", "updated_at", "content_html"))
        return int(known["id"]), has_changed and link.kind != "listing"
    row = store.db.execute(
        "SELECT id FROM links WHERE seed_id = ? AND key = ?", (context.seed_id, stored_key)
    ).fetchone()
    return int(row["id"]), False


def link_by_id(db: Connection, link_id: int | None) -> Link | None:
    """Return a link by its ID; None if there is none."""
    row = db.execute(
        "SELECT links.*, seeds.kind, seeds.url AS via FROM links JOIN seeds ON seeds.id = links.seed_id WHERE links.id = ?",
        (link_id,),
    ).fetchone()
    return link_of_row(row) if row is not None else None


def link_of_row(row: Row) -> Link:
    """Return the `Link` of a row of `links` joined with its seed's `kind` and `via`."""
    get = row.__getitem__
    published_at = parse_utc_or_none(get("published_at"))
    updated_at = parse_utc_or_none(get("updated_at"))
    kind = get("kind")
    return Link(
        url=get("url"),
        kind=kind,
        via=get("via"),
        position=get("position"),
        guid=get("guid"),
        title=get("title"),
        summary=get("summary"),
        content_html=get("content_html"),
        authors=tuple(json.loads(get("authors") or "[]")),
        published=Timestamp(
            at=published_at,
            offset_minutes=get("published_offset"),
            raw=get("published_raw") or "",
            provenance="sitemap" if kind == "sitemap" else "feed",
        )
        if published_at
        else None,
        published_raw=get("published_raw"),
        updated=Timestamp(at=updated_at, provenance="feed") if updated_at else None,
        tags=tuple(json.loads(get("tags") or "[]")),
        language=get("language"),
        image=get("image"),
    )

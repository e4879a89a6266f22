"""Store and read links: the rows of `links`, one for each seed and URL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.storage.store import ArchiveStore
from crawler.models import Link, Timestamp
from crawler.sqlite.connection import Connection, Row
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


_LINK_COLUMNS = (
    "url guid title summary content_html authors published_at published_offset published_raw updated_at tags language"
    " image position last_seen_at"
).split()
_UPSERT_LINK = (
    f"INSERT INTO links (seed_id, source_id, key, first_seen_at, poll_id, {', '.join(_LINK_COLUMNS)})"
    f" VALUES (?, ?, ?, ?, ?, {', '.join('?' * len(_LINK_COLUMNS))})"
    f" ON CONFLICT (seed_id, key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _LINK_COLUMNS)}"
)


def upsert_link(store: ArchiveStore, context: LinkContext, key: str, link: Link) -> tuple[int, bool]:
    """Store a link; return links.id, and whether the entry of a known link changed."""
    known = store.db.execute(
        "SELECT id, title, updated_at, content_html FROM links WHERE seed_id = ? AND key = ?", (context.seed_id, key)
    ).fetchone()
    at = format_utc(context.at)
    values = (
        link.url,
        clean_text_or_none(link.guid),
        clean_text_or_none(link.title),
        clean_text_or_none(link.summary),
        clean_text_or_none(link.content_html),
        names_or_none(link.authors),
        format_utc_or_none(link.published.at if link.published else None),
        link.published.offset_minutes if link.published else None,
        clean_text_or_none(link.published_raw),
        format_utc_or_none(link.updated.at if link.updated else None),
        names_or_none(link.tags),
        clean_text_or_none(link.language),
        clean_text_or_none(link.image),
        link.position,
        at,
    )
    store.db.execute(_UPSERT_LINK, (context.seed_id, context.source, clean_text(key), at, context.poll_id, *values))
    if known is not None:
        has_changed = (known["title"], known["updated_at"], known["content_html"]) != (values[2], values[9], values[4])
        return int(known["id"]), has_changed and link.kind != "listing"
    row = store.db.execute("SELECT id FROM links WHERE seed_id = ? AND key = ?", (context.seed_id, key)).fetchone()
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

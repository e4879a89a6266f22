"""Select the sources of a crawl: those named, or all that are due."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from crawler.archive.crawl.due import seeds_not_due, sources_with_work
from crawler.archive.db.open import open_archive
from crawler.config.sources import Source
from crawler.exceptions import WirewatchError
from crawler.sqlite.connection import Connection
from crawler.text.suggestions import did_you_mean

ALL = "all"


def select_sources(
    names: Sequence[str],
    sources: Sequence[Source],
    archive_db: Path,
    *,
    now: datetime,
    force: bool = False,
    python: Collection[str] = (),
) -> list[Source]:
    """Return the sources to crawl, in the order of sources.toml. Raises WirewatchError for an unknown name."""
    by_id = {source.id: source for source in sources}
    unknown = [name for name in names if name not in by_id and name != ALL]
    if unknown and unknown[0] in python:
        raise WirewatchError(
            f"the spider {unknown[0]!r} has no table in sources.toml; add one, because its articles are stored under that source"
        )
    if unknown:
        known = [*by_id, ALL]
        raise WirewatchError(
            f"no source {unknown[0]!r}{did_you_mean(unknown[0], known)}; `scrapy list` names those of sources.toml"
        )
    if ALL not in names:
        return [source for source in sources if source.id in names]
    polled = [source for source in sources if source.is_polled(now)]
    if force or not archive_db.exists():
        return polled
    with contextlib.closing(open_archive(archive_db)) as db:
        return due_sources(polled, db, now=now)


def sources_tagged(sources: Sequence[Source], tag: str) -> list[Source]:
    """Return the sources with a tag. Raises WirewatchError if there is none."""
    found = [source for source in sources if tag in source.tags]
    if not found:
        known = sorted({tag for source in sources for tag in source.tags})
        hint = did_you_mean(tag, known) or (f"; the tags are: {', '.join(known)}" if known else "")
        raise WirewatchError(f"no source has the tag {tag!r}{hint}")
    return found


def due_sources(sources: Sequence[Source], db: Connection, *, now: datetime) -> list[Source]:
    """Return the sources with a seed to poll, a pending URL, or an article to recheck."""
    left = seeds_not_due(db, now=now)
    busy = sources_with_work(db, now=now)

    def is_due(source: Source) -> bool:
        return source.id in busy or any((source.id, seed.url) not in left for seed in source.seeds)

    return [source for source in sources if is_due(source)]

"""Find what is older than the times that the configuration sets. Pure SQL, no row is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from crawler.archive.retention.sizes import row_bytes
from crawler.config.retention import FOREVER, SOURCE_KINDS, RetentionPolicy, SourceKind
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc

PrunedKind = SourceKind | Literal["job runs", "runs", "source runs"]

KEPT_ALERTS = (
    "SELECT a.* FROM alerts a WHERE NOT EXISTS"
    " (SELECT 1 FROM json_each(:topics) t WHERE t.key = a.topic_id AND a.created_at < t.value)"
)
"""Alerts whose evidence is kept."""
NOT_EVIDENCE: Mapping[SourceKind, str] = {
    "pages": (
        f"x.id NOT IN (SELECT page_id FROM ({KEPT_ALERTS}) WHERE page_id IS NOT NULL"
        f" UNION SELECT r.page_id FROM ({KEPT_ALERTS}) k JOIN revisions r ON r.id IN (k.revision_id, k.previous_revision_id)"
        " WHERE r.page_id IS NOT NULL)"
    ),
    "texts": (
        f"x.id NOT IN (SELECT revision_id FROM ({KEPT_ALERTS}) UNION"
        f" SELECT previous_revision_id FROM ({KEPT_ALERTS}) WHERE previous_revision_id IS NOT NULL)"
    ),
}
"""Conditions for a row x that is not evidence of an alert."""
_FLAGGED = (
    "n.id <= coalesce((SELECT min(v.cursor) FROM topics t JOIN topic_versions v ON v.id = t.version_id"
    " WHERE t.retired_at IS NULL), n.id)"
)
"""Every topic has compared the next version, n, with this one."""
_ROWS: Mapping[SourceKind, str] = {
    "pages": (
        "json_each(:limits) l JOIN pages x ON x.source_id = l.key AND x.fetched_at < l.value"
        f" WHERE x.pruned_at IS NULL AND {NOT_EVIDENCE['pages']}"
    ),
    "texts": (
        "revisions n JOIN revisions x ON x.article_id = n.article_id AND x.number = n.number - 1"
        " JOIN articles a ON a.id = x.article_id JOIN json_each(:limits) l ON l.key = a.source_id"
        " WHERE n.number > 1 AND n.seen_at < l.value AND n.seen_at < :newest AND x.text_pruned_at IS NULL"
        " AND (x.text <> '' OR x.lead IS NOT NULL)"
        f" AND {_FLAGGED} AND {NOT_EVIDENCE['texts']}"
    ),
    # A poll that found articles and a fetch that stored something belong to what they found.
    "polls": (
        "json_each(:limits) l JOIN seeds s ON s.source_id = l.key JOIN polls x ON x.seed_id = s.id AND x.at < l.value"
        " WHERE NOT EXISTS (SELECT 1 FROM links WHERE links.poll_id = x.id)"
    ),
    "fetches": (
        "json_each(:limits) l JOIN fetches x ON x.source_id = l.key AND x.at < l.value WHERE x.revision_id IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.id = x.page_id AND p.pruned_at IS NULL)"
    ),
}
PRUNABLE_SOURCE_RUNS = (
    "source_runs x JOIN runs r ON r.id = x.run_id WHERE r.started_at < :limit"
    " AND x.run_id < (SELECT max(run_id) FROM source_runs l WHERE l.source_id = x.source_id)"
)
"""What runs before `:limit` did for each source. The latest of each source stays: it is what pages show of it."""
PRUNABLE_RUNS = (
    "runs x WHERE x.started_at < :limit AND x.id < (SELECT max(id) FROM runs)"
    " AND x.id NOT IN (SELECT run_id FROM polls WHERE run_id IS NOT NULL UNION SELECT run_id FROM fetches"
    " WHERE run_id IS NOT NULL UNION SELECT run_id FROM source_runs l WHERE NOT EXISTS"
    f" (SELECT 1 FROM {PRUNABLE_SOURCE_RUNS} AND x.run_id = l.run_id AND x.source_id = l.source_id))"
)
"""Runs before `:limit` to which nothing belongs that stays."""
_SOURCES: Mapping[SourceKind, str] = {
    "pages": "x.source_id",
    "texts": "a.source_id",
    "polls": "s.source_id",
    "fetches": "x.source_id",
}


def prunable_rows(kind: SourceKind) -> str:
    """The part of a query behind FROM that finds the rows x of a kind. Its parameters come from `prune_parameters`."""
    return _ROWS[kind]


def prune_parameters(db: Connection, kind: SourceKind, policy: RetentionPolicy, now: datetime) -> dict[str, str]:
    """The times before which rows are pruned: of each source, and of the evidence of each topic."""
    limits = {}
    for (source,) in db.execute("SELECT id FROM sources"):
        limit = policy.limit(kind, source, now)
        if limit is not None:
            limits[source] = format_utc(limit)
    topics = {topic: format_utc(limit) for topic, limit in policy.evidence_limits(now).items()}
    found = {"limits": json.dumps(limits), "topics": json.dumps(topics), "newest": max(limits.values(), default="")}
    used = _ROWS[kind]
    return {name: value for name, value in found.items() if f":{name}" in used}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunableTotals:
    """What would be pruned now."""

    rows: Mapping[tuple[str, PrunedKind], tuple[int, int]]
    """(source, kind) -> number of rows and bytes. The source of runs of jobs and commands is empty."""
    waiting_pages: int
    """Raw pages that are old enough, but in WARC files of which too little can go."""


def worthwhile_files(db: Connection, policy: RetentionPolicy, now: datetime, least_share: float) -> list[int]:
    """IDs of the WARC files of which at least `least_share` can go."""
    rows = db.execute(
        "SELECT w.id FROM (SELECT x.warc_file_id AS id, sum(x.warc_length) AS size"
        f" FROM {prunable_rows('pages')} GROUP BY 1) f JOIN warc_files w ON w.id = f.id WHERE f.size >= :share * w.bytes"
        " ORDER BY w.id",
        {**prune_parameters(db, "pages", policy, now), "share": least_share},
    )
    return [row[0] for row in rows]


def prunable_totals(db: Connection, policy: RetentionPolicy, now: datetime, least_share: float) -> PrunableTotals:
    """Numbers and bytes of what `prune` would remove with the same arguments."""
    files = json.dumps(worthwhile_files(db, policy, now, least_share))
    sizes: dict[SourceKind, str] = {
        "pages": "x.warc_length",
        "texts": "octet_length(x.text) + coalesce(octet_length(x.lead), 0) + coalesce((SELECT octet_length(g.text)"
        " + coalesce(octet_length(g.lead), 0) FROM revision_segments g WHERE g.revision_id = x.id), 0)",
        "polls": row_bytes(db, "polls", "x"),
        "fetches": row_bytes(db, "fetches", "x"),
    }
    totals: dict[tuple[str, PrunedKind], tuple[int, int]] = {}
    for kind in SOURCE_KINDS:
        chosen = " AND x.warc_file_id IN (SELECT value FROM json_each(:files))" if kind == "pages" else ""
        rows: Any = db.execute(
            f"SELECT {_SOURCES[kind]}, count(*), sum({sizes[kind]}) FROM {prunable_rows(kind)}{chosen} GROUP BY 1 ORDER BY 1",
            {**prune_parameters(db, kind, policy, now), **({"files": files} if chosen else {})},
        )
        totals.update({(source, kind): (count, size) for source, count, size in rows})
    if policy.job_runs < FOREVER:
        count, size = db.execute(
            f"SELECT count(*), sum({row_bytes(db, 'job_runs')}) FROM job_runs WHERE started_at < ?",
            (format_utc(now - policy.job_runs),),
        ).fetchone()
        if count:
            totals["", "job runs"] = (count, size)
    if policy.runs < FOREVER:
        limit = {"limit": format_utc(now - policy.runs)}
        rows = db.execute(
            f"SELECT x.source_id, count(*), sum({row_bytes(db, 'source_runs', 'x')}) FROM {PRUNABLE_SOURCE_RUNS} GROUP BY 1",
            limit,
        )
        totals.update({(source, "source runs"): (count, size) for source, count, size in rows})
        count, size = db.execute(
            f"SELECT count(*), sum({row_bytes(db, 'runs', 'x')}) FROM {PRUNABLE_RUNS}", limit
        ).fetchone()
        if count:
            totals["", "runs"] = (count, size)
    waiting = db.execute(
        f"SELECT count(*) FROM {prunable_rows('pages')} AND x.warc_file_id NOT IN (SELECT value FROM json_each(:files))",
        {**prune_parameters(db, "pages", policy, now), "files": files},
    ).fetchone()[0]
    return PrunableTotals(rows=totals, waiting_pages=waiting)

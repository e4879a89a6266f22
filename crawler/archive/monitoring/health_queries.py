"""What the archive knows of all sources, for a health check: each question is asked once, not once for each source."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from crawler.grouping import grouped_by
from crawler.polling.publication_rate import WEEK, PublicationRate
from crawler.reasons import ROBOTS_CODES
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.values import as_json, sql_list

ASKED_SINCE = 3
"""Documents without new links before a seed can count as stuck, so that rarely polled seeds are not reported."""
EMPTY_POLLS = 50
"""Latest documents of a seed that are searched for the first of those without links."""

_DOCUMENT = (
    "(SELECT id FROM polls WHERE seed_id = seeds.id AND url IS NULL AND outcome IN ('new', 'known')"
    " ORDER BY at DESC, id DESC LIMIT 1)"
)
_COUNTED = (
    "(SELECT id FROM polls WHERE seed_id = seeds.id AND url IS NULL AND entries IS NOT NULL"
    " ORDER BY at DESC, id DESC LIMIT 1)"
)
_SEEDS = (
    "SELECT seeds.*, a.document_at, a.newest_at, a.gave_new_at, a.failing_since, a.items, a.ahead_seconds,"
    " document.items AS document_items, document.error AS document_error, counted.entries, counted.left_out,"
    " (SELECT count(*) FROM (SELECT 1 FROM polls WHERE seed_id = seeds.id AND at > a.gave_new_at AND url IS NULL"
    f" AND outcome NOT IN ('failed', 'refused') LIMIT {ASKED_SINCE})) AS asked_since"
    " FROM seeds LEFT JOIN seed_activity AS a ON a.seed_id = seeds.id"
    f" LEFT JOIN polls AS document ON document.id = {_DOCUMENT} LEFT JOIN polls AS counted ON counted.id = {_COUNTED}"
    " ORDER BY seeds.id"
)
_LISTED_BY_OTHERS = (
    "SELECT seeds.id, (SELECT count(*) FROM (SELECT 1 FROM links WHERE seed_id = seeds.id LIMIT :limit)) AS given,"
    # Without links that this seed listed first: a sitemap lists hours later what the feed already had.
    " (SELECT count(DISTINCT key) FROM links AS other WHERE source_id = seeds.source_id AND seed_id <> seeds.id"
    " AND first_seen_at > a.gave_new_at AND first_seen_at < a.document_at"
    " AND NOT EXISTS (SELECT 1 FROM links WHERE seed_id = seeds.id AND key = other.key)) AS others"
    " FROM seeds JOIN seed_activity AS a ON a.seed_id = seeds.id WHERE seeds.id IN (SELECT value FROM json_each(:seeds))"
)
_SHARES = (
    "SELECT id FROM (SELECT seeds.id,"
    " (SELECT count(DISTINCT iif(seed_id = seeds.id, key, NULL)) * 1.0 / count(DISTINCT key) FROM"
    " (SELECT seed_id, key FROM links WHERE source_id = seeds.source_id AND first_seen_at <= a.gave_new_at"
    " ORDER BY first_seen_at DESC LIMIT 400)) AS share"
    " FROM seeds JOIN seed_activity AS a ON a.seed_id = seeds.id WHERE seeds.id IN (SELECT value FROM json_each(?)))"
    " WHERE share >= 0.3"
)
_DOCUMENTS = (
    "SELECT polls.seed_id, polls.at, polls.items FROM json_each(?) AS seed CROSS JOIN polls ON polls.id IN"
    " (SELECT id FROM polls WHERE seed_id = seed.value AND url IS NULL AND outcome IN ('new', 'known')"
    " ORDER BY at DESC, id DESC LIMIT ?) ORDER BY polls.seed_id, polls.at DESC, polls.id DESC"
)
_ARRIVED = (
    "SELECT source_id, (SELECT count(DISTINCT key) FROM links WHERE source_id = silences.source_id"
    " AND first_seen_at > quiet_since) AS arrived FROM silences"
    " WHERE quiet_since IS NOT NULL AND source_id IN (SELECT value FROM json_each(?))"
)
_RATES = (
    "SELECT source_id, hour, sum(arrivals) AS arrivals, max(hours) AS hours FROM publication_rates"
    " JOIN seeds ON seeds.id = seed_id WHERE (source_id, url) IN"
    " (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)) GROUP BY source_id, hour"
)
_FETCHES = (
    "SELECT source_id, place <= :recent AS is_recent, outcome, iif(place <= :recent, reason, NULL) AS reason,"
    " count(*) AS fetches, min(at) AS first_at FROM (SELECT source.value AS source_id, reason, at,"
    " row_number() OVER (PARTITION BY source.value ORDER BY at DESC, fetches.id DESC) AS place,"
    # A new article without its whole text counts as what its page was: a teaser, or empty.
    " coalesce((SELECT nullif(status, 'ok') FROM revisions WHERE id = fetches.revision_id), outcome) AS outcome"
    " FROM json_each(:sources) AS source CROSS JOIN fetches ON fetches.id IN"
    " (SELECT id FROM fetches WHERE source_id = source.value AND outcome <> 'not_modified'"
    # Excludes articles made from the text of a feed: no page was fetched for them.
    " AND NOT (http_status IS NULL AND outcome IN ('new', 'revised', 'unchanged'))"
    f" AND (reason_code IS NULL OR reason_code NOT IN ({sql_list(ROBOTS_CODES)}))"
    " ORDER BY at DESC, id DESC LIMIT :recent + :earlier))"
    " GROUP BY 1, 2, 3, 4 ORDER BY source_id, min(place)"
)
_FIELDS = (
    "SELECT source_id, place <= :recent AS is_recent, count(*) AS pages, max(place), seen_at, {sums}"
    " FROM (SELECT source.value AS source_id, seen_at, {columns},"
    " row_number() OVER (PARTITION BY source.value ORDER BY revisions.id DESC) AS place"
    " FROM json_each(:sources) AS source CROSS JOIN articles ON articles.id IN"
    " (SELECT id FROM articles WHERE source_id = source.value ORDER BY first_seen_at DESC LIMIT :recent + :earlier)"
    # The sign + rules out the index of status, which has nearly all rows under one key.
    " CROSS JOIN revisions ON revisions.article_id = articles.id AND number = 1 AND page_id IS NOT NULL"
    " AND +revisions.status IN ('ok', 'empty')) GROUP BY 1, 2"
)
_DATES = (
    "SELECT source_id, count(*) AS links, json_group_array(ahead) FILTER (WHERE ahead > :future) AS future"
    " FROM (SELECT source.value AS source_id, unixepoch(published_at) - unixepoch(first_seen_at) AS ahead"
    " FROM json_each(:sources) AS source CROSS JOIN links ON links.id IN"
    " (SELECT id FROM links WHERE source_id = source.value AND published_at IS NOT NULL"
    " ORDER BY first_seen_at DESC, id DESC LIMIT :latest)) GROUP BY source_id"
)


def _by_source(rows: Iterable[Row]) -> dict[str, list[Row]]:
    return grouped_by(rows, lambda row: str(row["source_id"]))


def seed_rows(db: Connection) -> dict[str, list[Row]]:
    """Return the seeds of each source with their activity, their latest document and `asked_since`: documents since
    the seed last listed a new link, counted up to ASKED_SINCE."""
    return _by_source(db.execute(_SEEDS))


def seeds_ahead(db: Connection) -> dict[tuple[str, str], int | None]:
    """Return by how many seconds the clock of each seed's server is ahead; None if it sent no Date. Keys: source, URL."""
    rows = db.execute("SELECT source_id, url, ahead_seconds FROM seeds JOIN seed_activity ON seed_id = seeds.id")
    return {(row["source_id"], row["url"]): row["ahead_seconds"] for row in rows}


def listed_by_others(db: Connection, seeds: Collection[int], *, limit: int) -> dict[int, tuple[int, int]]:
    """Return, by seed, the links that it has listed, counted up to `limit`, and the articles that other seeds of the
    source listed since it last listed a new one."""
    rows = db.execute(_LISTED_BY_OTHERS, {"seeds": as_json(list(seeds)), "limit": limit})
    return {row["id"]: (row["given"], row["others"]) for row in rows}


def main_seeds(db: Connection, seeds: Collection[int]) -> set[int]:
    """Return which of the seeds listed many of their source's articles; others may pause for weeks."""
    return {row["id"] for row in db.execute(_SHARES, (as_json(list(seeds)),))}


def latest_documents(db: Connection, seeds: Collection[int]) -> dict[int, list[Row]]:
    """Return the time and the links of the latest EMPTY_POLLS documents of each seed, the latest first."""
    rows = db.execute(_DOCUMENTS, (as_json(list(seeds)), EMPTY_POLLS))
    return grouped_by(rows, lambda row: int(row["seed_id"]))


def arrived_since_quiet(db: Connection, sources: Collection[str]) -> dict[str, int]:
    """Return the articles of each source since its alarm was last 0."""
    return {row["source_id"]: row["arrived"] for row in db.execute(_ARRIVED, (as_json(list(sources)),))}


def publication_rates(db: Connection, seeds: Collection[tuple[str, str]]) -> dict[str, PublicationRate]:
    """Return the publication rate of each source: of these of its seeds together. `seeds`: (source, URL)."""
    found = {}
    for source, rows in _by_source(db.execute(_RATES, (as_json(list(seeds)),))).items():
        by_hour = {row["hour"]: row for row in rows}
        found[source] = PublicationRate(
            **{
                name: tuple(by_hour[hour][name] if hour in by_hour else 0.0 for hour in range(WEEK))
                for name in ("arrivals", "hours")
            }
        )
    return found


def fetch_counts(db: Connection, sources: Collection[str], *, recent: int, earlier: int) -> dict[str, list[Row]]:
    """Return the outcomes of the `recent` latest fetches of each source, by reason, and of the `earlier` before them."""
    values = {"sources": as_json(list(sources)), "recent": recent, "earlier": earlier}
    return _by_source(db.execute(_FETCHES, values))


def field_counts(
    db: Connection, sources: Collection[str], columns: Mapping[str, str], *, recent: int, earlier: int
) -> dict[str, list[Row]]:
    """Count the pages with each field, by their first revisions: of the `recent` latest articles, and the `earlier` ones.

    `columns`: field -> SQL of its value. `seen_at` is that of the oldest page of a group.
    """
    given = ", ".join(f"coalesce({column}, '') <> '' AS {name}" for name, column in columns.items())
    query = _FIELDS.format(columns=given, sums=", ".join(f"sum({name}) AS {name}" for name in columns))
    return _by_source(db.execute(query, {"sources": as_json(list(sources)), "recent": recent, "earlier": earlier}))


def link_dates(
    db: Connection, sources: Collection[str], *, latest: int, future: float
) -> dict[str, tuple[int, list[int]]]:
    """Return, by source, the number of its `latest` links with a time, and by how many seconds those are dated in the
    future that are more than `future` seconds ahead."""
    rows = db.execute(_DATES, {"sources": as_json(list(sources)), "latest": latest, "future": future})
    return {row["source_id"]: (row["links"], json.loads(row["future"])) for row in rows}

"""Create an archive of any size for benchmarks: all tables filled as months of crawls would fill them.

The same seed gives the same archive. Rows are inserted directly, and the full-text index is built at the end. On request, raw
pages are written, too: small ones, which hold the text and no markup of a site, about 2 KB each in WARC files. The news is
generated; the numbers per article (revisions, fetches, alerts, pickups) are those of the demo and of a usual week of a
newsroom.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from crawler.archive.articles.revisions import text_sha256
from crawler.archive.db.open import open_archive
from crawler.archive.db.seals import SEALED, row_sha256, stored_seal
from crawler.archive.storage.warc_records import pack, warcinfo
from crawler.config.topics import Topic
from crawler.models import Page
from crawler.search.query_parser import parse_query
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc
from crawler.stories.minhash import MinHashSketch

DAYS = 90
SOURCES = 50
TOPICS = 15
EDITED = 0.12
"""Share of articles with a second revision; a third of these have a third one."""
SYNDICATED = 0.1
"""Share of articles that are pickups of an earlier story."""
ALERTED = 0.12
"""Alerts for each article."""
POLLS_PER_SEED = 1_500
"""At most; small archives have a fifth of their articles."""
WARC_PAGES = 20_000
"""Raw pages in a WARC file: as many as fill one with pages of usual size."""
SENTENCES = 20_000
VOCABULARY = 8_000
SEALED_LATER = ("revisions", "matches", "events", "event_stories")
"""Tables whose seals include rows of other tables, or that are filled by SQL; other rows are sealed when they are inserted."""
KEYS, MARKS = 16, 64
SYLLABLES = "ba ren to li ka shu mor dan vel is tra ko pri ma do ne sel gar vin po".split()
LANGUAGES = ("en", "en", "en", "uk", "de", "fr")

EVENTS = (
    "INSERT INTO events (id, first_story_id, story_count, created_at, latest_at, earliest_published_at, latest_published_at)"
    " SELECT row_number() OVER (ORDER BY a.id), a.id, 2, a.created_at, b.latest_at, a.created_at, b.latest_at"
    " FROM stories a JOIN stories b ON b.id = (SELECT min(id) FROM stories WHERE id > a.id) WHERE a.id % 20 = 1",
    "INSERT INTO event_stories (story_id, event_id, reason_code, joined_at, decided_by)"
    " SELECT first_story_id, id, 'first', created_at, 'text' FROM events",
    "INSERT INTO event_stories (story_id, event_id, resembles, similarity, shared, reason_code, why, joined_at, decided_by)"
    ' SELECT (SELECT min(id) FROM stories WHERE id > first_story_id), id, first_story_id, 0.4, \'["harbour", "90000"]\','
    " 'same_language', 'shares harbour, 90000', latest_at, 'text' FROM events WHERE true ON CONFLICT DO NOTHING",
)
"""Each twentieth story and the next one report the same event."""


def fill(path: Path, articles: int, *, end: datetime, seed: int = 1, warc_dir: Path | None = None) -> None:
    """Create the archive of the DAYS before `end`. Pages that show the last days need an `end` close to now.

    `warc_dir`: where to write raw pages; None: the rows of `pages` name files that do not exist.
    """
    db = open_archive(path)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA cache_size = -500000")
    rng = random.Random(seed)
    maker = _Maker(rng, articles, end)
    db.execute("BEGIN IMMEDIATE")
    for table, rows in maker.tables():
        is_sealed = table in SEALED and table not in SEALED_LATER
        _insert(db, table, _sealed(db, table, rows) if is_sealed else rows)
    if warc_dir is not None:
        _write_pages(db, warc_dir, end)
    for statement in EVENTS:
        db.execute(statement)
    _seal(db)
    db.execute("COMMIT")
    db.execute("INSERT INTO revisions_fts (revisions_fts) VALUES ('rebuild')")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def _write_pages(db: Connection, folder: Path, end: datetime) -> None:
    """Write a raw page for each revision, in files as large as those of crawls, and correct the rows of `pages`."""
    folder.mkdir(parents=True, exist_ok=True)
    db.execute("DELETE FROM warc_files")
    rows = db.execute(
        "SELECT pages.*, revisions.title, revisions.lead, revisions.text FROM pages JOIN revisions ON page_id = pages.id"
        " ORDER BY pages.id"
    )
    for number in count(1):
        batch = rows.fetchmany(WARC_PAGES)
        if not batch:
            return
        name = f"NEWS-20260301-{number:06}.warc.gz"
        places = []
        with (folder / name).open("wb") as file:
            file.write(warcinfo(name, end, "Wirewatch benchmark"))
            for row in batch:
                body = f"<html><h1>{row['title']}</h1><p>{row['lead']}</p><p>{row['text']}</p></html>".encode()
                packed = pack(
                    Page(
                        source=row["source_id"], url=row["url"], final_url=row["final_url"], status=200, body=body,
                        headers=(("Content-Type", row["content_type"]),), fetched_at=parse_utc(row["fetched_at"]),
                    )
                )  # fmt: skip
                places.append(
                    (
                        packed.sha256,
                        packed.size,
                        number,
                        file.tell(),
                        len(packed.record),
                        packed.record_sha256,
                        row["id"],
                    )
                )
                file.write(packed.record)
            size = file.tell()
        db.execute(
            "INSERT INTO warc_files (id, name, bytes, opened_at, closed_at) VALUES (?, ?, ?, ?, ?)",
            (number, name, size, format_utc(end), format_utc(end)),
        )
        db.executemany(
            "UPDATE pages SET sha256 = ?, bytes = ?, warc_file_id = ?, warc_offset = ?, warc_length = ?, record_sha256 = ?"
            " WHERE id = ?",
            places,
        )


def _sealed(db: Connection, table: str, rows: Iterable[dict[str, object]]) -> Iterator[dict[str, object]]:
    """The rows with their seals, as the archive makes them; left out columns have their defaults."""
    defaults = {
        row["name"]: db.execute(f"SELECT {row['dflt_value']}").fetchone()[0]
        for row in db.execute(f"PRAGMA table_info({table})").fetchall()
        if row["dflt_value"] is not None
    }
    state = SEALED[table].state
    for row in rows:
        values = {name: value for name, value in (defaults | row).items() if name not in state}
        yield {**row, "row_sha256": row_sha256(values)}


def _seal(db: Connection) -> None:
    """Seal the rows of SEALED_LATER."""
    for table in SEALED_LATER:
        sealed = SEALED[table]
        rows = db.execute(f"SELECT * FROM {table} ORDER BY {', '.join(sealed.key)}")
        while batch := rows.fetchmany(5_000):
            seals = [(stored_seal(db, table, dict(row)), *sealed.key_of(row)) for row in batch]
            db.executemany(f"UPDATE {table} SET row_sha256 = ? WHERE {sealed.condition}", seals)


def _insert(db: Connection, table: str, rows: Iterable[dict[str, object]]) -> None:
    names: list[str] | None = None
    batch: list[tuple[object, ...]] = []
    statement = ""
    for row in rows:
        if names is None:
            names = list(row)
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        batch.append(tuple(row.values()))
        if len(batch) == 5_000:
            db.executemany(statement, batch)
            batch.clear()
    if batch:
        db.executemany(statement, batch)


def _rechecks(own: Sequence[int]) -> Iterator[tuple[str, int | None]]:
    """(outcome, its revision or None) of the fetches of an article; at least three."""
    yield from zip(("new", *("revised",) * (len(own) - 1)), own, strict=True)
    yield from (("unchanged", None), ("not_modified", None))[: max(0, 3 - len(own))]


class _Maker:
    def __init__(self, rng: random.Random, articles: int, end: datetime) -> None:
        self.rng = rng
        self.end = end
        self.articles = articles
        words = ["".join(rng.choices(SYLLABLES, k=rng.choice((1, 2, 2, 3, 3, 4)))) for _ in range(VOCABULARY)]
        words[:8] = ["the", "of", "and", "to", "in", "troops", "ceasefire", "said"]
        weights = [1 / (rank + 3) for rank in range(VOCABULARY)]
        flat = rng.choices(words, weights, k=SENTENCES * 16)
        self.sentences = [
            " ".join(flat[at : at + rng.randint(9, 16)]).capitalize() + "." for at in range(0, len(flat) - 16, 16)
        ]
        self.people = [f"{a} {b}".title() for a in words[100:140] for b in words[200:220]]
        self.sources = [f"outlet-{number:02}" for number in range(SOURCES)]
        self.at = sorted(self.end - timedelta(seconds=rng.random() * DAYS * 86_400) for _ in range(articles))
        self.of = [rng.choices(self.sources, [1 / (n + 2) for n in range(SOURCES)])[0] for _ in range(articles)]
        self.texts = [1 + (rng.random() < EDITED) * (1 + (rng.random() < 0.33)) for _ in range(articles)]
        self.story: list[int] = []
        for number in range(articles):
            self.story.append(
                rng.choice(self.story[-300:]) if number > 10 and rng.random() < SYNDICATED else number + 1
            )

    def tables(self) -> Iterator[tuple[str, Iterable[dict[str, object]]]]:
        first, last = format_utc(self.end - timedelta(days=DAYS)), format_utc(self.end)
        yield (
            "sources",
            (
                {
                    "id": name,
                    "name": name.replace("-", " ").title(),
                    "home": f"https://{name}.example/",
                    "language": "en",
                    "timezone": "Europe/Kyiv",
                    "first_seen_at": first,
                    "updated_at": first,
                }
                for name in self.sources
            ),
        )
        yield (
            "seeds",
            (
                {
                    "id": 2 * n + k + 1,
                    "source_id": name,
                    "kind": kind,
                    "url": f"https://{name}.example/{kind}",
                    "polled_at": last,
                    "http_status": 200,
                    "outcome": "known",
                    "next_poll_at": last,
                }
                for n, name in enumerate(self.sources)
                for k, kind in enumerate(("feed", "sitemap"))
            ),
        )
        yield (
            "runs",
            (
                {
                    "id": n + 1,
                    "command": "crawl all",
                    "started_at": first,
                    "finished_at": first,
                    "pid": 1,
                    "exit_status": 0,
                }
                for n in range(2_000)
            ),
        )
        yield (
            "source_runs",
            (
                {"run_id": run + 1, "source_id": name, "started_at": first, "finished_at": first, "links": 20, "new": 1}
                for run in range(2_000)
                for name in self.sources[:: 1 + run % 5]
            ),
        )
        yield from self._polls()
        yield from self._articles()
        yield from self._stories()
        yield from self._topics()

    def _polls(self) -> Iterator[tuple[str, Iterable[dict[str, object]]]]:
        seeds = range(1, 2 * SOURCES + 1)
        polls = min(POLLS_PER_SEED, self.articles // 5)
        step = timedelta(days=DAYS) / polls
        yield (
            "polls",
            (
                {
                    "seed_id": seed,
                    "run_id": 1,
                    "at": format_utc(self.end - step * (polls - n)),
                    "outcome": "known",
                    "http_status": 200,
                    "items": 30,
                    "known": 29,
                    "milliseconds": 250,
                }
                for n in range(polls)
                for seed in seeds
            ),
        )
        yield "seed_activity", ({"seed_id": seed, "document_at": format_utc(self.end), "items": 30} for seed in seeds)
        yield (
            "publication_rates",
            (
                {
                    "seed_id": seed,
                    "hour": hour,
                    "arrivals": 4.0 * (6 <= hour % 24 <= 20) + self.rng.random(),
                    "hours": 4.0,
                }
                for seed in seeds
                for hour in range(168)
            ),
        )
        states = ["complete"] * 8 + ["open", "repaired", "unresolved"]
        span = timedelta(days=DAYS) / 110
        yield (
            "coverage",
            (
                {
                    "source_id": self.sources[(seed - 1) // 2],
                    "seed_id": seed,
                    "from_at": format_utc(self.end - span * (n + 1)),
                    "until_at": format_utc(self.end - span * n),
                    "state": states[n % 11] if seed % 7 == 0 else "complete",
                    "missed": 2.0,
                    "polls": 14,
                }
                for seed in seeds
                for n in range(110)
            ),
        )
        yield (
            "problems",
            (
                {
                    "source_id": self.sources[n % SOURCES],
                    "kind": ("silent", "blocked", "drift")[n % 3],
                    "what": str(n),
                    "since": format_utc(self.end - timedelta(days=n % DAYS)),
                    "evidence": "no article in 26 hours, 8 were expected",
                    "advice": "open the home page and check that it still publishes",
                    "opened_at": format_utc(self.end - timedelta(days=n % DAYS)),
                    "resolved_at": None
                    if n < 6
                    else format_utc(self.end - timedelta(days=n % DAYS) + timedelta(hours=9)),
                }
                for n in range(400)
            ),
        )
        yield "jobs", ({"name": name, "due_at": format_utc(self.end)} for name in ("crawl", "flag", "digest", "health"))
        yield (
            "job_runs",
            (
                {
                    "name": ("crawl", "flag", "digest")[n % 3],
                    "due_at": format_utc(self.end),
                    "started_at": format_utc(self.end - timedelta(minutes=5 * n)),
                    "late_seconds": 1,
                    "finished_at": format_utc(self.end),
                    "seconds": 4.0,
                    "exit_status": 0,
                }
                for n in range(25_000)
            ),
        )

    def _articles(self) -> Iterator[tuple[str, Iterable[dict[str, object]]]]:
        revision = count(1)
        ids: list[list[int]] = [[next(revision) for _ in range(texts)] for texts in self.texts]
        self.revisions = ids
        numbered = list(enumerate(zip(self.of, self.at, ids, strict=True), start=1))
        url = "https://{}.example/news/{}/".format
        yield (
            "articles",
            (
                self._current(n, len(own), at)
                | {
                    "id": n,
                    "source_id": source,
                    "key": url(source, n),
                    "url": url(source, n),
                    "first_seen_at": format_utc(at),
                    "last_fetched_at": format_utc(at),
                    "latest_revision_id": own[-1],
                    "revision_count": len(own),
                    "fetch_count": 3,
                }
                for n, (source, at, own) in numbered
            ),
        )
        yield (
            "article_urls",
            (
                {
                    "key": url(source, n),
                    "url": url(source, n) + form,
                    "article_id": n,
                    "origin": "link",
                    "first_seen_at": format_utc(at),
                }
                for n, (source, at, _) in numbered
                for form in ("", "?utm_source=rss")[: 1 + n % 2]
            ),
        )
        yield (
            "warc_files",
            ({"name": f"{n}.warc.gz", "bytes": 1 << 30, "opened_at": format_utc(self.end)} for n in range(1, 6)),
        )
        yield (
            "pages",
            (
                {
                    "id": one,
                    "source_id": source,
                    "article_id": n,
                    "url": url(source, n),
                    "final_url": url(source, n),
                    "fetched_at": format_utc(at + timedelta(hours=recheck)),
                    "http_status": 200,
                    "content_type": "text/html",
                    "sha256": f"{one:064x}",
                    "bytes": 190_000,
                    "warc_file_id": 1 + one % 5,
                    "warc_offset": one * 45_000,
                    "warc_length": 45_000,
                    "record_sha256": "0" * 64,
                }
                for n, (source, at, own) in numbered
                for recheck, one in enumerate(own)
            ),
        )
        yield (
            "links",
            (
                {
                    "id": n,
                    "seed_id": 1 + 2 * self.sources.index(source),
                    "source_id": source,
                    "key": url(source, n),
                    "url": url(source, n),
                    "title": self._title(n),
                    "summary": self._some(n, 2),
                    "published_at": format_utc(at),
                    "position": n % 30,
                    "first_seen_at": format_utc(at),
                    "last_seen_at": format_utc(at),
                }
                for n, (source, at, _) in numbered
            ),
        )
        yield (
            "queue",
            (
                {
                    "key": url(source, n),
                    "source_id": source,
                    "link_id": n,
                    "url": url(source, n),
                    "state": "done",
                    "attempts": 1,
                    "added_at": format_utc(at),
                    "completed_at": format_utc(at),
                    "article_id": n,
                }
                for n, (source, at, _) in numbered
            ),
        )
        yield (
            "revisions",
            (self._revision(n, number, one, at) for n, (_, at, own) in numbered for number, one in enumerate(own, 1)),
        )
        yield (
            "bylines",
            (
                {"revision_id": one, "position": 0, "name": self.people[n % len(self.people)], "kind": "person"}
                for n, (_, _, own) in numbered
                for one in own
            ),
        )
        yield (
            "fetches",
            (
                {
                    "run_id": 1 + n % 2_000,
                    "source_id": source,
                    "article_id": n,
                    "url": url(source, n),
                    "at": format_utc(at + timedelta(hours=recheck)),
                    "http_status": 200,
                    "outcome": outcome,
                    "bytes": 190_000,
                    "milliseconds": 300,
                    "page_id": revision,
                    "revision_id": revision,
                }
                for n, (source, at, own) in numbered
                for recheck, (outcome, revision) in enumerate(_rechecks(own))
            ),
        )

    def _current(self, n: int, number: int, at: datetime) -> dict[str, object]:
        """The columns of an article that repeat its latest revision."""
        columns = ("title", "byline", "published_at", "language", "status", "words")
        version = self._revision(n, number, 0, at)
        return {name: version[name] for name in columns}

    def _title(self, number: int) -> str:
        return self.sentences[(number * 7919) % len(self.sentences)].rstrip(".")[:80]

    def _some(self, number: int, sentences: int) -> str:
        start = (number * 104_729) % len(self.sentences)
        return " ".join(self.sentences[(start + n * 31) % len(self.sentences)] for n in range(sentences))

    def text(self, number: int) -> list[str]:
        return [self._some(number * 17 + part, 3) for part in range(6 + number % 8)]

    def _revision(self, n: int, number: int, one: int, at: datetime) -> dict[str, object]:
        paragraphs = self.text(n)
        for edit in range(number - 1):
            paragraphs[edit % len(paragraphs)] += f" {4_000 + edit * 700} casualties, the office said."
        fields = {
            "title": self._title(n),
            "lead": self._some(n + 3, 1),
            "text": "\n\n".join(paragraphs),
            "byline": self.people[n % len(self.people)],
        }
        return {
            **fields,
            "id": one,
            "article_id": n,
            "number": number,
            "page_id": one,
            "link_id": n,
            "seen_at": format_utc(at + timedelta(hours=number - 1)),
            "status": "teaser" if n % 25 == 0 else "ok",
            "blocks": " ".join("p" for _ in paragraphs),
            "published_at": format_utc(at),
            "published_offset": 120,
            "published_precision": "minute",
            "published_source": "json-ld",
            "language": LANGUAGES[n % 6],
            "tags": json.dumps(["war", "talks"]),
            "words": len(fields["text"].split()),
            "fingerprint": f"{one:x}",
            "text_sha256": text_sha256(**fields),
            "field_sources": '{"published":"json-ld"}',
            "extractor": "1",
        }

    def _stories(self) -> Iterator[tuple[str, Iterable[dict[str, object]]]]:
        story_articles: dict[int, int] = {}
        latest: dict[int, datetime] = {}
        for number, story in enumerate(self.story):
            story_articles[story] = story_articles.get(story, 0) + 1
            latest[story] = self.at[number]
        yield (
            "stories",
            (
                {
                    "id": story,
                    "first_article_id": story,
                    "article_count": story_articles[story],
                    "created_at": format_utc(self.at[story - 1]),
                    "latest_at": format_utc(latest[story]),
                }
                for story in sorted(story_articles)
            ),
        )
        yield (
            "story_articles",
            (
                {
                    "article_id": n,
                    "story_id": story,
                    "role": "first" if story == n else "copy",
                    "resembles": None if story == n else story,
                    "resemblance": None if story == n else 0.9,
                    "joined_at": format_utc(self.at[n - 1]),
                    "decided_by": "text",
                }
                for n, story in enumerate(self.story, 1)
            ),
        )
        sketches = [
            MinHashSketch(keys=tuple(self.rng.getrandbits(31) for _ in range(KEYS)), marks=self.rng.randbytes(MARKS))
            for _ in range(self.articles)
        ]
        yield "story_sketches", ({"article_id": n, "sketch": one.packed()} for n, one in enumerate(sketches, 1))
        keys = sorted((key, n) for n, one in enumerate(sketches, 1) for key in set(one.keys))
        yield "story_keys", ({"key": key, "article_id": n} for key, n in keys)

    def _topics(self) -> Iterator[tuple[str, Iterable[dict[str, object]]]]:
        names = ["troop-deployments", *(f"topic-{n}" for n in range(1, TOPICS))]
        yield (
            "topics",
            (
                {
                    "id": name,
                    "title": name.replace("-", " ").capitalize(),
                    "version_id": n,
                    "first_seen_at": format_utc(self.end - timedelta(days=DAYS)),
                }
                for n, name in enumerate(names, 1)
            ),
        )
        query = "troops AND said"
        definition = json.dumps(Topic(id="x", title="x", query=query, node=parse_query(query)).definition)
        yield (
            "topic_versions",
            (
                {
                    "id": n,
                    "topic_id": name,
                    "number": 1,
                    "definition": definition,
                    "definition_sha256": name,
                    "created_at": format_utc(self.end - timedelta(days=DAYS)),
                    "starts_after": 0,
                    "cursor": self.revisions[-1][-1],
                }
                for n, name in enumerate(names, 1)
            ),
        )
        found = [
            (article, self.rng.choices(range(TOPICS), [1 / (n + 2) for n in range(TOPICS)])[0])
            for article in sorted(self.rng.sample(range(1, self.articles + 1), int(self.articles * ALERTED)))
        ]
        rows = [(n, article, topic, self.revisions[article - 1]) for n, (article, topic) in enumerate(found, 1)]
        yield (
            "alerts",
            (
                {
                    "id": n,
                    "topic_id": names[topic],
                    "topic_version_id": topic + 1,
                    "kind": "edited" if len(own) > 1 else "new",
                    "article_id": article,
                    "revision_id": own[-1],
                    "previous_revision_id": own[-2] if len(own) > 1 else None,
                    "story_id": self.story[article - 1],
                    "page_id": own[-1],
                    "created_at": format_utc(self.at[article - 1] + timedelta(minutes=1)),
                }
                for n, article, topic, own in rows
            ),
        )
        yield (
            "matches",
            (
                {
                    "id": n,
                    "topic_id": names[topic],
                    "topic_version_id": topic + 1,
                    "revision_id": own[-1],
                    "kind": "new",
                    "alert_id": n,
                    "matched_at": format_utc(self.at[article - 1]),
                }
                for n, article, topic, own in rows
            ),
        )
        yield (
            "match_sentences",
            (
                {
                    "match_id": n,
                    "position": position,
                    "change": "added",
                    "field": "text",
                    "sentence": f"Troops, it is said, {self._some(article * 17 + position, 1).lower()}",
                    "spans": "[[0, 6], [14, 18]]",
                }
                for n, article, _, _ in rows
                for position in range(2)
            ),
        )
        yield (
            "judgements",
            (
                {
                    "topic_id": names[topic],
                    "article_id": article,
                    "relevant": article % 3 > 0,
                    "judged_at": format_utc(self.end),
                    "judged_in": "browser",
                }
                for n, article, topic, _ in rows
                if n % 10 == 0
            ),
        )

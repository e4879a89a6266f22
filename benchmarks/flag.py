"""Measure the CPU time of flagging per new article, with a thousand topics, in a small and in a large archive.

    python benchmarks/flag.py [--topics 1000] [--articles 10000] [--quick] [--json FILE]

An archive is filled with articles, and the flag job of `scrapy flag` runs over them: matching, writing matches and alerts,
moving the cursors. The texts are recombined paragraphs of real articles if the corpus is present (`WIREWATCH_CORPUS`), else
generated. The topics are made of words of these texts, like those that people write: two or three ideas, each of which is a
word, a prefix or a list of them, in one sentence (60 %), paragraph (20 %) or article (20 %). --quick takes under a minute.

- `cpu_ms_per_article`: CPU milliseconds of the flag job per article; `matches_per_article`: matches per article;
- `regex_ms_per_article`: the baseline, one regular expression for each idea of each topic, which only finds whether the words
  occur;
- `growth`: CPU time for a thousand new articles in an archive with a million others, divided by that in an archive with a
  thousand. The others have short texts and no full-text index, because flagging reads neither.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.sites.generated_text import page  # noqa: E402
from crawler.archive.db.open import open_archive  # noqa: E402
from crawler.archive.topics.versions import active_topics, sync_topics  # noqa: E402
from crawler.config.topics import Topic  # noqa: E402
from crawler.search.query_ast import expand_terms  # noqa: E402
from crawler.search.query_parser import parse_query  # noqa: E402
from crawler.sqlite.connection import Connection, transaction  # noqa: E402
from crawler.sqlite.values import format_utc  # noqa: E402
from schedules.topics.flagger import flag  # noqa: E402

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
NEW = 1_000
"""New articles in each archive of `growth`."""


def texts(count: int, rng: random.Random) -> tuple[list[str], str]:
    """(texts of articles, a description of their origin)."""
    golds = sorted((CORPUS / "articles").glob("*/gold.jsonl"))
    if golds:
        lines = [line for gold in golds for line in gold.read_text(encoding="utf-8").splitlines()]
        real = [text for line in lines if (text := json.loads(line).get("text"))]
        pool = [paragraph for text in real for paragraph in re.split(r"\n+", text) if len(paragraph) > 40]
        origin = f"paragraphs of {len(real)} real articles"
    else:
        pool = [" ".join(re.findall(r"<p>(.*?)</p>", page(number).html.decode())) for number in range(500)]
        origin = "generated paragraphs, because there is no corpus"
    return ["\n\n".join(rng.choices(pool, k=rng.randint(4, 24))) for _ in range(count)], origin


def topics(count: int, sample: Sequence[str], rng: random.Random) -> tuple[list[Topic], list[list[list[str]]]]:
    """(topics, for each topic its ideas as lists of alternative words)."""
    frequency = Counter(word for text in sample for word in set(re.findall(r"[a-z]{4,}", text.lower())))
    words = [word for word, n in frequency.items() if 0.001 * len(sample) <= n <= 0.1 * len(sample)]
    words.sort()
    made, ideas = [], []
    for number in range(count):
        alternatives = [rng.sample(words, rng.choice((1, 1, 2, 4))) for _ in range(rng.choice((2, 2, 3)))]
        terms = {f"list{place}": [_entry(word, rng) for word in some] for place, some in enumerate(alternatives)}
        names = [f"$list{place}" for place in range(len(alternatives))]
        query = f"NEAR({' '.join(names)}, 10)" if rng.random() < 0.2 else " AND ".join(names)
        scope = rng.choices(("sentence", "paragraph", "article"), (6, 2, 2))[0]
        made.append(
            Topic(
                id=f"t{number}",
                title=str(number),
                query=query,
                node=expand_terms(parse_query(query), terms),
                scope=scope,
            )
        )
        ideas.append(alternatives)
    return made, ideas


def _entry(word: str, rng: random.Random) -> str:
    return word[: max(4, len(word) - 2)] + "*" if rng.random() < 0.3 else word


def fill(db: Connection, contents: Iterator[str], start: int) -> None:
    """Store articles with one revision each; their IDs begin with `start`."""
    with transaction(db):
        db.execute(
            "INSERT OR IGNORE INTO sources (id, name, home, timezone, first_seen_at, updated_at) VALUES"
            " ('wire', 'Wire', 'https://wire.example/', 'UTC', ?, ?)",
            (format_utc(NOW), format_utc(NOW)),
        )
        for number, text in enumerate(contents, start=start):
            at = format_utc(NOW + timedelta(seconds=number))
            db.execute(
                "INSERT INTO articles (id, source_id, key, url, first_seen_at, revision_count) VALUES (?, 'wire', ?, ?, ?, 1)",
                (number, f"k{number}", f"https://wire.example/{number}", at),
            )
            db.execute(
                "INSERT INTO revisions (id, article_id, number, seen_at, status, title, text, blocks, language, words,"
                " fingerprint, text_sha256, extractor) VALUES (?, ?, 1, ?, 'ok', ?, ?, 'p', 'en', 1, ?, '', 'benchmark')",
                (number, number, at, f"Report {number}", text, str(number)),
            )
            db.execute(
                "INSERT INTO stories (id, first_article_id, article_count, created_at, latest_at) VALUES (?, ?, 1, ?, ?)",
                (number, number, at, at),
            )
            db.execute(
                "INSERT INTO story_articles (article_id, story_id, role, resembles, resemblance, reason, joined_at, decided_by)"
                " VALUES (?, ?, 'first', NULL, NULL, NULL, ?, 'text')",
                (number, number, at),
            )


def run_job(db: Connection, all_topics: Sequence[Topic]) -> tuple[float, int]:
    """(CPU seconds of the flag job, number of its matches)."""
    start = time.process_time()
    matches = 0
    for step in flag(
        db,
        lambda: active_topics(db, all_topics),
        now=lambda: NOW,
        found_by_pattern=lambda *_: True,
        queue_deliveries=lambda *_: None,
    ):
        matches += step.matches
    return time.process_time() - start, matches


def archive(folder: Path, all_topics: Sequence[Topic]) -> Connection:
    """A new archive whose topics apply from its first article on."""
    db = open_archive(folder / "archive.db")
    sync_topics(db, all_topics, now=NOW)
    return db


def with_archived(folder: Path, all_topics: Sequence[Topic], archived: int) -> Connection:
    """An archive with `archived` articles that were flagged before."""
    folder.mkdir()
    db = archive(folder, all_topics)
    fill(db, ("short" for _ in range(archived)), 1)
    db.execute("UPDATE topic_versions SET cursor = ?", (archived,))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return db


def growth(
    folder: Path, all_topics: Sequence[Topic], contents: Sequence[str], sizes: Sequence[int], rounds: int
) -> list[float]:
    """CPU ms per new article in archives of these sizes, which take turns; the fastest round of each."""
    archives = [with_archived(folder / str(size), all_topics, size) for size in sizes]
    best = [float("inf")] * len(sizes)
    for turn in range(rounds):
        for place, (db, size) in enumerate(zip(archives, sizes, strict=True)):
            fill(db, iter(contents), size + 1 + turn * len(contents))
            seconds, _ = run_job(db, all_topics)
            best[place] = min(best[place], 1000 * seconds / len(contents))
    for db in archives:
        db.close()
    return best


def regular_expressions(ideas: Sequence[Sequence[Sequence[str]]], contents: Sequence[str]) -> float:
    """CPU ms per article of one regular expression for each idea of each topic."""
    compiled = [
        [re.compile(r"\b(?:" + "|".join(map(re.escape, some)) + ")", re.IGNORECASE) for some in of] for of in ideas
    ]
    start = time.process_time()
    for text in contents:
        for patterns in compiled:
            all(pattern.search(text) for pattern in patterns)
    return 1000 * (time.process_time() - start) / len(contents)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topics", type=int, default=1000, help="topics (default: %(default)s)")
    parser.add_argument("--articles", type=int, default=10_000, help="articles (default: %(default)s)")
    parser.add_argument(
        "--quick", action="store_true", help="2,000 articles, archives of 1,000 and 50,000: under a minute"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    options = parser.parse_args(arguments)
    articles = 2_000 if options.quick else options.articles
    sizes = (1_000, 50_000) if options.quick else (1_000, 1_000_000)
    contents, origin = texts(articles, random.Random(3))
    all_topics, ideas = topics(options.topics, contents, random.Random(4))
    with tempfile.TemporaryDirectory() as folder:
        db = archive(Path(folder), all_topics)
        fill(db, iter(contents), 1)
        seconds, matches = run_job(db, all_topics)
        db.close()
        ours = 1000 * seconds / articles
        small, large = growth(Path(folder), all_topics, contents[:NEW], sizes, 2 if options.quick else 3)
    regex = regular_expressions(ideas, contents[:40])
    print(
        f"{options.topics} topics over {articles} articles ({origin}, mean {sum(map(len, contents)) // articles} characters)"
    )
    print(
        f"  flag job                     {ours:8.3f} CPU ms per article   {matches / articles:.1f} matches per article"
    )
    print(f"  regular expressions          {regex:8.3f} CPU ms per article   {regex / ours:.0f} times the flag job")
    print(f"  {NEW} new, {sizes[0]:>9,} archived  {small:8.3f} CPU ms per article")
    print(f"  {NEW} new, {sizes[1]:>9,} archived  {large:8.3f} CPU ms per article   growth {large / small:.2f}")
    if options.json:
        figures = {
            "cpu_ms_per_article": ours,
            "growth": large / small,
            "regex_ms_per_article": regex,
            "matches_per_article": matches / articles,
        }
        options.json.write_text(json.dumps({"figures": figures}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

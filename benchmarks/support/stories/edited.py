"""Edited copies and excerpts of real pages, as our extraction reads them: how many are assigned to the story of the original?"""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from benchmarks.support.stories.archive import Archive, SampleArticle
from benchmarks.support.stories.synthetic import edited, excerpt
from crawler.models import ExtractionHints, Page, Status
from crawler.stories.similarity import story_text
from crawler.text.shingles import shingle_sentences
from pipelines.extract import extract

SETS = ("fundus", "scrapinghub", "trafilatura")
AT = datetime(2026, 3, 1, tzinfo=timezone.utc)
SHARES = (0.05, 0.2, 0.4)
EXCERPTS = {"half": 1 / 2, "third": 1 / 3}
QUICK_PAGES = 40
MIN_SENTENCES = 6
"""Sentences that a text must have to be edited; with fewer, a third of it is one sentence."""


def edited_copies(corpus: Path, *, quick: bool) -> dict[str, float]:
    """Kind of copy -> share that is assigned to the story of the original; `edited.pages` is the number of pages."""
    found = list(_texts(corpus, quick=quick))
    measured = {"edited.pages": float(len(found))}
    for share in SHARES:
        measured[f"edited.{share:.0%} of sentences"] = _recall(
            found, lambda text, pool, rng, s=share: edited(text, s, pool, rng)
        )
    for name, part in EXCERPTS.items():
        measured[f"edited.excerpt of a {name}"] = _recall(found, lambda text, _pool, _rng, p=part: excerpt(text, p))
    return measured


def _recall(found: list[SampleArticle], change) -> float:  # type: ignore[no-untyped-def]  # a function of text, pool and rng
    rng = random.Random(7)
    languages: dict[str | None, list[str]] = {}
    for sample in found:
        languages.setdefault(sample.language, []).extend(shingle_sentences(sample.text))
    copies = [
        SampleArticle(text=change(sample.text, languages[sample.language], rng), title=sample.title, at=sample.at + timedelta(hours=3),  # noqa: E501
             language=sample.language)
        for sample in found
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, Archive(Path(folder)) as archive:
        ids = archive.store_articles([*found, *copies])
        stories = archive.stories()
    count = len(found)
    return sum(stories[ids[place]] == stories[ids[count + place]] for place in range(count)) / max(count, 1)


def _texts(corpus: Path, *, quick: bool) -> Iterator[SampleArticle]:
    """The texts of all pages, each once: a page that is in two sets would be a copy without editing."""
    seen: set[str] = set()
    for name in SETS:
        folder = corpus / "articles" / name
        with (folder / "gold.jsonl").open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        for row in rows[:QUICK_PAGES] if quick else rows:
            with gzip.open(folder / "pages" / f"{row['id']}.html.gz") as page:
                body = page.read()
            fetched = Page(
                source=name, url=row["url"], final_url=row["url"], status=200, headers=(("Content-Type", "text/html"),),
                body=body, fetched_at=AT,
            )  # fmt: skip
            read = extract(fetched, ExtractionHints())
            text = story_text(read.lead, read.text)
            if read.status is Status.OK and len(list(shingle_sentences(text))) >= MIN_SENTENCES and text not in seen:
                seen.add(text)
                yield SampleArticle(text=text, title=read.title or "", at=AT, language=read.language)

"""Articles made for benchmarks of stories: real sentences recombined by the million, real texts edited as desks do."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone

from benchmarks import generated
from benchmarks.stories_archive import Told
from crawler.wording import sentences
from pipelines.dedup import sketch

START = datetime(2026, 3, 1, tzinfo=timezone.utc)
FILLING, MEASURED = 5, 8
"""Sentences of an article that fills the archive, and of one that is measured: some 90 and 140 words of real agency
reports, whose mean is 138. Both have as many keys, so the index is as large as with long ones."""
COPIES = 0.05
"""Share of edited copies of one of the RECENT articles before, so that joining is measured too."""
RECENT = 500
BATCH = 1_000
Made = tuple[Told, bytes | None]


def pool_of(texts: Sequence[str]) -> list[str]:
    """The sentences of real texts; generated ones where there are none."""
    if not texts:
        pages = (generated.page(number).html.decode() for number in range(3_000))
        texts = [page.partition("</p><p>")[2].partition("</article>")[0].replace("</p>", "\n\n") for page in pages]
    found = {" ".join(sentence.split()) for text in texts for sentence in sentences(text)}
    return sorted(sentence for sentence in found if 8 <= len(sentence.split()) <= 60)


def recombined(number: int, pool: Sequence[str], length: int) -> Told:
    """Article `number`: the same text each time."""
    rng = random.Random(number)
    at = START + timedelta(seconds=number)
    if rng.random() < COPIES and number > RECENT:
        original = recombined(number - rng.randint(1, RECENT), pool, length)
        return Told(text=edited(original.text, 0.2, pool, rng), title=f"Copy {number}", at=at)
    return Told(text=" ".join(rng.choice(pool) for _ in range(length)), title=f"Report {number}", at=at)


def filling(first: int, last: int, pool: Sequence[str]) -> Iterator[Made]:
    """Articles with their sketches, made in two other processes while this one files them."""
    context = multiprocessing.get_context("forkserver")
    with context.Pool(2, initializer=_keep, initargs=(pool,)) as workers:
        starts = range(first, last, BATCH)
        for batch in workers.imap(_batch, [(start, min(start + BATCH, last)) for start in starts]):
            yield from batch


def edited(text: str, share: float, pool: Sequence[str], rng: random.Random) -> str:
    """A copy as a desk leaves it: each changed sentence is dropped, replaced by another, reworded or has one before it."""
    of_it = list(sentences(text))
    changed = set(rng.sample(range(len(of_it)), k=max(1, round(share * len(of_it)))))
    kept = []
    for place, sentence in enumerate(of_it):
        if place not in changed:
            kept.append(sentence)
            continue
        kept += rng.choice((_dropped, _replaced, _reworded, _preceded))(sentence, pool, rng)
    return " ".join(kept)


def excerpt(text: str, share: float) -> str:
    """Its beginning, cut after a sentence."""
    of_it = list(sentences(text))
    total, kept = sum(len(sentence.split()) for sentence in of_it), 0
    for count, sentence in enumerate(of_it, start=1):
        kept += len(sentence.split())
        if kept >= share * total:
            return " ".join(of_it[:count])
    return text


def _dropped(_: str, __: Sequence[str], ___: random.Random) -> list[str]:
    return []


def _replaced(_: str, pool: Sequence[str], rng: random.Random) -> list[str]:
    return [rng.choice(pool)]


def _reworded(sentence: str, pool: Sequence[str], rng: random.Random) -> list[str]:
    """A third of its words exchanged; figures and names stay, which a desk does not touch."""
    words = sentence.split()
    spare = [word for word in rng.choice(pool).split() if word.isalpha() and word.islower()] or ["also"]
    return [" ".join(rng.choice(spare) if w.isalpha() and w.islower() and rng.random() < 1 / 3 else w for w in words)]


def _preceded(sentence: str, pool: Sequence[str], rng: random.Random) -> list[str]:
    return [rng.choice(pool), sentence]


_pool: Sequence[str] = ()


def _keep(pool: Sequence[str]) -> None:
    global _pool  # noqa: PLW0603 -- given to the child once, not with each batch
    _pool = pool


def _batch(span: tuple[int, int]) -> list[Made]:
    made = [recombined(number, _pool, FILLING) for number in range(*span)]
    return [(told, sketch(told.article)) for told in made]

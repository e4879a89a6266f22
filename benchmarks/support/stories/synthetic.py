"""Articles for the benchmarks of stories: millions of recombined real sentences, and real texts edited as newsrooms do."""

from __future__ import annotations

import itertools
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone

import numpy as np

from benchmarks.support.sites import generated_text
from benchmarks.support.stories.archive import SampleArticle
from crawler.text.shingles import RUN, shingle_sentences, shingle_words, shingles, strip_boilerplate
from pipelines import minhash

START = datetime(2026, 3, 1, tzinfo=timezone.utc)
FILLING, MEASURED = 5, 8
"""Sentences of an article that fills the archive, and of one that is measured: about 90 and 140 words; real agency reports
have 138 on average. Both have the same number of keys, so the index is as large as with long articles."""
COPIES = 0.05
"""Share of articles that are edited copies of one of the RECENT previous articles, so that joining is measured too."""
RECENT = 500
BATCH = 1_000
PERMUTATIONS = minhash.KEYS * minhash.ROWS + minhash.MARKS
SketchedArticle = tuple[SampleArticle, bytes | None]


def pool_of(texts: Sequence[str]) -> list[str]:
    """The sentences of real texts, or generated sentences if there are no texts."""
    if not texts:
        pages = (generated_text.page(number).html.decode() for number in range(1_000))
        texts = [page.partition("</p><p>")[2].partition("</article>")[0].replace("</p>", "\n\n") for page in pages]
    found = {" ".join(sentence.split()) for text in texts for sentence in shingle_sentences(text)}
    return sorted(s for s in found if 8 <= len(s.split()) <= 60 and strip_boilerplate(s) == s and "\n" not in s)


def recombined(number: int, pool: Sequence[str], length: int) -> SampleArticle:
    """Article `number`: the same text each time."""
    rng = random.Random(number)
    if rng.random() < COPIES and number > RECENT:
        return edited_by(number, pool, rng, length)
    text = " ".join(pool[place] for place in _places(rng, pool, length))
    return SampleArticle(text=text, title=f"Report {number}", at=START + timedelta(seconds=number))


def _places(rng: random.Random, pool: Sequence[str], length: int) -> list[int]:
    return [int(rng.random() * len(pool)) for _ in range(length)]


def filling(first: int, last: int, pool: Sequence[str]) -> Iterator[SketchedArticle]:
    """Articles with their sketches, which another process creates while this one stores them."""
    context = multiprocessing.get_context("forkserver")
    with context.Pool(1, initializer=_keep, initargs=(pool,)) as workers:
        starts = range(first, last, BATCH)
        for batch in workers.imap(_batch, [(start, min(start + BATCH, last)) for start in starts]):
            yield from batch


class Sketcher:
    """Creates the same sketches of recombined sentences as the product, in a fifth of the time.

    The MinHash of a union is the minimum of its parts: sentences are hashed once, and for each article only the runs of words
    that reach from one sentence into the next. A test compares the sketches with those of `pipelines.minhash.make_sketch`.
    """

    def __init__(self, pool: Sequence[str]) -> None:
        self.pool = pool
        self._words = [shingle_words(sentence) for sentence in pool]
        self._minima = np.array([minhash._minima(shingles(of), PERMUTATIONS) for of in self._words], dtype=np.uint32)

    def sketch(self, places: Sequence[int]) -> bytes:
        """The sketch of the text that consists of these sentences."""
        parts = [self._words[place] for place in places]
        of_it = tuple(itertools.chain.from_iterable(parts))
        borders = np.cumsum([len(part) for part in parts])[:-1]
        across = frozenset(
            " ".join(of_it[start : start + RUN]) for border in borders for start in range(border - RUN + 1, border)
        )
        least = np.minimum(
            self._minima[list(places)].min(axis=0), np.array(minhash._minima(across, PERMUTATIONS), np.uint32)
        )
        return minhash._sketch(of_it, least.tolist()).packed()


def edited_by(number: int, pool: Sequence[str], rng: random.Random, length: int) -> SampleArticle:
    """An edited copy of one of the previous articles."""
    original = recombined(number - rng.randint(1, RECENT), pool, length)
    return SampleArticle(
        text=edited(original.text, 0.2, pool, rng), title=f"Copy {number}", at=START + timedelta(seconds=number)
    )


def edited(text: str, share: float, pool: Sequence[str], rng: random.Random) -> str:
    """An edited copy: each changed sentence is dropped, replaced, reworded or preceded by another one."""
    of_it = list(shingle_sentences(text))
    changed = set(rng.sample(range(len(of_it)), k=max(1, round(share * len(of_it)))))
    kept = []
    for place, sentence in enumerate(of_it):
        if place not in changed:
            kept.append(sentence)
            continue
        kept += rng.choice((_dropped, _replaced, _reworded, _preceded))(sentence, pool, rng)
    return " ".join(kept)


def excerpt(text: str, share: float) -> str:
    """The beginning of the text, cut after a sentence."""
    of_it = list(shingle_sentences(text))
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
    """Replace a third of the words; figures and names stay, because editors do not change them."""
    words = sentence.split()
    spare = [word for word in rng.choice(pool).split() if word.isalpha() and word.islower()] or ["also"]
    return [" ".join(rng.choice(spare) if w.isalpha() and w.islower() and rng.random() < 1 / 3 else w for w in words)]


def _preceded(sentence: str, pool: Sequence[str], rng: random.Random) -> list[str]:
    return [rng.choice(pool), sentence]


_sketcher: Sketcher


def _keep(pool: Sequence[str]) -> None:
    global _sketcher  # noqa: PLW0603 -- created once per process, not with each batch
    _sketcher = Sketcher(pool)


def _batch(span: tuple[int, int]) -> list[SketchedArticle]:
    return [article_with_sketch(number, _sketcher) for number in range(*span)]


def article_with_sketch(number: int, sketcher: Sketcher) -> SketchedArticle:
    """Article `number` and its sketch, to fill the archive."""
    rng = random.Random(number)
    if rng.random() < COPIES and number > RECENT:
        sample = edited_by(number, sketcher.pool, rng, FILLING)
        return sample, minhash.make_sketch(sample.article)
    places = _places(rng, sketcher.pool, FILLING)
    text = " ".join(sketcher.pool[place] for place in places)
    return SampleArticle(text=text, title=f"Report {number}", at=START + timedelta(seconds=number)), sketcher.sketch(
        places
    )

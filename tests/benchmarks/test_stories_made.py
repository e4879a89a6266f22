"""The benchmark of stories measures what it says: the quick sketches are the real ones, the truth is brute force."""

from __future__ import annotations

import itertools
import random

from benchmarks.support import generated_text
from benchmarks.support.stories_gold import jaccard, resemblances
from benchmarks.support.stories_synthetic import FILLING, Sketcher, edited, excerpt, made, recombined
from pipelines.minhash import make_sketch

POOL = [
    f"In {place} {who} counted {number} wells and {number + 7} bridges before the {what} of that long winter began."
    for number, (place, who, what) in enumerate(
        itertools.product(generated_text.PLACES, generated_text.WHO, ("harvest", "regatta", "election"))
    )
]


def test_the_sketches_that_fill_the_archive_are_the_ones_of_a_crawl() -> None:
    pool = POOL
    sketcher = Sketcher(pool)
    for number in range(60):
        reported, packed = made(number, sketcher)
        assert packed == make_sketch(reported.article)
        assert reported == recombined(number, pool, FILLING)


def test_the_truth_is_the_jaccard_of_every_pair() -> None:
    texts = [recombined(number, POOL[:12], 4).text for number in range(30)]
    expected = {
        (one, other): jaccard(texts[one], texts[other])
        for one in range(30)
        for other in range(one + 1, 30)
        if jaccard(texts[one], texts[other]) >= 0.3
    }
    assert len(expected) > 10
    assert resemblances(texts, at_least=0.3) == expected


def test_an_edited_copy_is_another_text_and_an_excerpt_the_beginning() -> None:
    pool = POOL
    text = recombined(1, pool, 20).text
    copy = edited(text, 0.2, pool, random.Random(1))
    assert 0.4 < jaccard(text, copy) < 1
    assert text.startswith(excerpt(text, 0.5))
    assert 0.4 < len(excerpt(text, 0.5)) / len(text) < 0.65

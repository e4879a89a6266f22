"""The benchmark of stories uses the same sketches as the product, and gold pairs found by brute force."""

from __future__ import annotations

import itertools
import random

from benchmarks.support.sites import generated_text
from benchmarks.support.stories.gold import jaccard, resemblances
from benchmarks.support.stories.synthetic import FILLING, Sketcher, article_with_sketch, edited, excerpt, recombined
from pipelines.minhash import make_sketch

POOL = [
    f"In {place} {who} counted {number} wells and {number + 7} bridges before the {what} of that long winter began."
    for number, (place, who, what) in enumerate(
        itertools.product(generated_text.PLACES, generated_text.WHO, ("harvest", "regatta", "election"))
    )
]


def test_sketches_that_fill_the_archive_equal_those_of_a_crawl() -> None:
    pool = POOL
    sketcher = Sketcher(pool)
    for number in range(60):
        sample, packed = article_with_sketch(number, sketcher)
        assert packed == make_sketch(sample.article)
        assert sample == recombined(number, pool, FILLING)


def test_gold_pairs_are_all_pairs_with_that_jaccard_similarity() -> None:
    texts = [recombined(number, POOL[:12], 4).text for number in range(30)]
    expected = {
        (one, other): jaccard(texts[one], texts[other])
        for one in range(30)
        for other in range(one + 1, 30)
        if jaccard(texts[one], texts[other]) >= 0.3
    }
    assert len(expected) > 10
    assert resemblances(texts, at_least=0.3) == expected


def test_an_edited_copy_differs_from_the_text_and_an_excerpt_is_its_beginning() -> None:
    pool = POOL
    text = recombined(1, pool, 20).text
    copy = edited(text, 0.2, pool, random.Random(1))
    assert 0.4 < jaccard(text, copy) < 1
    assert text.startswith(excerpt(text, 0.5))
    assert 0.4 < len(excerpt(text, 0.5)) / len(text) < 0.65

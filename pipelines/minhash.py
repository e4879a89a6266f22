"""The sketch of an article's text: MinHash over its runs of five words, cut into keys for the index and marks.

Runs in the child process that reads the page; the archive looks up and decides (`crawler/archive/stories/queries.py`).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from crawler.models import Article, Status
from crawler.stories.minhash import KEY_MIN, MinHashSketch, distinct_keys
from crawler.stories.similarity import NEAR_WORDS, ComparableText, story_text
from crawler.text.shingles import shingles

MINHASH_SEED = 20_260_301
"""Of the permutations; with it and rensa's algorithm the same text has the same sketch on every machine, for ever."""
ROWS = 2
"""Permutations that must agree for a key. With one, each common phrase of the language is a key that thousands share;
with three, 16 keys find 0.88 of the pairs that resemble each other by half, with two, 12 keys find 0.97."""
KEYS = 12
"""Keys of the whole text: at resemblance 0.4 one in common with probability 0.88, at 0.5 0.97, at 0.6 0.995."""
HEAD_WORDS = 40
"""An excerpt is mostly the beginning: keys of its own make a text findable by its first two sentences."""
HEAD_KEYS = 3
"""Keys of the beginning."""
WHOLE_TEXT_KEY = 255
"""Place of the key that is of all words in order: all copies that are exact have it, and nothing else has."""
MARKS = 64
"""Bytes; the estimate's standard deviation at resemblance 0.4 is 0.06."""


def make_sketch(article: Article) -> bytes | None:
    """The packed sketch of an article; None where it has no text to compare."""
    if article.status not in (Status.OK, Status.TEASER):
        return None
    comparable = ComparableText(story_text(article.lead, article.text), title=article.title)
    found = sketch_of(comparable)
    return found.packed() if found is not None else None


def sketch_of(comparable: ComparableText) -> MinHashSketch | None:
    """The sketch of a text; None where there are no words in it."""
    if not comparable.words:
        return None
    if len(comparable.words) < NEAR_WORDS or not comparable.runs:
        return MinHashSketch(keys=(_exact(comparable.words),))
    return _sketch(comparable.words, _minima(comparable.runs, KEYS * ROWS + MARKS))


def _sketch(words: Sequence[str], whole: Sequence[int]) -> MinHashSketch:
    """From the words and the minima of all their runs."""
    head = _minima(shingles(words[:HEAD_WORDS]), HEAD_KEYS * ROWS)
    cut = KEYS * ROWS
    keys = [_exact(words), *_keys(0, whole[:cut]), *_keys(KEYS, head)]
    return MinHashSketch(keys=distinct_keys(keys), marks=bytes(minimum & 0xFF for minimum in whole[cut:]))


def _exact(words: Sequence[str]) -> int:
    return _key(WHOLE_TEXT_KEY, [zlib.crc32(" ".join(words).encode("utf-8", "replace"))])


def _minima(of: frozenset[tuple[str, ...]], permutations: int) -> list[int]:
    from rensa import RMinHash  # here, so that commands that read no page start without it

    minhash = RMinHash(num_perm=permutations, seed=MINHASH_SEED)
    minhash.update([" ".join(run) for run in of])
    minima: list[int] = minhash.digest()
    return minima


def _keys(first: int, minima: Sequence[int]) -> list[int]:
    return [_key(first + place, minima[place * ROWS : (place + 1) * ROWS]) for place in range(len(minima) // ROWS)]


def _key(place: int, values: Sequence[int]) -> int:
    return zlib.crc32(struct.pack(f"<B{len(values)}I", place, *values)) + KEY_MIN

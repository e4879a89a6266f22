"""The sketch: which texts it finds, and that it stays the same between processes and versions."""

from __future__ import annotations

import pickle

from crawler.models import Status
from crawler.stories.minhash import KEY_MAX, KEY_MIN, resemblance, unpack_sketch
from crawler.stories.similarity import ComparableText
from pipelines.minhash import HEAD_KEYS, KEYS, MARKS, make_sketch, sketch_of
from tests.support.factories import article

PINNED = "0110c806b41dd37cc3565c2c3f65"
WORDS = [f"{stem}{number}" for number in range(60) for stem in ("ferry", "harbour", "minister", "crane", "island")]


def text(start: int, end: int) -> str:
    return " ".join(WORDS[start:end])


def keys_of(body: str) -> set[int]:
    found = sketch_of(ComparableText(body))
    assert found is not None
    return set(found.keys)


def test_a_sketch_is_small_and_equal_in_every_process() -> None:
    packed = make_sketch(article(text(0, 300)))
    assert packed is not None
    assert len(packed) <= 2 + 4 * (1 + KEYS + HEAD_KEYS) + MARKS
    assert pickle.loads(pickle.dumps(packed)) == packed
    assert make_sketch(article(text(0, 300), title="Another headline")) == packed
    read = unpack_sketch(packed)
    assert read is not None
    assert read.packed() == packed
    assert all(KEY_MIN <= key <= KEY_MAX for key in read.keys)


def test_sketches_of_stored_archives_stay_comparable() -> None:
    """When this fails, words, hashing or rensa have changed: raise `crawler.stories.minhash.VERSION`."""
    packed = make_sketch(article(text(0, 300)))
    assert packed is not None
    assert packed[:14].hex() == PINNED


def test_texts_with_half_their_runs_in_common_share_a_key() -> None:
    assert keys_of(text(0, 200)) & keys_of(text(60, 260))
    assert not keys_of(text(0, 150)) & keys_of(text(150, 300))


def test_the_beginning_of_a_text_shares_a_key_with_the_whole() -> None:
    assert keys_of(text(0, 300)) & keys_of(text(0, 45))


def test_equal_texts_have_a_key_that_no_other_text_has() -> None:
    one, same, other = (sketch_of(ComparableText(body)) for body in (text(0, 300), text(0, 300).upper(), text(0, 299)))
    assert one is not None and same is not None and other is not None
    assert one.keys[0] == same.keys[0]
    assert one.keys[0] not in other.keys


def test_marks_estimate_the_share_of_common_runs() -> None:
    one, other = sketch_of(ComparableText(text(0, 200))), sketch_of(ComparableText(text(50, 250)))
    assert one is not None
    assert other is not None
    assert abs(resemblance(one.marks, other.marks) - 150 / 250) < 0.2
    assert resemblance(one.marks, b"") == 0.0


def test_a_short_text_has_one_key_and_no_marks() -> None:
    found = sketch_of(ComparableText("Quarterly dividend 12 crowns."))
    assert found is not None
    assert (len(found.keys), found.marks) == (1, b"")


def test_an_article_without_text_has_no_sketch() -> None:
    assert make_sketch(article("—")) is None
    assert make_sketch(article(status=Status.EMPTY)) is None
    assert make_sketch(article(status=Status.BLOCKED)) is None


def test_a_sketch_of_another_version_is_not_read() -> None:
    packed = make_sketch(article(text(0, 300)))
    assert packed is not None
    assert unpack_sketch(b"\x00" + packed[1:]) is None

"""A sketch: what an index needs to find the articles whose texts resemble a new one's. Made by `pipelines/minhash.py`.

It holds keys, under which the article is filed in the index and of which two near-copies share at least one, and marks,
of which two texts share as large a part as they share of their runs. Packed, because a million of them are kept.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

VERSION = 1
"""First byte of a packed sketch. Sketches of two versions are never compared: raised when words, runs, hashing or layout
change."""
KEY_MIN, KEY_MAX = -(2**31), 2**31 - 1
"""Keys are signed 32-bit integers, which SQLite stores in four bytes. At a million articles of 16 keys a key meets
another text's by chance once in 270 look-ups, and its marks then tell them apart."""
_HEAD = struct.Struct("<BB")


@dataclass(frozen=True, slots=True, kw_only=True)
class MinHashSketch:
    """Of one text."""

    keys: tuple[int, ...]
    marks: bytes = b""
    """Empty for a text so short that only an equal one is looked for."""

    def packed(self) -> bytes:
        """As it is stored and crosses from child processes."""
        return _HEAD.pack(VERSION, len(self.keys)) + struct.pack(f"<{len(self.keys)}i", *self.keys) + self.marks


def unpack_sketch(packed: bytes) -> MinHashSketch | None:
    """The sketch again; None where another version made it."""
    version, count = _HEAD.unpack_from(packed)
    if version != VERSION:
        return None
    end = _HEAD.size + 4 * count
    return MinHashSketch(keys=struct.unpack_from(f"<{count}i", packed, _HEAD.size), marks=packed[end:])


def resemblance(one: bytes, other: bytes) -> float:
    """Estimated share of runs in common, from the marks of two sketches; 0 where either has none."""
    if len(one) != len(other) or not one:
        return 0.0
    differing = int.from_bytes(one, "little") ^ int.from_bytes(other, "little")  # seven times as fast as byte by byte
    return differing.to_bytes(len(one), "little").count(0) / len(one)


def distinct_keys(keys: Sequence[int]) -> tuple[int, ...]:
    """Without repetitions, in order."""
    return tuple(dict.fromkeys(keys))

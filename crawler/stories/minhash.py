"""MinHash sketches, by which an index finds similar texts. Computed by `pipelines/minhash.py`.

A sketch has LSH keys, of which near-copies share at least one, and marks, of which two texts share about the same part as
of their shingles. Sketches are stored packed, because there can be a million of them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

VERSION = 1
"""First byte of a packed sketch. Sketches of different versions are never compared; increase it when tokenization,
shingles, hashing or layout change."""
KEY_MIN, KEY_MAX = -(2**31), 2**31 - 1
"""Keys are signed 32-bit integers, which SQLite stores in four bytes. With a million articles of 16 keys, one look-up in
270 finds another text by chance; its marks then differ."""
_HEAD = struct.Struct("<BB")


@dataclass(frozen=True, slots=True, kw_only=True)
class MinHashSketch:
    """The sketch of one text."""

    keys: tuple[int, ...]
    marks: bytes = b""
    """Empty for a text so short that only equal texts are looked up."""

    def packed(self) -> bytes:
        """The form in which it is stored and passed between processes."""
        return _HEAD.pack(VERSION, len(self.keys)) + struct.pack(f"<{len(self.keys)}i", *self.keys) + self.marks


def unpack_sketch(packed: bytes) -> MinHashSketch | None:
    """The unpacked sketch; None if it has another version."""
    version, count = _HEAD.unpack_from(packed)
    if version != VERSION:
        return None
    end = _HEAD.size + 4 * count
    return MinHashSketch(keys=struct.unpack_from(f"<{count}i", packed, _HEAD.size), marks=packed[end:])


def resemblance(one: bytes, other: bytes) -> float:
    """Estimated share of common shingles, from the marks of two sketches; 0 if either has none."""
    if len(one) != len(other) or not one:
        return 0.0
    differing = int.from_bytes(one, "little") ^ int.from_bytes(other, "little")  # seven times as fast as byte by byte
    return differing.to_bytes(len(one), "little").count(0) / len(one)

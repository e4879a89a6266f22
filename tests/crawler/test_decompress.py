"""Content encodings: undone, bounded, and a cut one noticed."""

from __future__ import annotations

import gzip
import sys
import zlib

import brotli
import pytest

from crawler.decompress import TooLarge, Truncated, decompress

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b"".join(b"Sentence number %d of the harbour report. " % number for number in range(4_000))
PACKED = {
    "gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstd.compress(TEXT),
}


@pytest.mark.parametrize("encoding", PACKED)
def test_a_whole_body_is_unpacked(encoding: str) -> None:
    assert decompress(PACKED[encoding], [encoding], max_size=1 << 20) == TEXT


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("cut", [1, 9, 200])
def test_a_cut_body_is_noticed_wherever_it_was_cut(encoding: str, cut: int) -> None:
    with pytest.raises(Truncated):
        decompress(PACKED[encoding][:-cut], [encoding], max_size=1 << 20)


@pytest.mark.parametrize("encoding", PACKED)
def test_no_more_is_unpacked_than_allowed(encoding: str) -> None:
    with pytest.raises(TooLarge):
        decompress(PACKED[encoding], [encoding], max_size=100_000)


def test_a_nested_bomb_is_stopped() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 50_000_000))
    with pytest.raises(TooLarge):
        decompress(bomb, ["gzip", "gzip"], max_size=8 << 20)


def test_encodings_are_undone_from_the_last_to_the_first() -> None:
    assert decompress(brotli.compress(gzip.compress(TEXT)), ["gzip", "br"], max_size=1 << 20) == TEXT


def test_raw_deflate_and_a_gzip_that_is_none_are_taken_as_browsers_take_them() -> None:
    assert decompress(zlib.compress(TEXT)[2:-4], ["deflate"], max_size=1 << 20) == TEXT
    assert decompress(b"<html>", ["gzip"], max_size=1 << 20) == b"<html>"


def test_several_gzip_members_and_padding_are_one_body() -> None:
    assert decompress(gzip.compress(b"a") + gzip.compress(b"b") + b"\0\0", ["x-gzip"], max_size=100) == b"ab"


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(ValueError, match="'sdch' is not known"):
        decompress(b"x", ["sdch"], max_size=100)

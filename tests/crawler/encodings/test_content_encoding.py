"""Content encodings are decoded within limits, and truncated bodies are recognised."""

from __future__ import annotations

import contextlib
import gzip
import sys
import time
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.encodings.content_encoding import DECODE_CHUNK, MOST_PARTS, TooLarge, Truncated, decompress, shows_its_end

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
def test_a_complete_body_is_decompressed(encoding: str) -> None:
    assert decompress(PACKED[encoding], [encoding], max_size=1 << 20) == TEXT


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("cut", [1, 9, 200])
def test_a_truncated_body_is_recognised_wherever_it_was_cut(encoding: str, cut: int) -> None:
    with pytest.raises(Truncated):
        decompress(PACKED[encoding][:-cut], [encoding], max_size=1 << 20)


@pytest.mark.parametrize("encoding", PACKED)
def test_decompression_stops_at_the_limit(encoding: str) -> None:
    with pytest.raises(TooLarge):
        decompress(PACKED[encoding], [encoding], max_size=100_000)


def test_a_nested_compression_bomb_is_stopped() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 50_000_000))
    with pytest.raises(TooLarge):
        decompress(bomb, ["gzip", "gzip"], max_size=8 << 20)


def test_several_encodings_are_decoded_from_the_last_to_the_first() -> None:
    assert decompress(brotli.compress(gzip.compress(TEXT)), ["gzip", "br"], max_size=1 << 20) == TEXT


def test_raw_deflate_and_uncompressed_gzip_are_accepted_as_in_browsers() -> None:
    assert decompress(zlib.compress(TEXT)[2:-4], ["deflate"], max_size=1 << 20) == TEXT
    assert decompress(b"<html>", ["gzip"], max_size=1 << 20) == b"<html>"


def test_several_gzip_members_and_padding_are_one_body() -> None:
    assert decompress(gzip.compress(b"a") + gzip.compress(b"b") + b"\0\0", ["x-gzip"], max_size=100) == b"ab"


@pytest.mark.parametrize(
    ("encoding", "empty"), [("gzip", gzip.compress(b"", mtime=0)), ("zstd", zstd.compress(b""))], ids=["gzip", "zstd"]
)
def test_a_body_of_a_hundred_thousand_empty_parts_is_refused_quickly(encoding: str, empty: bytes) -> None:
    assert decompress(empty * MOST_PARTS, [encoding], max_size=100) == b""
    begun = time.process_time()
    with pytest.raises(ValueError, match="more than 256 parts"):
        decompress(empty * 100_000, [encoding], max_size=8 << 20)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("encoding", PACKED)
def test_a_document_that_is_not_encoded_although_its_header_says_so_is_read(encoding: str) -> None:
    page = b"\n<!doctype html><p>Harbour"
    assert decompress(page, [encoding], max_size=100) == page


def test_zeros_behind_a_zstd_body_are_padding() -> None:
    assert decompress(PACKED["zstd"] + bytes(8), ["zstd"], max_size=1 << 20) == TEXT


def test_the_error_for_an_unknown_encoding_names_it() -> None:
    with pytest.raises(ValueError, match="unknown Content-Encoding 'sdch'"):
        decompress(b"x", ["sdch"], max_size=100)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("chunks", [1, 4, 5])
@pytest.mark.parametrize("unit", [b"a", b"abcdefgh"])
def test_output_that_remains_after_the_last_input_is_kept(chunks: int, unit: bytes) -> None:
    for size in range(chunks * DECODE_CHUNK - 3, chunks * DECODE_CHUNK + 6):
        data = (unit * size)[:size]
        packed = {
            "deflate": raw_deflate(data), "gzip": gzip.compress(data), "br": brotli.compress(data), "zstd": zstd.compress(data)
        }  # fmt: skip
        for encoding, body in packed.items():
            assert decompress(body, [encoding], max_size=1 << 20) == data, (encoding, size)


@pytest.mark.parametrize("label", ["identity", "none", "UTF-8", "binary", "aws-chunked", ""])
def test_a_label_that_means_no_encoding_is_ignored(label: str) -> None:
    assert decompress(TEXT, [label], max_size=1 << 20) == TEXT
    assert decompress(PACKED["gzip"], ["gzip", label], max_size=1 << 20) == TEXT


@given(st.binary(max_size=200), st.sampled_from([*PACKED, "identity"]), st.sampled_from([b"", *PACKED.values()]))
def test_arbitrary_bytes_are_decoded_or_refused(junk: bytes, encoding: str, start: bytes) -> None:
    with contextlib.suppress(Truncated, TooLarge):
        assert len(decompress(start[:100] + junk, [encoding], max_size=1 << 18)) <= 1 << 18


@pytest.mark.parametrize(
    "body",
    [b"<p>x</p></body></html>", b"<p></HTML >\n", b"</html><!-- a --><!-- b\n-->\r\n", b"<item/></channel></rss>", b"</feed>",
     b"</rdf:RDF>\n", b"</urlset>", b"</sitemapindex>"],
)  # fmt: skip
def test_a_document_with_its_closing_tag_is_complete(body: bytes) -> None:
    assert shows_its_end(b"<!doctype html>" + b"x" * 10_000 + body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<p>x</p>",
        b"</html",
        b"</body>",
        b"</html><p>more",
        b"</html><!-- cut",
        b"<iframe srcdoc='</html>'>",
        b"{}",
    ],
)
def test_a_document_without_its_closing_tag_is_not_known_to_be_complete(body: bytes) -> None:
    assert not shows_its_end(body)


def test_the_closing_tag_is_found_quickly_whatever_follows_it() -> None:
    begun = time.process_time()
    for hostile in (
        b"</html>" + b"<!--" * 100_000,
        b"</html>" * 100_000 + b"x",
        b"</html>" + b"<!----> " * 100_000 + b"x",
        b"</html>" + b"<!-- cached -->" * 100 + b"\nserved by web3",
        b"</html><!--" * 300 + b"-->x",
    ):
        assert not shows_its_end(hostile)
    assert time.process_time() - begun < 1

"""OpenTimestamps: replies of calendars are checked byte by byte, and joined into one file for `ots verify`."""

from __future__ import annotations

import pytest

from crawler.evidence.opentimestamps import detached_timestamp, timestamp_branches

PENDING = b"\x00\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e"
"""The beginning of an attestation that a calendar has still to connect to a block."""
HEADER = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01\x08"
DIGEST = bytes(range(32))


def attested(*operations: bytes, host: bytes = b"https://calendar.example") -> bytes:
    """A branch: operations, then the promise of a calendar."""
    payload = bytes([len(host)]) + host
    return b"".join(operations) + PENDING + bytes([len(payload)]) + payload


APPEND, PREPEND, SHA256 = b"\xf0\x04salt", b"\xf1\x82\x01" + b"x" * 130, b"\x08"
ONE = attested(APPEND, SHA256, PREPEND, SHA256)
NESTED = attested(SHA256, b"\xff" + attested(APPEND), SHA256)
"""A branch that forks after its first operation."""


@pytest.mark.parametrize(
    ("reply", "branches"),
    [
        (ONE, [ONE]),
        (NESTED, [NESTED]),
        (b"\xff" + NESTED + ONE, [NESTED, ONE]),
        (b"\xff" + ONE + NESTED, [ONE, NESTED]),
    ],
)
def test_the_branches_of_a_reply_are_found(reply: bytes, branches: list[bytes]) -> None:
    assert timestamp_branches(reply) == branches


def test_the_replies_of_several_calendars_become_branches_of_one_file() -> None:
    assert detached_timestamp(DIGEST, [ONE]) == HEADER + DIGEST + ONE
    forked = b"\xff" + ONE + NESTED
    assert detached_timestamp(DIGEST, [forked, ONE]) == HEADER + DIGEST + b"\xff" + ONE + b"\xff" + NESTED + ONE


@pytest.mark.parametrize(
    "reply", [b"", b"<html>Not found</html>", ONE + b"\x08", b"\xff" + ONE, b"\xff\xff" + ONE + ONE + ONE]
)
def test_other_bytes_are_refused(reply: bytes) -> None:
    with pytest.raises(ValueError, match=r"ends too early|unknown operation|bytes follow"):
        timestamp_branches(reply)


@pytest.mark.parametrize("reply", [ONE, b"\xff" + NESTED + ONE])
def test_a_reply_that_was_cut_is_refused(reply: bytes) -> None:
    for length in range(len(reply)):
        with pytest.raises(ValueError, match="ends too early"):
            timestamp_branches(reply[:length])

"""OpenTimestamps: check the reply of a calendar server, and write the file that `ots verify` reads.

A timestamp is a tree of operations on a digest; each path ends in an attestation. In a node, each branch but the last has
the byte 0xff before it. The format is that of version 1 of https://github.com/opentimestamps/python-opentimestamps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_MAGIC = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94"
_VERSION = b"\x01"
_SHA256 = b"\x08"
_FORK, _ATTESTATION = 0xFF, 0x00
_WITHOUT_ARGUMENT = frozenset(
    {0x02, 0x03, 0x08, 0x67, 0xF2, 0xF3}
)  # SHA-1, RIPEMD-160, SHA-256, Keccak, reverse, hexlify
_WITH_ARGUMENT = frozenset({0xF0, 0xF1})  # append, prepend
_TAG_SIZE = 8
"""Bytes that name the kind of an attestation."""


def detached_timestamp(digest: bytes, replies: Sequence[bytes]) -> bytes:
    """The .ots file of a file with this SHA-256, from the replies of one or more calendars. Raises ValueError."""
    *others, last = [branch for reply in replies for branch in timestamp_branches(reply)]
    branches = b"".join(bytes([_FORK]) + branch for branch in others) + last
    return _MAGIC + _VERSION + _SHA256 + digest + branches


def timestamp_branches(reply: bytes) -> list[bytes]:
    """The branches of the first node of a serialized timestamp. Raises ValueError if it is not one."""
    try:
        return list(_branches(reply))
    except IndexError:
        raise ValueError("it ends too early") from None


def _branches(reply: bytes) -> Iterator[bytes]:
    place = start = 0
    in_first = True
    forks: list[bool] = []  # for each node that has another branch: whether it is the first node
    while True:
        if reply[place] == _FORK:
            forks.append(in_first)
            place += 1
        if in_first:
            start = place
        kind, place, in_first = reply[place], place + 1, False
        if kind in _WITH_ARGUMENT:
            place = _after_argument(reply, place)
        elif kind == _ATTESTATION:
            place = _after_argument(reply, place + _TAG_SIZE)
            is_last = not forks
            in_first = is_last or forks.pop()
            if in_first:
                yield reply[start:place]
            if is_last:
                break
        elif kind not in _WITHOUT_ARGUMENT:
            raise ValueError(f"unknown operation 0x{kind:02x}")
    if place != len(reply):
        raise ValueError("bytes follow its end")


def _after_argument(reply: bytes, place: int) -> int:
    """The place after bytes that follow their length (LEB128)."""
    length = shift = 0
    while True:
        byte, place = reply[place], place + 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if place + length > len(reply):
        raise ValueError("it ends too early")
    return place + length

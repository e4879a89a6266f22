"""Verify an evidence file (WACZ) offline: python3 verify_pack.py FILE.wacz [ROOT]

It needs Python 3.10 and nothing else, so that a recipient can read it in full and run it. ROOT is the line "Archive root
for DATE" at the foot of a digest: 64 hexadecimal digits. Exit status: 0 verified, 1 not.

Hashes are those of RFC 6962: a leaf is SHA-256(0x00 + leaf), a node is SHA-256(0x01 + left + right). A leaf is one line of
text, "KIND ID TIME SHA256"; the first leaf of a day is "day DATE previous ROOT", which chains the days.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PROOFS = "evidence/proofs.json"
"""The file of the proofs in an evidence file."""
PROOF_FORMAT = "wirewatch-proofs-1"


class VerificationError(ValueError):
    """Something is not what was recorded. Raised by the functions of this module."""


def leaf_hash(leaf: str) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf.encode("utf-8", "surrogateescape")).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node with two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def chain_leaf(day: str, previous: str) -> str:
    """The first leaf of a day, which contains the root before."""
    return f"day {day} previous {previous}"


def root_of_path(leaf: bytes, index: int, size: int, path: Sequence[str]) -> str:
    """The root that a path leads to, from a leaf's hash (RFC 9162, section 2.1.3.2). Raises VerificationError."""
    if not 0 <= index < size:
        raise VerificationError(f"leaf {index} of {size}: no such leaf")
    position, last, reached = index, size - 1, leaf
    for text in path:
        if last == 0:
            raise VerificationError("the path is too long")
        sibling = bytes.fromhex(text)
        if position & 1 or position == last:
            reached = node_hash(sibling, reached)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise VerificationError("the path is too short")
    return reached.hex()


def verify_days(days: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Day -> root, after each day was found to contain the root of the day before. Raises VerificationError."""
    roots: dict[str, str] = {}
    before = None
    for day in days:
        if before is not None and day["previous"] != before:
            raise VerificationError(f"{day['day']}: does not continue the day before")
        leaf = leaf_hash(chain_leaf(day["day"], day["previous"]))
        if root_of_path(leaf, 0, day["size"], day["path"]) != day["root"]:
            raise VerificationError(f"{day['day']}: the root does not contain the root of the day before")
        before = roots[day["day"]] = day["root"]
    return roots


def verify_proof(proof: Mapping[str, Any], days: Sequence[Mapping[str, Any]], roots: Mapping[str, str]) -> None:
    """Check that a leaf belongs to the root of its day. Raises VerificationError."""
    sizes = {day["day"]: day["size"] for day in days}
    if proof["day"] not in roots:
        raise VerificationError(f"{proof['leaf']}: no root of {proof['day']}")
    reached = root_of_path(leaf_hash(proof["leaf"]), proof["index"], sizes[proof["day"]], proof["path"])
    if reached != roots[proof["day"]]:
        raise VerificationError(f"{proof['leaf']}: does not belong to the root of {proof['day']}")


def verify_root(roots: Mapping[str, str], given: str) -> str:
    """The day of a root that comes from outside, such as a mail. Raises VerificationError if it is not in the chain."""
    for day, root in roots.items():
        if root == given.strip().lower():
            return day
    raise VerificationError(f"root {given.strip()[:16]}…: not a root of this file; its newest day is {max(roots)}")


def verify_pack(pack: zipfile.ZipFile, given: str = "") -> Iterator[str]:
    """A line for each thing that was verified. `given`: a root from outside. Raises VerificationError at the first fault."""
    try:
        yield f"{_verify_files(pack)} files: as listed in datapackage.json"
        proofs = json.loads(pack.read(PROOFS))
        days = proofs["days"]
        roots = verify_days(days)
        for proof in proofs["proofs"]:
            verify_proof(proof, days, roots)
            _verify_content(pack, proof)
            yield f"{' '.join(proof['leaf'].split()[:3])}: content, hash and path to the root of {proof['day']}"
        for text in proofs["unproven"]:
            yield f"{text}: NOT PROVEN by a daily root"
        if roots:
            yield f"daily roots {min(roots)} to {max(roots)}: each contains the one before"
        if given:
            _require_covered(proofs["proofs"], verify_root(roots, given) if roots else "", given)
            yield f"the given root is that of {verify_root(roots, given)}"
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError, zipfile.BadZipFile) as error:
        raise VerificationError(f"not an evidence file, or damaged: {error}") from error


def _require_covered(proofs: Sequence[Mapping[str, Any]], day: str, given: str) -> None:
    if not day:
        raise VerificationError(f"root {given[:16]}…: this file has no daily root")
    later = [proof["leaf"] for proof in proofs if proof["day"] > day]
    if later:
        raise VerificationError(f"{later[0]}: stored after {day}, the day of the given root; give a later root")


def _verify_files(pack: zipfile.ZipFile) -> int:
    package = pack.read("datapackage.json")
    if json.loads(pack.read("datapackage-digest.json"))["hash"] != f"sha256:{hashlib.sha256(package).hexdigest()}":
        raise VerificationError("datapackage.json: does not match datapackage-digest.json")
    listed = {entry["path"]: entry["hash"] for entry in json.loads(package)["resources"]}
    names = [name for name in pack.namelist() if name not in ("datapackage.json", "datapackage-digest.json")]
    if sorted(listed) != sorted(names):
        raise VerificationError("files are missing from datapackage.json, or from the file itself")
    for name in names:
        if listed[name] != f"sha256:{hashlib.sha256(pack.read(name)).hexdigest()}":
            raise VerificationError(f"{name}: was changed (SHA-256 differs from datapackage.json)")
    return len(names)


def _verify_content(pack: zipfile.ZipFile, proof: Mapping[str, Any]) -> None:
    """Check that the file of a proof has the hash that is written in the leaf."""
    content = pack.read(proof["file"])
    if "offset" in proof:
        content = content[proof["offset"] : proof["offset"] + proof["length"]]
    if hashlib.sha256(content).hexdigest() != proof["leaf"].split()[-1]:
        raise VerificationError(f"{proof['file']}: is not what {' '.join(proof['leaf'].split()[:2])} was recorded with")
    if "text" in proof:
        recorded = json.loads(content)[0]["text_sha256"]
        if hashlib.sha256(pack.read(proof["text"])).hexdigest() != recorded:
            raise VerificationError(f"{proof['text']}: is not the text that {proof['file']} was recorded with")


def main(arguments: Sequence[str]) -> int:
    """Verify the file that the command line names, and print what was found."""
    if len(arguments) not in (1, 2):
        print("usage: python3 verify_pack.py FILE.wacz [ROOT]")
        return 2
    try:
        with zipfile.ZipFile(arguments[0]) as pack:
            for line in verify_pack(pack, *arguments[1:]):
                print(line)
    except (OSError, zipfile.BadZipFile, VerificationError) as error:
        print(f"NOT VERIFIED: {error}")
        return 1
    print("VERIFIED." if arguments[1:] else "VERIFIED within itself. Give a root from a mail to verify the date, too.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

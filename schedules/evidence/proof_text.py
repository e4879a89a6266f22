"""Verify rows, evidence files and roots in mails for `scrapy archive prove`, and describe the result in lines of text."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from crawler.archive.db.seals import stored_seal
from crawler.archive.evidence.leaves import LEAF_TABLES, LeafKind, tombstone_of
from crawler.archive.evidence.root_check import Proof, Prover
from crawler.archive.storage.warc_records import page_row, read_slice
from crawler.config.paths import expanded
from crawler.evidence.verify_pack import VerificationError, verify_days, verify_pack, verify_proof
from crawler.exceptions import NotFoundError, WirewatchError
from crawler.sqlite.connection import Connection


def outside_root(against: str) -> tuple[str, str | None]:
    """(root, the day that the mail names for it) of a root or a mail. Raises WirewatchError.

    A mail that quotes several digests gives its newest root.
    """
    if is_root(against):
        return against.strip().lower(), None
    try:
        found = roots_in_mail(expanded(against).read_bytes())
    except OSError as error:
        raise WirewatchError(
            f"--against {against}: neither a root (64 hexadecimal digits) nor a readable mail ({error.strerror})"
        ) from error
    if not found:
        raise WirewatchError(f'--against {against}: no line "Archive root for DATE" in this mail; save it as .eml')
    day, root = max(found)
    return root, day


def proof_of(db: Connection, warc_dir: Path, kind: LeafKind, row_id: int) -> tuple[Prover, Proof]:
    """The proof for a row, after its content was compared with its hash.

    Raises NotFoundError if there is no such row, VerificationError if it is not covered, was removed, or has changed.
    """
    table = LEAF_TABLES[kind].table
    row = db.execute(f"SELECT * FROM {table} WHERE id = ?", (row_id,)).fetchone()  # noqa: S608 -- a constant
    if row is None:
        removed = tombstone_of(db, kind, row_id)
        if removed is None:
            raise NotFoundError(f"no {kind} {row_id} in the archive")
        raise VerificationError(f"{kind} {row_id}: removed on {removed.removed_at[:10]} ({removed.reason})")
    if not _is_unchanged(db, warc_dir, kind, dict(row)):
        raise VerificationError(f"{kind} {row_id}: its content does not match its hash; restore it from a backup")
    prover = Prover(db)
    proof = prover.proof(kind, row_id)
    if proof is None:
        raise VerificationError(
            f"{kind} {row_id}: no root covers it yet; `scrapy archive roots` computes it after the day"
        )
    return prover, proof


def proof_lines(prover: Prover, proof: Proof, against: str) -> Iterator[str]:
    """The path from a row to the root of its day and on to the newest root. Raises VerificationError."""
    days = prover.days(proof["day"])
    roots = verify_days(days)
    verify_proof(proof, days, roots)
    yield f"leaf   {proof['leaf']}"
    for number, sibling in enumerate(proof["path"], 1):
        yield f"path   {number:2} {sibling}"
    for day, root in roots.items():
        yield f"root   {day} {root}"
    if against:
        given, named_day = outside_root(against)
        if given not in roots.values():
            where = f" of {named_day}" if named_day else ""
            raise VerificationError(
                f"root {given[:16]}…{where}: not among the roots from {proof['day']} to {max(roots)}; the row is newer than"
                " this root, or the past was altered after it was sent"
            )
        yield f"OK     verified against {against}"


def pack_lines(path: Path, against: str) -> Iterator[str]:
    """What was verified in an evidence file. Raises VerificationError and WirewatchError."""
    given = outside_root(against)[0] if against else ""
    try:
        with zipfile.ZipFile(path) as pack:
            yield from verify_pack(pack, given)
    except (OSError, zipfile.BadZipFile) as error:
        raise WirewatchError(f"--wacz {path}: cannot be read as a WACZ file ({error})") from error


def _is_unchanged(db: Connection, warc_dir: Path, kind: LeafKind, row: dict[str, Any]) -> bool:
    if kind == "page":
        place = page_row(db, row["id"])
        try:
            record = read_slice(warc_dir / place["name"], row["warc_offset"], row["warc_length"])
        except OSError:
            return False
        return hashlib.sha256(record).hexdigest() == str(row["record_sha256"])
    if kind == "revision":
        from crawler.archive.articles.revisions import text_sha256

        if (
            row["text_pruned_at"] is None
            and text_sha256(**{name: row[name] for name in ("title", "lead", "byline", "text")}) != row["text_sha256"]
        ):
            return False
    return stored_seal(db, LEAF_TABLES[kind].table, row) == str(row["row_sha256"])


_ROOT = re.compile(r"Archive root for\s+(\d{4}-\d\d-\d\d)\s*:\s*([0-9a-fA-F]{64})\b")
_TAG = re.compile(r"<[^>]*>")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def roots_in_mail(content: bytes) -> list[tuple[str, str]]:
    """(day, root) for each "Archive root for DAY: ROOT" in a mail as stored or forwarded (.eml), or in plain text."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    texts = [_text(part) for part in message.walk() if part.get_content_maintype() == "text"]
    found = [match.groups() for text in texts for match in _ROOT.finditer(_TAG.sub(" ", text))]
    return list(dict.fromkeys((day, root.lower()) for day, root in found))


def is_root(text: str) -> bool:
    """Whether a text has the form of a root: 64 hexadecimal digits."""
    return _HEX.fullmatch(text.strip()) is not None


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""

"""WARC files for the benchmarks of the cluster: pages of the corpus (generated ones without it), and earlier versions of some.

Each page belongs to one of `OUTLETS` fictional domains. Every tenth page is recorded three times, in three files: as it is, with
an added paragraph, and as it was (A, B, A), so that the order in which files are stored shows in the revisions.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from benchmarks.support.extraction.gold import read_gold
from benchmarks.support.sites import generated_text

ROOT = Path(__file__).parents[3]
OUTLETS = 8
SETS = ("fundus", "scrapinghub", "trafilatura")
BEGIN = datetime(2026, 3, 1, tzinfo=timezone.utc)
ADDED = b"<p>Update: the council said on Friday that it would publish the full report within two weeks of the vote.</p>"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSet:
    """WARC files and the sources whose pages they hold."""

    files: tuple[Path, ...]
    outlets: tuple[str, ...]
    """Source IDs; `ID.example` is the domain."""
    pages: int
    """Different URLs."""
    records: int
    what: str
    """One line for people."""


def domain(number: int) -> str:
    """The domain of an outlet."""
    return f"outlet-{number % OUTLETS}.example"


def write_sources(folder: Path, outlets: Sequence[str]) -> None:
    """Write sources.toml for these outlets."""
    tables = [
        f'[{name}]\nname = "{name.title()}"\nhome = "https://{name}.example/"\nfeeds = ["https://{name}.example/rss"]\n'
        for name in outlets
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources.toml").write_text("\n".join(tables))


def record_files(folder: Path, *, files: int, pages: int, generated: bool = False) -> RecordedSet:
    """Write WARC files with these pages; a page of the corpus that is used again gets a text of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    bodies = [] if generated else _corpus()
    what = f"{len(bodies)} pages of the corpus" if bodies else "generated pages"
    records: list[list[bytes]] = [[] for _ in range(files)]
    for number in range(pages):
        body = _own(bodies[number % len(bodies)], number) if bodies else generated_text.page(number).html
        url = f"https://{domain(number)}/2026/03/{1 + number % 28:02}/report-number-{number}-on-the-northern-pier"
        first = number * files // pages
        versions = [(first, body)]
        if number % 10 == 0:
            versions = [(first % files, body), ((first + 1) % files, _edited(body)), ((first + 2) % files, body)]
        for file, version in versions:
            at = BEGIN + timedelta(days=file, seconds=len(records[file]))
            records[file].append(_record(url, at, version))
    names = []
    for number, members in enumerate(records):
        path = folder / f"NEWS-202603{1 + number:02}-{number:05}.warc.gz"
        path.write_bytes(b"".join(members))
        names.append(path)
    return RecordedSet(
        files=tuple(names), outlets=tuple(f"outlet-{number}" for number in range(OUTLETS)), pages=pages,
        records=sum(map(len, records)), what=what,
    )  # fmt: skip


def _corpus() -> list[bytes]:
    corpus = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
    return list(_pages(corpus))


def _pages(corpus: Path) -> Iterator[bytes]:
    for name in SETS:
        if (corpus / "articles" / name).is_dir():
            yield from (page for _, page in read_gold(corpus / "articles" / name))


def _own(body: bytes, number: int) -> bytes:
    """The page without its canonical URL, which would make two copies one article."""
    return (
        body.replace(b"canonical", b"original")
        .replace(b"og:url", b"og:original")
        .replace(b"</title>", f" {number}</title>".encode(), 1)
    )


def _edited(body: bytes) -> bytes:
    end = body.rfind(b"</p>")
    return body[: end + 4] + ADDED + body[end + 4 :] if end >= 0 else body + ADDED


def _record(url: str, at: datetime, body: bytes) -> bytes:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    identity = hashlib.md5(f"{url} {at}".encode()).hexdigest()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{identity}>\r\nWARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", compresslevel=4, mtime=0)

"""Write a WACZ file: WARC records, their index, a list of pages and other files, with the hash of each.

WACZ 1.1.1: https://specs.webrecorder.net/wacz/1.1.1/. The same content gives the same bytes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

WACZ_VERSION = "1.1.1"
WARC_NAME = "evidence.warc.gz"
INDEX_BLOCK = 1024
"""Lines of the index that are compressed together, as other writers of WACZ do."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of files in a ZIP archive that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaczPage:
    """A raw page in the file."""

    id: int
    url: str
    title: str
    fetched_at: datetime
    status: int
    mime: str
    body_sha256: str
    """Hexadecimal."""
    record: bytes
    """A complete gzip member that holds one WARC record."""


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a record is in `WARC_NAME`, in bytes."""

    offset: int
    length: int


def record_places(info: bytes, pages: Sequence[WaczPage]) -> dict[int, RecordPlace]:
    """Page ID -> its place, after a warcinfo record."""
    places, offset = {}, len(info)
    for page in pages:
        places[page.id] = RecordPlace(offset, len(page.record))
        offset += len(page.record)
    return places


def write_wacz(
    target: Path, *, title: str, info: bytes, pages: Sequence[WaczPage], files: Mapping[str, bytes], at: datetime
) -> None:
    """Write the file. `info`: a compressed warcinfo record. `files`: path -> content, in a folder. Raises OSError."""
    index, blocks = _index(pages, record_places(info, pages))
    contents = {
        f"archive/{WARC_NAME}": info + b"".join(page.record for page in pages),
        "indexes/index.cdx.gz": index,
        "indexes/index.idx": blocks,
        "pages/pages.jsonl": _page_list(pages),
        **files,
    }
    package = _as_json(
        {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "title": title,
            "created": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "software": "Wirewatch",
            **(
                {"mainPageUrl": pages[0].url, "mainPageDate": f"{pages[0].fetched_at:%Y-%m-%dT%H:%M:%SZ}"}
                if pages
                else {}
            ),
            "resources": [_resource(path, content) for path, content in contents.items()],
        }
    )
    contents["datapackage.json"] = package
    contents["datapackage-digest.json"] = _as_json({"path": "datapackage.json", "hash": _hash(package)})
    with zipfile.ZipFile(target, "w") as pack:
        for path, content in contents.items():
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.external_attr = 0o644 << 16
            # Players read records and the index at offsets of the ZIP file, so these are stored uncompressed.
            entry.compress_type = zipfile.ZIP_STORED if path.endswith(".gz") else zipfile.ZIP_DEFLATED
            pack.writestr(entry, content)


def index_key(url: str) -> str:
    """The URL in the sort-friendly form of CDXJ, "com,example)/path?query", as ReplayWeb.page looks it up."""
    parts = urlsplit(url.lower())
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port else ""
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True), key=lambda pair: pair[0]))
    return f"{','.join(reversed(host.split('.')))}{port}){parts.path or '/'}{f'?{query}' if query else ''}"


def _index(pages: Sequence[WaczPage], places: Mapping[int, RecordPlace]) -> tuple[bytes, bytes]:
    """The index in compressed blocks, and the list of the blocks."""
    lines = sorted(_index_line(page, places[page.id]) for page in pages)
    packed = b""
    blocks = ['!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n']
    for start in range(0, len(lines), INDEX_BLOCK):
        some = lines[start : start + INDEX_BLOCK]
        block = gzip.compress("".join(some).encode(), mtime=0)
        place = {"offset": len(packed), "length": len(block), "digest": _hash(block), "filename": "index.cdx.gz"}
        key, time = some[0].split(" ")[:2]
        blocks.append(f"{key} {time} {json.dumps(place)}\n")
        packed += block
    return packed or gzip.compress(b"", mtime=0), "".join(blocks).encode()


def _index_line(page: WaczPage, place: RecordPlace) -> str:
    entry = {
        "url": page.url,
        "mime": page.mime,
        "status": str(page.status),
        "digest": "sha256:" + base64.b32encode(bytes.fromhex(page.body_sha256)).decode(),
        "length": str(place.length),
        "offset": str(place.offset),
        "filename": WARC_NAME,
        "recordDigest": _hash(page.record),
    }
    return f"{index_key(page.url)} {page.fetched_at:%Y%m%d%H%M%S} {json.dumps(entry)}\n"


def _page_list(pages: Sequence[WaczPage]) -> bytes:
    lines = [{"format": "json-pages-1.0", "id": "pages", "title": "Raw pages"}]
    for page in pages:
        time = f"{page.fetched_at:%Y-%m-%dT%H:%M:%SZ}"
        lines.append({"id": f"page-{page.id}", "url": page.url, "ts": time, "title": page.title})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _resource(path: str, content: bytes) -> dict[str, object]:
    return {"name": path.rpartition("/")[2].lower(), "path": path, "hash": _hash(content), "bytes": len(content)}


def _hash(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _as_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()

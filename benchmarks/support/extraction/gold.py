"""Gold sets: a folder with gold.jsonl, a line of JSON for each page, and pages/ID.html.gz (or .html)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read_gold(folder: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield (gold row, page as received) of each page. Raises SystemExit with a message if there is none."""
    gold = folder / "gold.jsonl"
    if not gold.exists():
        raise SystemExit(f"{folder}: no gold.jsonl; give a directory with gold.jsonl and pages/")
    found = False
    for number, line in enumerate(gold.read_text("utf-8").split("\n"), 1):  # texts may contain U+2028
        if not line.strip():
            continue
        row = _row(line, f"{gold}, line {number}")
        page = folder / "pages" / f"{row['id']}.html"
        packed = page.with_name(f"{page.name}.gz")
        if packed.exists() or page.exists():
            found = True
            yield row, gzip.decompress(packed.read_bytes()) if packed.exists() else page.read_bytes()
    if not found:
        raise SystemExit(f"{folder}: pages/ has no page of gold.jsonl; each is pages/ID.html.gz or pages/ID.html")


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise SystemExit(f"{where}: not JSON ({error}); each line is one object") from None
    if not isinstance(row, dict) or "id" not in row:
        raise SystemExit(f"{where}: no `id`; it names the page, pages/ID.html.gz")
    return row

"""Run the page cases of the shared corpus (`cases/pages`) and print which of them pass.

    python benchmarks/cases.py [NAME ...] [--pages DIR]

A case is NAME.html with NAME.json, which holds the expected values (`must`, `must_not`, `once`, `title`, `authors`,
`published`, `language`, `status`). The exit status is 1 if a case fails. If the folder does not exist, the program says so and
ends with 0.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from crawler.models import Article, ExtractionHints, Page  # noqa: E402
from crawler.timestamps import zone_of  # noqa: E402
from pipelines.extract import extract  # noqa: E402

PAGES = Path(os.environ.get("WIREWATCH_CASES", ROOT.parent / "shared" / "cases")) / "pages"
FETCHED_AT = datetime(2026, 11, 28, 12, tzinfo=timezone.utc)
"""Fetch time of cases that do not have their own."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="cases to run; default: all")
    parser.add_argument(
        "--pages", type=Path, default=PAGES, metavar="DIR", help="a folder with NAME.html and NAME.json"
    )
    options = parser.parse_args()
    if not options.pages.is_dir():
        print(f"{options.pages}: no such folder; no case was run")
        return 0
    files = sorted(options.pages.glob("*.json"))
    failed = total = 0
    for file in files:
        if options.names and file.stem not in options.names:
            continue
        faults = list(check_case(file))
        total += 1
        failed += bool(faults)
        print(f"{'FAIL' if faults else 'pass'}  {file.stem}", *(f"      {fault}" for fault in faults), sep="\n")
    print(f"{total - failed} of {total} cases pass")
    return 1 if failed else 0


def check_case(file: Path) -> Iterator[str]:
    """The differences between the expected and the extracted values of one case."""
    expected = json.loads(file.read_text("utf-8"))
    fetched = expected.get("fetched")
    page = Page(
        source="cases",
        url=expected["url"],
        final_url=expected["url"],
        status=200,
        body=file.with_suffix(".html").read_bytes(),
        fetched_at=datetime.fromisoformat(fetched).astimezone(timezone.utc) if fetched else FETCHED_AT,
    )
    article = extract(page, ExtractionHints(timezone=expected.get("tz", "UTC")))
    text = "\n".join(filter(None, (article.lead, article.text)))
    yield from (f"missing: {segment[:70]}" for segment in expected.get("must", ()) if segment not in text)
    yield from (f"not left out: {segment[:70]}" for segment in expected.get("must_not", ()) if segment in text)
    yield from (f"{text.count(part)} times: {part[:70]}" for part in expected.get("once", ()) if text.count(part) != 1)
    yield from _fields(expected, article)


def _fields(expected: Mapping[str, Any], article: Article) -> Iterator[str]:
    found = {
        "title": article.title,
        "authors": [byline.name for byline in article.bylines],
        "language": article.language,
        "status": article.status.value,
    }
    for name, value in found.items():
        if name in expected and value != expected[name]:
            yield f"{name}: {value!r}, expected {expected[name]!r}"
    if "published" in expected and not _is_same_time(expected["published"], article, expected.get("tz", "UTC")):
        yield f"published: {article.published}, expected {expected['published']}"


def _is_same_time(written: str, article: Article, zone: str) -> bool:
    """Whether the article has that time: to the minute, or the day if only a day is expected."""
    if article.published is None:
        return False
    if len(written) == 10:
        return article.published.at.date().isoformat() == written
    moment = datetime.fromisoformat(written)
    expected = moment if moment.tzinfo else moment.replace(tzinfo=zone_of(zone))
    return abs(article.published.at - expected).total_seconds() < 60


if __name__ == "__main__":
    raise SystemExit(main())

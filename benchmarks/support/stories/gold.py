"""Similar pairs of texts, computed by brute force: the gold of the benchmark of stories.

No code of the program is used: shingles are five `\\w+` words in lower case of the whole text, credits included. Every pair
that shares a shingle is compared, so that none is missed.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

SHINGLE = 5
Pair = tuple[int, int]
_DATE = re.compile(r"(\d+)-([A-Z]{3})-(\d{4}) (\d+):(\d+):(\d+)")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One real article."""

    id: str
    at: datetime
    title: str
    body: str


def read_reports(path: Path) -> list[Report]:
    """The reports of the corpus by time of sending."""
    reports = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            reports.append(Report(id=row["id"], at=_moment(row["date"]), title=row["title"] or "", body=row["body"]))
    return sorted(reports, key=lambda report: (report.at, int(report.id)))


def _moment(text: str) -> datetime:
    found = _DATE.search(text)
    if found is None:
        return datetime(1987, 1, 1, tzinfo=timezone.utc)
    day, month, year, hour, minute, second = found.groups()
    start = datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=timezone.utc)
    return start + timedelta(hours=int(hour), minutes=int(minute), seconds=int(second))


def resemblances(texts: Sequence[str], *, at_least: float) -> dict[Pair, float]:
    """(i, j), i < j -> Jaccard similarity of their shingles, for every pair with `at_least` that."""
    sizes, postings = _postings(texts)
    order = np.argsort(postings[:, 0], kind="stable")
    shingles, articles = postings[order, 0], postings[order, 1]
    starts = np.flatnonzero(np.r_[True, shingles[1:] != shingles[:-1]])
    lengths = np.diff(np.r_[starts, len(shingles)])
    codes = [
        _pair_codes(articles[start : start + length], len(texts))
        for start, length in zip(starts[lengths > 1], lengths[lengths > 1], strict=True)
    ]
    pairs, shared = np.unique(np.concatenate(codes), return_counts=True)
    one, other = pairs // len(texts), pairs % len(texts)
    jaccard = shared / (sizes[one] + sizes[other] - shared)
    kept = jaccard >= at_least
    return {(int(i), int(j)): float(value) for i, j, value in zip(one[kept], other[kept], jaccard[kept], strict=True)}


def jaccard(one: str, other: str) -> float:
    """Jaccard similarity of the shingles of two texts."""
    mine, yours = shingles(one), shingles(other)
    return len(mine & yours) / max(len(mine | yours), 1)


def shingles(text: str) -> set[tuple[str, ...]]:
    """The distinct runs of SHINGLE words."""
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[start:] for start in range(SHINGLE)), strict=False))


def _postings(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    numbers: dict[tuple[str, ...], int] = {}
    rows: list[tuple[int, int]] = []
    sizes = np.zeros(len(texts), dtype=np.int64)
    for article, text in enumerate(texts):
        found = shingles(text)
        sizes[article] = len(found)
        rows.extend((numbers.setdefault(shingle, len(numbers)), article) for shingle in found)
    return sizes, np.array(rows, dtype=np.int64).reshape(-1, 2)


def _pair_codes(articles: np.ndarray, base: int) -> np.ndarray:
    one, other = np.triu_indices(len(articles), k=1)
    low, high = np.minimum(articles[one], articles[other]), np.maximum(articles[one], articles[other])
    codes: np.ndarray = low * base + high
    return codes

"""Decide whether a document overlaps with the links known before, so that nothing was missed. Pure.

A document lists its newest articles, newest first. If its last link is known, it lists everything since the last poll.
Another known link proves less: a pinned article stays on top, whatever was dropped below it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

from crawler.models import SeedKind


def overlaps_known(known: Sequence[bool], kind: SeedKind, dates: Sequence[datetime | None] = ()) -> bool:
    """Return whether a document overlaps with the known links.

    `known`: for each link, in the order of the document, whether it was known. `dates`: its published time, or None.
    """
    if not any(known):
        return False
    if kind == "sitemap" or all(known):  # a sitemap lists whole days, in any order
        return True
    newest_first = list(known)
    if _grows_downwards(dates):
        newest_first.reverse()
    if newest_first[-1]:
        return True
    # Two known neighbours prove the overlap even if the last link is new (a recommendation, a republished article).
    # The first link is not counted, because several links at the top may be pinned.
    pairs = itertools.pairwise(newest_first[1:])
    return any(first and second for first, second in pairs)


def _grows_downwards(dates: Sequence[datetime | None]) -> bool:
    """Return whether the document lists its newest link last."""
    given = [date for date in dates if date is not None]
    steps = [(second > first) - (second < first) for first, second in itertools.pairwise(given)]
    return sum(steps) > len(steps) / 2

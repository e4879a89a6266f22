"""Whether a poll met what was known before, so that nothing can lie between. Pure.

A document lists its newest articles, newest first. Where its end is known, all that came since the last poll is in
it. That some item is known proves less: a pinned article stays on top whatever has gone by beneath it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

from crawler.models import SeedKind


def overlaps_known(known: Sequence[bool], kind: SeedKind, dates: Sequence[datetime | None] = ()) -> bool:
    """`known`: for each item, in the order of the document. `dates`: the published times, None where not given."""
    if not any(known):
        return False
    if kind == "sitemap" or all(known):  # a sitemap holds days and keeps no order
        return True
    newest_first = list(known)
    if _grows_downwards(dates):
        newest_first.reverse()
    if newest_first[-1]:
        return True
    # A new item at the very end (a recommendation, an article that was put online again) breaks no proof that two
    # known neighbours give; at the top neighbours may both be pinned.
    pairs = itertools.pairwise(newest_first[1:])
    return any(first and second for first, second in pairs)


def _grows_downwards(dates: Sequence[datetime | None]) -> bool:
    """Whether the document has its newest item last."""
    given = [date for date in dates if date is not None]
    steps = [(second > first) - (second < first) for first, second in itertools.pairwise(given)]
    return sum(steps) > len(steps) / 2

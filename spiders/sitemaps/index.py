"""Choose the child sitemaps of an index that a poll reads. Pure.

A lastmod may be missing, frozen or the time of a deployment, and an index may have any order. So the choice also uses
the dates in the names, the reads so far, and a rotation: a declared time is never the only reason to skip a child.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from crawler.crawl_state import ChildRead
from crawler.models import LeftOut
from crawler.reasons import ReasonCode
from spiders.markup.parsed_document import ChildSitemap

MAX_CHILDREN = 20
"""Child sitemaps read at one poll: an index of daily sitemaps may list ten years."""
MAX_CHECKS = 2
"""Of these, children that have not changed according to their lastmod or name."""
FRESH = timedelta(days=2)
"""A child is read again if its time is later than its last read minus this: a lastmod may have only a day."""
PRODUCTIVE = timedelta(days=7)
"""A child that had new links within this time is read at each poll."""
_BETWEEN = r"(?:[-_/.]|&\w{1,6}=|[md])?"
"""Between the parts of a date: "2026-11-30", "yyyy=2026&mm=11", "y2026m11d30"; not "2026-w11", "2026-part11"."""
_DATED_NAME = re.compile(
    rf"(?<!\d)(20\d\d)(?:{_BETWEEN}(0[1-9]|1[0-2])(?!\d)(?:{_BETWEEN}(0[1-9]|[12]\d|3[01])(?!\d))?"
    r"|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)|(?!\d))"
)
_DAY_FIRST_NAME = re.compile(r"(?<!\d)(?:(0[1-9]|[12]\d|3[01])[-_/.])?(0[1-9]|1[0-2])[-_/.](20\d\d)(?!\d)")
_MONTH_NAME = re.compile(
    r"(?<![a-z])(?:(jan)(?:uary)?|(feb)(?:ruary)?|(mar)(?:ch)?|(apr)(?:il)?|(may)|(june?)|(july?)|(aug)(?:ust)?"
    r"|(sept?)(?:ember)?|(oct)(?:ober)?|(nov)(?:ember)?|(dec)(?:ember)?)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenChildren:
    """The children that a poll reads, and the others."""

    urls: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    """With SITEMAP_NOT_READ: never read so far. SITEMAP_UNCHANGED: read before. TOO_OLD: never read, before the backfill."""


def choose_children(
    children: Sequence[ChildSitemap], reads: Mapping[str, ChildRead], *, now: datetime, backfill: timedelta
) -> ChosenChildren:
    """At most MAX_CHILDREN children: the fresh and productive ones, undated ones in turn, and some checks of others."""
    children = list({child.url: child for child in children}.values())
    if len(children) > 1 and len({child.lastmod for child in children}) == 1:  # the time of a deployment
        children = [replace(child, lastmod=None) for child in children]
    history = _History(reads=reads, now=now, backfill=backfill, is_first=not any(one.url in reads for one in children))
    in_turn = sorted(_from_both_ends(children), key=history.last_read)
    dated = sorted(
        (one for one in in_turn if _latest(one, now)), key=lambda one: _latest(one, now) or now, reverse=True
    )
    undated = [one for one in in_turn if not _latest(one, now)]
    # Of those with the same day, the one that was not read for longest: the day may be that of a deployment.
    fresh = sorted((one for one in in_turn if _latest(one, now) and history.is_fresh(one)), key=history.urgency)
    others = sorted((one for one in dated if one not in fresh and one.url in reads), key=history.last_read)
    # A child that was never read because its lastmod is old is checked too, one each day: it may be frozen.
    suspects = [one for one in dated if one not in fresh and one.url not in reads and not history.is_named_old(one)]
    today = suspects[now.toordinal() % len(suspects)] if suspects else None
    checks = [*([today] if today else []), *others][:MAX_CHECKS]
    chosen = [*(fresh + undated)[: MAX_CHILDREN - len(checks)], *checks]
    rest = [one for one in children if one not in chosen]
    return ChosenChildren(
        urls=tuple(one.url for one in chosen),
        left_out=tuple(LeftOut(code=history.code_of(one), what=one.url) for one in rest),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """The reads of the children, and what follows from them for one child."""

    reads: Mapping[str, ChildRead]
    now: datetime
    backfill: timedelta
    is_first: bool

    def last_read(self, child: ChildSitemap) -> datetime:
        read = self.reads.get(child.url)
        return read.at if read is not None else datetime.min.replace(tzinfo=timezone.utc)

    def urgency(self, child: ChildSitemap) -> tuple[bool, int]:
        """Sort key: children with new links lately, then the newest day."""
        return not self.is_productive(child), -(_latest(child, self.now) or self.now).toordinal()

    def is_productive(self, child: ChildSitemap) -> bool:
        read = self.reads.get(child.url)
        return read is not None and read.grew_at is not None and read.grew_at > self.now - PRODUCTIVE

    def is_named_old(self, child: ChildSitemap) -> bool:
        named = name_date(child.url, self.now)
        return named is not None and named < self.now - self.backfill

    def is_too_old(self, child: ChildSitemap) -> bool:
        latest = _latest(child, self.now)
        return latest is not None and latest < self.now - self.backfill

    def is_fresh(self, child: ChildSitemap) -> bool:
        latest, read = _latest(child, self.now), self.reads.get(child.url)
        if read is None:
            return self.is_first or not self.is_too_old(child)
        has_changed = latest is not None and latest > read.at - FRESH
        return has_changed or self.is_productive(child)

    def code_of(self, child: ChildSitemap) -> ReasonCode:
        if child.url in self.reads:
            return ReasonCode.SITEMAP_UNCHANGED
        return ReasonCode.TOO_OLD if self.is_too_old(child) else ReasonCode.SITEMAP_NOT_READ


def name_date(url: str, now: datetime) -> datetime | None:
    """The end of the day, month or year in a sitemap's name, at most `now`; None without a date."""
    parts = urlsplit(url)
    name = _MONTH_NAME.sub(lambda month: f"{month.lastindex:02}", f"{parts.path}?{parts.query}")
    if reverse := _DAY_FIRST_NAME.search(name):
        day, month_number, year = reverse.groups()
    elif found := list(_DATED_NAME.finditer(name)):
        year, written_month, written_day, packed_month, packed_day = found[-1].groups()
        month_number, day = written_month or packed_month, written_day or packed_day
    else:
        return None
    month = int(month_number or 12)
    last = calendar.monthrange(int(year), month)[1]
    end = datetime(int(year), month, min(int(day or last), last), 23, 59, 59, tzinfo=timezone.utc)
    return min(end, now)


def _latest(child: ChildSitemap, now: datetime) -> datetime | None:
    """The time of the newest link that a child can have, as far as it is declared."""
    named = name_date(child.url, now)
    if named is not None and child.lastmod is not None:
        return max(named, child.lastmod)
    return named or child.lastmod


def _from_both_ends(children: Sequence[ChildSitemap]) -> list[ChildSitemap]:
    """First, last, second, second last, ...: the newest child may be at either end."""
    half = (len(children) + 1) // 2
    first, last = children[:half], children[half:][::-1]
    pairs = zip(first, [*last, None], strict=False) if len(first) > len(last) else zip(first, last, strict=True)
    return [child for pair in pairs for child in pair if child is not None]

"""What the parsers of feeds, sitemaps and listings return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.models import LeftOut, Link
from crawler.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSitemap:
    """An entry of a sitemap index."""

    url: str
    lastmod: datetime | None
    """UTC. A time in the future is replaced by the fetch time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDocument:
    """The content of one document: every entry is in `links`, `children` or `left_out`."""

    links: tuple[Link, ...] = ()
    children: tuple[ChildSitemap, ...] = ()
    """The sitemaps of an index."""
    left_out: tuple[LeftOut, ...] = ()
    next_url: str | None = None
    """The next page of a listing, or the older part of a feed."""
    note: Reason | None = None
    """A fault of the document that did not prevent parsing; why a listing has no links, if it has none."""
    fault: Reason | None = None
    """Why the document counts as a failed poll: a listing without article links."""

    @property
    def entries(self) -> int:
        """Number of entries in the document."""
        return len(self.links) + len(self.children) + sum(one.count for one in self.left_out)

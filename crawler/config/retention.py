"""How long things are kept: by setting, by source and by topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

FOREVER = timedelta(days=36_500)
"""A hundred years: what is kept for so long is never pruned."""
LEAST_HISTORY = timedelta(days=30)
"""Publication rates, health checks and rechecks read polls and fetches of the last weeks."""
SourceKind = Literal["pages", "texts", "polls", "fetches"]
SOURCE_KINDS: tuple[SourceKind, ...] = get_args(SourceKind)
"""What a source can set a time for: its key is "keep_" and the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """How long everything is kept."""

    defaults: Mapping[SourceKind, timedelta]
    """For sources that set no time, and for those that are no longer in sources.toml."""
    job_runs: timedelta
    runs: timedelta
    """Runs of commands that fetch, with what they did for each source."""
    by_source: Mapping[str, Mapping[SourceKind, timedelta]]
    by_topic: Mapping[str, timedelta]
    """How long the evidence of a topic's alerts is kept. Topics that are not named: for ever."""

    def limit(self, kind: SourceKind, source: str, now: datetime) -> datetime | None:
        """Return the time before which things of a source are pruned; None: they are kept for ever."""
        kept = self.by_source.get(source, {}).get(kind, self.defaults[kind])
        return None if kept >= FOREVER else now - kept

    def evidence_limits(self, now: datetime) -> dict[str, datetime]:
        """Return, for each topic whose evidence is not kept for ever, the time of its oldest alert whose evidence is kept."""
        return {topic: now - kept for topic, kept in self.by_topic.items() if kept < FOREVER}

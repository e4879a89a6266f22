"""The IDs of revisions ascend with the time of their commit, so that a time can limit the rows that are read."""

from __future__ import annotations

FIRST_REVISION = "(SELECT min(+id) FROM revisions WHERE seen_at >= :since)"
"""SQL of the ID of the first revision seen since a time. The sign + leads to the index of `seen_at`: without it SQLite reads
the table from its first row."""

"""The content of an evidence file, before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.archive.evidence.pack_queries import JsonRow, Selection
from crawler.evidence.wacz import WaczPage


@dataclass(slots=True, kw_only=True)
class Pack:
    """The content of an evidence file."""

    selection: Selection
    at: datetime
    info: bytes
    """The compressed warcinfo record."""
    pages: list[WaczPage]
    page_rows: list[JsonRow]
    revisions: list[JsonRow]
    alerts: list[JsonRow]
    proofs: dict[str, Any] = field(default_factory=dict)
    """As in `PROOFS`."""
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def newest_root(self) -> dict[str, Any] | None:
        """The newest day of the chain; None without one."""
        return self.proofs["days"][-1] if self.proofs["days"] else None

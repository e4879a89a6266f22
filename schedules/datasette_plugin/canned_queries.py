"""The canned queries of the archive, which `canned_queries.toml` lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import tomli

_LIMIT = re.compile(r"\bLIMIT (\d+)(?: OFFSET .*)?$")
_PREFIX = re.compile(r"\{([\w.]+) begins (:\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedQuery:
    """One of Datasette's canned queries."""

    name: str
    title: str
    description: str
    sql: str
    params: list[str]
    example: dict[str, str] = field(default_factory=dict)
    """Parameters of the links to it, and for the benchmark."""

    @property
    def limit(self) -> int | None:
        """Most rows it returns; None without a limit."""
        found = _LIMIT.search(self.sql)
        return int(found[1]) if found else None


def _read_queries() -> tuple[CannedQuery, ...]:
    tables = tomli.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    # char(1114111) sorts after every text that begins with the parameter
    begins = r"\1 >= \2 AND \1 < \2 || char(1114111)"
    return tuple(
        CannedQuery(name=name, **{**table, "sql": _PREFIX.sub(begins, table["sql"].strip())})
        for name, table in tables.items()
    )


QUERIES = _read_queries()

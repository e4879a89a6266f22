"""Compare rows of several tables with each other, by the queries of `consistency.toml`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import tomli

from crawler.sqlite.connection import Connection

RowFault = tuple[str, str]
"""(row, fault)."""


def consistency_faults(db: Connection, subject: Literal["stories", "alerts", "evidence"]) -> Iterator[RowFault]:
    """Each row that a query of the subject finds."""
    content = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    for check in tomli.loads(content)[subject]:
        for row in db.execute(check["sql"]):
            yield f"{check['table']} row {row[0]}", check.get("fault") or row[1]

"""The Datasette benchmark requests every page and canned query of its generated archive."""

from __future__ import annotations

import random
import re
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.archive.large_archive import fill
from benchmarks.datasette import contents, pages
from crawler.archive.db.open import open_archive
from crawler.archive.maintenance.integrity import check_archive
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.pages.routes import ROUTES
from tests.support.datasette_client import datasette_client

LEFT_OUT = {"/alert/1", "/desk/judge", "/desk/timezone", "/page/1", f"/unsubscribe/{'0' * 32}"}
"""A redirect, forms, and a raw page."""


def test_every_page_is_requested_and_returns_200(tmp_path: Path) -> None:
    fill(tmp_path / "archive.db", 300, end=datetime.now(timezone.utc))
    addresses = pages(contents(tmp_path / "archive.db"))
    rng = random.Random(1)
    paths = [address(rng) for address in addresses.values()]
    for route, _ in ROUTES:
        assert any(re.match(route, path.partition("?")[0]) for path in (*paths, *LEFT_OUT)), route
    for query in QUERIES:
        assert any(path.startswith(f"/archive/{query.name}?") for path in paths)
    with datasette_client(tmp_path) as found:
        for path in paths:
            assert found.get(path).status_code == 200, path


def test_the_generated_archive_passes_the_integrity_check(tmp_path: Path) -> None:
    fill(tmp_path / "archive.db", 200, end=datetime.now(timezone.utc))
    db = open_archive(tmp_path / "archive.db")
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    findings = [
        str(one) for one in check_archive(db, tmp_path / "warc", pages=False) if "the file is missing" not in str(one)
    ]
    db.close()
    assert findings == []

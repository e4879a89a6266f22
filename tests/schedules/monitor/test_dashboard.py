"""The monitor's terminal view."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from crawler.archive.monitoring.problems import Observation, record_problems
from crawler.config.sources import load_sources
from crawler.models import Timestamp
from schedules.monitor.dashboard import dashboard
from tests.support.factories import HOME, Archive, hour, link, poll


def test_each_source_is_shown_with_its_due_time_publication_rate_and_problems(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(
        f'[gazette]\nname = "The Harbour Gazette"\nhome = "{HOME}/"\nfeeds = ["{HOME}/rss"]\n'
    )
    archive = Archive(tmp_path)
    links = [link(f"/news/{number}", published=Timestamp(at=hour(-number), provenance="feed")) for number in range(12)]
    archive.poll(poll(*links, at=hour(0), poll_interval=timedelta(minutes=15)))
    with archive.store.transaction() as store:
        seen = Observation(kind="moved", since=hour(0), evidence="it moved", advice="follow it")
        record_problems(store, {"gazette": [seen]}, now=hour(0))
    sources = load_sources(tmp_path / "sources.toml")
    screen = Console(file=io.StringIO(), width=120)
    screen.print(dashboard(archive.store.db, sources, [], now=hour(0), messages=["monitor: sources.toml: a mistake"]))
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    line = next(line for line in shown.splitlines() if line.startswith("gazette"))
    assert "moved" in line
    assert " 12 " in line, "waiting pages"
    assert " 1.0 " in line, "articles per hour"
    assert "min" in line, "time until the next poll"
    assert "running: nothing" in shown
    assert "sources.toml: a mistake" in shown

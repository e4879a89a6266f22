"""`scrapy archive prune`: what it prints, and where it takes the times from."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.config.app import AppConfig
from crawler.config.retention import FOREVER
from schedules.retention.deletion_commands import retention_policy, run_prune
from tests.support.factories import HOME, Archive, article, page, record

SOURCES = f'[gazette]\nname = "The Harbour Gazette"\nhome = "{HOME}/"\nfeeds = ["{HOME}/rss"]\nkeep_pages = "10d"\n'


def test_prune_shows_what_would_go_then_deletes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = Archive(tmp_path)
    archive.record_fetch(record(article(), page(f"{HOME}/news/one")))
    archive.store.close()
    (tmp_path / "sources.toml").write_text(SOURCES)
    config = AppConfig.read({"DATA_DIR": str(tmp_path)}, {})
    assert run_prune(config, [], argparse.Namespace(dry_run=True, all=False, erase=False)) == 0
    assert re.search(r"gazette  raw pages +1  0\.00\n0\.00 MB would go\.", capsys.readouterr().out)
    assert run_prune(config, [], argparse.Namespace(dry_run=False, all=False, erase=False)) == 0
    assert capsys.readouterr().out.startswith("Pruned: 1 raw pages. WARC files are 0.0 MB smaller")
    assert run_prune(config, [], argparse.Namespace(dry_run=False, all=False, erase=False)) == 0
    assert capsys.readouterr().out == "Nothing is older than the configured times.\n"


def test_times_come_from_settings_sources_and_topics(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(SOURCES)
    (tmp_path / "topics.toml").write_text('[pier]\ntitle = "Pier"\nquery = "pier"\nkeep_alerted = "730d"\n')
    policy = retention_policy(AppConfig.read({"DATA_DIR": str(tmp_path), "WIREWATCH_KEEP_TEXTS": "60"}, {}))
    assert policy.defaults == {
        "pages": FOREVER,
        "texts": timedelta(days=60),
        "polls": timedelta(days=365),
        "fetches": timedelta(days=365),
    }
    assert policy.by_source == {"gazette": {"pages": timedelta(days=10)}}
    assert policy.by_topic == {"pier": timedelta(days=730)}

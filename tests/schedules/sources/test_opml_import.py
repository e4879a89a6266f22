"""The conversion of OPML outlets to tables for sources.toml."""

from __future__ import annotations

from pathlib import Path

from crawler.config.opml import Imported, Subscription
from crawler.config.sources import Source, load_sources
from schedules.sources.opml_import import import_tables

OURS = Source.model_validate(
    {"id": "gazette", "name": "Gazette", "home": "https://g.example/", "feeds": ["https://g.example/rss"]}
)


def subscription(name: str, *feeds: str, home: str = "https://g.example/") -> Subscription:
    return Subscription(name=name, home=home, feeds=feeds, folders=('News "x"',), language="uk")


def test_the_tables_are_valid_and_have_unused_ids(tmp_path: Path) -> None:
    imported = Imported(
        subscriptions=(
            subscription("Gazette", "https://g.example/sport"),
            subscription("Gazette", "https://e.example/rss", home="https://e.example/"),
        )
    )
    tables, left_out = import_tables(imported, [OURS])
    path = tmp_path / "sources.toml"
    path.write_text("\n".join(tables), encoding="utf-8")
    assert [source.id for source in load_sources(path)] == ["gazette-2", "gazette-3"]
    assert left_out == []


def test_feeds_that_are_configured_already_are_left_out_and_reported() -> None:
    imported = Imported(
        subscriptions=(
            subscription("Gazette", "https://g.example/rss"),
            subscription("Echo", "https://e.example/rss"),
            subscription("Echo again", "https://e.example/rss"),
        ),
        left_out=("Bad: no address",),
    )
    tables, left_out = import_tables(imported, [OURS])
    assert len(tables) == 1
    assert left_out == [
        "Bad: no address",
        "https://g.example/rss is already a feed of [gazette]",
        "https://e.example/rss is already a feed of [echo]",
    ]


def test_folders_become_tags(tmp_path: Path) -> None:
    named = Subscription(
        name="Echo",
        home="https://e.example/",
        feeds=("https://e.example/rss",),
        folders=("News, Coast", " ", "News, Coast", "x" * 80),
    )
    (table,), _ = import_tables(Imported(subscriptions=(named,)), [])
    (tmp_path / "sources.toml").write_text(table, encoding="utf-8")
    (source,) = load_sources(tmp_path / "sources.toml")
    assert source.tags == ("News Coast", "x" * 60)

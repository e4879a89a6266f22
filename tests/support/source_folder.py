"""A data folder with one source, which is a site on loopback, and the commands that crawl it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from tests.support.cli import archive_rows, scrapy
from tests.support.servers.loopback import Site

PARAGRAPHS = (
    "The harbour council voted on Tuesday evening to close the northern pier to cargo ships from June on.",
    "Two of its nine members spoke against the closure, which dockers had asked for since the spring storms.",
    "Ferries will use the old quay meanwhile, and the fish market moves into the customs hall for a year.",
)


def article_page(title: str, *more: str) -> str:
    """The HTML of an article with a text of several paragraphs."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in (*PARAGRAPHS, *more))
    return (
        f"<html lang='en'><head><title>{title} - The Harbour Gazette</title></head><body><article><h1>{title}</h1>"
        f"<p class='byline'>By Mara Voss</p>{text}</article></body></html>"
    )


def feed_of(*paths: str, extra: str = "") -> str:
    """An RSS feed with an item for each path; `extra` is markup added to each item."""
    items = "".join(f"<item><title>Story {path}</title><link>{path}</link>{extra}</item>" for path in paths)
    return f'<rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>'


class SourceFolder:
    """A data folder with the source `gazette`, and commands run with it."""

    def __init__(self, path: Path, site: Site, **keys: Any) -> None:
        """Write sources.toml. `keys`: keys of the source's table; None removes a key."""
        self.path = path
        table = {"name": "Gazette", "home": f"{site.base}/", "feeds": [f"{site.base}/rss"], "delay": 0.0,
                 "poll_interval": "1s", "allow_private": True, **keys}  # fmt: skip
        lines = ["[gazette]", *(f"{key} = {json.dumps(value)}" for key, value in table.items() if value is not None)]
        (path / "sources.toml").write_text("\n".join(lines) + "\n")

    def run(self, *words: str, status: int = 0, **environ: str) -> str:
        """Run a command and return its output; fail unless its exit status is `status`."""
        done = scrapy(*words, data=self.path, **environ)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    def crawl(self, *options: str, status: int = 0, **environ: str) -> str:
        """Crawl the source, due or not; returns the output."""
        return self.run("crawl", "gazette", *options, status=status, **environ)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query on the archive."""
        return archive_rows(self.path, sql)

    def make_all_due(self) -> None:
        """Make every waiting URL and every recheck due now."""
        db = sqlite3.connect(self.path / "archive.db")
        db.execute("UPDATE queue SET next_try_at = NULL WHERE state = 'waiting'")
        db.execute("UPDATE articles SET next_check_at = '2000-01-01T00:00:00Z' WHERE next_check_at IS NOT NULL")
        db.commit()
        db.close()

"""A data folder with one source, which is a site on loopback, and the commands that crawl it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from tests.support.cli import scrapy
from tests.support.loopback_server import Site

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


def feed_of(*paths: str) -> str:
    """An RSS feed with an item for each path."""
    items = "".join(f"<item><title>Story {path}</title><link>{path}</link></item>" for path in paths)
    return f'<rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>'


class SourceFolder:
    """A data folder with the source `gazette`."""

    def __init__(self, folder: Path, site: Site, **keys: Any) -> None:
        """`keys`: of the table in sources.toml; None leaves a default out."""
        self.folder = folder
        table = {"name": "Gazette", "home": f"{site.base}/", "feeds": [f"{site.base}/rss"], "delay": 0.0,
                 "poll_interval": "1s", "allow_private": True, **keys}  # fmt: skip
        lines = ["[gazette]", *(f"{key} = {json.dumps(value)}" for key, value in table.items() if value is not None)]
        (folder / "sources.toml").write_text("\n".join(lines) + "\n")

    def run(self, *words: str, status: int = 0, **environ: str) -> str:
        """The output of a command, which has to end with `status`."""
        done = scrapy(*words, data=self.folder, **environ)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    def crawl(self, *options: str, status: int = 0, **environ: str) -> str:
        """The output of a crawl of the source, whether it is due or not."""
        return self.run("crawl", "gazette", *options, status=status, **environ)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The result of a query on the archive."""
        db = sqlite3.connect(f"file:{self.folder / 'archive.db'}?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

"""The baseline of `benchmarks/crawl.py`: a plain Scrapy spider with trafilatura in its pipeline and one SQLite table.

    python benchmarks/support/sites/baseline_spider.py WEB.json ARCHIVE.db
    python benchmarks/support/sites/baseline_spider.py WEB.json           # only fetches, and prints the number of pages

`static_site.py` prints WEB.json. The spider reads feeds, sitemaps and listings with Scrapy's selectors, makes 16 requests at a
time, extracts text and metadata in the item pipeline and stores one row per article with full-text search. It keeps no raw
pages, revisions or links, so it does less than Wirewatch. `synchronous=NORMAL` also saves it time.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response, TextResponse

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE articles (
  id INTEGER PRIMARY KEY, url TEXT UNIQUE, title TEXT, author TEXT, date TEXT, language TEXT, text TEXT
);
CREATE VIRTUAL TABLE articles_fts USING fts5(title, author, text, content='articles', content_rowid='id');
"""


class NaiveSpider(scrapy.Spider):
    """Requests feeds, sitemaps and listings, then each article once (Scrapy's duplicate filter)."""

    name = "naive"
    outlets: list[dict[str, Any]]

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for outlet in self.outlets:
            yield scrapy.Request(outlet["feed"], self.parse_feed)
            yield scrapy.Request(outlet["sitemap"], self.parse_sitemap)
            yield scrapy.Request(outlet["listing"], self.parse_listing)

    def parse_feed(self, response: Response) -> Iterator[scrapy.Request]:
        for url in response.xpath("//item/link/text()").getall():
            yield scrapy.Request(url, self.parse_article)

    def parse_sitemap(self, response: Response) -> Iterator[scrapy.Request]:
        for url in response.xpath("//*[local-name()='loc']/text()").getall():
            yield scrapy.Request(url, self.parse_article)

    def parse_listing(self, response: Response) -> Iterator[scrapy.Request]:
        for url in response.css("a[href*='/story/']::attr(href)").getall():
            yield response.follow(url, self.parse_article)

    def parse_article(self, response: Response) -> Iterator[dict[str, str]]:
        assert isinstance(response, TextResponse)
        yield {"url": response.url, "html": response.text}


class NaivePipeline:
    """Extracts in the pipeline and commits each article."""

    def __init__(self, path: str) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(SCHEMA)

    @classmethod
    def from_crawler(cls, crawler: scrapy.crawler.Crawler) -> NaivePipeline:
        return cls(crawler.settings["NAIVE_DATABASE"])

    def process_item(self, item: dict[str, str]) -> dict[str, str]:
        import trafilatura

        document = trafilatura.bare_extraction(item["html"], url=item["url"], with_metadata=True)
        row = [getattr(document, name, None) for name in ("title", "author", "date", "language", "text")]
        self.db.execute("BEGIN")
        cursor = self.db.execute(
            "INSERT INTO articles (url, title, author, date, language, text) VALUES (?, ?, ?, ?, ?, ?)",
            (item["url"], *row),
        )
        self.db.execute(
            "INSERT INTO articles_fts (rowid, title, author, text)"
            " SELECT id, title, author, text FROM articles WHERE id = ?",
            (cursor.lastrowid,),
        )
        self.db.execute("COMMIT")
        return {"url": item["url"]}

    def close_spider(self) -> None:
        self.db.close()


class FetchingSpider(NaiveSpider):
    """The same requests without extraction and storage: the floor of any Scrapy spider."""

    fetched = 0

    def parse_article(self, response: Response) -> Iterator[dict[str, str]]:
        self.fetched += 1
        yield from ()

    def closed(self, reason: str) -> None:
        print(self.fetched)


def main(web: Path, database: Path | None = None) -> None:
    """Crawl the outlets of the site into the database; without one, only fetch the pages."""
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 16,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": True,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "WARNING",
            "ITEM_PIPELINES": {NaivePipeline: 300} if database else {},
            "NAIVE_DATABASE": str(database),
        }
    )
    process.crawl(NaiveSpider if database else FetchingSpider, outlets=json.loads(web.read_text())["outlets"])
    process.start()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

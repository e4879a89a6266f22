"""scrapy extract: show how Wirewatch extracts one page, or which links it takes from a feed, sitemap or listing."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from scrapy.exceptions import UsageError

from crawler.clock import utc_now
from crawler.config.paths import expanded
from crawler.exceptions import ParseError, WirewatchError
from crawler.text.suggestions import did_you_mean
from schedules.cli.arguments import since_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.errors import file_errors
from schedules.cli.output import print_json, print_line, warn

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from crawler.config.app import AppConfig
    from crawler.config.sources import Source
    from schedules.sources.extract_document import FetchedDocument

PLACEHOLDER_URL = "https://unknown.example/"
"""URL of a file without --url."""


class Command(WirewatchCommand):
    arguments = "URL|FILE [--url URL] [--source ID | --timezone TZ] [--at TIME] [--compare] [--json]"
    summary = "Show how a page, feed, sitemap or listing is extracted"
    description = (
        "Extract a URL or a saved file as a crawl would, and store nothing. A page: all fields, and the part of the"
        " page that each comes from. A feed, sitemap or listing: its links, and the entries that were left out, with"
        " reason codes. --compare adds what the text extractors of Wirewatch and trafilatura have in common, and the"
        " paragraphs that only one of them has. Attach the output to a bug report."
    )
    example = "scrapy extract page.html --url https://harbour-gazette.example/news/pier --timezone Europe/Kyiv"
    statuses = "0 OK, 1 no text or no links, 2 a mistake in the command or in a file"

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Extract")
        group.add_argument("--url", help="URL of a file: relative links are joined with it")
        group.add_argument("--source", metavar="ID", help="use the timezone, selectors and paths of this source")
        group.add_argument("--timezone", metavar="TZ", help="timezone of times without an offset; default: UTC")
        group.add_argument("--at", metavar="TIME", help="time of the fetch; default: now. Later dates are not used")
        group.add_argument("--compare", action="store_true", help="compare the texts of Wirewatch and trafilatura")
        group.add_argument("--allow-private", action="store_true", help="allow private addresses")
        group.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("expected one URL or file: scrapy extract https://harbour-gazette.example/news/pier")
        if opts.source and opts.timezone:
            raise UsageError("use either --source or --timezone")
        self.exitcode = _extract(config, self.settings, args[0], opts)


def _extract(config: AppConfig, settings: Settings, target: str, opts: argparse.Namespace) -> int:
    from crawler.workers.pool import WorkerPool
    from schedules.sources.extract_document import extract_document

    now = since_option(opts.at, utc_now(), option="--at") if opts.at else utc_now()
    is_url = "://" in target
    url = _url(target if is_url else opts.url or PLACEHOLDER_URL)
    source = _source(config, url, opts)
    document = _fetch(config, settings, url, source, now, opts) if is_url else _read_file(Path(target), url, now)
    if document is None:
        return 1
    try:
        with WorkerPool(
            processes=1, seconds=config.parse_timeout, preload=("schedules.sources.extract_document",)
        ) as pool:
            extracted = asyncio.run(pool.run(extract_document, document, source, opts.compare))
    except ParseError as error:
        warn(error)
        return 1
    if opts.json:
        print_json(extracted)
    else:
        _print_article(extracted) if extracted["kind"] == "article" else _print_links(extracted)
    return 0 if extracted.get("text") or extracted.get("links") else 1


def _url(text: str) -> str:
    from crawler.urls import absolute

    url = absolute("", text)
    if url is None:
        raise UsageError(f"not an http(s) URL: {text}")
    return url


def _source(config: AppConfig, url: str, opts: argparse.Namespace) -> Source:
    from crawler.config.sources import load_sources
    from schedules.sources.extract_document import stand_in_source

    if not opts.source:
        timezone = opts.timezone or "UTC"
        if timezone not in available_timezones():
            raise UsageError(f"unknown timezone {timezone!r}; write an IANA name such as Europe/Kyiv")
        return stand_in_source(url, timezone)
    sources = {source.id: source for source in load_sources(config.sources_toml)}
    if opts.source not in sources:
        raise WirewatchError(f"no source {opts.source!r}{did_you_mean(opts.source, list(sources))}")
    return sources[opts.source]


def _read_file(path: Path, url: str, now: datetime) -> FetchedDocument | None:
    from schedules.sources.extract_document import FetchedDocument

    with file_errors(path, "read"):
        return FetchedDocument(body=expanded(path).read_bytes(), url=url, fetched_at=now)


def _fetch(
    config: AppConfig, settings: Settings, url: str, source: Source, now: datetime, opts: argparse.Namespace
) -> FetchedDocument | None:
    from crawler.urls import host_of
    from schedules.crawl.runner import browser_for, scrapy_settings
    from schedules.sources.extract_document import FetchedDocument
    from schedules.sources.probe import probing_run, run_plans
    from spiders.probe import ProbeRequest, ProbeResponse

    responses: list[ProbeResponse] = []

    async def plan(ask: ProbeRequest) -> None:
        responses.append(await ask(url, source=source))

    shared: dict[str, Any] = scrapy_settings([source], config)
    if opts.allow_private:
        shared["WIREWATCH_PRIVATE_HOSTS"] = [*shared.get("WIREWATCH_PRIVATE_HOSTS", ()), host_of(url)]
    with (
        probing_run(config, use_archive=False) as run,
        browser_for([source] if source.render else [], config) as for_browser,
    ):
        run_plans([(plan, for_browser)], run, settings, shared)
    response = responses[0]
    if response.error is not None or response.status is None:
        warn(f"{url}: {response.error}")
        return None
    headers = (("Content-Type", response.content_type),) if response.content_type else ()
    return FetchedDocument(
        body=response.body, url=response.final_url, fetched_at=now, status=response.status, headers=headers,
        rendered=source.render,
    )  # fmt: skip


def _print_article(article: dict[str, Any]) -> None:
    sources = article["field_sources"]
    rows: list[tuple[str, Any]] = [
        ("url", article["url"]),
        ("status", article["status"] + (f": {article['reason']}" if article["reason"] else "")),
        ("title", article["title"]),
        ("lead", article["lead"]),
        ("byline", ", ".join(f"{byline['name']} ({byline['kind']})" for byline in article["bylines"])),
        *((name, _time_line(article[name])) for name in ("published", "modified")),
        *((name, article[name]) for name in ("language", "section", "image", "canonical_url", "site_name")),
        ("tags", ", ".join(article["tags"])),
    ]
    for name, value in rows:
        provenance = f"  [{sources[name]}]" if value and name in sources else ""
        print_line(f"{name + ':':<15}{value or '–'}{provenance}")
    print_line(f"{'text:':<15}{len(article['text'])} characters  [{sources.get('text', '–')}]", "", article["text"])
    if "compared" in article:
        from schedules.sources.compare_extractors import as_lines

        print_line("", *as_lines(article["compared"]))


def _time_line(timestamp: dict[str, Any] | None) -> str | None:
    if timestamp is None:
        return None
    offset = "" if timestamp["offset_minutes"] is not None else ", without an offset"
    return f"{timestamp['at']} ({timestamp['precision']}{offset}; as written: {timestamp['raw']})"


def _print_links(document: dict[str, Any]) -> None:
    links, left_out = document["links"], document["left_out"]
    print_line(f"{document['kind']} {document['url']}: {document['entries']} entries, {len(links)} links")
    if document["note"]:
        print_line(f"note: {document['note']['text']} ({document['note']['code']})")
    if document["next_url"]:
        print_line(f"next page: {document['next_url']}")
    for link in links:
        published = link.get("published")
        time = published["at"] if published else link.get("published_raw") or "–"
        print_line(f"  {time}  {link['url']}  {link.get('title') or ''}".rstrip())
    if left_out:
        print_line(f"left out: {len(left_out)}")
        for one in left_out:
            print_line(f"  {one['code']:<18}{one['what']}".rstrip())

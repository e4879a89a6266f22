"""Read sources.toml into `Source` objects; all mistakes are reported at once, by file, table and key.

A source is a few lines of TOML; adding an outlet needs no Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from crawler.config.parsing.lines import with_lines
from crawler.config.parsing.toml import read_toml
from crawler.config.parsing.validation import (
    Duration,
    HistoryKeepTime,
    KeepTime,
    Label,
    LanguageCode,
    Regex,
    StrictModel,
    TimeZoneName,
    validated_table,
)
from crawler.config.source_values import DayPattern, FieldCss, HostName, LinksCss, Selectable, Url
from crawler.exceptions import ConfigurationError
from crawler.models import ExtractionHints, SeedKind
from crawler.url_identity import IdentityRule, KeyRules
from crawler.urls import host_of, registered_domain

RESERVED = frozenset({"all", "source"})
_MISSING = "each outlet needs name, home and at least one seed (feeds, sitemaps or listings)"


class Seed(StrictModel):
    """The URL of a feed, a sitemap or a listing of a source."""

    url: Url
    kind: SeedKind = "feed"
    selector: LinksCss | None = None
    """Listings: CSS selector of the links to articles, or of the elements that contain them."""
    pattern: Regex | None = None
    """Listings: regular expression that the URLs of articles match."""
    poll_interval: Duration | None = None
    """Time between two polls; None: the source's own interval."""

    @model_validator(mode="after")
    def _for_listings(self) -> Seed:
        if self.kind != "listing" and (self.selector or self.pattern):
            raise ValueError(f"{self.url}: selector and pattern are for listings")
        return self


class Source(StrictModel):
    """An outlet, as described by its table in sources.toml."""

    id: str
    name: str = Field(min_length=1)
    home: Url
    feeds: tuple[Seed, ...] = ()
    sitemaps: tuple[Seed, ...] = ()
    listings: tuple[Seed, ...] = ()
    language: LanguageCode | None = None
    timezone: TimeZoneName = "UTC"
    poll_interval: Duration | None = None
    delay: Annotated[float, Field(ge=0, le=3600)] | None = None
    """Seconds between two requests to its registered domain; None: DOWNLOAD_DELAY. Crawl-delay can make it longer."""
    concurrency: Annotated[int, Field(ge=1, le=16)] = 1
    """Number of simultaneous requests to it."""
    max_pages: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Most article pages fetched in one crawl; None: WIREWATCH_MAX_PAGES."""
    render: bool = False
    """Whether its pages are rendered in Chromium, because they need JavaScript."""
    cookies: bool = False
    """Whether cookies that it sets are sent back within the same crawl."""
    identity: IdentityRule = "url"
    slug_identity: bool = False
    """Whether the last segment of the path identifies the article, in any folder."""
    keep_params: tuple[str, ...] = ()
    """Query parameters that identify articles although they look like trackers."""
    hosts: tuple[HostName, ...] = ()
    """Other hosts of the outlet; their rel=canonical is trusted."""
    only_paths: tuple[Regex, ...] = ()
    """Only links whose path matches one of these regular expressions are followed."""
    date_archives: tuple[DayPattern, ...] = ()
    """URLs of its archive by day, with %Y, %m and %d; they are searched for articles that were possibly missed."""
    ignore_paths: tuple[Regex, ...] = ()
    """Links whose path matches one of these are not followed."""
    allow_private: bool = False
    """Whether its hosts may have private addresses, as in an intranet or a test on loopback."""
    selectors: Mapping[Selectable, FieldCss] = Field(default_factory=dict)
    extractor: Literal["auto", "trafilatura", "wirewatch"] = "auto"
    """The text extractor: "auto" (Wirewatch, and trafilatura if the text is doubtful), or only one of the two."""
    tags: tuple[Label, ...] = ()
    """Groups of sources, such as "regional"; pages, digests and commands filter by them."""
    paused_until: date | None = None
    """The day, in UTC, on which it is polled again; None: it is not paused."""
    keep_pages: KeepTime | None = None
    """How long its raw pages are kept; None: WIREWATCH_KEEP_PAGES. The same holds for the next three keys."""
    keep_texts: KeepTime | None = None
    """How long the text of a version is kept after the next version replaced it."""
    keep_polls: HistoryKeepTime | None = None
    keep_fetches: HistoryKeepTime | None = None
    enabled: bool = True
    verified_on: date | None = None
    """The day on which a person last checked its seeds; None: never checked live."""
    note: str | None = None

    @field_validator("feeds", "sitemaps", "listings", mode="before")
    @classmethod
    def _seeds(cls, value: Any, info: Any) -> Any:
        kind = info.field_name.removesuffix("s")
        if not isinstance(value, (list, tuple)):
            raise ValueError("write a list of URLs, or of tables with a url")
        return [_seed(item, kind) for item in value]

    @property
    def seeds(self) -> tuple[Seed, ...]:
        """Return all seeds, feeds first, because feeds have the most data about their links."""
        return (*self.feeds, *self.sitemaps, *self.listings)

    def is_polled(self, now: datetime) -> bool:
        """Return whether crawls of all sources poll it: neither disabled nor paused."""
        return self.enabled and (self.paused_until is None or self.paused_until <= now.date())

    @property
    def hints(self) -> ExtractionHints:
        """Return the configuration that the extractors of its pages need."""
        return ExtractionHints(
            timezone=self.timezone,
            language=self.language,
            site_name=self.name,
            selectors=dict(self.selectors),
            extractor=self.extractor,
        )

    @property
    def key_rules(self) -> KeyRules:
        """Return the rules that make article identities from its URLs."""
        return KeyRules(
            source=self.id,
            identity=self.identity,
            slug_identity=self.slug_identity,
            keep_params=self.keep_params,
            domains=self.domains,
        )

    @property
    def private_hosts(self) -> frozenset[str]:
        """Return its hosts if they may have private addresses."""
        if not self.allow_private:
            return frozenset()
        return frozenset(host_of(url) for url in (self.home, *(seed.url for seed in self.seeds))) | frozenset(
            self.hosts
        )

    @property
    def domains(self) -> tuple[str, ...]:
        """Return the registered domains of its seeds and hosts."""
        hosts = [host_of(self.home), *(host_of(seed.url) for seed in self.seeds), *self.hosts]
        return tuple(dict.fromkeys(registered_domain(host) for host in hosts))


def load_sources(path: Path) -> tuple[Source, ...]:
    """Return the sources of a file, in its order. Raises ConfigurationError with all mistakes of the file."""
    sources: list[Source] = []
    mistakes: list[str] = []
    for name, table in read_toml(path).items():
        source, found = validated_table(
            name, table, Source, noun="outlet", example="kyiv-independent", missing=_MISSING, nested=Seed
        )
        mistakes += [*found, *(f"table [{name}]: {fault}" for fault in _faults(name, table))]
        sources += [source] if source is not None else []
    mistakes.extend(_shared_seeds(sources))
    if mistakes:
        raise ConfigurationError(path, with_lines(path, mistakes))
    return tuple(sources)


def _seed(item: Any, kind: str) -> Any:
    return (
        {"url": item, "kind": kind}
        if isinstance(item, str)
        else {**item, "kind": kind}
        if isinstance(item, dict)
        else item
    )


def _faults(name: str, table: Any) -> Iterator[str]:
    """Yield the mistakes in the name and the seeds; they are reported together with the mistakes of the keys."""
    if name in RESERVED:
        yield 'the name must not be "all" or "source"'
    if not isinstance(table, dict):
        return
    lists = [table.get(key, ()) for key in ("feeds", "sitemaps", "listings")]
    if not any(lists):
        yield "no seed: write at least one of feeds, sitemaps, listings (`scrapy sources add URL` finds them)"
    seeds = [seed for seeds in lists if isinstance(seeds, list) for seed in seeds]
    urls = [str(seed.get("url") if isinstance(seed, dict) else seed) for seed in seeds]
    if len(set(urls)) < len(urls):
        yield from (f"{url} is listed twice" for url, count in Counter(urls).items() if count > 1)


def _shared_seeds(sources: Sequence[Source]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for source in sources:
        for seed in source.seeds:
            owner = owners.setdefault(seed.url, source.id)
            if owner != source.id:
                yield f"table [{source.id}]: {seed.url} is also a seed of [{owner}]; remove one of them"

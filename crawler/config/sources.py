"""sources.toml -> checked `Source` objects, with every mistake told at once by file, table and key.

A source is data: adding an outlet is a few lines of TOML, no Python.
"""

from __future__ import annotations

import re
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from crawler.config.toml import read_toml
from crawler.config.validation import Duration, Regex, StrictModel, format_errors
from crawler.exceptions import ConfigurationError
from crawler.models import ExtractionHints, SeedKind
from crawler.polling.date_archives import fault_of
from crawler.text.suggestions import did_you_mean
from crawler.url_identity import IdentityRule, KeyRules
from crawler.urls import absolute, host_of, is_public_suffix, registered_domain

SELECTABLE = ("title", "lead", "text", "byline", "published", "modified", "section", "remove")
"""Fields that a source's `selectors` may override; "remove" takes elements out before reading."""
RESERVED = frozenset({"all", "source"})
_HOST = re.compile(r"[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)*")
_MISSING = "every outlet has name, home and at least one seed (feeds, sitemaps or listings)"


def _url(value: Any) -> Any:
    url = absolute("", value) if isinstance(value, str) else None
    if url is None:
        raise ValueError('write a full http(s) URL, such as "https://example.org/rss"')
    if "@" in urlsplit(url).netloc:
        raise ValueError("a name and a password in an address are not sent; leave them out, or name another seed")
    return url


def _links_css(value: Any) -> Any:
    """Of a listing: with Scrapy's `::attr(href)`, as spiders/listings/parser.py runs it."""
    from cssselect import SelectorError
    from parsel.csstranslator import HTMLTranslator

    try:
        HTMLTranslator().css_to_xpath(value)
    except (SelectorError, TypeError, ValueError) as error:
        raise ValueError(f"not a CSS selector: {error}") from None
    return value


def _field_css(value: Any) -> Any:
    """Of a field: of elements alone, as pipelines/fields/selectors.py runs it. A selector that it refused would cost each page."""
    from cssselect import SelectorError
    from lxml.cssselect import CSSSelector
    from lxml.etree import XPathError

    try:
        CSSSelector(value, translator="html")
    except (SelectorError, XPathError, TypeError, ValueError) as error:
        part = re.search(r"::(text|attr\([^)]*\))", value) if isinstance(value, str) else None
        advice = f"; leave out {part[0]}, an element is read as a whole" if part else ""
        raise ValueError(f"not a CSS selector: {error}{advice}") from None
    return value


def _host(value: Any) -> Any:
    host = value.strip().lower() if isinstance(value, str) else ""
    host = host_of(host) if "://" in host else host.partition("/")[0]
    host = host.removeprefix("*.").rstrip(".")
    if not _HOST.fullmatch(host):
        raise ValueError('write a host name such as "x.example"')
    if is_public_suffix(host):
        raise ValueError("anybody may have a name below it; write the outlet's own host")
    if value != host:
        raise ValueError(f'write "{host}"')
    return value


def _day_pattern(value: Any) -> Any:
    fault = fault_of(value) if isinstance(value, str) else "write an address with %Y, %m and %d in it"
    if fault or absolute("", date(2026, 3, 7).strftime(value)) is None:
        raise ValueError(fault or 'write a full http(s) URL, such as "https://example.org/%Y/%m/%d/"')
    return value


def _selectable(name: Any) -> Any:
    if name not in SELECTABLE:
        suggestion = did_you_mean(str(name), SELECTABLE)
        raise ValueError(f"{name!r} cannot be selected{suggestion}; allowed: {', '.join(SELECTABLE)}")
    return name


Url = Annotated[str, BeforeValidator(_url)]
LinksCss = Annotated[str, BeforeValidator(_links_css)]
FieldCss = Annotated[str, BeforeValidator(_field_css)]
HostName = Annotated[str, BeforeValidator(_host)]
Selectable = Annotated[str, BeforeValidator(_selectable)]
DayPattern = Annotated[str, BeforeValidator(_day_pattern)]


class Seed(StrictModel):
    """A way into a source: the URL of a feed, a sitemap or a listing."""

    url: Url
    kind: SeedKind = "feed"
    selector: LinksCss | None = None
    """Listings: CSS selector of the links to articles, or of what holds them."""
    pattern: Regex | None = None
    """Listings: regular expression that an article's URL matches."""
    poll_interval: Duration | None = None
    """How often it is polled; None: as the source says."""

    @model_validator(mode="after")
    def _for_listings(self) -> Seed:
        if self.kind != "listing" and (self.selector or self.pattern):
            raise ValueError(f"{self.url}: selector and pattern are for listings")
        return self


class Source(StrictModel):
    """An outlet, as its table in sources.toml describes it."""

    id: str
    name: str = Field(min_length=1)
    home: Url
    feeds: tuple[Seed, ...] = ()
    sitemaps: tuple[Seed, ...] = ()
    listings: tuple[Seed, ...] = ()
    language: str | None = None
    timezone: str = "UTC"
    poll_interval: Duration | None = None
    delay: Annotated[float, Field(ge=0, le=3600)] | None = None
    """s between two requests to its registered domain; None: DOWNLOAD_DELAY. Crawl-delay may make it longer."""
    concurrency: Annotated[int, Field(ge=1, le=16)] = 1
    """Requests to it at the same time."""
    max_pages: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Article pages asked for in one crawl; None: WIREWATCH_MAX_PAGES."""
    render: bool = False
    """Its pages need their scripts: rendered in Chromium."""
    identity: IdentityRule = "url"
    slug_identity: bool = False
    """The last segment of the path is the article, whatever folder stands before it."""
    keep_params: tuple[str, ...] = ()
    """Query parameters that tell articles apart although they look like trackers."""
    hosts: tuple[HostName, ...] = ()
    """Further hosts that belong to the outlet; their rel=canonical is believed."""
    only_paths: tuple[Regex, ...] = ()
    """Only links are followed whose path matches one of these regular expressions."""
    date_archives: tuple[DayPattern, ...] = ()
    """Addresses of its archive by day, with %Y, %m and %d: where it is looked for what was possibly missed."""
    ignore_paths: tuple[Regex, ...] = ()
    """Links are not followed whose path matches one of these."""
    allow_private: bool = False
    """Its hosts may resolve to private addresses: an intranet, a test on loopback."""
    selectors: Mapping[Selectable, FieldCss] = {}
    extractor: Literal["auto", "trafilatura", "wirewatch"] = "auto"
    """What reads the text: "auto" (Wirewatch, and trafilatura where the text is doubtful), or only one of the two."""
    enabled: bool = True
    verified_on: date | None = None
    """When its ways in were last seen to work, by a person; None: never checked live."""
    note: str | None = None

    @field_validator("feeds", "sitemaps", "listings", mode="before")
    @classmethod
    def _seeds(cls, value: Any, info: Any) -> Any:
        kind = info.field_name.removesuffix("s")
        if not isinstance(value, (list, tuple)):
            raise ValueError("write a list of URLs, or of tables with a url")
        return [_seed(item, kind) for item in value]

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            suggestion = did_you_mean(value, zoneinfo.available_timezones())
            raise ValueError(
                f'{value!r} is no timezone{suggestion}; write an IANA name such as "Europe/Kyiv"'
            ) from None
        return value

    @field_validator("language")
    @classmethod
    def _language(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[a-z]{2}", value):
            raise ValueError(f'{value!r} is no ISO 639-1 code; write two small letters such as "uk"')
        return value

    @property
    def seeds(self) -> tuple[Seed, ...]:
        """All ways in: feeds first, since they say most of their links."""
        return (*self.feeds, *self.sitemaps, *self.listings)

    @property
    def hints(self) -> ExtractionHints:
        """What a reader of its pages is told."""
        return ExtractionHints(
            timezone=self.timezone,
            language=self.language,
            site_name=self.name,
            selectors=dict(self.selectors),
            extractor=self.extractor,
        )

    @property
    def key_rules(self) -> KeyRules:
        """How its URLs become identities."""
        return KeyRules(
            source=self.id,
            identity=self.identity,
            slug_identity=self.slug_identity,
            keep_params=self.keep_params,
            domains=self.domains,
        )

    @property
    def private_hosts(self) -> frozenset[str]:
        """Its hosts, where they may have private addresses."""
        if not self.allow_private:
            return frozenset()
        return frozenset(host_of(url) for url in (self.home, *(seed.url for seed in self.seeds))) | frozenset(
            self.hosts
        )

    @property
    def domains(self) -> tuple[str, ...]:
        """The registered domains that it is crawled on and lives on."""
        hosts = [host_of(self.home), *(host_of(seed.url) for seed in self.seeds), *self.hosts]
        return tuple(dict.fromkeys(registered_domain(host) for host in hosts))


def load_sources(path: Path) -> tuple[Source, ...]:
    """The sources of a file, in its order. Raises ConfigurationError with all of the file's mistakes."""
    sources: list[Source] = []
    mistakes: list[str] = []
    for name, table in read_toml(path).items():
        if not isinstance(table, dict):
            mistakes.append(f"table [{name}]: write the outlet as a table: [{name}] and its keys on the lines below")
            continue
        mistakes.extend(f"table [{name}]{fault}" for fault in _faults(name, table))
        try:
            sources.append(Source.model_validate({**table, "id": name}))
        except ValidationError as error:
            mistakes.extend(format_errors(name, error, _allowed, missing=_MISSING))
    mistakes.extend(_shared_seeds(sources))
    if mistakes:
        raise ConfigurationError(path, mistakes)
    return tuple(sources)


def _seed(item: Any, kind: str) -> Any:
    return (
        {"url": item, "kind": kind}
        if isinstance(item, str)
        else {**item, "kind": kind}
        if isinstance(item, dict)
        else item
    )


def _faults(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a table as a whole: told beside the faults of its keys, not after they are mended."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or name in RESERVED:
        yield ': the name must be small letters, digits and hyphens, such as "kyiv-independent", and not "all"'
    if "id" in table:
        yield ", key id: the table's name is the id; leave the key out"
    lists = [table.get(key, ()) for key in ("feeds", "sitemaps", "listings")]
    if not any(lists):
        yield ": no seed: give at least one of feeds, sitemaps, listings (`scrapy sources add URL` finds them)"
    seeds = [seed for seeds in lists if isinstance(seeds, list) for seed in seeds]
    urls = Counter(str(seed.get("url") if isinstance(seed, dict) else seed) for seed in seeds)
    yield from (f": {url} is named twice" for url, count in urls.items() if count > 1)


def _allowed(location: Sequence[int | str]) -> list[str]:
    known = Seed.model_fields if len(location) > 1 else Source.model_fields
    return [field for field in known if field not in {"id", "kind"}]


def _shared_seeds(sources: Sequence[Source]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for source in sources:
        for seed in source.seeds:
            owner = owners.setdefault(seed.url, source.id)
            if owner != source.id:
                yield f"table [{source.id}]: {seed.url} is already a way into [{owner}]; one of the two must go"

"""A spider for every table of sources.toml, so that `scrapy list` and `scrapy crawl NAME` know outlets by name."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.spiderloader import SpiderLoader

from crawler.config.app import AppConfig
from crawler.config.sources import Source, load_sources
from crawler.exceptions import ConfigurationError
from crawler.text.sanitize import strip_control_characters
from crawler.urls import host_of, registered_domain

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings
    from typing_extensions import Self


SHARED = "source"
"""The name that `SourceSpider` itself bears; reserved in sources.toml."""


class SourceSpiderLoader:
    """Scrapy's SPIDER_LOADER_CLASS. A Python spider in spiders/ wins over a table of the same name."""

    def __init__(self, sources: tuple[Source, ...], python_spiders: dict[str, type[Spider]]) -> None:
        self._sources = {source.id: source for source in sources}
        self._python_spiders = python_spiders

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Reads sources.toml. Mistakes end the process with one line each: Scrapy's own commands would show a traceback."""
        try:
            sources = load_sources(AppConfig.read(settings).sources_toml)
        except ConfigurationError as error:
            sys.stderr.write(f"{strip_control_characters(str(error))}\n")
            raise SystemExit(2) from None
        return cls(sources, python_spiders(settings))

    def load(self, spider_name: str) -> type[Spider]:
        """The spider class of that name. Raises KeyError, as Scrapy asks."""
        if spider_name in self._python_spiders:
            return self._python_spiders[spider_name]
        source = self._sources.get(spider_name)
        if source is None:
            raise KeyError(f"no source {spider_name!r}; `scrapy list` shows what there is")
        return spider_for(source)

    def list(self) -> list[str]:
        """All names, the sources in the order of their file."""
        return [*self._sources, *(name for name in self._python_spiders if name not in self._sources)]

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """The sources whose outlet the request's URL belongs to."""
        domain = registered_domain(host_of(request.url))
        return [
            source.id
            for source in self._sources.values()
            if domain in {registered_domain(host_of(seed.url)) for seed in source.seeds}
        ]


def python_spiders(settings: BaseSettings) -> dict[str, type[Spider]]:
    """Spiders that are code: classes with a name in spiders/, except ours, which every source shares."""
    found = SpiderLoader.from_settings(settings)
    return {name: found.load(name) for name in found.list() if name != SHARED}


def spider_for(source: Source) -> type[Spider]:
    """A spider class that bears a source's name and crawls just it."""
    from spiders.source import SourceSpider

    return type("SourceSpider", (SourceSpider,), {"name": source.id, "sources": (source,), "__module__": __name__})

"""Load a spider for each table of sources.toml, so that `scrapy list` and `scrapy crawl NAME` work with source IDs."""

from __future__ import annotations

import builtins
import pkgutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader

from crawler.config.app import AppConfig
from crawler.config.sources import Source, load_sources
from crawler.exceptions import WirewatchError
from crawler.text.sanitize import strip_control_characters
from crawler.urls import host_of, registered_domain

if TYPE_CHECKING:
    from typing_extensions import Self


OWN_MODULES = frozenset(
    "autodiscovery documents feeds further_documents listings loader markup poll_results probe responses sitemaps source".split()
)
"""Modules in spiders/ that have no spider of a user: importing them takes longer than all else that `scrapy list` does."""
SHARED = "source"
"""The name of `SourceSpider` itself; it is reserved in sources.toml."""


class SourceSpiderLoader:
    """Scrapy's SPIDER_LOADER_CLASS. A Python spider in spiders/ takes precedence over a table of the same name."""

    def __init__(self, sources: tuple[Source, ...], python_spiders: dict[str, type[Spider]]) -> None:
        self._sources = {source.id: source for source in sources}
        self._python_spiders = python_spiders

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Read sources.toml. Exit with one line per mistake, because Scrapy's own commands would print a traceback."""
        try:
            sources = load_sources(AppConfig.read(settings).sources_toml)
        except WirewatchError as error:
            sys.stderr.write(f"{strip_control_characters(str(error))}\n")
            raise SystemExit(2) from None
        return cls(sources, python_spiders(settings))

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider class of that name. Raises KeyError, as Scrapy requires."""
        if spider_name in self._python_spiders:
            return self._python_spiders[spider_name]
        source = self._sources.get(spider_name)
        if source is None:
            raise KeyError(f"no source {spider_name!r}; `scrapy list` shows the sources")
        return spider_for(source)

    def list(self) -> list[str]:
        """Return all names: the sources in the order of their file, then the Python spiders."""
        return [*self._sources, *(name for name in self._python_spiders if name not in self._sources)]

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Return the IDs of the sources with a seed on the registered domain of the request."""
        domain = registered_domain(host_of(request.url))
        return [
            source.id
            for source in self._sources.values()
            if domain in {registered_domain(host_of(seed.url)) for seed in source.seeds}
        ]


def python_spiders(settings: BaseSettings) -> dict[str, type[Spider]]:
    """Return the spider classes of users in spiders/, by name."""
    modules = [module for name in settings.getlist("SPIDER_MODULES") for module in _without_own_modules(name)]
    found = SpiderLoader(BaseSettings({"SPIDER_MODULES": modules}))
    return {name: found.load(name) for name in found.list() if name != SHARED}


def _without_own_modules(package: str) -> builtins.list[str]:
    if package != "spiders":
        return [package]
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return [f"spiders.{name}" for name in names if name not in OWN_MODULES]


def spider_for(source: Source) -> type[Spider]:
    """Return a spider class that has the ID of a source as its name and crawls only this source."""
    from spiders.source import SourceSpider

    return type("SourceSpider", (SourceSpider,), {"name": source.id, "sources": (source,), "__module__": __name__})

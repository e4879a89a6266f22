"""Find the seeds of an outlet and write its table, for `scrapy sources add` and `scrapy setup`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.config.app import AppConfig
from crawler.config.source_template import id_for
from crawler.config.sources import Source
from crawler.exceptions import WirewatchError
from crawler.filesystem.locks import acquire
from crawler.urls import absolute, host_of, registered_domain
from schedules.cli.output import warn
from schedules.sources.probe import OutletProbe, Prober, probing_run, run_plans
from spiders.autodiscovery.candidates import as_toml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.settings import Settings


def home_url(written: str) -> str | None:
    """The URL of a home page as typed, with or without scheme; None if it is none."""
    return absolute("", written if "://" in written else f"https://{written}") if written else None


def probe_outlet(config: AppConfig, settings: Settings, url: str, *, now: datetime, allow_private: bool) -> OutletProbe:
    """Request the home page and its candidates. Raises WirewatchError, in one line, if there is no outlet."""
    domain = registered_domain(host_of(url))
    probe = OutletProbe()
    shared: dict[str, Any] = {"DOWNLOAD_DELAY": config.download_delay}
    if allow_private:
        shared["WIREWATCH_PRIVATE_HOSTS"] = [host_of(url)]
    with acquire(config.locks_dir, [domain]) as busy, probing_run(config) as run:
        if busy:
            raise WirewatchError(f"process {busy[domain]} is crawling {domain}; try again later")
        prober = Prober(workers=run.workers, now=now, notify=warn)
        run_plans([(prober.add_plan(url, probe), {})], run, settings, shared)
    if probe.outlet is None:
        raise WirewatchError(probe.fault or f"{url}: no response")
    return probe


def outlet_table(
    probe: OutletProbe, sources: Sequence[Source], *, now: datetime, allow_private: bool
) -> tuple[str, str, bool]:
    """The ID of the new source, its table for sources.toml, and whether a seed works: otherwise all of it is a comment."""
    assert probe.outlet is not None
    results = [probed.result for probed in probe.seeds]
    source_id = id_for(probe.outlet.name, probe.outlet.home, [source.id for source in sources])
    table = as_toml(probe.outlet, results, source_id=source_id, verified_on=now.date(), allow_private=allow_private)
    return source_id, table, any(result.fault is None for result in results)


def configured_source(url: str, sources: Sequence[Source]) -> Source | None:
    """The source that has the domain of a URL already; None if there is none."""
    domain = registered_domain(host_of(url))
    return next((source for source in sources if domain in source.domains), None)

"""Run a Scrapy crawl with the project's settings in a child process (a Twisted reactor cannot be restarted in a process)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.warm_commands import run_warm

_CHILD = """
import importlib, json, sys
from types import SimpleNamespace
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from crawler.http.failure_reasons import describe_failure

task = json.load(sys.stdin)

class RequestSpider(Spider):
    name = "requests"
    sources = [SimpleNamespace(id=id, private_hosts=hosts) for id, hosts in task["sources"].items()]

    async def start(self):
        for number, (url, source) in enumerate(task["urls"]):
            yield Request(url, priority=-number, dont_filter=True, callback=self.on_response, errback=self.on_failure,
                          meta={"source": source, **task["meta"]}, cb_kwargs={"requested": url})

    def on_response(self, response, requested):
        self.report(requested, final_url=response.url, status=response.status, flags=response.flags,
                  kind=type(response).__name__, body=response.body.decode("latin-1"), slot=response.meta["download_slot"])

    def on_failure(self, failure):
        found = describe_failure(failure, failure.request.url)
        self.report(failure.request.cb_kwargs["requested"], refused=found.status == "refused",
                  code=found.reason.code, reason=found.reason.text)

    def report(self, requested, **result):
        print(json.dumps({"url": requested, **result}), flush=True)

settings = Settings()
settings.setmodule("crawler.settings")
settings.setdict({"ITEM_PIPELINES": {}, "DOWNLOAD_DELAY": 0, "SPIDER_MODULES": [],
                  "SPIDER_LOADER_CLASS": "scrapy.spiderloader.SpiderLoader", **task["settings"]}, priority="cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl(RequestSpider)
process.start()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestResult:
    """The response to a request, or the reason why there is none."""

    url: str
    final_url: str = ""
    status: int = 0
    flags: Sequence[str] = ()
    kind: str = ""
    """The class of the response."""
    body: str = ""
    slot: str = ""
    refused: bool = False
    reason: str = ""
    code: str = ""
    """Reason code."""


def crawl_in_child(
    urls: Sequence[str | tuple[str, str]],
    *,
    private: Sequence[str] = (),
    sources: Mapping[str, Sequence[str]] = {},
    meta: Mapping[str, Any] = {},
    **settings: Any,
) -> dict[str, RequestResult]:
    """Request URLs in this order; a pair is a URL and the ID of its source. Returns the result of each URL.

    `private`: hosts that may have private addresses; `sources`: the private hosts of each source ID; `meta`: added to
    the meta of every request.
    """
    pairs = [(url, None) if isinstance(url, str) else url for url in urls]
    task = {
        "urls": pairs,
        "meta": dict(meta),
        "sources": {name: list(hosts) for name, hosts in sources.items()},
        "settings": {"WIREWATCH_PRIVATE_HOSTS": list(private), **settings},
    }
    done = run_warm(["-c", _CHILD], stdin=json.dumps(task))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    results = [RequestResult(**json.loads(line)) for line in done.stdout.splitlines()]
    assert len(results) == len(pairs), (results, done.stderr)
    return {result.url: result for result in results}

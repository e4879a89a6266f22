"""A real Scrapy engine with the project's settings in a child process: one reactor a process, and Scrapy keeps it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TIME_LIMIT = 120
"""Seconds after which a crawl hangs."""

_CHILD = """
import importlib, json, sys
from types import SimpleNamespace
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from crawler.http.failure_reasons import describe_failure

task = json.load(sys.stdin)

class Asker(Spider):
    name = "asker"
    sources = [SimpleNamespace(id=id, private_hosts=hosts) for id, hosts in task["sources"].items()]

    async def start(self):
        for number, (url, source) in enumerate(task["urls"]):
            yield Request(url, priority=-number, dont_filter=True, callback=self.came, errback=self.failed,
                          meta={"source": source, **task["meta"]}, cb_kwargs={"asked": url})

    def came(self, response, asked):
        self.tell(asked, final_url=response.url, status=response.status, flags=response.flags,
                  kind=type(response).__name__, body=response.body.decode("latin-1"), slot=response.meta["download_slot"])

    def failed(self, failure):
        found = describe_failure(failure, failure.request.url)
        self.tell(failure.request.cb_kwargs["asked"], refused=found.status == "refused",
                  code=found.reason.code, reason=found.reason.text)

    def tell(self, asked, **what):
        print(json.dumps({"url": asked, **what}), flush=True)

settings = Settings()
settings.setmodule("crawler.settings")
settings.setdict({"ITEM_PIPELINES": {}, "DOWNLOAD_DELAY": 0, "SPIDER_MODULES": [],
                  "SPIDER_LOADER_CLASS": "scrapy.spiderloader.SpiderLoader", **task["settings"]}, priority="cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl(Asker)
process.start()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of one URL: a response, or the reason for none."""

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
) -> dict[str, Came]:
    """Ask for URLs in this order; a pair is a URL and the id of the source that it is asked for.

    `private`: hosts that may have private addresses; `sources`: id -> those of them that are its own; `meta`: of
    every request.
    """
    pairs = [(url, None) if isinstance(url, str) else url for url in urls]
    task = {
        "urls": pairs,
        "meta": dict(meta),
        "sources": {name: list(hosts) for name, hosts in sources.items()},
        "settings": {"WIREWATCH_PRIVATE_HOSTS": list(private), **settings},
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _CHILD],
        cwd=ROOT, input=json.dumps(task), capture_output=True, text=True, timeout=TIME_LIMIT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    came = [Came(**json.loads(line)) for line in done.stdout.splitlines()]
    assert len(came) == len(pairs), (came, done.stderr)
    return {each.url: each for each in came}

"""The workers of a command with a cluster: what runs on nodes, in tasks of several pages, and what runs here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from crawler.config.app import AppConfig
from crawler.exceptions import WirewatchError, WorkerError
from crawler.models import ExtractionHints
from crawler.workers.pool import WorkerPool
from pipelines.process_page import process_page
from schedules.cluster.address import ClusterAddress
from schedules.cluster.dispatcher import READ_HERE, TASK_PAGES, Batch
from schedules.cluster.workers import ClusterWorkers, open_workers
from tests.support.factories import HOME, page


class Here(WorkerPool):
    """Runs calls in this process and lists them."""

    def __init__(self) -> None:
        super().__init__(processes=1, seconds=1)
        self.calls: list[str] = []

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.calls.append(function.__name__)
        return "here"


class Connected:
    """A connection that settles all batches with one result."""

    def __init__(self, result: object) -> None:
        self.result = result
        self.read_here = READ_HERE
        self.window = 3
        self.sizes: list[int] = []

    def add(self, batch: Batch) -> None:
        self.sizes.append(len(batch.calls))
        for future in batch.futures:
            future.set_result(self.result)

    def close(self) -> None:
        pass


def run_pages(count: int, result: object) -> tuple[list[Any], list[int], list[str]]:
    """Results of pages, sizes of the tasks, and calls in this process."""
    here, connection = Here(), Connected(result)
    workers = ClusterWorkers(ClusterAddress(url="tcp://127.0.0.1:1"), here, seconds=1, is_required=False)
    workers._connection = connection  # type: ignore[assignment]

    async def run() -> list[Any]:
        named = workers.labelled("file.warc.gz")
        assert named.in_flight == 3 * TASK_PAGES
        pages = [page(f"{HOME}/{number}") for number in range(count)]
        return await asyncio.gather(*(named.run(process_page, one, ExtractionHints()) for one in pages))

    return asyncio.run(run()), connection.sizes, here.calls


def test_pages_are_collected_into_tasks() -> None:
    results, sizes, here = run_pages(2 * TASK_PAGES + 3, "node")

    assert set(results) == {"node"}
    assert sizes == [TASK_PAGES, TASK_PAGES, 3]
    assert here == []


@pytest.mark.parametrize("result", [READ_HERE, WorkerError("parser", "took longer than 15 s and was stopped")])
def test_a_page_that_the_cluster_did_not_read_is_read_here(result: object) -> None:
    assert run_pages(1, result) == (["here"], [1], ["process_page"])


def test_documents_of_seeds_are_parsed_here_because_their_urls_may_hold_keys() -> None:
    here = Here()
    workers = ClusterWorkers(ClusterAddress(url="tcp://127.0.0.1:1"), here, seconds=1, is_required=False)

    asyncio.run(workers.run(str.upper, "feed"))

    assert here.calls == ["upper"]


def test_without_a_cluster_the_workers_are_child_processes_and_dask_is_not_needed() -> None:
    assert isinstance(open_workers(AppConfig.read(environ={})), WorkerPool)


def test_a_cluster_without_dask_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WirewatchError, match=r"pip install -e '\.\[cluster\]'"):
        open_workers(AppConfig.read({"WIREWATCH_CLUSTER": "local:2"}, environ={}))

"""A real Dask scheduler and real nodes in this process: versions, validated results, and a scheduler that is gone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.support.cluster.certificates import make_authority, make_certificates
from crawler.exceptions import WirewatchError
from crawler.models import ExtractionHints
from crawler.workers.pool import WorkerPool
from pipelines.process_page import process_page
from schedules.cluster.address import ClusterAddress
from schedules.cluster.code_version import code_version, resource_name, set_up_dask
from schedules.cluster.dask_access import DaskAccess
from schedules.cluster.dispatcher import ClusterLostError
from schedules.cluster.messages import RemoteCall, pack_calls, read_results
from schedules.cluster.node import run_node
from tests.support.factories import page

pytestmark = [
    pytest.mark.xdist_group("cluster"),
    pytest.mark.filterwarnings("default"),  # Dask's own
]


@contextlib.asynccontextmanager
async def scheduler(certificates: Path | None = None) -> AsyncIterator[ClusterAddress]:
    set_up_dask()
    from distributed import Scheduler

    address = ClusterAddress(url="", certificates=certificates)
    protocol = "tcp" if certificates is None else "tls"
    async with Scheduler(
        host="127.0.0.1", port=0, dashboard=False, protocol=protocol, security=address.security()
    ) as running:
        yield ClusterAddress(url=running.address, certificates=certificates)


@contextlib.asynccontextmanager
async def node(address: ClusterAddress, *resources: str) -> AsyncIterator[None]:
    from distributed import Worker

    async with Worker(
        address.url, nthreads=1, resources=dict.fromkeys(resources, 1), memory_limit=0, dashboard=False,
        security=address.security(),
    ):  # fmt: skip
        yield


@contextlib.asynccontextmanager
async def access(address: ClusterAddress, lines: list[str]) -> AsyncIterator[DaskAccess]:
    opened = DaskAccess(address, lines.append)
    try:
        await opened.connect()
        yield opened
    finally:
        await opened.close()


def test_a_node_of_another_version_is_refused_and_one_of_ours_is_used() -> None:
    async def connect(lines: list[str]) -> int:
        async with scheduler() as address, node(address, "wirewatch 0.0.9+abcdef0123"), node(address):
            with pytest.raises(WirewatchError, match="install the same version") as caught:
                async with access(address, lines):
                    pass
            assert "0.0.9+abcdef0123" in str(caught.value)
            assert code_version() in str(caught.value)
            async with node(address, resource_name()), access(address, lines) as opened:
                return opened.slots

    lines: list[str] = []
    assert asyncio.run(connect(lines)) == 1
    assert [line for line in lines if "get no pages" in line and "0.0.9+abcdef0123" in line]


def test_a_page_is_read_by_a_node_with_mutual_tls_and_the_result_is_no_pickle(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path / "tls", make_authority("Ours"))
    call = RemoteCall(function=process_page, args=(page(), ExtractionHints()), kwargs={})

    async def read() -> tuple[object, list[str]]:
        lines: list[str] = []
        stop = asyncio.Event()
        with WorkerPool(processes=1, seconds=20) as pool:
            async with scheduler(certificates) as address:
                running = asyncio.ensure_future(run_node(address, pool, slots=1, stop=stop, notify=lines.append))
                try:
                    async with access(address, lines) as opened:
                        data = await opened.run(pack_calls([call]), name=("a.warc.gz", 1, 0), avoid=frozenset())
                finally:
                    stop.set()
                    await running
        return data, lines

    data, lines = asyncio.run(read())

    assert isinstance(data, bytes)
    assert read_results(data, [call])[0].page.page.url == page().url
    assert any("Connected" in line for line in lines)


def test_a_scheduler_that_ends_is_a_lost_cluster_and_not_a_failed_page() -> None:
    async def lose() -> bool:
        stack = contextlib.AsyncExitStack()
        async with stack:
            closing = contextlib.AsyncExitStack()
            address = await closing.enter_async_context(scheduler())
            await closing.enter_async_context(node(address, resource_name()))
            opened = await stack.enter_async_context(access(address, []))
            task = asyncio.ensure_future(opened.run(b"", name=("a", 1, 0), avoid=frozenset({"tcp://127.0.0.1:1"})))
            await asyncio.sleep(0)
            await closing.aclose()
            with contextlib.suppress(ClusterLostError):
                await task
                return False
            return True

    assert asyncio.run(lose())

"""The window of tasks, their repetition, and results that come late or twice; with a scripted cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

import pytest

from crawler.models import ExtractionHints
from pipelines.process_page import process_page
from schedules.cluster.dispatcher import READ_HERE, REPETITIONS, Batch, ClusterLostError, Dispatcher
from schedules.cluster.messages import RemoteCall, answer
from tests.support.factories import page

Name = tuple[str, int, int]
Behaviour = Callable[[bytes, Name], Awaitable[object]]


_ANSWERS: dict[bytes, object] = {}
"""Task -> its answer: a page is read once, so that a short deadline is not missed on a busy machine."""


async def right(task: bytes, _: Name = ("", 0, 0)) -> object:
    async def run(function: Callable[..., object], *args: object, **kwargs: object) -> object:
        return function(*args, **kwargs)

    if task not in _ANSWERS:
        _ANSWERS[task] = await answer(task, run)
    return _ANSWERS[task]


class FakeCluster:
    """A NodeAccess that runs tasks here, as `behaviour` says."""

    def __init__(self, behaviour: Behaviour = right, *, slots: int = 1, usable: bool = True) -> None:
        self.slots = slots
        self.usable = usable
        self.behaviour = behaviour
        self.names: list[Name] = []
        self.avoided: list[frozenset[str]] = []
        self.running = self.most = 0

    async def is_usable(self) -> bool:
        return self.usable

    async def run(self, task: bytes, *, name: Name, avoid: frozenset[str]) -> object:
        self.names.append(name)
        self.avoided.append(avoid)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            return await self.behaviour(task, name)
        finally:
            self.running -= 1

    async def holder(self, name: Name) -> str | None:
        return f"node-{name[2]}"


def batch() -> Batch:
    call = RemoteCall(function=process_page, args=(page(), ExtractionHints()), kwargs={})
    return Batch(label="file.warc.gz", calls=[call], futures=[Future()])


def settled(cluster: FakeCluster, *batches: Batch, seconds: float = 60.0) -> list[object]:
    """The results of the batches' first calls."""

    async def run() -> list[object]:
        dispatcher = Dispatcher(cluster, seconds=seconds)
        for one in batches:
            dispatcher.add(one)
        results = [await asyncio.wrap_future(one.futures[0]) for one in batches]
        await dispatcher.close()
        return results

    return asyncio.run(run())


def test_no_more_tasks_are_submitted_than_the_window_holds() -> None:
    gate: list[asyncio.Event] = []

    async def slow(task: bytes, name: Name) -> object:
        if not gate:
            gate.append(asyncio.Event())
        if cluster.running == 5:
            gate[0].set()
        await gate[0].wait()
        return await right(task)

    cluster = FakeCluster(slow, slots=2)
    results = settled(cluster, *(batch() for _ in range(20)))

    assert cluster.most == 5
    assert READ_HERE not in results


def test_a_task_that_misses_its_deadline_is_repeated_on_another_node() -> None:
    async def hang_first(task: bytes, name: Name) -> object:
        return await (asyncio.Event().wait() if name[2] == 0 else right(task))

    cluster = FakeCluster(hang_first)
    settled(FakeCluster(), batch())  # reads the page
    [result] = settled(cluster, batch(), seconds=0.1)

    assert result is not READ_HERE
    assert cluster.avoided == [frozenset(), frozenset({"node-0"})]


def test_of_two_results_the_first_is_taken_and_the_other_is_dropped() -> None:
    both = asyncio.Event

    async def late(task: bytes, name: Name) -> object:
        nonlocal gate
        if name[2] == 0:
            gate = both()
            await gate.wait()
        elif gate is not None:
            gate.set()  # the stopped node continues while the second one reads
            await asyncio.sleep(0)
        return await right(task)

    gate: asyncio.Event | None = None
    one = batch()
    cluster = FakeCluster(late)
    settled(FakeCluster(), batch())  # reads the page
    settled(cluster, one, seconds=0.1)

    assert len(cluster.names) == 2
    assert one.futures[0].done()


@pytest.mark.parametrize("answered", [b"nonsense", "raises"])
def test_after_two_repetitions_a_page_is_read_on_this_machine(answered: object) -> None:
    async def wrong(task: bytes, name: Name) -> object:
        if answered == "raises":
            raise RuntimeError("killed worker")
        return answered

    cluster = FakeCluster(wrong)

    assert settled(cluster, batch()) == [READ_HERE]
    assert [name[2] for name in cluster.names] == list(range(REPETITIONS + 1))


def test_a_lost_scheduler_is_no_failure_of_the_task() -> None:
    async def lose_often(task: bytes, name: Name) -> object:
        if len(cluster.names) <= REPETITIONS + 3:
            raise ClusterLostError
        return await right(task)

    cluster = FakeCluster(lose_often)

    assert READ_HERE not in settled(cluster, batch())
    assert len(set(cluster.names)) == len(cluster.names)


def test_pages_are_read_on_this_machine_while_the_cluster_cannot_be_used() -> None:
    cluster = FakeCluster(usable=False)

    assert settled(cluster, batch(), batch()) == [READ_HERE, READ_HERE]
    assert cluster.names == []

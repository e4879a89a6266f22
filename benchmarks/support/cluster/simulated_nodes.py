"""Nodes that sleep in place of reading, all in one process, to load a scheduler and a coordinator without a hundred machines.

python benchmarks/support/cluster/simulated_nodes.py ADDRESS COUNT SECONDS RESULT_BYTES
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))  # run as a file: import this checkout

from schedules.cluster import node
from schedules.cluster.code_version import resource_name, set_up_dask


async def main(address: str, count: int, seconds: float, size: int) -> None:
    """Connect so many nodes and serve until the process is killed."""
    set_up_dask()
    from distributed import Worker

    async def sleep_in_place(_: bytes) -> bytes:
        await asyncio.sleep(seconds)
        return bytes(size)

    node.read_pages = sleep_in_place  # Dask finds the function by its name
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            worker = Worker(address, nthreads=1, resources={resource_name(): 1}, memory_limit=0, dashboard=False)
            await stack.enter_async_context(worker)
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))

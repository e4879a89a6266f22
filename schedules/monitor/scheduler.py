"""The monitor's clock and its signals.

APScheduler rings; the main thread does the work: children have to be started from a thread that lives as long as the
monitor, since the kernel ends them with the thread that started them.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from schedules.monitor.monitor import TROUBLE

if TYPE_CHECKING:
    from schedules.monitor.monitor import Monitor

LATE_TICK = 4
"""Rings that may fail to come before the clock is wound anew: it stops when the machine's time is set back."""
TICK, STOP = "tick", "stop"


def run(
    monitor: Monitor, *, draw: Callable[[Monitor], None] | None = None, ready: Callable[[], None] | None = None
) -> None:
    """Ring, tick, ring, tick, until SIGTERM or Ctrl-C. `draw` is called at least once a second."""
    ticks: queue.SimpleQueue[str] = queue.SimpleQueue()
    with _signals(ticks), _clock(ticks, monitor.config.monitor_interval) as schedule_tick:
        ticks.put(TICK)
        last = time.monotonic()
        while True:
            try:
                tick = ticks.get(timeout=1.0)
            except queue.Empty:
                tick = ""
            if tick == STOP:
                return
            if tick == TICK:
                last = time.monotonic()
                monitor.tick()
                if ready is not None:
                    ready()
            elif monitor.children:
                with contextlib.suppress(*TROUBLE):  # told by the tick
                    if monitor.reap():
                        ticks.put(TICK)  # what became due by it should not wait
            if time.monotonic() - last > LATE_TICK * monitor.config.monitor_interval + 1:
                schedule_tick()
                ticks.put(TICK)
                last = time.monotonic()
            if draw is not None:
                draw(monitor)


def run_once(monitor: Monitor) -> bool:
    """All that is due, each once, to its end; whether all went well. For `--once`.

    First the crawls, then one job after the other: flagging what they brought, then sending what that gave.
    """
    monitor.reload_sources()
    well = True
    crawled: set[str] = set()
    while True:
        monitor.start_crawls(but=crawled)
        if not monitor.children:
            break
        crawled |= {source for child in monitor.children for source in child.about}
        well = _wait(monitor) and well
    for job in monitor.jobs:
        monitor.start_jobs([job])
        well = _wait(monitor) and well
    monitor.sweep()
    return well


def _wait(monitor: Monitor) -> bool:
    """Until a child ended, where there is one; whether it went well."""
    while monitor.children:
        ended = monitor.reap()
        if ended:
            return not any(outcome.failed for outcome in ended)
        time.sleep(0.05)
    return True


@contextlib.contextmanager
def _clock(ticks: queue.SimpleQueue[str], seconds: float) -> Iterator[Callable[[], None]]:
    """APScheduler, ringing; gives back what winds it anew."""
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(
        timezone="UTC",
        # The default grace is 1 s, after which a late job never runs; late rings are one ring.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    def schedule_tick() -> None:
        scheduler.add_job(ticks.put, "interval", args=(TICK,), seconds=seconds, id="tick", replace_existing=True)

    schedule_tick()
    scheduler.start()
    try:
        yield schedule_tick
    finally:
        scheduler.shutdown(wait=False)


@contextlib.contextmanager
def _signals(ticks: queue.SimpleQueue[str]) -> Iterator[None]:
    """SIGTERM, SIGINT and SIGHUP end the loop. The queue may be put to inside a signal handler, an Event may not."""

    def stop(_: int, __: Any) -> None:
        ticks.put(STOP)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

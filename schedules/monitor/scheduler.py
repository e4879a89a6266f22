"""APScheduler in the monitor's main thread, with an executor that runs jobs as child processes.

Everything runs in the main thread: children must be started from a thread that lives as long as the monitor, and a
connection to the archive belongs to one thread.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.base import BaseScheduler

from schedules.monitor.child_process import Child
from schedules.monitor.job_runner import TEMPORARY_ERRORS, JobRunner

MAX_SCHEDULER_WAIT = 1.0
"""Seconds between two checks of the children."""
JOBSTORE = "default"


class CommandExecutor(BaseExecutor):  # type: ignore[misc]  # APScheduler has no types
    """Runs jobs whose function starts a child process. The run of a job ends when its child ends.

    The function returns the child. If it starts none, it returns when to check the job again, or None.
    """

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self._runner = runner
        self._running: dict[int, tuple[str, datetime]] = {}
        self.next_check: dict[str, datetime] = {}
        """Job ID -> when to check a job again that was not due."""

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        try:
            started = job.func(*job.args)
        except TEMPORARY_ERRORS as error:
            self._end(job.id, run_times[0], None, error)
            return
        if isinstance(started, Child):
            self._running[started.run_id] = (job.id, run_times[0])
            return
        if isinstance(started, datetime):
            self.next_check[job.id] = started
        self._end(job.id, run_times[0], None, None)

    def collect_finished(self) -> None:
        """Report the children that ended. Raises errors of the archive; runs that were not recorded stay for the next call."""
        for child, outcome in self._runner.collect_finished():
            self._end(*self._running.pop(child.run_id), outcome, None)

    def _end(self, job_id: str, scheduled: datetime, outcome: object, error: Exception | None) -> None:
        code = EVENT_JOB_ERROR if error is not None or getattr(outcome, "failed", False) else EVENT_JOB_EXECUTED
        event = JobExecutionEvent(code, job_id, JOBSTORE, scheduled, retval=outcome, exception=error)
        self._run_job_success(job_id, [event])


class MonitorScheduler(BaseScheduler):  # type: ignore[misc]  # APScheduler has no types
    """A scheduler that runs in the calling thread until `stop` is called."""

    def __init__(self, executor: CommandExecutor) -> None:
        # A run that is longer than its interval is usual; `monitor.py` logs a skipped run at level DEBUG.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._wakeups: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._stopped = False
        # Late runs are never skipped (the default grace time is 1 s), and several late runs of a job are one run.
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        super().__init__(timezone="UTC", job_defaults=defaults, executors={"default": executor})

    def wakeup(self) -> None:
        """Check for due jobs now."""
        self._wakeups.put(None)

    def stop(self) -> None:
        """End `run`. Safe in a signal handler: `SimpleQueue.put` is reentrant, `Event.set` is not."""
        self._stopped = True
        self._wakeups.put(None)

    def shutdown(self, wait: bool = True) -> None:
        """Remove all jobs. The runner stops their children."""
        if self.running:
            super().shutdown(wait)

    def run(self, after_each_tick: Callable[[], None]) -> None:
        """Run due jobs until `stop` is called, or until SIGTERM, SIGINT or SIGHUP arrives."""
        with _on_signals(self.stop):
            self.start()
            while not self._stopped:
                wait = self._process_jobs()
                after_each_tick()
                with contextlib.suppress(queue.Empty):
                    self._wakeups.get(timeout=min(MAX_SCHEDULER_WAIT, MAX_SCHEDULER_WAIT if wait is None else wait))
                    while True:  # each changed job puts one; all are answered by the next tick
                        self._wakeups.get_nowait()


@contextlib.contextmanager
def _on_signals(stop: Callable[[], None]) -> Iterator[None]:
    def handle(_: int, __: Any) -> None:
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

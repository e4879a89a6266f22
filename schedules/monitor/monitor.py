"""The monitor: runs all jobs of one archive with APScheduler.

All lasting state is in the archive: when each job is due and which runs there were (`jobs`, `job_runs`), and when each
seed and page is due. So the monitor can be killed at any time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent

from crawler.archive.monitoring.problems import open_problems, resolved_since
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.sqlite.connection import SqliteError
from schedules.monitor.config_files import ConfigFiles
from schedules.monitor.crawl_jobs import CrawlPlanner
from schedules.monitor.job_definitions import Job, JobOutcome, outcome_line
from schedules.monitor.job_runner import TEMPORARY_ERRORS, ArchiveConnection, JobRunner
from schedules.monitor.scheduler import CommandExecutor, MonitorScheduler

log = logging.getLogger(__name__)

CLOCK_STEP = timedelta(minutes=1)
"""If the clock goes back by more than this, it was set: then every job is checked at once."""
PLANNED_CRAWL = "crawl:"
"""Prefix of the ID of a one-off job that starts a crawl."""
_RECORDING = "record of a run"


class Monitor:
    """The monitor of one archive. `notify` is called with a line for each job that ended, and for each problem."""

    def __init__(
        self, config: AppConfig, jobs: Sequence[Job], notify: Callable[[str], None], settings: Sequence[str] = ()
    ) -> None:
        self.config = config
        self.jobs = jobs
        self.notify = notify
        self.archive = ArchiveConnection(config, notify)
        self.files = ConfigFiles(config, notify)
        self.runner = JobRunner(config, self.archive, jobs, settings, self.files)
        self.crawls = CrawlPlanner(config)
        self.executor = CommandExecutor(self.runner)
        self.scheduler = MonitorScheduler(self.executor)
        self._errors: dict[str, str] = {}
        """Job ID -> the temporary error of its last check, which was reported already."""
        self._last_tick = utc_now()

    def run(self, *, draw: Callable[[], None] | None = None, heartbeat: Callable[[], None] | None = None) -> None:
        """Run every job on schedule until SIGTERM or Ctrl-C. `draw` is called at least once a second."""
        add = self.scheduler.add_job
        now, interval = utc_now(), self.config.monitor_interval
        add(self._plan_crawls, "interval", seconds=interval, id="crawl", next_run_time=now)
        for job in self.jobs:
            seconds = job.interval.total_seconds()
            add(self.runner.start_if_due, "interval", args=(job,), seconds=seconds, id=job.name, next_run_time=now)
        if self.config.metrics_file:
            add(self._write_metrics, "interval", seconds=interval, id="metrics", next_run_time=now)
        if heartbeat is not None:
            add(heartbeat, "interval", seconds=interval, id="heartbeat", next_run_time=now)
        self.scheduler.add_listener(self._on_end, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        self.scheduler.add_listener(_on_skip, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

        def after_each_tick() -> None:
            self._after_each_tick()
            if draw is not None:
                draw()

        self.scheduler.run(after_each_tick)

    def run_once(self) -> bool:
        """Run everything that is due once: first crawls, then each job until it ends. Returns whether all succeeded."""
        ok = True
        crawled: set[str] = set()
        while True:
            sources = self.files.read()
            for run in self.crawls.next_crawls(sources, self.runner.crawls, lambda: self.archive.store, skip=crawled):
                crawled.update(run.sources)
                self.runner.start(run)
            if not self.runner.children:
                break
            ok = self._wait() and ok
        for job in self.jobs:
            self.runner.start_if_due(job)
            ok = self._wait() and ok
        if self.config.metrics_file:
            self._write_metrics()
        return ok

    def close(self) -> None:
        """Stop the children and close the archive."""
        self.scheduler.shutdown()
        self.runner.stop()
        self.files.close()
        self.archive.close()

    # --- Jobs that run in this process --------------------------------------------------------------------------

    def _plan_crawls(self) -> None:
        # A run that ends asks for a new plan. Crawls that are planned but not started are not in `runner.crawls` yet.
        if any(job.id.startswith(PLANNED_CRAWL) for job in self.scheduler.get_jobs()):
            return
        sources = self.files.read()
        for run in self.crawls.next_crawls(sources, self.runner.crawls, lambda: self.archive.store):
            self.scheduler.add_job(self.runner.start, args=(run,), id=" ".join((PLANNED_CRAWL, *run.sources)))

    def _write_metrics(self) -> None:
        from schedules.monitor.metrics import write_metrics

        path = self.config.refuse_own(Path(self.config.metrics_file))
        write_metrics(path, self.archive.store.db, now=utc_now())

    # --- After a job --------------------------------------------------------------------------------------------

    def _after_each_tick(self) -> None:
        try:
            self.executor.collect_finished()
            self._errors.pop(_RECORDING, None)
        except TEMPORARY_ERRORS as error:
            self._report_error(_RECORDING, error)
        now = utc_now()
        if now < self._last_tick - CLOCK_STEP:
            for job in self.scheduler.get_jobs():
                self.scheduler.modify_job(job.id, next_run_time=now)
        self._last_tick = now
        while self.executor.next_check:
            job_id, at = self.executor.next_check.popitem()
            self.scheduler.modify_job(job_id, next_run_time=at)
        if not self.runner.children:
            self.archive.close()

    def _on_end(self, event: JobEvent) -> None:
        key = event.job_id.partition(" ")[0]  # "crawl" plans crawls, "crawl: SOURCES" is one of them
        if event.exception is not None:
            self._report_error(key, event.exception)
            if any(job.name == event.job_id for job in self.jobs):
                self.executor.next_check[event.job_id] = utc_now() + timedelta(seconds=self.config.monitor_interval)
            return
        self._errors.pop(key, None)
        outcome = event.retval
        if not isinstance(outcome, JobOutcome):
            return
        self._finish(outcome)
        if outcome.due_at is not None:
            self.scheduler.modify_job(event.job_id, next_run_time=outcome.due_at)
        # The run may have made other jobs due.
        self.scheduler.modify_job("crawl", next_run_time=utc_now())
        for job in self.jobs:
            if job.cursor is not None and job.name != event.job_id:
                self.scheduler.modify_job(job.name, next_run_time=utc_now())

    def _wait(self) -> bool:
        outcomes = self.runner.wait()
        for outcome in outcomes:
            self._finish(outcome)
        return not any(outcome.failed for outcome in outcomes)

    def _finish(self, outcome: JobOutcome) -> None:
        self.notify(outcome_line(outcome))
        self.crawls.record_end(outcome)
        if outcome.name == "health":
            self._report_health(outcome.started_at)

    def _report_health(self, since: datetime) -> None:
        """Pass the problems that the last check opened or resolved to `notify`. The digest reports them to its recipients."""
        db = self.archive.store.db
        for problem in open_problems(db):
            if problem.opened_at >= since:
                self.notify(f"{problem.source}: {problem.kind}: {problem.evidence}; try: {problem.advice}")
        for problem in resolved_since(db, since):
            self.notify(f"{problem.source}: no longer {problem.kind}{f' ({problem.what})' if problem.what else ''}")

    def _report_error(self, job_id: str, error: Exception) -> None:
        """Report a temporary error once, even if it affects several jobs."""
        where = f"{self.config.archive_db}: " if isinstance(error, SqliteError) else ""
        text = f"monitor: {where}{error}; trying again"
        if text not in self._errors.values():
            self.notify(text)
        self._errors[job_id] = text


def _on_skip(event: JobEvent) -> None:
    log.debug("job %s: skipped, its last run has not ended", event.job_id)

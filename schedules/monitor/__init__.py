"""The monitor: its APScheduler jobs, child processes, dashboard, metrics and backup rotation."""

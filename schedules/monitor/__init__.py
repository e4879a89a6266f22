"""The monitor: its APScheduler jobs, child processes, dashboard, metrics and backup rotation.

May import schedules.crawl, schedules.sources, schedules.cli and crawler.
"""

"""Run crawls, replays and story backfills, and print their summary.

May import spiders, pipelines, schedules.cli, schedules.sources and crawler.
"""

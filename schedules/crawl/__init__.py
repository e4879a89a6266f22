"""Run crawls, replays and story backfills, and print their summary."""

"""Poll the seeds of sources, discover links and request articles."""

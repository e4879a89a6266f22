"""Delete what is no longer needed or wanted: remove articles on request, prune by age, measure sizes.

May import every other archive package except crawler.archive.maintenance.
"""

"""Merging of archives: copies the rows of other archives with new IDs, so that shards can be read in one place."""

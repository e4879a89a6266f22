"""Files and folders: replace a file at once, locks across processes, the cache folder of the user."""

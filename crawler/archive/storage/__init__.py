"""Write the archive: one writer thread, one transaction per group of jobs, WARC files next to the database."""

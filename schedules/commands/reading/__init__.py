"""Commands that read, check and copy the archive."""

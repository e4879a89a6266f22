"""From a fetched page to what the archive keeps: extraction, identity, near-copies."""

"""Read and validate the settings, sources.toml, topics.toml, digests.toml and OPML."""

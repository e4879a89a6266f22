"""Check all configuration files at once, so that one round of corrections is enough."""

from __future__ import annotations

from crawler.config.app import AppConfig
from crawler.config.sources import Source, load_sources
from crawler.exceptions import ConfigurationError


def check_files(config: AppConfig) -> tuple[tuple[Source, ...] | None, list[ConfigurationError]]:
    """Returns the sources, None if their file has a mistake, and the mistakes of each file that has any.

    topics.toml and digests.toml may be missing.
    """
    from crawler.config.digests import load_digests
    from crawler.config.topics import load_topics

    errors: list[ConfigurationError] = []
    sources: tuple[Source, ...] | None = None
    topics: dict[str, str | None] | None = None
    try:
        sources = load_sources(config.sources_toml)
    except ConfigurationError as error:
        errors.append(error)
    languages = None if sources is None else {source.id: source.language for source in sources}
    try:
        if config.topics_toml.is_file():
            found = load_topics(config.topics_toml, sources=languages).topics
            topics = {topic.id: topic.group for topic in found}
    except ConfigurationError as error:
        errors.append(error)
    try:
        if config.digests_toml.is_file():
            tags = None if sources is None else {tag for source in sources for tag in source.tags}
            load_digests(config.digests_toml, topics, tags)
    except ConfigurationError as error:
        errors.append(error)
    return sources, errors

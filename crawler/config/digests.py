"""digests.toml -> checked `Digest` objects, with every mistake told at once by digest and key.

A digest is a mail (or a message to a channel) that goes to its recipients at given local times, or at once, and tells of
the alerts of its topics. Secrets never stand here: a channel is the name of an environment variable that holds its URL.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from crawler.config.toml import read_toml
from crawler.config.validation import StrictModel, format_errors
from crawler.exceptions import ConfigurationError
from crawler.text.suggestions import did_you_mean

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANNEL = "channel:"
"""Before the name of a channel's environment variable, where a recipient is written down."""
_MISSING = "every digest has recipients or channels or feed"
FEED_ENDINGS = (".atom", ".xml")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


class Digest(StrictModel):
    """What is sent to whom, and when."""

    id: str
    title: str = Field(min_length=1)
    recipients: tuple[str, ...] = ()
    """Mail addresses. Each gets a mail of its own."""
    channels: tuple[str, ...] = ()
    """Names of environment variables that hold an apprise URL: Slack, Telegram, ntfy, webhooks and others."""
    feed: str | None = None
    """File of an Atom feed of the alerts, .atom or .xml, in DATA_DIR unless it begins with /."""
    topics: tuple[str, ...] = ()
    """Ids of topics.toml; empty: all."""
    at: tuple[time, ...] = ()
    """Local times."""
    weekdays: tuple[str, ...] = WEEKDAYS
    timezone: str = "UTC"
    immediate: bool = False
    """As soon as there are alerts, in place of given times."""
    skip_empty: bool = False
    """Nothing is sent when there is nothing to tell."""
    archive_url: str | None = None
    """Where the archive is published with Datasette; links to it stand in the digest then."""
    enabled: bool = True
    note: str | None = None

    @field_validator("recipients")
    @classmethod
    def _recipients(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            if not ADDRESS.fullmatch(address):
                raise ValueError(f'{address!r} is no mail address; write one such as "desk@example.org"')
        if len({address.lower() for address in value}) < len(value):
            raise ValueError("an address is named twice")
        return value

    @field_validator("channels")
    @classmethod
    def _channels(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if "://" in name:
                raise ValueError(
                    "a secret must not stand here: write the name of an environment variable that holds the URL, SLACK_URL"
                )
            if not _VARIABLE.fullmatch(name):
                raise ValueError(f'{name!r} is no name of an environment variable; write one such as "SLACK_URL"')
        return value

    @field_validator("feed")
    @classmethod
    def _feed(cls, value: str | None) -> str | None:
        """The ending keeps it from the archive, the raw pages and the user's own files, which it would write over."""
        if value is None:
            return None
        if not value.isprintable() or Path(value).suffix.lower() not in FEED_ENDINGS:
            raise ValueError('write a file that ends in .atom or .xml, such as "alerts.atom"')
        try:
            Path(value).expanduser()
        except RuntimeError as error:  # ~somebody who has no home here
            raise ValueError(f"{str(error).rstrip('.').lower()}; write the folder in full") from None
        return value

    @field_validator("at", mode="before")
    @classmethod
    def _at(cls, value: Any) -> Any:
        written = [value] if isinstance(value, (str, time)) else value
        if not isinstance(written, (list, tuple)):
            raise ValueError('write times such as ["07:30", "18:00"]')
        return tuple(sorted({_time(one) for one in written}))

    @field_validator("weekdays")
    @classmethod
    def _weekdays(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            if day not in WEEKDAYS:
                raise ValueError(f"{day!r} is no weekday{did_you_mean(day, WEEKDAYS)}; allowed: {', '.join(WEEKDAYS)}")
        if not value:
            raise ValueError("name at least one weekday, or leave the key out for all")
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            suggestion = did_you_mean(value, zoneinfo.available_timezones())
            raise ValueError(
                f'{value!r} is no timezone{suggestion}; write an IANA name such as "Europe/Kyiv"'
            ) from None
        return value

    @field_validator("archive_url")
    @classmethod
    def _archive_url(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s<>\"]+", value):
            raise ValueError('write a full http(s) URL, such as "https://archive.example.org/"')
        return value

    @model_validator(mode="after")
    def _when(self) -> Digest:
        if not (self.recipients or self.channels or self.feed) and self.enabled:
            raise ValueError("goes nowhere: name recipients, channels or a feed, or write enabled = false")
        if self.at and self.immediate:
            raise ValueError("at and immediate are two answers to the same question; leave one out")
        if not self.at and not self.immediate and (self.recipients or self.channels) and self.enabled:
            raise ValueError('say when: at = ["07:30"], or immediate = true')
        return self

    @property
    def schedule(self) -> str:
        """When it goes out, in one line: another line, another timetable."""
        if self.immediate:
            return "at once"
        return f"{' '.join(f'{at:%H:%M}' for at in self.at)}, {' '.join(sorted(self.weekdays))}, {self.timezone}"

    @property
    def destinations(self) -> tuple[str, ...]:
        """Recipients, and channels as `channel:NAME`; each is told by itself."""
        return (*self.recipients, *(CHANNEL + name for name in self.channels))

    def reports(self, topic: str) -> bool:
        """Whether it tells of the topic."""
        return not self.topics or topic in self.topics


def load_digests(path: Path, topics: Sequence[str] | None = None) -> tuple[Digest, ...]:
    """The digests of a file, in its order. Raises ConfigurationError with all of the file's mistakes.

    `topics`: ids that a digest may name; None: any.
    """
    digests: list[Digest] = []
    mistakes: list[str] = []
    for name, table in read_toml(path).items():
        try:
            digests.append(_digest(name, table))
        except ValidationError as error:
            mistakes.extend(format_errors(name, error, _allowed, missing=_MISSING))
        except ValueError as error:
            mistakes.append(f"table [{name}]: {error}")
        mistakes.extend(
            f"table [{name}], key topics: {topic!r} is no table of topics.toml{did_you_mean(topic, topics or ())}"
            for topic in _topics_named(table)
            if topics is not None and topic not in topics
        )
    mistakes.extend(_shared_feeds(digests, path.parent))
    if mistakes:
        raise ConfigurationError(path, mistakes)
    return tuple(digests)


def subscribers(digests: Sequence[Digest], topics: Sequence[str]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Topic's id -> (digest's id, addressee) that are told of it."""
    return {
        topic: tuple(
            (digest.id, addressee)
            for digest in digests
            if digest.enabled and digest.reports(topic)
            for addressee in digest.destinations
        )
        for topic in topics
    }


def _digest(name: str, table: Any) -> Digest:
    if not isinstance(table, dict):
        raise ValueError(f"write the digest as a table: [{name}] and its keys on the lines below")
    if not _NAME.fullmatch(name):
        raise ValueError('the name must be small letters, digits and hyphens, such as "morning"')
    if "id" in table:
        raise ValueError("key id: the table's name is the id; leave the key out")
    return Digest.model_validate({"title": name.replace("-", " ").capitalize(), **table, "id": name})


def _shared_feeds(digests: Sequence[Digest], folder: Path) -> Iterator[str]:
    """Each digest writes its feed whole: of two in one file, the second would be all there is."""
    written: dict[str, str] = {}
    for digest in digests:
        if digest.feed is None or not digest.enabled:
            continue
        first = written.setdefault(os.path.normpath(folder / Path(digest.feed).expanduser()), digest.id)
        if first != digest.id:
            yield (
                f"table [{digest.id}], key feed: {digest.feed!r} is the file of table [{first}] already; give each its own,"
                " or make one digest of both"
            )


def _topics_named(table: Any) -> list[str]:
    """As written: they are checked, whatever else is wrong with the table."""
    named = table.get("topics") if isinstance(table, dict) else None
    return [topic for topic in named if isinstance(topic, str)] if isinstance(named, list) else []


def _allowed(_: Sequence[int | str]) -> list[str]:
    return [field for field in Digest.model_fields if field != "id"]


def _time(written: Any) -> time:
    if isinstance(written, time):
        return written.replace(second=0, microsecond=0)
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f'{written!r} is no time; write hours and minutes such as "07:30"')
    return time(int(found[1]), int(found[2]))

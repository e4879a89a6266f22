"""Read digests.toml into `Digest` objects; all mistakes are reported at once, by digest and key.

A digest is a mail (or a message to a channel) about the alerts of its topics, sent to its recipients at local times or
immediately. The file contains no secrets: a channel is the name of an environment variable that contains its URL.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator, model_validator

from crawler.config.parsing.lines import with_lines
from crawler.config.parsing.toml import read_toml
from crawler.config.parsing.validation import Label, StrictModel, TimeZoneName, validated_table
from crawler.exceptions import ConfigurationError
from crawler.text.suggestions import did_you_mean

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANNEL = "channel:"
"""Prefix of a recipient that is a channel, before the name of its environment variable."""
_MISSING = "a digest needs recipients, channels or feed"
FEED_ENDINGS = (".atom", ".xml")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def _mail_address(value: str) -> str:
    if not ADDRESS.fullmatch(value):
        raise ValueError(f'{value!r} is not a mail address; write one such as "desk@example.org"')
    return value


def _title(validated: dict[str, Any]) -> str:
    """The title of a digest that has none: its ID in words."""
    return str(validated["id"]).replace("-", " ").capitalize()


MailAddress = Annotated[str, AfterValidator(_mail_address)]


class Digest(StrictModel):
    """One table of digests.toml."""

    id: str
    title: str = Field(min_length=1, default_factory=_title)
    recipients: tuple[MailAddress, ...] = ()
    """Mail addresses. Each gets its own mail."""
    channels: tuple[str, ...] = ()
    """Names of environment variables that contain an apprise URL: Slack, Telegram, ntfy, webhooks and others."""
    feed: str | None = None
    """File for an Atom feed of the alerts, .atom or .xml, relative to the data directory."""
    topics: tuple[str, ...] = ()
    """IDs of topics.toml; empty: all topics. `load_digests` adds the topics of `groups`."""
    groups: tuple[Label, ...] = ()
    """Groups of topics.toml."""
    tags: tuple[Label, ...] = ()
    """Tags of sources.toml: only alerts of sources with one of them; empty: all sources."""
    at: tuple[time, ...] = ()
    """Local times at which it is sent."""
    weekdays: tuple[str, ...] = WEEKDAYS
    timezone: TimeZoneName = "UTC"
    immediate: bool = False
    """Send as soon as there are alerts, instead of at times."""
    quiet_hours: tuple[time, ...] = ()
    """Local begin and end of the hours in which an immediate digest waits; empty: none."""
    max_per_hour: Annotated[int, Field(ge=1, le=60)] | None = None
    """Most messages of an immediate digest to a recipient within an hour; further alerts wait and come together."""
    summary: bool = False
    """Numbers and the most reported stories of each topic, instead of all its stories."""
    reply_to: MailAddress | None = None
    """Mail address for replies; None: the sender of the mail server's settings."""
    one_click_unsubscribe: bool = False
    """Whether recipients can unsubscribe at `archive_url`, which must serve this archive, not a copy (RFC 8058)."""
    skip_empty: bool = False
    """Send nothing if there are no alerts."""
    group_by_event: bool = True
    """List the stories that report one event as one entry."""
    archive_url: str | None = None
    """Address of the archive published with Datasette; the digest links to it."""
    enabled: bool = True
    note: str | None = None

    @field_validator("recipients")
    @classmethod
    def _recipients(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len({address.lower() for address in value}) < len(value):
            raise ValueError("an address is listed twice")
        return value

    @field_validator("quiet_hours", mode="before")
    @classmethod
    def _quiet_hours(cls, value: Any) -> Any:
        hours = tuple(_time(one) for one in value) if isinstance(value, (list, tuple)) else ()
        if len(hours) != 2 or hours[0] == hours[1]:
            raise ValueError('write begin and end, such as ["22:00", "07:00"]')
        return hours

    @field_validator("channels")
    @classmethod
    def _channels(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if "://" in name:
                raise ValueError(
                    "secrets do not belong in this file: write the name of an environment variable that contains the URL,"
                    " such as SLACK_URL"
                )
            if not _VARIABLE.fullmatch(name):
                raise ValueError(f'{name!r} is not the name of an environment variable; write one such as "SLACK_URL"')
        return value

    @field_validator("feed")
    @classmethod
    def _feed(cls, value: str | None) -> str | None:
        """Check the extension, so that a feed cannot overwrite the archive, raw pages or the user's files."""
        if value is None:
            return None
        if not value.isprintable() or Path(value).suffix.lower() not in FEED_ENDINGS:
            raise ValueError('write a file name that ends in .atom or .xml, such as "alerts.atom"')
        try:
            Path(value).expanduser()
        except RuntimeError as error:  # ~user without a home directory
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
                raise ValueError(
                    f"{day!r} is not a weekday{did_you_mean(day, WEEKDAYS)}; allowed: {', '.join(WEEKDAYS)}"
                )
        if not value:
            raise ValueError("write at least one weekday, or omit the key for all")
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
            raise ValueError("has no recipients, channels or feed; add one, or write enabled = false")
        if self.at and self.immediate:
            raise ValueError("at and immediate exclude each other; remove one")
        if not self.at and not self.immediate and (self.recipients or self.channels) and self.enabled:
            raise ValueError('set a time: at = ["07:30"], or immediate = true')
        if (self.quiet_hours or self.max_per_hour) and not self.immediate:
            raise ValueError("quiet_hours and max_per_hour are for immediate = true; remove them")
        if self.one_click_unsubscribe and not (self.archive_url or "").startswith("https://"):
            raise ValueError('one_click_unsubscribe needs archive_url = "https://…", where this archive is served')
        return self

    @property
    def schedule(self) -> str:
        """Return its times in one line, to detect changes."""
        if self.immediate:
            return "immediate"
        return f"{' '.join(f'{at:%H:%M}' for at in self.at)}, {' '.join(sorted(self.weekdays))}, {self.timezone}"

    @property
    def destinations(self) -> tuple[str, ...]:
        """Return the recipients, and the channels as `channel:NAME`; each gets its own message."""
        return (*self.recipients, *(CHANNEL + name for name in self.channels))

    def reports(self, topic: str, tags: Collection[str] = ()) -> bool:
        """Return whether it reports the topic's alerts of a source with these tags."""
        return (not self.topics or topic in self.topics) and (not self.tags or not set(tags).isdisjoint(self.tags))


def load_digests(
    path: Path, topics: Mapping[str, str | None] | None = None, tags: Collection[str] | None = None
) -> tuple[Digest, ...]:
    """Return the digests of a file, in its order. Raises ConfigurationError with all mistakes of the file.

    `topics`: the IDs that a digest may name, with their groups; None: there is no valid topics.toml. `tags`: the tags that
    a digest may name; None: any.
    """
    groups = {group for group in (topics or {}).values() if group}
    known: dict[str, tuple[Collection[str] | None, str]] = {
        "topics": (topics, "a table of topics.toml"),
        "groups": (groups if topics is not None else None, "the group of a topic in topics.toml"),
        "tags": (tags, "a tag of a source in sources.toml"),
    }
    digests: list[Digest] = []
    mistakes: list[str] = []
    for name, table in read_toml(path).items():
        digest, found = validated_table(name, table, Digest, noun="digest", example="morning", missing=_MISSING)
        digests += [digest] if digest is not None else []
        mistakes += found
        mistakes.extend(
            f"table [{name}], key {key}: {value[:80]!r} is not {what}{did_you_mean(value, allowed)}"
            for key, (allowed, what) in known.items()
            if allowed is not None
            for value in _named(table, key)
            if value not in allowed
        )
    mistakes.extend(_shared_feeds(digests, path.parent))
    if mistakes:
        raise ConfigurationError(path, with_lines(path, mistakes))
    return tuple(_with_groups(digest, topics or {}) for digest in digests)


def _with_groups(digest: Digest, topics: Mapping[str, str | None]) -> Digest:
    members = [topic for topic, group in topics.items() if group in digest.groups]
    return digest.model_copy(update={"topics": tuple(dict.fromkeys((*digest.topics, *members)))}) if members else digest


def groups_of(tables: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the group of each topic in topics.toml as read by `read_toml`, by the topic's ID."""
    return {name: _text_in(table, "group") for name, table in tables.items() if name != "terms"}


def tags_of(tables: Mapping[str, Any]) -> set[str]:
    """Return all tags in sources.toml as read by `read_toml`."""
    return {tag for table in tables.values() for tag in _named(table, "tags")}


def subscribers(
    digests: Sequence[Digest], topics: Iterable[str], tags: Collection[str] = ()
) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return, by topic ID, the (digest ID, recipient) pairs that get its alerts of a source with these tags."""
    return {
        topic: tuple(
            (digest.id, recipient)
            for digest in digests
            if digest.enabled and digest.reports(topic, tags)
            for recipient in digest.destinations
        )
        for topic in topics
    }


def _shared_feeds(digests: Sequence[Digest], folder: Path) -> Iterator[str]:
    """Report digests with the same feed file, because one would overwrite the other."""
    written: dict[str, str] = {}
    for digest in digests:
        if digest.feed is None or not digest.enabled:
            continue
        first = written.setdefault(os.path.normpath(folder / Path(digest.feed).expanduser()), digest.id)
        if first != digest.id:
            yield (
                f"table [{digest.id}], key feed: {digest.feed!r} is also the feed of table [{first}]; use different"
                " files, or merge the digests"
            )


def _text_in(table: Any, key: str) -> str | None:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, str) else None


def _named(table: Any, key: str) -> list[str]:
    """Return the texts in a list as written, so that they are checked even if the table has other mistakes."""
    named = table.get(key) if isinstance(table, dict) else None
    return [one for one in named if isinstance(one, str)] if isinstance(named, list) else []


def _time(written: Any) -> time:
    if isinstance(written, time):
        return written.replace(second=0, microsecond=0)
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f'{written!r} is not a time; write hours and minutes such as "07:30"')
    return time(int(found[1]), int(found[2]))

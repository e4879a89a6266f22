"""The steps of the setup. Each is skipped if it was done before, so the command can be repeated after a fault."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from crawler.config.app import STARTER_DIR, AppConfig
from crawler.config.digests import Digest, load_digests
from crawler.config.environment import ENVIRONMENT_FILE, add_to_environment_file
from crawler.config.parsing.toml import read_toml
from crawler.config.source_template import quoted
from crawler.config.sources import Source, load_sources
from crawler.config.starter import write_starter_files
from crawler.config.topic_tables import TERMS
from crawler.config.topics import load_topics
from crawler.exceptions import ConfigurationError, WirewatchError
from schedules.cli.output import print_line
from schedules.delivery.mail_server import URL, server_from
from schedules.delivery.mime import SendError, build
from schedules.delivery.outbox import message_id_of
from schedules.delivery.periods import next_end
from schedules.digest.job import digests_of
from schedules.setup.answers import (
    NewTopic,
    Prompt,
    Question,
    answers_to,
    checked_address,
    checked_contact,
    checked_mail_server,
    checked_outlet,
    checked_time,
    checked_topic,
    checked_zone,
)
from schedules.sources.add_outlet import configured_source, outlet_table, probe_outlet
from schedules.topics.flag_job import topics_of

if TYPE_CHECKING:
    from scrapy.settings import Settings

CONTACT = "WIREWATCH_CONTACT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What is configured already."""

    contact: str
    sources: tuple[Source, ...]
    """Without those of an untouched starter file."""
    topics: tuple[str, ...]
    """The same for topics."""
    digest: Digest | None
    """The first digest that has a recipient."""
    has_mail_server: bool


def run_setup(
    config: AppConfig, settings: Settings, given: Mapping[str, str | None], *, prompt: Prompt | None, now: datetime,
    allow_private: bool,
) -> None:  # fmt: skip
    """Configure what is missing, send a test mail and print when the next digest is sent. Raises WirewatchError.

    `given`: the options; `prompt` asks for those that are None, without it they are an error.
    """
    for path, is_new in write_starter_files(config.data_dir):
        if is_new:
            print_line(f"created {path}")
    present = _present(config, settings)
    starters = tuple(name for name in read_toml(STARTER_DIR / "topics.toml") if name != TERMS)
    answers = answers_to(_questions(present, given, starters), given, prompt)
    if "contact" in answers:
        add_to_environment_file(config.data_dir, {CONTACT: answers["contact"]})
        os.environ[CONTACT] = answers["contact"]
        config = AppConfig.read(settings)
    print_line(f"contact: {config.contact}")
    if "outlet" in answers:
        _add_outlet(config, settings, answers["outlet"], now=now, allow_private=allow_private)
    topic = _add_topic(config, answers["topic"]) if "topic" in answers else None
    recipient = answers["recipient"] if present.digest is None else present.digest.recipients[0]
    if "smtp-url" in answers:
        if prompt is not None:
            answers["smtp-url"] = _with_password(answers["smtp-url"])
        _test_mail(settings, {URL: answers["smtp-url"]}, recipient, now)
        add_to_environment_file(config.data_dir, {URL: answers["smtp-url"]})
        print_line(f"mail server: stored in {config.data_dir / ENVIRONMENT_FILE}")
    else:
        _test_mail(settings, os.environ, recipient, now)
    if present.digest is None:
        _add_digest(config, answers, topic)
    elif topic is not None and present.digest.topics and topic not in present.digest.topics:
        print_line(
            f"Add {quoted(topic)} to the topics of [{present.digest.id}] in {config.digests_toml} to get it by mail."
        )
    _print_end(config, recipient, now)


def _present(config: AppConfig, settings: Settings) -> Present:
    digests = () if is_untouched(config.digests_toml) else digests_of(config)
    try:
        server_from(settings)
        has_server = True
    except ConfigurationError:
        if os.environ.get(URL):
            raise
        has_server = False
    return Present(
        contact=config.contact,
        sources=() if is_untouched(config.sources_toml) else load_sources(config.sources_toml),
        topics=() if is_untouched(config.topics_toml) else tuple(topic.id for topic in topics_of(config).topics),
        digest=next((digest for digest in digests if digest.enabled and digest.recipients), None),
        has_mail_server=has_server,
    )


def _questions(present: Present, given: Mapping[str, str | None], starters: tuple[str, ...]) -> list[Question]:
    """What is missing, and what was given in addition: another outlet or topic."""
    from tzlocal import get_localzone_name

    questions = []
    if not present.contact:
        questions.append(
            Question(option="contact", prompt="Your mail address or web page, shown to outlets", check=checked_contact)
        )
    if not present.sources or given.get("outlet"):
        questions.append(Question(option="outlet", prompt="Home page of an outlet", check=checked_outlet))
    if (not present.topics and present.digest is None) or given.get("topic"):
        prompt = f"What to watch: words between commas, or one of {', '.join(starters)}"
        questions.append(
            Question(option="topic", prompt=prompt, check=lambda written: checked_topic(written, starters))
        )
    if present.digest is None:
        zone = get_localzone_name() or "UTC"
        questions += [
            Question(option="recipient", prompt="Mail address that gets the digest", check=checked_address),
            Question(option="at", prompt="Time of the digest", check=checked_time, default="07:30"),
            Question(option="timezone", prompt="Time zone", check=checked_zone, default=zone),
        ]
    if not present.has_mail_server:
        prompt = "Mail server, smtps://user:password@mail.example.org?from=wirewatch@example.org"
        questions.append(Question(option="smtp-url", prompt=prompt, check=checked_mail_server))
    return questions


def _add_outlet(config: AppConfig, settings: Settings, url: str, *, now: datetime, allow_private: bool) -> None:
    own = () if is_untouched(config.sources_toml) else load_sources(config.sources_toml)
    known = configured_source(url, own)
    if known is not None:
        print_line(f"outlet: {known.name} is in {config.sources_toml} already, table [{known.id}]")
        return
    probe = probe_outlet(config, settings, url, now=now, allow_private=allow_private)
    source_id, table, works = outlet_table(probe, own, now=now, allow_private=allow_private)
    if not works:
        raise WirewatchError(
            f"{url}: no feed, sitemap or listing works; `scrapy sources add {url}` shows what was tried"
        )
    add_table(config.sources_toml, table, load_sources)
    source = next(one for one in load_sources(config.sources_toml) if one.id == source_id)
    seeds = ", ".join(f"{seed.kind} {seed.url}" for seed in source.seeds)
    print_line(f"outlet: {source.name}, table [{source_id}] of {config.sources_toml}: {seeds}")
    assert probe.outlet is not None
    if probe.outlet.timezone_reason.startswith("unknown"):
        print_line(f"  Its time zone is unknown: write it there as timezone, instead of {source.timezone}.")


def _add_topic(config: AppConfig, topic: str | NewTopic) -> str:
    """Add a topic to topics.toml unless it is there; returns its ID."""

    tables = read_toml(config.topics_toml)
    if isinstance(topic, str):
        if topic not in tables:
            raise ConfigurationError(
                config.topics_toml,
                [f"there is no topic {topic!r} any more; copy it from {STARTER_DIR / 'topics.toml'}"],
            )
        print_line(f"topic: {topic}")
        return topic
    same = next(
        (name for name, one in tables.items() if isinstance(one, dict) and one.get("query") == topic.query), None
    )
    if same is None:
        taken = () if is_untouched(config.topics_toml) else tables
        topic = replace(topic, id=unused_id(topic.id, taken))
        add_table(config.topics_toml, topic.toml, load_topics)
    print_line(f"topic: {topic.title}, table [{same or topic.id}] of {config.topics_toml}")
    return same or topic.id


def _with_password(url: str) -> str:
    """The mail server's URL with the password that is typed, unless it has one or no user; it is not shown."""
    from getpass import getpass

    parts = urlsplit(url)
    if not parts.username or parts.password is not None:
        return url
    secret = quote(getpass(f"Password of {parts.username} (empty: none): "), safe="")
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{secret}@{host}").geturl() if secret else url


def _test_mail(settings: Settings, environ: Mapping[str, str], recipient: str, now: datetime) -> None:
    """Send a mail through the server. Raises WirewatchError if it is not accepted."""
    from schedules.delivery.smtp import send

    server = server_from(settings, environ)
    text = "This is a test mail of Wirewatch: your mail server accepts its digests."
    content = build(
        sender=server.sender, recipient=recipient, subject="Wirewatch: test mail", text=f"{text}\n", html=f"<p>{text}</p>\n",
        message_id=message_id_of("setup", recipient, now.isoformat(), server.sender), digest="setup", at=now,
    )  # fmt: skip
    try:
        send(server, recipient, content)
    except SendError as error:
        raise WirewatchError(
            f"the test mail to {recipient} was not accepted: {error}; correct the mail server and repeat"
        ) from error
    print_line(f"test mail: accepted by {server} for {recipient}")


def _add_digest(config: AppConfig, answers: Mapping[str, Any], topic: str | None) -> None:
    taken = () if is_untouched(config.digests_toml) else {digest.id for digest in digests_of(config)}
    digest_id = unused_id("daily", taken)
    lines = [
        f"[{digest_id}]",
        'title = "Daily digest"',
        f"recipients = [{quoted(answers['recipient'])}]",
        *([f"topics = [{quoted(topic)}]"] if topic is not None else []),
        f"at = [{quoted(answers['at'])}]",
        f"timezone = {quoted(answers['timezone'])}",
    ]
    add_table(config.digests_toml, "\n".join(lines) + "\n", load_digests)
    print_line(f"digest: table [{digest_id}] of {config.digests_toml}")


def _print_end(config: AppConfig, recipient: str, now: datetime) -> None:
    digests = [one for one in digests_of(config) if one.enabled and one.destinations]
    for digest in digests:
        at = None if digest.immediate else next_end(digest, now=now)
        when = (
            "as soon as there is an alert"
            if at is None
            else f"{at.astimezone(ZoneInfo(digest.timezone)):%a %d %b %H:%M}"
        )
        print_line(f"Next digest: {digest.title} for {', '.join(digest.destinations)}, {when} ({digest.timezone}).")
    print_line(
        "`scrapy monitor` crawls, flags and sends it; run it as a service (docs/how-to/run-continuously.md).",
        f"For a digest now: scrapy monitor --once && scrapy digest --send --to {recipient}",
    )


def is_untouched(path: Path) -> bool:
    """Whether a file is missing, or is the starter file as `scrapy init` wrote it."""
    starter = STARTER_DIR / path.name
    return not path.exists() or (starter.exists() and path.read_bytes() == starter.read_bytes())


def add_table(path: Path, table: str, check: Callable[[Path], object]) -> None:
    """Append a table to a file; an untouched starter file is replaced by the table.

    `check` reads the result before it takes the place of the file. Raises ConfigurationError.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        before = "" if is_untouched(path) else path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n\n"
        new.write_text(before + table, encoding="utf-8")
        check(new)
        new.rename(path)
    except ConfigurationError as error:
        raise ConfigurationError(path, error.mistakes) from None
    except OSError as error:
        raise ConfigurationError(path, [f"cannot be written: {error.strerror}"]) from error
    finally:
        new.unlink(missing_ok=True)


def unused_id(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, with a number if it is in `taken`."""
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found

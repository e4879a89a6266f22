"""The answers that the setup needs: from options, or asked on the terminal until they are valid."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.config.digests import ADDRESS, Digest
from crawler.config.source_template import quoted
from crawler.exceptions import ConfigurationError, WirewatchError
from crawler.urls import absolute
from schedules.cli.output import warn
from schedules.delivery.mail_server import URL, server_from
from schedules.sources.add_outlet import home_url

Prompt = Callable[[str], str]
"""Shows a question and returns the line that was typed."""
LONGEST_TOPIC_TITLE = 60
"""Characters of a topic's title that is made of its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTopic:
    """A topic in the user's own words."""

    id: str
    title: str
    query: str

    @property
    def toml(self) -> str:
        """The table for topics.toml."""
        query = quoted(self.query) if "'" in self.query else f"'{self.query}'"
        return f"[{self.id}]\ntitle = {quoted(self.title)}\nquery = {query}\n"


class AnswerError(WirewatchError):
    """An answer cannot be used. Raised by the checks of this module."""


def checked_contact(written: str) -> str:
    """A mail address or a URL."""
    if not ADDRESS.fullmatch(written) and (not written.startswith("http") or absolute("", written) is None):
        raise AnswerError(f"{written!r} is neither a mail address nor a URL; write one such as desk@example.org")
    return written


def checked_outlet(written: str) -> str:
    """The URL of a home page."""
    url = home_url(written)
    if url is None or " " in written:
        raise AnswerError(f"{written!r} is not a URL; write one such as https://harbour-gazette.example/")
    return url


def checked_address(written: str) -> str:
    """A mail address."""
    if not ADDRESS.fullmatch(written):
        raise AnswerError(f"{written!r} is not a mail address; write one such as desk@example.org")
    return written


def checked_mail_server(written: str) -> str:
    """The URL of a mail server with a sender."""
    try:
        server_from({}, {URL: written})
    except ConfigurationError as error:
        raise AnswerError(f"mail server: {error.mistakes[0]}") from None
    return written


def checked_topic(written: str, starters: Sequence[str]) -> str | NewTopic:
    """The ID of a starter topic, or a topic that finds one of the words or phrases between commas in any form."""
    if written in starters:
        return written
    terms = [" ".join(term.replace('"', " ").split()) for term in written.split(",")]
    terms = [term for term in terms if re.search(r"\w", term)]
    if not terms:
        raise AnswerError(f"{written!r}: write words or phrases between commas, such as pier closure, ferry")
    title = ", ".join(terms)[:LONGEST_TOPIC_TITLE]
    name = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:40].strip("-") or "my-topic"
    query = " OR ".join(f"~{term}" if re.fullmatch(r"[^\W\d_]+", term) else f'~"{term}"' for term in terms)
    return NewTopic(id=name, title=title[0].upper() + title[1:], query=query)


def checked_time(written: str) -> str:
    """A local time, "07:30"."""
    _digest_with(at=[written])
    return written


def checked_zone(written: str) -> str:
    """The IANA name of a time zone."""
    _digest_with(timezone=written)
    return written


def _digest_with(**known: Any) -> None:
    from pydantic import ValidationError

    try:
        Digest.model_validate({"id": "daily", "title": "Daily", "feed": "alerts.atom", **known})
    except ValidationError as error:
        raise AnswerError(str(error.errors()[0]["ctx"]["error"])) from None


def answers_to(questions: Sequence[Question], given: Mapping[str, str | None], prompt: Prompt | None) -> dict[str, Any]:
    """The checked answers by option. What was not given is asked with `prompt`, until it is valid.

    Raises AnswerError with all invalid options; without `prompt`, also with those that are missing.
    """
    found: dict[str, Any] = {}
    mistakes = []
    for one in questions:
        written = given.get(one.option)
        if written is None:
            if one.default and prompt is None:
                written = one.default
            else:
                continue
        try:
            found[one.option] = one.check(written.strip())
        except AnswerError as error:
            mistakes.append(f"--{one.option}: {error}")
    missing = [f"--{one.option}" for one in questions if given.get(one.option) is None and one.option not in found]
    if prompt is None and missing:
        mistakes.append(f"give {', '.join(missing)}, or run `scrapy setup` in a terminal, which asks for them")
    if mistakes:
        raise AnswerError("\n".join(mistakes))
    for one in questions:
        if one.option not in found:
            assert prompt is not None
            found[one.option] = _asked(one, prompt)
    return found


def _asked(question: Question, prompt: Prompt) -> Any:
    default = f" [{question.default}]" if question.default else ""
    while True:
        written = prompt(f"{question.prompt}{default}: ").strip() or question.default
        try:
            return question.check(written)
        except AnswerError as error:
            warn(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and the option that answers it."""

    option: str
    prompt: str
    check: Callable[[str], Any]
    default: str = ""
    """Used if nothing is typed or given."""

"""Escape and shorten the text of a digest for a chat service. Pure."""

from __future__ import annotations

import re

from schedules.formatting.plain_text import count_phrase

MARKDOWN_SERVICES = frozenset(
    {
        "NotifyDiscord", "NotifyFluxer", "NotifyGoogleChat", "NotifyGuilded", "NotifyLine", "NotifyMattermost", "NotifyRevolt",
        "NotifyRocketChat", "NotifyRyver", "NotifyTwist", "NotifyWebexTeams", "NotifyZulip",
    }
)  # fmt: skip
"""Services that interpret Markdown in what apprise sends them as plain text."""
UNESCAPED_SERVICES = frozenset({"NotifyForm", "NotifyJSON", "NotifyXML"})
"""Webhooks that pass the text to a program, which escapes it for its purpose."""
_ZERO_WIDTH = "\u200b"
_MENTION = re.compile(r"@(?=[\w!&])|<(?=[@#!&])")
"""After which a zero-width space makes @everyone, <@U1>, <!channel>, <@&1> and <#1> plain text."""
_MARKUP = re.compile(r"([\\`*_~|\[\](){}<>#])")
_LIST_MARKER = re.compile(r"^(\s*)([-+]|\d+(?=[.)]))", re.MULTILINE)
_URL_LINE = re.compile(r"https?://[!-~]+")


def escape_chat(text: str, service: str, *, is_escaped_later: bool = False) -> str:
    """The text without mentions, and without Markdown for a service that interprets it. URLs on a line of their own stay.

    `is_escaped_later`: the channel's format is Markdown, for which apprise escapes plain text.
    """
    if service in UNESCAPED_SERVICES:
        return text
    has_markdown = service in MARKDOWN_SERVICES and not is_escaped_later
    return "\n".join(_escape_line(line, has_markdown=has_markdown) for line in text.split("\n"))


def _escape_line(line: str, *, has_markdown: bool) -> str:
    if _URL_LINE.fullmatch(line):
        return line.replace("@", "%40")
    line = _MENTION.sub(lambda found: found[0] + _ZERO_WIDTH, line)
    if has_markdown:
        line = _LIST_MARKER.sub(r"\1\\\2" if not line[:1].isdigit() else r"\1\2\\", _MARKUP.sub(r"\\\1", line))
    return line


def shorten(text: str, most: int) -> str:
    """At most `most` characters: whole paragraphs, and the number of those left out."""
    if len(text) <= most:
        return text
    paragraphs = text.split("\n\n")
    kept = 0
    while kept < len(paragraphs) and len("\n\n".join([*paragraphs[: kept + 1], _rest(len(paragraphs))])) <= most:
        kept += 1
    if kept == 0:
        return f"{text[: most - 60]}… ({len(text) - most + 60:,} more characters; see the archive)"
    return "\n\n".join([*paragraphs[:kept], _rest(len(paragraphs) - kept)])


def _rest(number: int) -> str:
    return f"… and {count_phrase(number, 'more paragraph')}; see the archive."

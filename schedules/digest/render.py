"""Render a digest: subject, plain text, HTML and chat text. The same content gives the same bytes.

Styles are inlined, because some mail programs remove `<style>`; only the rules for dark mode stay in `<style>`. Text of
outlets passes `plain_text.plain`, Jinja2's escaping and `safe_link`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from schedules.delivery.mime import RenderedDigest
from schedules.digest.content import DigestContent
from schedules.digest.page import LABEL, DigestPage, Limits
from schedules.formatting.highlight import highlight, spans_as_text
from schedules.formatting.links import language_tag, safe_link
from schedules.formatting.plain_text import LINE_WIDTH, columns, count_phrase, isolated, one_line, wrap
from schedules.formatting.templates import templates_of

if TYPE_CHECKING:
    from css_inline import CSSInliner
    from jinja2 import Environment

MAX_MAIL_BYTES = 95_000
"""Bytes of HTML. Gmail clips a message after 102 kB ("[Message clipped]"), not counting quoted-printable encoding."""
LIMITS = tuple(Limits(stories) for stories in (25, 16, 10, 6, 4, 2, 1, 0))
"""Tried in this order until the HTML is small enough. The last shows no stories, only counts."""
SUMMARY_LIMITS = tuple(Limits(stories) for stories in (3, 1, 0))
"""For a summary, which shows the most reported stories of each topic."""
CHAT_LIMITS = Limits(8)
"""For chat services. What does not fit into one of their messages is counted when it is sent."""


def render(content: DigestContent) -> RenderedDigest:
    """Render within the largest limits that keep the HTML under MAX_MAIL_BYTES."""
    for limits in LIMITS if content.numbers is None else SUMMARY_LIMITS:
        page = DigestPage(content, limits)
        html = _html(page)
        if len(html.encode()) <= MAX_MAIL_BYTES:
            break
    chat = DigestPage(content, CHAT_LIMITS)
    return RenderedDigest(page.subject, _text(page, "digest.txt"), html, _text(chat, "chat.txt"))


def _html(page: DigestPage) -> str:
    environment = _environment()
    inlined: str = _inliner().inline(environment.get_template("digest.html").render(page=page))
    # Rules that cannot be inlined are added afterwards: the inliner would put them before the character set. The text
    # contains no </head>, because it is escaped.
    dark = environment.get_template("dark.css").render()
    return inlined.replace("</head>", f"<style>\n{dark}</style>\n</head>", 1)


def _text(page: DigestPage, template: str) -> str:
    text: str = _environment().get_template(template).render(page=page)
    return text.strip("\n") + "\n"


@functools.cache
def _environment() -> Environment:
    environment = templates_of("schedules.digest")
    environment.filters |= {
        "wrapped": _wrapped,
        "isolated": isolated,
        "rule": _rule,
        "as_text": spans_as_text,
        "count": count_phrase,
        "short": functools.partial(one_line, most=LABEL),
        "safe_link": safe_link,
        "highlight": highlight,
        "language_tag": language_tag,
    }
    return environment


@functools.cache
def _inliner() -> CSSInliner:
    import css_inline

    # Never request a stylesheet: the templates name none, and text of outlets cannot add one.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def _wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    return "\n".join(wrap(text, first=first, rest=rest))


def _rule(text: str, sign: str) -> str:
    """A heading with a line below it."""
    lines = wrap(one_line(text, most=200))
    return "\n".join([*lines, sign * min(LINE_WIDTH, max(columns(line) for line in lines))])

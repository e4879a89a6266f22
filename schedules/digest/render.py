"""A digest in type: its subject, its plain text and its HTML. The same content gives the same bytes.

The HTML carries its styles on each element, for mail programs that drop `<style>`; what is kept of `<style>` is dark
mode alone. Everything that strangers wrote passes `plaintext.plain`, Jinja2's escaping and `safe_link`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schedules.digest.content import DigestContent
from schedules.digest.subject import subject
from schedules.digest.view import LEVELS, build_view
from schedules.digest.view_models import DigestView
from schedules.formatting.plain_text import isolated, one_line, wrap

if TYPE_CHECKING:
    from css_inline import CSSInliner
    from jinja2 import Environment

MAX_MAIL_BYTES = 95_000
"""Bytes of HTML. Gmail cuts a message off behind 102 kB (its "[Message clipped]"); quoted-printable is not counted."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's parts, without headers."""

    subject: str
    text: str
    html: str


def render(content: DigestContent) -> Rendered:
    """Folds until the HTML is small enough for every mail program; both parts then show the same."""
    title = subject(content)
    for level in LEVELS:
        shown = build_view(content, level, subject=title)
        html = _html(shown)
        if len(html.encode()) <= MAX_MAIL_BYTES:
            break
    return Rendered(title, _text(shown), html)


def _html(shown: DigestView) -> str:
    environment = _environment()
    inlined: str = _inliner().inline(environment.get_template("digest.html").render(digest=shown))
    # What cannot be inlined goes in behind: the inliner would put it before the character set. Text of strangers holds
    # no </head>, as it is escaped.
    dark = environment.get_template("dark.css").render()
    return inlined.replace("</head>", f"<style>\n{dark}</style>\n</head>", 1)


def _text(shown: DigestView) -> str:
    text: str = _environment().get_template("digest.txt").render(digest=shown)
    return text.strip("\n") + "\n"


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("schedules.digest"),
        autoescape=select_autoescape(["html"], default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrapped
    environment.filters["isolated"] = isolated
    environment.filters["rule"] = _rule
    return environment


@functools.cache
def _inliner() -> CSSInliner:
    import css_inline

    # It would fetch what a <link> names; ours has none, and text cannot make one, but a mail is never worth a request.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def _wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    return "\n".join(wrap(text, first=first, rest=rest))


def _rule(text: str, sign: str) -> str:
    """A heading with a line below it."""
    from schedules.formatting.plain_text import LINE_WIDTH, columns

    lines = wrap(one_line(text, most=200))
    return "\n".join([*lines, sign * min(LINE_WIDTH, max(columns(line) for line in lines))])

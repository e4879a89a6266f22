"""What keeps a page harmless: headers on every answer, names on every control, and whose word counts as a judgement."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

JUDGE = "wirewatch-judge"
"""The permission to say of an alert that it is wanted or noise."""

OURS = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""For the pages made here: no script at all, whatever a page's text holds."""
THEIRS = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For Datasette's own pages, whose scripts stand in them: nothing from elsewhere, nothing to elsewhere."""
RAW = "sandbox; default-src 'none'"
"""For what outlets sent: text, and text alone."""
POLICY = "content-security-policy"


def guarded(app: Callable[..., Any]) -> Callable[..., Any]:
    """Datasette's ASGI application with headers on each answer that has none of its own."""

    async def wrapped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def sending(event: dict[str, Any]) -> None:
            if event["type"] == "http.response.start":
                headers = list(event.get("headers") or [])
                names = {name.lower() for name, _ in headers}
                for name, value in (
                    (POLICY, THEIRS),
                    ("x-content-type-options", "nosniff"),
                    ("referrer-policy", "no-referrer"),
                ):
                    if name.encode() not in names:
                        headers.append((name.encode(), value.encode()))
                event = {**event, "headers": headers}
            await send(event)

        await app(scope, receive, sending if scope["type"] == "http" else send)

    return wrapped


def may_post(form: dict[str, str], cookies: dict[str, str], headers: dict[str, str]) -> bool:
    """Whether a form was sent from a page of ours: it holds the token that the browser has as a cookie.

    Datasette's own check lets a request without cookies pass, since it carries nobody's rights; here it would judge.
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    token, cookie = form.get("csrftoken", ""), cookies.get("ds_csrftoken", "")
    return bool(token) and secrets.compare_digest(token.encode(), cookie.encode())


_NAMES = {
    "_filter_column": "Column to filter by",
    "_filter_op": "How to compare",
    "_filter_value": "Value to compare with",
    "_sort": "Column to sort by",
    "sql": "SQL query",
}
_CONTROL = re.compile(
    r'<(select|textarea|input type="text") ((?:id="[\w-]+" )?name="(_filter_column|_filter_op|_filter_value|_sort|sql)(?:_\d+)?")'
)


def labelled(html: str) -> Markup:
    """A page of Datasette's with names for the controls that have none: a screen reader says what they are for."""
    return Markup(  # noqa: S704 -- what Datasette's own template has just made
        _CONTROL.sub(lambda found: f'<{found[1]} aria-label="{_NAMES[found[3]]}" {found[2]}', str(html))
    )

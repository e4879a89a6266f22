"""What keeps a page harmless: headers on every answer, names on every control, and whose word counts as a judgement."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from markupsafe import Markup

from crawler.archive.schema.reference import tables

App = Callable[..., Awaitable[None]]
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
CSP_HEADER = "content-security-policy"
VIEW_PATHS = frozenset(table.name for table in tables() if table.kind == "view")


def within(path: str, base: str) -> str:
    """A path of a request without the `base_url` under which Datasette is served; as its own router takes it off."""
    return "/" + path[len(base) :] if base != "/" and path.startswith(base) else path


def affordable(path: str, query: str, database: str) -> str:
    """The query string by which Datasette leaves out what would read a whole archive. `path`: `within` the server.

    Suggesting facets counts each column. Counting the rows of a view reads all of them, and so do the count and each
    facet of a search for a common word. A facet that somebody asks for is counted all the same.
    """
    parts = path.split("/")
    if len(parts) != 3 or parts[1] != database:
        return query
    asked = parse_qs(query, keep_blank_values=True)
    extra = [] if "_nosuggest" in asked or "." in parts[2] else ["_nosuggest=1"]
    if (parts[2].partition(".")[0] in VIEW_PATHS or "_search" in asked) and "_nocount" not in asked:
        extra.append("_nocount=1")
    if "_search" in asked and "_facet" not in asked and "_nofacet" not in asked:
        extra.append("_nofacet=1")
    return "&".join([query, *extra] if query else extra)


def guarded(app: App, database: str, base: str = "/") -> App:
    """Datasette's ASGI application, with headers on each answer that has none of its own."""

    async def wrapped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def sending(event: dict[str, Any]) -> None:
            await send(_with_headers(event) if event["type"] == "http.response.start" else event)

        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        query = affordable(within(scope["path"], base), scope.get("query_string", b"").decode("latin-1"), database)
        await app({**scope, "query_string": query.encode("latin-1")}, receive, sending)

    return wrapped


def _with_headers(event: dict[str, Any]) -> dict[str, Any]:
    headers = list(event.get("headers") or [])
    names = {name.lower() for name, _ in headers}
    ours = {CSP_HEADER: THEIRS, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
    headers += [(name.encode(), value.encode()) for name, value in ours.items() if name.encode() not in names]
    return {**event, "headers": headers}


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


_COLUMNS = re.compile(r'<dl class="column-descriptions">.*?</dl>', re.DOTALL)


def label_form_fields(html: str) -> Markup:
    """A page of Datasette's, with names for the controls that have none, so that a screen reader says what they are for.

    The explanations of columns are folded: the rows are what the page was opened for.
    """
    named = _CONTROL.sub(lambda found: f'<{found[1]} aria-label="{_NAMES[found[3]]}" {found[2]}', str(html))
    folded = _COLUMNS.sub(
        lambda found: (
            f"<details class='columns-explained'><summary>What the columns mean</summary>{found[0]}</details>"
        ),
        named,
    )
    return Markup(folded)  # noqa: S704 -- what Datasette's own template has just made

"""Security headers, requests that would read the whole archive, the CSRF check, and labels of form fields."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from datasette.utils.asgi import Response as AsgiResponse
from markupsafe import Markup

from crawler.archive.schema.reference import tables
from schedules.datasette_plugin.table_metadata import hidden_columns

App = Callable[..., Awaitable[None]]
JUDGE = "wirewatch-judge"
"""The permission to judge, annotate and mute alerts, and to save searches."""

OURS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""Policy of our pages: only the script with the keys, which is served from here."""
THEIRS = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Policy of Datasette's own pages, which have inline scripts: nothing is loaded from or sent to other servers."""
RAW = "sandbox; default-src 'none'"
"""Policy of raw pages."""
CSP_HEADER = "content-security-policy"
MAX_FACETS = 10
"""Of a page. Each facet lists up to 100 values with their links, so 300 facets are 44 MB."""
VIEW_PATHS = frozenset(table.name for table in tables() if table.kind == "view")


def within(path: str, base: str) -> str:
    """The path without `base_url`, removed as Datasette's router removes it."""
    return "/" + path[len(base) :] if base != "/" and path.startswith(base) else path


def affordable(path: str, query: str, database: str) -> str:
    """The query string, extended so that Datasette does not read the whole archive. `path`: without `base_url`.

    Suggested facets count every column. The count of a view reads all its rows, and so do the count and each default
    facet of a search for a frequent word. Facets of the query string are still counted. Long texts and hashes are
    hidden on a page until the query string names columns.
    """
    parts = path.split("/")
    if len(parts) != 3 or parts[1] != database:
        return query
    params = parse_qs(query, keep_blank_values=True)
    extra = [] if "_nosuggest" in params or "." in parts[2] else ["_nosuggest=1"]
    if (parts[2].partition(".")[0] in VIEW_PATHS or "_search" in params) and "_nocount" not in params:
        extra.append("_nocount=1")
    if "_search" in params and "_facet" not in params and "_nofacet" not in params:
        extra.append("_nofacet=1")
    if "." not in parts[2] and not params.keys() & {"_col", "_nocol"}:
        extra += [f"_nocol={column}" for column in hidden_columns(parts[2])]
    return "&".join([query, *extra] if query else extra)


def too_many_facets(query: str) -> bool:
    """Whether a query string asks for more facets than a page can show."""
    names = (name for name, _ in parse_qsl(query, keep_blank_values=True))
    return sum(name.startswith("_facet") and name != "_facet_size" for name in names) > MAX_FACETS


def guarded(app: App, database: str, base: str = "/") -> App:
    """Datasette's ASGI application with security headers, where a response does not set its own."""

    async def wrapped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def sending(event: dict[str, Any]) -> None:
            await send(_with_headers(event) if event["type"] == "http.response.start" else event)

        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        query = scope.get("query_string", b"").decode("latin-1")
        if too_many_facets(query):
            await AsgiResponse(f"At most {MAX_FACETS} facets", status=400, content_type="text/plain").asgi_send(sending)
            return
        query = affordable(within(scope["path"], base), query, database)
        await app({**scope, "query_string": query.encode("latin-1")}, receive, sending)

    return wrapped


def _with_headers(event: dict[str, Any]) -> dict[str, Any]:
    headers = list(event.get("headers") or [])
    names = {name.lower() for name, _ in headers}
    ours = {CSP_HEADER: THEIRS, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
    headers += [(name.encode(), value.encode()) for name, value in ours.items() if name.encode() not in names]
    return {**event, "headers": headers}


def may_post(form: dict[str, str], cookies: dict[str, str], headers: dict[str, str]) -> bool:
    """Whether a form was sent from one of our pages: its token equals that of the cookie.

    Datasette's own check accepts requests without cookies, which could judge where everyone is allowed to.
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    token, cookie = form.get("csrftoken", ""), cookies.get("ds_csrftoken", "")
    return bool(token) and secrets.compare_digest(token.encode(), cookie.encode())


_NAMES = {
    "_filter_column": "Column to filter by",
    "_filter_op": "Operator",
    "_filter_value": "Value",
    "_sort": "Column to sort by",
    "sql": "SQL query",
}
_CONTROL = re.compile(
    r'<(select|textarea|input type="text") ((?:id="[\w-]+" )?name="(_filter_column|_filter_op|_filter_value|_sort|sql)(?:_\d+)?")'
)


_COLUMNS = re.compile(r'<dl class="column-descriptions">.*?</dl>', re.DOTALL)


def label_form_fields(html: str) -> Markup:
    """HTML of a page of Datasette, with labels for the form fields that have none; the explanations of columns are folded."""
    named = _CONTROL.sub(lambda found: f'<{found[1]} aria-label="{_NAMES[found[3]]}" {found[2]}', str(html))
    folded = _COLUMNS.sub(
        lambda found: f"<details class='columns-explained'><summary>Columns</summary>{found[0]}</details>",
        named,
    )
    return Markup(folded)  # noqa: S704 -- rendered by Datasette's template

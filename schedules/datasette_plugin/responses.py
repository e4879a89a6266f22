"""What the pages share: who may read, how an archive is read beside the event loop, the frame, and how refusals are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from datasette.utils.asgi import Base400, NotFound, Response

from crawler.sqlite.connection import Connection
from schedules.datasette_plugin.databases import archive_of
from schedules.datasette_plugin.security import CSP_HEADER, JUDGE, OURS, within

T = TypeVar("T")
ViewFunction = Callable[[Any, Any], Awaitable[Response]]
HIGHEST = (1 << 63) - 1
"""Of an integer in SQLite; a larger number in an address is no id."""
DIGITS = 40
"""Of a number in an address, leading zeros among them: Python reads no more than 4,300, and fails."""


async def archive_for(datasette: Any, request: Any) -> Any:
    """The archive, where this reader may see it."""
    found = archive_of(datasette)
    if found is None:
        raise NotFound("No archive of Wirewatch is served here")
    await datasette.ensure_permissions(request.actor, [("view-database", found.name), "view-instance"])
    return found


async def in_reader(datasette: Any, request: Any, reader: Callable[[Connection], T]) -> T:
    database = await archive_for(datasette, request)
    result: T = await database.execute_fn(reader)
    return result


async def page(datasette: Any, request: Any, template: str, context: Mapping[str, Any]) -> Response:
    """`context["status"]` is the HTTP status where it is not 200."""
    judging_allowed = await may_judge(datasette, request)
    html = await datasette.render_template(
        f"wirewatch/{template}.html",
        {"may_judge": judging_allowed, "here": _here(datasette, request), **context},
        request=request,
    )
    return Response.html(html, status=context.get("status", 200), headers={CSP_HEADER: OURS})


def path_of(datasette: Any, request: Any) -> str:
    """The path as our routes know it, wherever the server stands: `urls.path` puts its `base_url` before it again."""
    return within(request.path, datasette.setting("base_url"))


def _here(datasette: Any, request: Any) -> str:
    query = f"?{request.query_string}" if request.query_string else ""
    return path_of(datasette, request) + query


async def may_judge(datasette: Any, request: Any) -> bool:
    """Where it was allowed to this reader, and the archive can be written at all."""
    found = archive_of(datasette)
    allowed: bool = await datasette.permission_allowed(request.actor, JUDGE, default=False)
    return allowed and found is not None and found.is_mutable


def served(view: ViewFunction) -> ViewFunction:
    """A page whose refusals are told in our frame. Datasette prints each with a traceback, which takes it a second."""

    async def serving(datasette: Any, request: Any) -> Response:
        try:
            return await view(datasette, request)
        except Base400 as error:
            context = {"status": error.status, "reason": str(error.args[0] if error.args else error)}
            return await page(datasette, request, "error", context)

    return serving


def found_or_404(value: T | None, what: str) -> T:
    if value is None:
        raise NotFound(what)
    return value


def path_number(text: str | None) -> int | None:
    """An id of an address; None where it is left out. Raises NotFound where it can be none."""
    if not text:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= DIGITS
    if not is_number or int(text) > HIGHEST:
        raise NotFound(f"{text[:40]!r} is no number of the archive")
    return int(text)


def id_of(request: Any) -> int:
    return path_number(request.url_vars["id"]) or 0


async def in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, work)

"""What all pages share: access to the archive, values of a request, rendering, and error pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from datasette.utils import tilde_decode
from datasette.utils.asgi import BadRequest, Base400, NotFound, Response

from crawler.clock import utc_now
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from schedules.datasette_plugin.databases import archive_of
from schedules.datasette_plugin.reader import UNKNOWN_READER, Reader
from schedules.datasette_plugin.security import CSP_HEADER, JUDGE, OURS, within

_T = TypeVar("_T")
Context = dict[str, Any]
"""Variables of a template. `status` is the HTTP status if it is not 200."""
ViewFunction = Callable[[Any, Any], Awaitable[Response]]
HIGHEST_ID = (1 << 63) - 1
"""SQLite's largest integer."""
MAX_DIGITS = 40
"""Digits of a number in a URL, leading zeros included. Python raises ValueError above 4,300."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """The values of a request that pages read."""

    key: str
    """`id` of the URL, decoded: a number, or the ID of a topic or source. Empty if the URL has none."""
    number: int | None
    """`number` of the URL: the version of an article."""
    args: Mapping[str, str]
    now: datetime
    reader: Reader = UNKNOWN_READER

    @classmethod
    def of(cls, datasette: Any, request: Any) -> PageRequest:
        """Raises NotFound if `number` is too large."""
        found, now = request.url_vars, utc_now()
        return cls(
            key=tilde_decode(found.get("id") or ""),
            number=path_number(found.get("number")),
            args={name: request.args.get(name) for name in request.args},
            now=now,
            reader=reader_of(datasette, request, now),
        )

    @property
    def id(self) -> int:
        """The key as a number. Raises NotFound if it is no valid ID."""
        return path_number(self.key) or 0

    def filters(self, *names: str) -> dict[str, str]:
        """Those of the filters `names` that the query string sets. Raises BadRequest."""
        found = {name: value for name in names if (value := self.args.get(name))}
        for name, value in found.items():
            if name in _DAYS and not is_day(value):
                raise BadRequest(f"Invalid day {value[:40]!r}: expected a day such as 2026-11-23")
            if name in _CHOICES and value not in _CHOICES[name]:
                raise BadRequest(f"Invalid {name} {value[:40]!r}: expected one of {', '.join(_CHOICES[name])}")
        return found

    def sql_values(self, filters: Mapping[str, str]) -> dict[str, object]:
        """The filters as parameters of queries: days as their bounds in UTC, `unseen` as the newest seen alert."""
        values: dict[str, object] = dict(filters)
        for name in filters.keys() & _DAYS:
            first = date.fromisoformat(filters[name]) + timedelta(days=name == "until")
            values[name] = format_utc(datetime(first.year, first.month, first.day, tzinfo=self.reader.zone))
        for name in filters.keys() & {"judged", "starred"}:
            values[name] = int(filters[name])
        if "unseen" in filters:
            values["unseen"] = self.reader.seen or 0
        return values

    @property
    def before(self) -> int | None:
        """The ID with which the previous page of a list ended. Raises NotFound if it is no valid ID."""
        return path_number(self.args.get("before"))


_DAYS = frozenset({"since", "until"})
_CHOICES = {"judged": ("1", "0", "-1"), "unseen": ("1",), "starred": ("1",)}
"""Allowed values of filters that are no free text. judged: 1 relevant, 0 not relevant, -1 not judged."""


def is_day(text: str) -> bool:
    try:
        return 1 < date.fromisoformat(text).year < 9999 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def reader_of(datasette: Any, request: Any, now: datetime) -> Reader:
    """The reader, with the time zone of `plugins: wirewatch: timezone:` in metadata.yaml if they chose none."""
    configured = (datasette.plugin_config("wirewatch") or {}).get("timezone", "UTC")
    return Reader.of(request.cookies, default_zone=str(configured), now=now)


async def archive_for(datasette: Any, request: Any) -> Any:
    """The archive. Raises NotFound if there is none, Forbidden if the visitor may not see it."""
    found = archive_of(datasette)
    if found is None:
        raise NotFound("No Wirewatch archive is served here")
    await datasette.ensure_permissions(request.actor, [("view-database", found.name), "view-instance"])
    return found


async def read_archive(datasette: Any, request: Any, read: Callable[[Connection], _T]) -> _T:
    """The result of `read`, run in a thread of Datasette with a read-only connection."""
    database = await archive_for(datasette, request)
    result: _T = await database.execute_fn(read)
    return result


async def render_page(datasette: Any, request: Any, template: str, context: Context) -> Response:
    query = f"?{request.query_string}" if request.query_string else ""
    reader = reader_of(datasette, request, utc_now())
    shared = {
        "may_judge": await may_judge(datasette, request),
        "zone": reader.zone,
        "seen": reader.seen,
        "here": path_of(datasette, request) + query,
    }
    html = await datasette.render_template(f"wirewatch/{template}.html", shared | context, request=request)
    return Response.html(html, status=context.get("status", 200), headers={CSP_HEADER: OURS})


def path_of(datasette: Any, request: Any) -> str:
    """The path without `base_url`, as our routes match it; `urls.path` prepends `base_url` again."""
    return within(request.path, datasette.setting("base_url"))


async def may_judge(datasette: Any, request: Any) -> bool:
    """Whether this visitor has the permission, and the archive is not served as immutable."""
    found = archive_of(datasette)
    allowed: bool = await datasette.permission_allowed(request.actor, JUDGE, default=False)
    return allowed and found is not None and found.is_mutable


def with_error_pages(view: ViewFunction) -> ViewFunction:
    """The view, with errors rendered in our layout. Datasette would print a traceback for each, which takes a second."""

    async def show(datasette: Any, request: Any) -> Response:
        try:
            return await view(datasette, request)
        except Base400 as error:
            context = {"status": error.status, "reason": str(error.args[0] if error.args else error)}
            return await render_page(datasette, request, "error", context)

    return show


def found_or_404(value: _T | None, message: str) -> _T:
    if value is None:
        raise NotFound(message)
    return value


def path_number(text: str | None) -> int | None:
    """A positive integer of a URL; None if it is absent. Raises NotFound if it is not one that SQLite can store."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS) or int(text) > HIGHEST_ID:
        raise NotFound(f"Invalid ID {text[:40]!r}: expected a positive integer")
    return int(text)


async def in_thread(work: Callable[[], _T]) -> _T:
    return await asyncio.get_running_loop().run_in_executor(None, work)

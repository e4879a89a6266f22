"""The URLs of the pages, and the views that answer them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasette.utils import tilde_decode
from datasette.utils.asgi import Forbidden, NotFound, Response

from crawler.archive.delivery import recipients
from crawler.archive.storage.warc_records import read_stored_page
from crawler.clock import utc_now
from crawler.encodings.charset import decode
from crawler.exceptions import ArchiveError, PrunedPageError
from crawler.sqlite.connection import Connection, connect
from crawler.sqlite.values import format_utc
from schedules.datasette_plugin import alert_queries, queries, responses
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.databases import archive_of
from schedules.datasette_plugin.pages import (
    alerts,
    article,
    database,
    desk,
    figures,
    forms,
    home,
    search,
    source,
    stories,
    topic,
)
from schedules.datasette_plugin.reader import VISIT_COOKIE, ZONE_COOKIE
from schedules.datasette_plugin.responses import Context, PageRequest, ViewFunction
from schedules.datasette_plugin.security import CSP_HEADER, RAW
from schedules.formatting.atom import atom_of_alerts

log = logging.getLogger(__name__)
PageReader = Callable[[Connection, PageRequest], Context]
MAX_FEED_ENTRIES = 100
COOKIE_SECONDS = 365 * 86400


def _view(template: str, read: PageReader, *, is_visit: bool = False) -> ViewFunction:
    """`is_visit`: the page shows the newest alerts, so the next visit counts them as seen."""

    async def show(datasette: Any, request: Any) -> Response:
        asked = PageRequest.of(datasette, request)
        context, newest = await responses.read_archive(
            datasette, request, lambda db: (read(db, asked), queries.newest_alert(db) if is_visit else 0)
        )
        response = await responses.render_page(datasette, request, template, context)
        if is_visit:
            remember(datasette, response, VISIT_COOKIE, str(asked.reader.visit(newest, asked.now)))
        return response

    return show


def remember(datasette: Any, response: Response, name: str, value: str) -> None:
    """Set a cookie of the reader for a year."""
    path = datasette.setting("base_url")
    response.set_cookie(name, value, max_age=COOKIE_SECONDS, path=path, httponly=True, samesite="lax")


_show_home = _view("home", home.home_context, is_visit=True)


async def show_home(datasette: Any, request: Any) -> Response:
    """The home page; Datasette's own if it serves no archive."""
    if archive_of(datasette) is not None:
        return await _show_home(datasette, request)
    from datasette.views.index import IndexView  # Datasette loads its plugins before its views

    request.scope["url_route"]["kwargs"].setdefault("format", None)
    response: Response = await IndexView(datasette).get(request)
    return response


async def show_data(datasette: Any, request: Any) -> Response:
    """The list of tables. Datasette's own page for SQL, for its list with hidden tables, and for other databases."""
    found = archive_of(datasette)
    name = tilde_decode(request.url_vars["database"])
    if found is None or found.name != name or request.query_string:
        from datasette.views.database import DatabaseView

        request.scope["url_route"]["kwargs"]["format"] = None
        response: Response = await DatabaseView(datasette).get(request)
        return response

    async def allowed(action: str, resource: Any) -> bool:
        return bool(await datasette.permission_allowed(request.actor, action, resource=resource, default=True))

    visible = [table for table in database.SHOWN_TABLES if await allowed("view-table", (name, table))]
    tables = await responses.read_archive(datasette, request, lambda db: database.list_tables(db, visible))
    context = {"tables": tables, "queries": QUERIES, "may_execute_sql": await allowed("execute-sql", name)}
    return await responses.render_page(datasette, request, "database", context)


async def show_alert(datasette: Any, request: Any) -> Response:
    """Redirects to the alert's sentence in the version that it was found in."""
    alert_id = PageRequest.of(datasette, request).id
    place = await responses.read_archive(datasette, request, lambda db: alert_queries.alert_place(db, alert_id))
    found = responses.found_or_404(place, "There is no such alert")
    return Response.redirect(datasette.urls.path(f"/article/{found['article_id']}/{found['number']}#alert-{alert_id}"))


async def show_raw(datasette: Any, request: Any) -> Response:
    """A raw page as plain text, which no browser runs."""
    archive = await responses.archive_for(datasette, request)
    path, page_id = Path(archive.path), PageRequest.of(datasette, request).id

    def read() -> Any:
        with contextlib.closing(connect(path, read_only=True)) as db:
            return read_stored_page(db, path.parent / "warc", page_id)

    try:
        page = await responses.in_thread(read)
    except PrunedPageError as error:
        raise NotFound(f"Raw page {page_id} was pruned on {error.day}; its hash is kept") from error
    except ArchiveError as error:
        if not (path.parent / "warc").is_dir():
            raise NotFound("This copy of the archive has no raw pages") from error
        log.warning("%s", error)  # for the operator: the message contains paths
        raise NotFound(f"Raw page {page_id} is missing or damaged; run `scrapy archive check` for details") from error
    return Response(
        decode(page.body, page.header("content-type") or ""),
        content_type="text/plain; charset=utf-8",
        headers={CSP_HEADER: RAW, "content-disposition": "inline"},
    )


async def show_feed(datasette: Any, request: Any) -> Response:
    """The newest alerts as Atom, of one topic or of all, without muted ones."""
    asked = PageRequest.of(datasette, request)

    def read(db: Connection) -> tuple[queries.PageRow | None, list[Any]]:
        topic = queries.topic_row(db, asked.key) if asked.key else {"title": "All topics"}
        filters = {"now": format_utc(asked.now)} | ({"topic": asked.key} if asked.key else {})
        return topic, alerts.latest_alerts(db, now=asked.now, limit=MAX_FEED_ENTRIES, filters=filters)

    topic, views = await responses.read_archive(datasette, request, read)
    feed_id = datasette.absolute_url(request, datasette.urls.path(responses.path_of(datasette, request)))
    name = f"Wirewatch: {responses.found_or_404(topic, 'There is no such topic')['title']}"
    feed = atom_of_alerts(name, [view.alert for view in views], feed_id=feed_id, now=asked.now)
    return Response(feed, content_type="application/atom+xml; charset=utf-8")


async def save_form(datasette: Any, request: Any) -> Response:
    """Stores a form of those who may judge, then redirects back."""
    archive = await responses.archive_for(datasette, request)
    if request.method != "POST":
        raise NotFound("This address takes forms only")
    if not await responses.may_judge(datasette, request):
        raise Forbidden("Working on alerts is off; docs/how-to/browse-the-archive.md explains how to allow it")
    form, action = await request.post_vars(), request.url_vars["action"]
    where = await responses.in_thread(
        lambda: forms.store_form(Path(archive.path), action, form, request.cookies, request.headers, utc_now())
    )
    return Response.redirect(datasette.urls.path(where), status=303)


async def save_zone(datasette: Any, request: Any) -> Response:
    """Stores the reader's time zone in a cookie, then redirects back."""
    await responses.archive_for(datasette, request)
    if request.method != "POST":
        raise NotFound("This address takes forms only")
    form = await request.post_vars()
    forms.refuse_foreign(form, request.cookies, request.headers)
    zone = desk.chosen_zone(form.get("timezone", ""))
    response = Response.redirect(datasette.urls.path(forms.return_path(form)), status=303)
    remember(datasette, response, ZONE_COOKIE, zone)
    return response


async def show_unsubscribe(datasette: Any, request: Any) -> Response:
    """Asks before it ends a subscription; a POST ends it, also one of a mail program (RFC 8058), without cookies.

    The token in the address is the permission: recipients need no account, so the archive's own permissions do not apply.
    """
    found = responses.found_or_404(archive_of(datasette), "No Wirewatch archive is served here")
    path, token, now = Path(found.path), request.url_vars["token"], utc_now()

    def run() -> recipients.DigestSubscription | None:
        with contextlib.closing(connect(path, read_only=request.method != "POST")) as db:
            if request.method == "POST":
                recipients.unsubscribe(db, token, now)
            return recipients.subscription(db, token)

    if request.method == "POST" and not found.is_mutable:
        raise Forbidden("This copy of the archive cannot be changed; reply to the digest to unsubscribe")
    one = responses.found_or_404(await responses.in_thread(run), "This link is not valid any more")
    context = {"digest": one.digest, "recipient": one.recipient, "is_over": one.unsubscribed}
    return await responses.render_page(datasette, request, "unsubscribe", context)


_PAGES: tuple[tuple[str, ViewFunction], ...] = (
    (r"^/article/(?P<id>\d+)(?:/(?P<number>\d+))?$", _view("article", article.article_context)),
    (r"^/alert/(?P<id>\d+)$", show_alert),
    (r"^/alerts$", _view("alerts", alerts.alerts_context, is_visit=True)),
    (r"^/alerts\.atom$", show_feed),
    (r"^/topics$", _view("topics", topic.topics_context)),
    (r"^/topic/(?P<id>[^/]+)\.atom$", show_feed),
    (r"^/topic/(?P<id>[^/]+)/figures$", _view("figures", figures.figures_context)),
    (r"^/topic/(?P<id>[^/]+)$", _view("topic", topic.topic_context)),
    (r"^/events$", _view("events", stories.events_context)),
    (r"^/event/(?P<id>\d+)$", _view("event", stories.event_context)),
    (r"^/stories$", _view("stories", stories.stories_context)),
    (r"^/story/(?P<id>\d+)$", _view("story", stories.story_context)),
    (r"^/sources$", _view("sources", source.sources_context)),
    (r"^/source/(?P<id>[^/]+)$", _view("source", source.source_context)),
    (r"^/search$", _view("search", search.search_context)),
    (r"^/page/(?P<id>\d+)$", show_raw),
    (r"^/unsubscribe/(?P<token>[0-9a-f]{32})$", show_unsubscribe),
    (r"^/desk$", _view("desk", desk.desk_context)),
    (r"^/desk/timezone$", save_zone),
    (rf"^/desk/(?P<action>{'|'.join(forms.FORM_ACTIONS)})$", save_form),
)
ROUTES = (
    (r"^/$", show_home),
    *((path, responses.with_error_pages(view)) for path, view in _PAGES),
    (r"^/(?P<database>[^/.]+)$", show_data),
)
"""Matched before Datasette's own routes."""

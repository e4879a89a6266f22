"""The pages: what they are asked for, what reads it, which template shows it. Datasette hands over `datasette` and `request`."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from datasette.utils import tilde_decode
from datasette.utils.asgi import Forbidden, NotFound, Response

from crawler.archive.monitoring.source_states import StateSummary
from crawler.archive.storage.warc_records import read_stored_page
from crawler.clock import utc_now
from crawler.encodings.charset import decode
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection, connect
from schedules.datasette_plugin import responses
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.databases import archive_of
from schedules.datasette_plugin.pages import article, database, home, judgements, search, source, stories, topic
from schedules.datasette_plugin.rendering import svg_charts
from schedules.datasette_plugin.responses import ViewFunction
from schedules.datasette_plugin.security import CSP_HEADER, RAW
from schedules.formatting.atom import atom_of_alerts

_log = logging.getLogger(__name__)

# --- Pages -------------------------------------------------------------------------------------------------------


async def show_front(datasette: Any, request: Any) -> Response:
    """The home page; Datasette's own where no archive is served."""
    if archive_of(datasette) is None:
        from datasette.views.index import IndexView

        request.scope["url_route"]["kwargs"].setdefault("format", None)
        response: Response = await IndexView(datasette).get(request)
        return response
    now = utc_now()
    found = await responses.in_reader(datasette, request, lambda db: home.read_home(db, now))
    return await responses.page(datasette, request, "home", {"home": found, "queries": QUERIES})


async def show_data(datasette: Any, request: Any) -> Response:
    """What the archive's tables hold; Datasette's own page for its hidden tables, for SQL, and for other databases."""
    found = archive_of(datasette)
    name = tilde_decode(request.url_vars["database"])
    if found is None or found.name != name or request.query_string:
        from datasette.views.database import DatabaseView

        request.scope["url_route"]["kwargs"]["format"] = None
        response: Response = await DatabaseView(datasette).get(request)
        return response
    visible = [
        table
        for table in database.shown_tables()
        if await datasette.permission_allowed(request.actor, "view-table", resource=(name, table), default=True)
    ]
    may_ask = await datasette.permission_allowed(request.actor, "execute-sql", resource=name, default=True)
    lines = await responses.in_reader(datasette, request, lambda db: database.read_contents(db, visible))
    return await responses.page(
        datasette, request, "database", {"lines": lines, "queries": QUERIES, "may_ask": may_ask}
    )


async def show_article(datasette: Any, request: Any) -> Response:
    """An article, or one of its earlier texts; `?compare` sets it beside the one before."""
    number = responses.path_number(request.url_vars.get("number"))
    compare = "compare" in request.args
    found = responses.found_or_404(
        await responses.in_reader(
            datasette,
            request,
            lambda db: article.read_article(db, responses.id_of(request), number=number, compare=compare),
        ),
        "No such article, or it never had so many texts",
    )
    return await responses.page(datasette, request, "article", {"view": found, "compare": compare})


async def show_alert(datasette: Any, request: Any) -> Response:
    """Leads to the sentence in the text that it was found in."""
    place = responses.found_or_404(
        await responses.in_reader(datasette, request, lambda db: article.place_of_alert(db, responses.id_of(request))),
        "No such alert",
    )
    article_id, number = place
    return Response.redirect(datasette.urls.path(f"/article/{article_id}/{number}#alert-{responses.id_of(request)}"))


async def show_alerts(datasette: Any, request: Any) -> Response:
    """All alerts, the newest first."""
    before = responses.path_number(request.args.get("before"))
    since = utc_now() - timedelta(days=7)
    alerts, topics = await responses.in_reader(
        datasette,
        request,
        lambda db: (
            home.latest_alerts(db, limit=home.ALERTS_PER_PAGE + 1, before=before),
            home.watched_topics(db, since=since),
        ),
    )
    shown = alerts[: home.ALERTS_PER_PAGE]
    following = shown[-1].alert.id if len(alerts) > home.ALERTS_PER_PAGE else None
    return await responses.page(
        datasette,
        request,
        "alerts",
        {"alerts": article.together(shown), "next_before": following, "topics": topics, "before": before},
    )


async def show_topics(datasette: Any, request: Any) -> Response:
    """What is watched."""
    since = utc_now() - timedelta(days=7)
    found = await responses.in_reader(datasette, request, lambda db: home.watched_topics(db, since=since))
    return await responses.page(datasette, request, "topics", {"topics": found})


async def show_topic(datasette: Any, request: Any) -> Response:
    """One topic, with its alerts per day drawn."""
    now, name = utc_now(), tilde_decode(request.url_vars["id"])
    before = responses.path_number(request.args.get("before"))
    found = responses.found_or_404(
        await responses.in_reader(datasette, request, lambda db: topic.read_topic(db, name, now=now, before=before)),
        "No such topic",
    )
    chart = svg_charts.bar_chart(found.days, title=f"Alerts per day, {topic.CHART_DAYS} days", noun="alert")
    return await responses.page(
        datasette,
        request,
        "topic",
        {"view": found, "chart": chart, "before": before, "most_outlets": topic.OUTLETS_SHOWN},
    )


async def show_stories(datasette: Any, request: Any) -> Response:
    """Reports that several articles carry."""
    before = request.args.get("before")
    latest_at, _, story_id = (before or "").partition("~")
    place = (latest_at, responses.path_number(story_id) or 0) if before else None
    found = await responses.in_reader(datasette, request, lambda db: home.listed_stories(db, before=place))
    shown = found[: home.ALERTS_PER_PAGE]
    following = f"{shown[-1]['latest_at']}~{shown[-1]['story_id']}" if len(found) > home.ALERTS_PER_PAGE else None
    return await responses.page(
        datasette, request, "stories", {"stories": shown, "next_before": following, "before": before}
    )


async def show_story(datasette: Any, request: Any) -> Response:
    """One report, who carries it, and what each adds."""
    found = responses.found_or_404(
        await responses.in_reader(datasette, request, lambda db: stories.read_story(db, responses.id_of(request))),
        "No such story",
    )
    return await responses.page(datasette, request, "story", {"view": found})


async def show_sources(datasette: Any, request: Any) -> Response:
    """Every outlet with its rhythm, health and gaps."""
    now = utc_now()
    found = await responses.in_reader(datasette, request, lambda db: source.read_sources(db, now))
    return await responses.page(
        datasette,
        request,
        "sources",
        {
            "sources": [source.drawn(view, now, small=True) for view in found],
            "summary": StateSummary.of(view.state for view in found),
        },
    )


async def show_source(datasette: Any, request: Any) -> Response:
    """One outlet."""
    now, name = utc_now(), tilde_decode(request.url_vars["id"])
    found = responses.found_or_404(
        await responses.in_reader(datasette, request, lambda db: source.read_source(db, name, now)), "No such source"
    )
    return await responses.page(datasette, request, "source", {"drawn": source.drawn(found, now)})


async def show_search(datasette: Any, request: Any) -> Response:
    """Articles by their words; topics, sources and writers by name."""
    words, source = (request.args.get("q") or "").strip(), request.args.get("source") or None
    before = responses.path_number(request.args.get("before"))
    found = await responses.in_reader(
        datasette, request, lambda db: search.search(db, words, source=source, before=before)
    )
    return await responses.page(datasette, request, "search", {"found": found, "source": source, "before": before})


# --- Raw pages, feeds, judgements --------------------------------------------------------------------------------


async def show_raw(datasette: Any, request: Any) -> Response:
    """A raw page as text: what the outlet sent, never run."""
    database = await responses.archive_for(datasette, request)
    path = Path(database.path)

    def read() -> Any:
        db = connect(path, read_only=True)
        try:
            return read_stored_page(db, path.parent / "warc", responses.id_of(request))
        finally:
            db.close()

    try:
        page = await responses.in_thread(read)
    except ArchiveError as error:
        raise NotFound(_missing(path.parent / "warc", responses.id_of(request), error)) from error
    text = decode(page.body, page.header("content-type") or "")
    return Response(
        text,
        content_type="text/plain; charset=utf-8",
        headers={CSP_HEADER: RAW, "content-disposition": "inline"},
    )


def _missing(warc: Path, page_id: int, error: ArchiveError) -> str:
    """For a reader; where the files lie, and what is wrong with them, is for whoever runs the server."""
    if not warc.is_dir():
        return "This copy of the archive has no raw pages"
    _log.warning("%s", error)
    return f"Raw page {page_id} is not there, or cannot be read; `scrapy archive check` says more where the archive is kept"


async def show_feed(datasette: Any, request: Any) -> Response:
    """The newest alerts as Atom, of all topics or of one."""
    name = request.url_vars.get("id")
    relevant = tilde_decode(name) if name else None

    def read(db: Connection) -> tuple[str | None, list[Any]]:
        title = "All topics" if relevant is None else home.topic_title(db, relevant)
        return title, [view.alert for view in home.latest_alerts(db, limit=100, topic=relevant)]

    title, alerts = await responses.in_reader(datasette, request, read)
    here = datasette.absolute_url(request, datasette.urls.path(responses.path_of(datasette, request)))
    return Response(
        atom_of_alerts(
            f"Wirewatch: {responses.found_or_404(title, 'No such topic')}", alerts, feed_id=here, now=utc_now()
        ),
        content_type="application/atom+xml; charset=utf-8",
    )


async def judge(datasette: Any, request: Any) -> Response:
    """A form of an alert: wanted or noise."""
    database = await responses.archive_for(datasette, request)
    if request.method != "POST":
        raise NotFound("Alerts are judged by the buttons beside them")
    if not await responses.may_judge(datasette, request):
        raise Forbidden("Judging is off here: docs/how-to/browse-the-archive.md says how to allow it")
    form = await request.post_vars()
    where = await responses.in_thread(
        lambda: judgements.save_judgement(Path(database.path), form, request.cookies, request.headers, utc_now())
    )
    return Response.redirect(datasette.urls.path(where), status=303)


_PAGES: tuple[tuple[str, ViewFunction], ...] = (
    (r"^/article/(?P<id>\d+)(?:/(?P<number>\d+))?$", show_article),
    (r"^/alert/(?P<id>\d+)$", show_alert),
    (r"^/alerts$", show_alerts),
    (r"^/alerts\.atom$", show_feed),
    (r"^/topics$", show_topics),
    (r"^/topic/(?P<id>[^/]+)\.atom$", show_feed),
    (r"^/topic/(?P<id>[^/]+)$", show_topic),
    (r"^/stories$", show_stories),
    (r"^/story/(?P<id>\d+)$", show_story),
    (r"^/sources$", show_sources),
    (r"^/source/(?P<id>[^/]+)$", show_source),
    (r"^/search$", show_search),
    (r"^/page/(?P<id>\d+)$", show_raw),
    (r"^/judge$", judge),
)
ROUTES = (
    (r"^/$", show_front),
    *((path, responses.served(view)) for path, view in _PAGES),
    (r"^/(?P<database>[^/.]+)$", show_data),
)
"""Before Datasette's own: a database named as one of them is reached by its tables alone."""

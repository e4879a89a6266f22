"""The pages: what they are asked for, what reads it, which template shows it. Datasette hands over `datasette` and `request`."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from datasette.utils import tilde_decode
from datasette.utils.asgi import Forbidden, NotFound, Response

from crawler.archive.connection import Connection, connect
from crawler.archive.warc import read_page
from crawler.encoding import decode
from crawler.errors import ArchiveError
from crawler.run import utc_now
from schedules.browsing import article, charts, contents, finding, front, judging, outlet, serving, stories, topic
from schedules.browsing.archive import archive_of
from schedules.browsing.guarding import POLICY, RAW
from schedules.browsing.queries import QUERIES
from schedules.browsing.serving import View
from schedules.channels import atom

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
    found = await serving.read(datasette, request, lambda db: front.read_front(db, now))
    return await serving.page(datasette, request, "front", {"front": found, "queries": QUERIES})


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
        for table in contents.shown_tables()
        if await datasette.permission_allowed(request.actor, "view-table", resource=(name, table), default=True)
    ]
    may_ask = await datasette.permission_allowed(request.actor, "execute-sql", resource=name, default=True)
    lines = await serving.read(datasette, request, lambda db: contents.read_contents(db, visible))
    return await serving.page(datasette, request, "data", {"lines": lines, "queries": QUERIES, "may_ask": may_ask})


async def show_article(datasette: Any, request: Any) -> Response:
    """An article, or one of its earlier texts; `?compare` sets it beside the one before."""
    number = serving.number(request.url_vars.get("number"))
    compare = "compare" in request.args
    found = serving.found_or_404(
        await serving.read(
            datasette,
            request,
            lambda db: article.read_article(db, serving.id_of(request), number=number, compare=compare),
        ),
        "No such article, or it never had so many texts",
    )
    return await serving.page(datasette, request, "article", {"view": found, "compare": compare})


async def show_alert(datasette: Any, request: Any) -> Response:
    """Leads to the sentence in the text that it was found in."""
    place = serving.found_or_404(
        await serving.read(datasette, request, lambda db: article.place_of_alert(db, serving.id_of(request))),
        "No such alert",
    )
    article_id, number = place
    return Response.redirect(datasette.urls.path(f"/article/{article_id}/{number}#alert-{serving.id_of(request)}"))


async def show_alerts(datasette: Any, request: Any) -> Response:
    """All alerts, the newest first."""
    before = serving.number(request.args.get("before"))
    since = utc_now() - timedelta(days=7)
    alerts, topics = await serving.read(
        datasette,
        request,
        lambda db: (
            front.newest_alerts(db, limit=front.PAGE + 1, before=before),
            front.watched_topics(db, since=since),
        ),
    )
    shown = alerts[: front.PAGE]
    following = shown[-1].alert.id if len(alerts) > front.PAGE else None
    return await serving.page(
        datasette,
        request,
        "alerts",
        {"alerts": article.together(shown), "next_before": following, "topics": topics, "before": before},
    )


async def show_topics(datasette: Any, request: Any) -> Response:
    """What is watched."""
    since = utc_now() - timedelta(days=7)
    found = await serving.read(datasette, request, lambda db: front.watched_topics(db, since=since))
    return await serving.page(datasette, request, "topics", {"topics": found})


async def show_topic(datasette: Any, request: Any) -> Response:
    """One topic, with its alerts per day drawn."""
    now, name = utc_now(), tilde_decode(request.url_vars["id"])
    before = serving.number(request.args.get("before"))
    found = serving.found_or_404(
        await serving.read(datasette, request, lambda db: topic.read_topic(db, name, now=now, before=before)),
        "No such topic",
    )
    chart = charts.bars(found.days, title=f"Alerts per day, {topic.DAYS} days", noun="alert")
    return await serving.page(
        datasette, request, "topic", {"view": found, "chart": chart, "before": before, "most_outlets": topic.OUTLETS}
    )


async def show_stories(datasette: Any, request: Any) -> Response:
    """Reports that several articles carry."""
    before = request.args.get("before")
    latest_at, _, story_id = (before or "").partition("~")
    place = (latest_at, serving.number(story_id) or 0) if before else None
    found = await serving.read(datasette, request, lambda db: front.listed_stories(db, before=place))
    shown = found[: front.PAGE]
    following = f"{shown[-1]['latest_at']}~{shown[-1]['story_id']}" if len(found) > front.PAGE else None
    return await serving.page(
        datasette, request, "stories", {"stories": shown, "next_before": following, "before": before}
    )


async def show_story(datasette: Any, request: Any) -> Response:
    """One report, who carries it, and what each adds."""
    found = serving.found_or_404(
        await serving.read(datasette, request, lambda db: stories.read_story(db, serving.id_of(request))),
        "No such story",
    )
    return await serving.page(datasette, request, "story", {"view": found})


async def show_sources(datasette: Any, request: Any) -> Response:
    """Every outlet with its rhythm, health and gaps."""
    now = utc_now()
    found = await serving.read(datasette, request, lambda db: outlet.read_sources(db, now))
    return await serving.page(
        datasette,
        request,
        "sources",
        {
            "sources": [outlet.drawn(view, now, small=True) for view in found],
            "states": Counter(view.state for view in found if view.state != "retired"),
        },
    )


async def show_source(datasette: Any, request: Any) -> Response:
    """One outlet."""
    now, name = utc_now(), tilde_decode(request.url_vars["id"])
    found = serving.found_or_404(
        await serving.read(datasette, request, lambda db: outlet.read_source(db, name, now)), "No such source"
    )
    return await serving.page(datasette, request, "source", {"drawn": outlet.drawn(found, now)})


async def show_search(datasette: Any, request: Any) -> Response:
    """Articles by their words; topics, sources and writers by name."""
    words, source = (request.args.get("q") or "").strip(), request.args.get("source") or None
    before = serving.number(request.args.get("before"))
    found = await serving.read(datasette, request, lambda db: finding.search(db, words, source=source, before=before))
    return await serving.page(datasette, request, "search", {"found": found, "source": source, "before": before})


# --- Raw pages, feeds, judgements --------------------------------------------------------------------------------


async def show_raw(datasette: Any, request: Any) -> Response:
    """A raw page as text: what the outlet sent, never run."""
    database = await serving.archive_for(datasette, request)
    path = Path(database.path)

    def read() -> Any:
        db = connect(path, read_only=True)
        try:
            return read_page(db, path.parent / "warc", serving.id_of(request))
        finally:
            db.close()

    try:
        page = await serving.in_thread(read)
    except ArchiveError as error:
        raise NotFound(_missing(path.parent / "warc", serving.id_of(request), error)) from error
    text = decode(page.body, page.header("content-type") or "")
    return Response(
        text, content_type="text/plain; charset=utf-8", headers={POLICY: RAW, "content-disposition": "inline"}
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
    wanted = tilde_decode(name) if name else None

    def read(db: Connection) -> tuple[str | None, list[Any]]:
        title = "All topics" if wanted is None else front.topic_title(db, wanted)
        return title, [view.alert for view in front.newest_alerts(db, limit=100, topic=wanted)]

    title, alerts = await serving.read(datasette, request, read)
    here = datasette.absolute_url(request, datasette.urls.path(serving.path_of(datasette, request)))
    return Response(
        atom(f"Wirewatch: {serving.found_or_404(title, 'No such topic')}", alerts, feed_id=here, now=utc_now()),
        content_type="application/atom+xml; charset=utf-8",
    )


async def judge(datasette: Any, request: Any) -> Response:
    """A form of an alert: wanted or noise."""
    database = await serving.archive_for(datasette, request)
    if request.method != "POST":
        raise NotFound("Alerts are judged by the buttons beside them")
    if not await serving.may_judge(datasette, request):
        raise Forbidden("Judging is off here: docs/datasette.md says how to allow it")
    form = await request.post_vars()
    where = await serving.in_thread(
        lambda: judging.note(Path(database.path), form, request.cookies, request.headers, utc_now())
    )
    return Response.redirect(datasette.urls.path(where), status=303)


_PAGES: tuple[tuple[str, View], ...] = (
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
    *((path, serving.served(view)) for path, view in _PAGES),
    (r"^/(?P<database>[^/.]+)$", show_data),
)
"""Before Datasette's own: a database named as one of them is reached by its tables alone."""

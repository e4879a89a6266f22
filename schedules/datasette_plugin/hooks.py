"""The hooks that Datasette calls."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils import actor_matches_allow
from jinja2 import pass_context
from markupsafe import Markup

from crawler.clock import utc_now
from crawler.figures.ledger import figure_text
from schedules.datasette_plugin import table_metadata
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.databases import archive_of, check_database, is_archive
from schedules.datasette_plugin.length_limit import limit_length
from schedules.datasette_plugin.pages.routes import ROUTES
from schedules.datasette_plugin.rendering import cells, sql_functions, template_filters
from schedules.datasette_plugin.responses import path_of
from schedules.datasette_plugin.security import JUDGE, guarded, label_form_fields
from schedules.formatting.links import language_tag, safe_link


@hookimpl
def startup(datasette: Any) -> None:
    """Refuses an archive with another schema version."""
    # Imported late: it needs the list of plugins, which is not complete when this module is loaded.
    from datasette import handle_exception

    # Where Rich is installed, Datasette prints a traceback with all local variables for each bad request: seconds of CPU.
    handle_exception.rich = None
    check_database(datasette)


@hookimpl
def get_metadata(datasette: Any, key: str | None, database: str | None) -> dict[str, Any]:
    """Only the requested part: Datasette calls this about a hundred times per page, and copies the result."""
    if key not in (None, "databases", "title", "description") or (database is not None and key is not None):
        return {}
    found = archive_of(datasette)
    if found is None:
        return {}
    top = {"title": table_metadata.TITLE, "description": table_metadata.DESCRIPTION}
    if key in top:
        return {key: top[key]}
    return {**(top if key is None else {}), "databases": {found.name: table_metadata.database_metadata()}}


@hookimpl
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:
    sql_functions.register(conn)
    if is_archive(datasette, database):
        limit_length(conn)


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    env.filters.update(
        when=_when,
        ago=lambda value: template_filters.time_ago(value, utc_now()),
        highlighted=template_filters.highlighted_spans,
        diffed=template_filters.diffed,
        figure=figure_text,
        day=template_filters.calendar_day,
        web_link=safe_link,
        language_tag=language_tag,
        labelled=label_form_fields,
    )


@pass_context
def _when(context: Any, time: Any, offset_minutes: int | None = None) -> Markup:
    """A time with the publisher's offset, else in the time zone of the reader."""
    return template_filters.when(time, offset_minutes, zone=context.get("zone"))


@hookimpl
def extra_template_vars(datasette: Any, database: str | None, request: Any) -> dict[str, Any]:
    """Variables of base.html, and of the overridden templates of Datasette."""
    found = archive_of(datasette)
    return {
        "archive_name": found.name if found else None,
        "shows_archive": found is not None and found.name == database,
        "query_limits": {query.name: query.limit for query in QUERIES},
        "place": path_of(datasette, request) if request else "",
    }


@hookimpl
def canned_queries(datasette: Any, database: str) -> dict[str, Any]:
    if not is_archive(datasette, database):
        return {}
    return {
        query.name: {
            "sql": query.sql,
            "title": query.title,
            "description": query.description,
            "params": query.params,
            "hide_sql": True,
        }
        for query in QUERIES
    }


@hookimpl
def render_cell(datasette: Any, value: Any, column: str, database: str) -> Any:
    return cells.render_value(datasette, value, column) if is_archive(datasette, database) else None


@hookimpl
def permission_allowed(datasette: Any, actor: Any, action: str) -> bool | None:
    """Judging is allowed to whom `plugins: wirewatch: judging:` of metadata.yaml allows it, by default to root."""
    if action != JUDGE:
        return None
    allow = (datasette.plugin_config("wirewatch") or {}).get("judging", {"id": "root"})
    return bool(actor_matches_allow(actor, allow)) if allow else False


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return list(ROUTES)


@hookimpl
def asgi_wrapper(datasette: Any) -> Any:
    """Adds security headers, and removes what would read the whole archive from requests."""
    found = archive_of(datasette)
    return (lambda app: guarded(app, found.name, datasette.setting("base_url"))) if found else (lambda app: app)

"""The hooks that Datasette calls. Thin: each asks one of the modules beside it."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils import actor_matches_allow

from crawler.clock import utc_now
from schedules.datasette_plugin import table_metadata
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.databases import archive_of, check_database, is_archive
from schedules.datasette_plugin.pages.routes import ROUTES
from schedules.datasette_plugin.rendering import cells, sql_functions, template_filters
from schedules.datasette_plugin.responses import path_of
from schedules.datasette_plugin.security import JUDGE, guarded, label_form_fields


@hookimpl
def startup(datasette: Any) -> None:
    """Refuse an archive that these pages cannot read."""
    check_database(datasette)


@hookimpl
def get_metadata(datasette: Any, key: str | None, database: str | None) -> dict[str, Any]:
    """Only what is asked for: Datasette asks some hundred times a page, and copies what it gets."""
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
def prepare_connection(conn: Any) -> None:
    """Functions for the pages and the ready-made queries."""
    sql_functions.register(conn)


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Filters of the templates."""
    env.filters.update(
        when=template_filters.when,
        ago=lambda text: template_filters.time_ago(text, utc_now()),
        marked=template_filters.highlighted_spans,
        diffed=template_filters.diffed,
        web_link=template_filters.web_link,
        language_tag=template_filters.language_tag,
        labelled=label_form_fields,
    )


@hookimpl
def extra_template_vars(datasette: Any, database: str | None, request: Any) -> dict[str, Any]:
    """For the frame around every page."""
    found = archive_of(datasette)
    return {
        "archive_name": found.name if found else None,
        "shows_archive": found is not None and found.name == database,
        "most_rows": {query.name: query.most for query in QUERIES},
        "place": path_of(datasette, request) if request else "",
    }


@hookimpl
def canned_queries(datasette: Any, database: str) -> dict[str, Any]:
    """The ready-made queries."""
    if not is_archive(datasette, database):
        return {}
    return {
        query.name: {
            "sql": query.sql,
            "title": query.title,
            "description": query.description,
            "params": list(query.params),
            "hide_sql": True,
        }
        for query in QUERIES
    }


@hookimpl
def render_cell(datasette: Any, value: Any, column: str, database: str) -> Any:
    """Ids lead to the pages made for them."""
    return cells.cell(datasette, value, column) if is_archive(datasette, database) else None


@hookimpl
def permission_allowed(datasette: Any, actor: Any, action: str) -> bool | None:
    """Who may judge: nobody, unless metadata.yaml says so under `plugins: wirewatch: judging:`."""
    if action != JUDGE:
        return None
    allow = (datasette.plugin_config("wirewatch") or {}).get("judging", False)
    return bool(actor_matches_allow(actor, allow)) if allow else False


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The pages."""
    return list(ROUTES)


@hookimpl
def asgi_wrapper(datasette: Any) -> Any:
    """Headers of every answer, and no question that reads the whole archive."""
    found = archive_of(datasette)
    return (lambda app: guarded(app, found.name, datasette.setting("base_url"))) if found else (lambda app: app)

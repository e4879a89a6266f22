"""The archive in the browser: what Datasette is told of it, and the pages where people would rather look than read.

A Datasette plugin, found by its entry point (pyproject.toml) wherever Datasette runs in our environment, so that
`datasette data/` and `datasette anywhere/archive.db` show the same. `plugin.py` holds the hooks; `views.py` answers requests:
it takes what the readers (`front`, `article`, `topic`, `outlet`, `finding`) give, and sets it with templates/wirewatch/.
Everything here reads; only `judging.py` writes, and only what people say of alerts.
"""

from schedules.datasette_plugin.hooks import (
    asgi_wrapper,
    canned_queries,
    extra_template_vars,
    get_metadata,
    permission_allowed,
    prepare_connection,
    prepare_jinja2_environment,
    register_routes,
    render_cell,
    startup,
)

__all__ = [
    "asgi_wrapper",
    "canned_queries",
    "extra_template_vars",
    "get_metadata",
    "permission_allowed",
    "prepare_connection",
    "prepare_jinja2_environment",
    "register_routes",
    "render_cell",
    "startup",
]

"""The archive in the browser: a Datasette plugin with metadata, canned queries and pages.

Datasette finds it by its entry point (pyproject.toml), so that `datasette data/` and `datasette elsewhere/archive.db` show
the same. `hooks.py` has the hooks, `pages/routes.py` the URLs, `queries.py` and `article_queries.py` the SQL of the pages.
The plugin reads only, except `pages/forms.py`.
"""

from schedules.datasette_plugin.hooks import *  # noqa: F403 -- Datasette looks for the hooks here

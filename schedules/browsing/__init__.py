"""The archive in the browser: what Datasette is told of it, and the pages where people would rather look than read.

`plugin.py` holds the hooks that Datasette calls; `data/plugins/wirewatch.py` hands them over. `views.py` answers requests:
it takes what the readers (`front`, `article`, `topic`, `outlet`, `finding`) give, and sets it with data/templates/.
Everything here reads; only `judging.py` writes, and only what people say of alerts.
"""

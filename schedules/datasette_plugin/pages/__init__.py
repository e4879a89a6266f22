"""One module per page, and the routes that lead to them.

May import schedules.datasette_plugin.rendering, schedules.formatting and crawler.
"""

"""Table cells, SVG charts, template filters and SQL functions used by several pages.

May import schedules.formatting and crawler.
"""

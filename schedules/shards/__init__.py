"""Several archives as one: `scrapy archive merge`, and `export --parquet` for programs that read many archives.

May import crawler, pipelines, schedules.cli and schedules.formatting.
"""

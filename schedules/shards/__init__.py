"""Several archives as one: `scrapy archive merge`, and `export --parquet` for programs that read many archives."""

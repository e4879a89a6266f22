"""What `scrapy archive backup`, `restore`, `merge`, `export --parquet`, `forget`, `prune` and `size` do and print."""

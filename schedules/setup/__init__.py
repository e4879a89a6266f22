"""What `scrapy setup` asks, writes and sends, from an empty data folder to the first digest."""

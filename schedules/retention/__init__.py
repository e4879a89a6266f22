"""What `scrapy archive forget`, `prune`, `size` and `restore` do with their arguments, and what they print."""

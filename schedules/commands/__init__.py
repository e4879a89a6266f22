"""Commands of the `scrapy` command line; one module a command, named as it is typed."""

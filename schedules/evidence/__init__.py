"""Proofs and evidence files: what `scrapy archive roots`, `scrapy archive prove` and `scrapy evidence` do."""

"""Imported once by the fork server: processes a sample page, so that all libraries and models are loaded.

Otherwise each child would import late libraries and unpack the language model itself.
"""

from __future__ import annotations

from datetime import datetime, timezone

from crawler.models import ExtractionHints, Page
from pipelines.process_page import process_page

_SENTENCE = "The harbour council voted on Tuesday to close the northern pier to cargo ships from June on. "
_SAMPLE = (
    "<html><head><title>Pier closes</title></head><body><article><h1>Pier closes</h1><time>March 1, 2026 1:11 PM</time>"
    f"<p>By Mara Voss</p>{''.join(f'<p>{_SENTENCE * 3}</p>' for _ in range(4))}</article></body></html>"
)

process_page(
    Page(
        source="",
        url="https://warm.example/a",
        final_url="https://warm.example/a",
        status=200,
        headers=(("Content-Type", "text/html"),),
        body=_SAMPLE.encode(),
        fetched_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ),
    ExtractionHints(),
)

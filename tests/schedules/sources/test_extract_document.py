"""Which kind a document is."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from schedules.sources.extract_document import FetchedDocument, extract_document, stand_in_source

URL = "https://harbour-gazette.example/coast/"


def test_a_page_whose_data_holds_a_few_links_with_summaries_is_a_listing() -> None:
    summary = "A ferry rammed the old pier in dense fog on Friday, nobody was hurt and the pier is closed."
    data = [
        {"headline": f"Ferry rams pier number {n}", "url": f"/2026/05/0{n}/ferry-rams-pier", "summary": summary}
        for n in (1, 2, 3)
    ]
    body = f'<title>Coast</title><div id=app></div><script id="__NEXT_DATA__">{json.dumps({"articles": data})}</script>'
    document = FetchedDocument(body=body.encode(), url=URL, fetched_at=datetime(2026, 5, 9, tzinfo=timezone.utc))
    extracted = extract_document(document, stand_in_source(URL, "UTC"))
    assert (extracted["kind"], len(extracted["links"])) == ("listing", 3)

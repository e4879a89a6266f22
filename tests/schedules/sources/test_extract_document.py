"""Which kind a document is."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from crawler.exceptions import ParseError
from schedules.sources.extract_document import FetchedDocument, extract_document, stand_in_source

URL = "https://harbour-gazette.example/coast/"
HEADLINES = [f"Ferry rams the old pier number {number} in fog" for number in range(4)]


def extracted(body: str) -> dict[str, Any]:
    document = FetchedDocument(body=body.encode(), url=URL, fetched_at=datetime(2026, 5, 9, tzinfo=timezone.utc))
    return extract_document(document, stand_in_source(URL, "UTC"))


def test_a_page_whose_data_holds_a_few_links_with_summaries_is_a_listing() -> None:
    summary = "A ferry rammed the old pier in dense fog on Friday, nobody was hurt and the pier is closed."
    data = [
        {"headline": f"Ferry rams pier number {n}", "url": f"/2026/05/0{n}/ferry-rams-pier", "summary": summary}
        for n in (1, 2, 3)
    ]
    found = extracted(
        f'<title>Coast</title><div id=app></div><script id="__NEXT_DATA__">{json.dumps({"articles": data})}</script>'
    )
    assert (found["kind"], len(found["links"])) == ("listing", 3)


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("<h3><a href='#/news/{n}'>{title}</a></h3>", "hash_route"),
        ("<div onclick='show({n})'><h3>{title}</h3></div>", "no_url"),
    ],
)
def test_a_list_whose_headlines_only_a_script_opens_is_a_listing_without_links(card: str, code: str) -> None:
    found = extracted("".join(card.format(n=number, title=title) for number, title in enumerate(HEADLINES)))
    assert (found["kind"], found["links"], found["entries"]) == ("listing", [], 4)
    assert [one["code"] for one in found["left_out"]] == [code] * 4


@pytest.mark.parametrize(
    ("body", "kind", "links"),
    [
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/a"}]}', "feed", 1),
        (json.dumps({"html": "".join(f'<a href="/2026/05/{n}/ferry-rams-pier">Ferry {n}</a>' for n in range(4))}), "listing", 4),
        ("User-agent: *\nSitemap: https://harbour-gazette.example/sitemap.xml\n", "sitemap", 1),
        ("https://harbour-gazette.example/a\n", "sitemap", 1),
    ],
)  # fmt: skip
def test_json_and_text_are_feeds_sitemaps_or_listings(body: str, kind: str, links: int) -> None:
    found = extracted(body)
    assert (found["kind"], len(found["links"])) == (kind, links)


def test_an_opml_file_is_no_document_of_a_seed() -> None:
    with pytest.raises(ParseError, match="sources import"):
        extracted("<opml><body><outline xmlUrl='https://a.example/rss'/></body></opml>")

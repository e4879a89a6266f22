"""Listings whose links are in the data of scripts or in shadow roots, and not in the links of the page."""

from __future__ import annotations

import html
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from crawler.reasons import ReasonCode
from spiders.listings.parser import parse_listing
from spiders.markup.parsed_document import ParsedDocument

NOW = datetime(2026, 5, 2, 12, tzinfo=timezone.utc)
HOME = "https://harbour-gazette.example"
MENU = [{"title": "Politics", "url": "/politics/"}, {"title": "About us", "url": "/about/"}]
STORIES = {
    "/2026/05/01/ferry-rams-the-old-pier": "Ferry rams the old pier in dense fog",
    "/2026/05/01/council-keeps-the-night-market": "Council votes to keep the night market open",
    "/2026/04/30/divers-find-a-bell": "Divers find a bell from the lost lightship",
    "/2026/04/30/lighthouse-goes-dark": "Lighthouse goes dark for the first time since 1911",
}
ENTRIES = [
    {"headline": title, "url": path, "publishedAt": "2026-05-01T10:11:00Z", "author": {"name": "Ada Quill", "url": "/author/ada-quill"}}
    for path, title in STORIES.items()
]  # fmt: skip


def parse(markup: str, *, selector: str | None = None, pattern: str | None = None) -> ParsedDocument:
    body = f"<html><body><div id=app></div><nav><a href='/about/'>About us</a></nav>{markup}</body></html>"
    return parse_listing(
        body.encode(), url=f"{HOME}/news/", content_type="text/html", fetched_at=NOW, selector=selector, pattern=pattern
    )


def found(listing: ParsedDocument) -> dict[str, str | None]:
    return {link.url.removeprefix(HOME): link.title for link in listing.links}


def data(value: Any, name: str = "__NEXT_DATA__") -> str:
    return f'<script id="{name}" type="application/json">{json.dumps(value)}</script>'


def json_ld(value: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def pushed(rows: str) -> str:
    return "".join(f"<script>self.__next_f.push({json.dumps([1, part])})</script>" for part in (rows[:200], rows[200:]))


def state(entries: Any) -> dict[str, Any]:
    return {"props": {"pageProps": {"menu": MENU, "feed": {"articles": entries}}}}


def flat(entries: list[dict[str, Any]]) -> list[Any]:
    """The state of Nuxt 3: one list, in which the values of objects are positions."""
    values: list[Any] = [["Reactive", 1], {"data": 2}, list(range(3, 3 + len(entries)))]
    texts: list[Any] = []
    for entry in entries:
        values.append(
            {key: 3 + len(entries) + len(texts) + n for n, key in enumerate(("headline", "url", "publishedAt"))}
        )
        texts += [entry["headline"], entry["url"], entry["publishedAt"]]
    return values + texts


def javascript(entries: list[dict[str, Any]]) -> str:
    items = ",".join(f"{{title:{json.dumps(one['headline'])},url:'{one['url']}',hot:!0,at:void 0,}}" for one in entries)
    return f"<script>window.__NUXT__={{layout:'default',data:[{{articles:[{items}]}}]}};</script>"


def called(entries: list[dict[str, Any]]) -> str:
    first, *others = entries
    items = ",".join(f"{{title:{json.dumps(one['headline'])},url:{json.dumps(one['url'])}}}" for one in others)
    arguments = f"{json.dumps(first['headline'])},{json.dumps(first['url'])}"
    return f"<script>window.__NUXT__=(function(a,b){{return {{data:[{{list:[{{title:a,url:b}},{items}]}}]}}}}({arguments}));</script>"


REACT = ["$", "ul", None, {"children": [
    ["$", "$L3", one["url"], {"href": one["url"], "className": "text-lg font-bold hover:underline",
                              "children": [["$", "span", None, {"children": "Coast"}],
                                           ["$", "h3", None, {"children": one["headline"]}]]}]
    for one in ENTRIES]}]  # fmt: skip
APOLLO = {
    f"Article:{n}": {"__typename": "Article", "title": one["headline"], "canonicalUrl": HOME + str(one["url"])}
    for n, one in enumerate(ENTRIES)
}
NESTED = [{"title": {"rendered": one["headline"]}, "link": HOME + str(one["url"]), "slug": "x"} for one in ENTRIES]
PATHS = [{"headlines": {"basic": one["headline"]}, "path": str(one["url"])[1:]} for one in ENTRIES]
NEWS = [
    {"@type": "NewsArticle", "headline": one["headline"], "mainEntityOfPage": {"@id": one["url"]}} for one in ENTRIES
]
LISTED = [{"@type": "ListItem", "position": n, "item": one} for n, one in enumerate(NEWS)]
NAMED = [{"@type": "ListItem", "url": one["url"], "name": one["headline"]} for one in ENTRIES]


@pytest.mark.parametrize(
    "markup",
    [
        data(state(ENTRIES)),
        data(state(NESTED)),
        data(state(PATHS)),
        data(flat(ENTRIES), "__NUXT_DATA__"),
        data({"state": json.dumps(state(ENTRIES))}, "server-state"),
        f"<script>window.__APOLLO_STATE__ = {json.dumps(APOLLO)};</script>",
        f"<script>window.__STATE__ = JSON.parse({json.dumps(json.dumps(state(ENTRIES)))});</script>",
        f"<script>if (window.x) {{ start() }}; window.__STATE__ = {json.dumps(state(ENTRIES))};</script>",
        javascript(ENTRIES),
        called(ENTRIES),
        data(state(ENTRIES)).replace('"', "&q;").replace("<script id=&q;__NEXT_DATA__&q; type=&q;application/json&q;>",
                                                         '<script id="ng-state" type="application/json">'),
        pushed("2:I[1,[],\"\"]\n5:" + json.dumps(REACT) + "\n"),
        pushed("6:T5,<p>ab7:" + json.dumps({"articles": ENTRIES}) + "\n"),
        f"<div id=page data-page=\"{html.escape(json.dumps(state(ENTRIES)))}\"></div>",
        json_ld({"@type": "ItemList", "itemListElement": LISTED}),
        json_ld({"@type": "ItemList", "itemListElement": NAMED}),
        json_ld({"@type": "CollectionPage", "mainEntity": {"@type": "ItemList", "itemListElement": NAMED}}),
        json_ld({"@type": "CollectionPage", "hasPart": NEWS}),
        json_ld({"@graph": [{"@type": "WebSite", "name": "Gazette", "url": HOME}, *NEWS]}),
        json_ld(NEWS),
        "".join(map(json_ld, NEWS)),
        f"<script type='application/ld+json'>//<![CDATA[\n{json.dumps(NEWS)}\n//]]></script>",
    ],
    ids=["next", "wordpress", "paths", "nuxt-3", "json-in-json", "apollo", "json-parse", "code-before", "javascript", "nuxt-call",
         "angular", "react", "flight-text", "attribute", "item-list", "named-items", "collection", "has-part", "graph", "list",
         "scripts", "cdata"],
)  # fmt: skip
def test_a_listing_that_scripts_draw_has_the_links_of_their_data(markup: str) -> None:
    listing = parse(markup)
    assert found(listing) == STORIES
    assert listing.note is None


@pytest.mark.parametrize(
    "item",
    ["<div data-href='{0}'><h3>{1}</h3></div>", "<map><area href='{0}' alt='{1}'></map>",
     "<noscript><a href='{0}'>{1}</a></noscript>"],
)  # fmt: skip
def test_links_in_other_elements_are_links_of_the_page(item: str) -> None:
    assert found(parse("".join(item.format(path, title) for path, title in STORIES.items()))) == STORIES


def test_javascript_with_dates_and_relative_addresses_is_read() -> None:
    items = ",".join(
        f"{{title:{json.dumps(title)},href:'{path}',date:new Date(1777630260000)}}" for path, title in STORIES.items()
    )
    assert found(parse(f"<script>kit.start(app, {{data:[null,{{posts:[{items}]}}]}});</script>")) == STORIES
    pages = [{"title": title, "url": f"{path.rpartition('/')[2]}.html"} for path, title in STORIES.items()]
    assert found(parse(data(state(pages)))) == {f"/news/{page['url']}": page["title"] for page in pages}


def test_an_item_list_of_addresses_has_links_without_titles() -> None:
    listing = parse(json_ld({"@type": "ItemList", "itemListElement": [HOME + path for path in STORIES]}))
    assert list(found(listing)) == list(STORIES)
    assert listing.note is not None
    assert listing.note.code is ReasonCode.UNTITLED_LINKS


def test_a_link_in_a_script_has_its_time_and_the_others_are_left_out_with_a_code() -> None:
    listing = parse(data(state(ENTRIES)))
    assert listing.links[0].published is not None
    assert listing.links[0].published.at == datetime(2026, 5, 1, 10, 11, tzinfo=timezone.utc)
    left_out = {one.what.removeprefix(HOME): one.code for one in listing.left_out}
    assert left_out == dict.fromkeys(["/about/", "/politics/"], ReasonCode.NOT_AN_ARTICLE)


def test_a_pattern_chooses_among_the_links_in_scripts() -> None:
    assert list(found(parse(data(state(ENTRIES)), pattern="/2026/05/"))) == list(STORIES)[:2]


def test_data_that_repeats_the_links_of_the_page_adds_nothing() -> None:
    links = "".join(f"<li><a href='{path}'>{title}</a></li>" for path, title in STORIES.items())
    others = [
        {"title": "An old report about the fish market", "url": "/2019/03/04/an-old-report-about-the-fish-market"}
    ]
    assert found(parse(f"<ul>{links}</ul>{data(state(others))}")) == STORIES


def test_headlines_without_an_address_are_counted_and_the_note_has_advice() -> None:
    entries = [{"title": title, "slug": path.rpartition("/")[2]} for path, title in STORIES.items()]
    listing = parse(data(state(entries)))
    assert listing.links == ()
    assert listing.note is not None
    assert "render = true" in listing.note.text


@pytest.mark.parametrize("attribute", ["shadowrootmode", "shadowroot"])
def test_links_in_a_declarative_shadow_root_are_links_of_the_page(attribute: str) -> None:
    links = "".join(f"<li><a href='{path}'>{title}</a></li>" for path, title in STORIES.items())
    inner = f"<news-list><template {attribute}='open'><ul class=s>{links}</ul></template></news-list>"
    markup = f"<app-root><template {attribute}='open'>{inner}</template></app-root>"
    assert found(parse(markup)) == STORIES
    assert found(parse(markup, selector="ul.s")) == STORIES
    assert found(parse(f"<template><ul>{links.replace('/2026', '{{ base }}/2026')}</ul></template>")) == {}, (
        "not filled in"
    )


@pytest.mark.parametrize(
    "script",
    ["new Date(" * 5000, "{" * 5000, '{"a":' * 5000, "[" * 90_000, "self.__next_f.push([1,\"5:T-,\"])", '{"url":"/a b","title":"x\\ud800"}',
     '{"url":"http://[::1","title":"Ferry rams the old pier"}', "function(){return", "'" * 9000, '"\\' * 9000,
     '{"title":"\\u0000Ferry rams the old pier \\u0001","url":"/2026/05/01/ferry-rams\\u0000"}'],
)  # fmt: skip
def test_hostile_data_is_no_error(script: str) -> None:
    assert all(link.url.startswith(HOME) for link in parse(f"<script>{script}</script>").links)

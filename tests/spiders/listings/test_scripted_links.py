"""Links that a script makes, lists in JSON, encoded data, and articles that have no address of their own."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from urllib.parse import quote

import pytest

from crawler.config.sources import Seed, Source
from crawler.reasons import ReasonCode
from spiders.documents import counted, parse_document
from spiders.markup.parsed_document import ParsedDocument

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
HOME = "https://harbour-gazette.example/"
TITLES = (
    "Harbour bridge closed after storm damage", "Council votes to raise parking fees", "Ferry returns to the old harbour",
    "School meals programme gets new money", "Fire crews rescue hikers from mountain",
)  # fmt: skip
STORIES = {f"/news/2026/11/{29 - day}/{title.lower().replace(' ', '-')}": title for day, title in enumerate(TITLES)}
LIST = "".join(f'<h3><a href="{path}">{title}</a></h3>' for path, title in STORIES.items())
DATA = json.dumps({"articles": [{"url": path, "title": title} for path, title in STORIES.items()]})
SOURCE = Source.model_validate({"id": "gazette", "name": "Gazette", "home": HOME, "feeds": [f"{HOME}rss"]})


def parse(body: str, *, kind: str = "listing", url: str = f"{HOME}news/", **keys: str) -> ParsedDocument:
    seed = Seed.model_validate({"url": url, "kind": kind, **keys})
    document = parse_document(body.encode(), seed=seed, url=url, content_type=None, source=SOURCE, now=NOW)
    assert document.entries == len(document.links) + len(document.children) + sum(
        one.count for one in document.left_out
    )
    return document


def page(content: str) -> str:
    return f"<!doctype html><nav><a href='/about'>About</a></nav><main>{content}</main>"


def each(template: str) -> str:
    return page("".join(template.replace("URL", path).replace("TITLE", title) for path, title in STORIES.items()))


def found(document: ParsedDocument) -> dict[str, str | None]:
    return {link.url.replace(HOME, "/"): link.title for link in document.links}


@pytest.mark.parametrize(
    "template",
    [
        """<div class="card" onclick="location.href='URL'"><h3>TITLE</h3></div>""",
        """<div class="card" onclick="window.location = &quot;URL&quot;; return false"><h3>TITLE</h3></div>""",
        """<article onclick="window.open('URL', '_self')"><h3>TITLE</h3><a href="/author/ada">Ada Quill</a></article>""",
        """<a href="#" onclick="document.location.assign('URL')">TITLE</a><br>""",
        """<a href="javascript:void(0)" onclick="openStory('URL', 7)">TITLE</a><br>""",
        """<a href="javascript:location.href=%27URL%27">TITLE</a><br>""",
        """<article data-url="URL"><h3>TITLE</h3></article>""",
        """<h3 data-link="URL">TITLE</h3>""",
        """<button data-link="URL">TITLE</button>""",
        """<select><option value="URL">TITLE</option></select>""",
        """<form action="URL"><h3>TITLE</h3><button>Read</button></form>""",
        """<button formaction="URL">TITLE</button>""",
        """<router-link to="URL">TITLE</router-link>""",
        """<news-card href="URL" headline="TITLE"></news-card>""",
        """<svg><a xlink:href="URL"><text>TITLE</text></a></svg>""",
        """<iframe srcdoc="<h3><a href='URL'>TITLE</a></h3>"></iframe>""",
        """<script type="text/html"><h3><a href="URL">TITLE</a></h3></script>""",
        """<script>document.write('<h3><a href="URL">TITLE<\\/a></h3>')</script>""",
    ],
)
def test_elements_that_a_script_makes_links_are_links(template: str) -> None:
    assert found(parse(each(template))) == STORIES


def test_a_selector_chooses_cards_that_a_click_opens() -> None:
    cards = each("""<div class="card" onclick="location.href='URL'"><h3>TITLE</h3></div>""")
    assert found(parse(cards, selector=".card")) == STORIES


def test_an_address_that_a_handler_computes_is_not_used() -> None:
    document = parse(each("""<div onclick="location.href='/news/' + id">TITLE</div>"""))
    assert not document.links
    assert "/news/" not in [one.what for one in document.left_out]
    assert counted(document.left_out)[ReasonCode.NO_URL] == len(STORIES)


@pytest.mark.parametrize("card", ["onclick='openStory(7)'", "data-id='7'", "role='link' tabindex='0'"])
def test_headlines_of_cards_without_an_address_are_counted(card: str) -> None:
    document = parse(each(f"<div class='card' {card}><h3>TITLE</h3></div>"))
    assert counted(document.left_out)[ReasonCode.NO_URL] == len(STORIES)
    assert document.fault is not None
    assert "headlines have no address" in document.fault.text


def test_parts_of_an_address_that_a_handler_joins_are_one_address() -> None:
    cards = "".join(
        f"""<div onclick="location.href='/news/' + {number} + '.html'"><h3>{title}</h3></div>"""
        for number, title in enumerate(TITLES)
    )
    assert list(found(parse(page(cards)))) == [f"/news/{number}.html" for number in range(len(TITLES))]


def test_a_form_with_values_that_a_reader_types_is_no_link() -> None:
    for field in ('<input name="q">', "<textarea name='q'></textarea>", "<a href='/x'>x</a>"):
        assert not parse(each(f"<form action='URL'>{field}<h3>TITLE</h3></form>")).links


@pytest.mark.parametrize("code", ["{{ url }}", "${url}", "<%= url %>"])
def test_a_template_that_a_script_fills_in_has_no_links(code: str) -> None:
    assert not parse(page(f"<script type='text/template'><a href='{code}'>A headline of five words</a></script>")).links


def test_the_element_that_loads_more_leads_to_the_next_page() -> None:
    for more in (
        '<button class="load-more" data-url="/news/?page=2">Load more</button>',
        '<div class="infinite" data-next-page="/news/?page=2"></div>',
        '<div hx-get="/news/?page=2" hx-trigger="revealed"></div>',
    ):
        assert parse(page(LIST + more)).next_url == f"{HOME}news/?page=2"
    document = parse(page(f'<div class="list" data-url="/news/?page=2">{LIST}</div>'))
    assert (found(document), document.next_url) == (STORIES, f"{HOME}news/?page=2"), "a list is not one link"


@pytest.mark.parametrize(
    "body",
    [
        DATA,
        json.dumps({"html": LIST, "next_page_url": "/api/news?page=2"}),
        json.dumps([{"command": "insert", "data": LIST}]),
        json.dumps(LIST),
        f"<textarea>{json.dumps([{'data': LIST}])}</textarea>",
        f")]}}'\n{DATA}",
        f"show({DATA});",
        json.dumps([{"link": path, "title": {"rendered": title}} for path, title in STORIES.items()]),
    ],
)
def test_a_list_may_be_json(body: str) -> None:
    document = parse(body, url=f"{HOME}api/news")
    assert found(document) == STORIES
    assert document.next_url == (f"{HOME}api/news?page=2" if "next_page" in body else None)


def test_html_in_the_data_of_scripts_is_a_list_unless_it_is_the_text_of_an_article() -> None:
    def script(data: object) -> str:
        return page(f"<script>window.STATE = {json.dumps(data)}</script>")

    assert found(parse(script({"listHtml": LIST}))) == STORIES
    assert found(parse(script({"page": {"title": "Latest news", "url": f"{HOME}news/", "html": LIST}}))) == STORIES
    opened = {"headline": TITLES[0], "url": next(iter(STORIES)), "body": LIST}
    assert len(parse(script({"article": opened})).links) == 1
    prose = LIST.replace("</a>", "</a> " + "and a long sentence of the text about it " * 12)
    assert not parse(script({"body": prose})).links


@pytest.mark.parametrize(
    "script",
    [
        f"<script>load(JSON.parse(decodeURIComponent('{quote(DATA)}')))</script>",
        f"<script>load(JSON.parse(atob('{base64.b64encode(DATA.encode()).decode()}')))</script>",
        f'<script>load("{base64.urlsafe_b64encode(DATA.encode()).decode()}")</script>',
        f'<script type="application/json">{quote(DATA)}</script>',
        f'<div data-state="{base64.b64encode(DATA.encode()).decode()}"></div>',
    ],
)
def test_encoded_data_of_scripts_is_decoded(script: str) -> None:
    assert found(parse(page(script))) == STORIES


@pytest.mark.parametrize("prefix", ["#/news/", "/#!/news/", "#!news/", f"{HOME}index.html#/news/", "/app/#/news/"])
def test_articles_at_fragments_of_one_page_are_counted_and_the_poll_says_what_to_do(prefix: str) -> None:
    items = "".join(f"<h3><a href='{prefix}{77 + day}-{title.replace(' ', '-')}'>{title}</a></h3>"
                    for day, title in enumerate(TITLES))  # fmt: skip
    document = parse(page(items + "<a href='#/about'>About</a>"))
    assert not document.links
    assert counted(document.left_out)[ReasonCode.HASH_ROUTE] == len(TITLES)
    assert document.fault is not None
    assert document.fault.code is ReasonCode.HASH_ROUTE
    assert "list a feed, a sitemap" in document.fault.text


def test_articles_of_feeds_and_sitemaps_at_fragments_of_one_page_are_not_that_page() -> None:
    items = "".join(
        f"<item><title>{title}</title><link>{HOME}#/news/{day}</link></item>" for day, title in enumerate(TITLES)
    )
    document = parse(f"<rss><channel>{items}</channel></rss>", kind="feed", url=f"{HOME}rss")
    assert (len(document.links), counted(document.left_out)) == (0, {ReasonCode.HASH_ROUTE: len(TITLES)})
    assert document.note is not None
    assert document.note.code is ReasonCode.HASH_ROUTE
    with_text = parse(f"<rss><channel>{items.replace('</item>', '<description>Their words.</description></item>')}</channel></rss>",
                      kind="feed", url=f"{HOME}rss")  # fmt: skip
    assert [link.has_page for link in with_text.links] == [False] * len(TITLES), "the words of the feed are the article"
    urls = "".join(f"<url><loc>{HOME}#!/news/{day}</loc></url>" for day in range(5))
    sitemap = parse(f"<urlset>{urls}</urlset>", kind="sitemap", url=f"{HOME}sitemap.xml")
    assert counted(sitemap.left_out) == {ReasonCode.HASH_ROUTE: 5}


def test_a_fragment_of_an_articles_own_page_is_no_route() -> None:
    path = next(iter(STORIES))
    assert found(parse(page(f"<h3><a href='{path}#/comments'>{STORIES[path]}</a></h3>{LIST}"))) == STORIES


def test_headlines_that_a_script_opens_without_an_address_are_counted() -> None:
    document = parse(each("""<li><a href="javascript:show(77)">TITLE today</a></li>"""))
    assert document.fault is not None
    assert f"{len(TITLES)} headlines have no address" in document.fault.text
    assert counted(document.left_out)[ReasonCode.NO_URL] == len(TITLES)


def test_other_views_of_an_article_are_duplicates() -> None:
    views = """<article><h3><a href="URL">TITLE</a></h3><a href="URL/print">Print this article now</a></article>"""
    document = parse(each(views))
    assert found(document) == STORIES
    assert counted(document.left_out)[ReasonCode.DUPLICATE] == len(TITLES)

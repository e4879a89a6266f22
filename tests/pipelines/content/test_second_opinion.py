from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

import pytest

from crawler.models import Block, ExtractionHints, Status
from pipelines.content.body import Body
from pipelines.content.second_opinion import second_opinion
from pipelines.html.document import Document
from tests.support.news_pages import PARAGRAPHS, article_page, document, jsonld, markup, news, read

LONG = [f"{text} That was said at hour {hour} of the meeting." for hour in range(4) for text in PARAGRAPHS]


def test_a_page_filled_by_scripts_is_read_from_json_ld() -> None:
    head = jsonld(news(headline="Pier closes", articleBody="\n\n".join(LONG)))
    article = read(markup("<h1>Pier closes</h1><div id=app></div>", head=head))
    assert (article.status, article.text, article.field_sources["text"]) == (Status.OK, "\n\n".join(LONG), "json-ld")


def test_a_page_that_is_not_free_stays_the_part_that_was_shown() -> None:
    head = jsonld(news(isAccessibleForFree=False, articleBody="\n\n".join(LONG)))
    article = read(article_page(head=head))
    assert (article.status, article.text) == (Status.TEASER, "\n\n".join(PARAGRAPHS))


def test_a_short_article_whose_json_ld_says_the_same_is_read_from_the_page() -> None:
    article = read(article_page(head=jsonld(news(articleBody="\n".join(PARAGRAPHS)))))
    assert article.field_sources["text"] == "dom"


def test_a_text_that_only_trafilatura_finds_keeps_its_kinds() -> None:
    hidden = "".join(f"<p>{text}</p>" for text in LONG)
    page = document(markup(f'<article><h1>Pier</h1><div style="display:none"><h2>Hour</h2>{hidden}</div></article>'))
    found = second_opinion(page, Body((), None, "dom"), "Pier")
    assert (found.provenance, found.doubt) == ("trafilatura", "short")
    assert {block.kind for block in found.blocks} <= {"p", "h"}


@pytest.mark.parametrize("name", ["comments", "discussion", "kommentare", "disqus_thread"])
@pytest.mark.parametrize("frame", ["<main><article>{}</article>{}</main>", "<div>{}{}</div>"])
def test_a_long_discussion_below_a_short_article_is_not_the_article(name: str, frame: str) -> None:
    posts = "".join(
        f'<div class="post"><p>Nobody asked us who live here, wrote reader {number}, and the ships need that pier.</p></div>'
        for number in range(40)
    )
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[:2])
    article = read(markup(frame.format(f"<h1>Pier closes</h1>{text}", f'<div class="{name}">{posts}</div>')))
    assert article.text == "\n\n".join(PARAGRAPHS[:2])


def test_trafilatura_is_not_asked_for_text_that_stands_in_comments_and_the_footer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Document] = []

    def blocks(page: Document, _: object) -> Iterator[Block]:
        asked.append(page)
        return iter(())

    monkeypatch.setattr("pipelines.content.second_opinion.trafilatura_blocks", blocks)
    short = f"<h1>Pier closes</h1><p>{PARAGRAPHS[0]}</p>"
    more = "".join(f"<p>{text}</p>" for text in LONG)
    read(markup(f"<main>{short}</main><div class=comments>{more}</div><footer>{more}</footer>"))
    assert not asked
    read(markup(f"<main>{short}</main><div hidden>{more}</div>"))
    assert len(asked) == 1


def test_a_page_without_more_text_is_not_read_again() -> None:
    assert read(article_page()).field_sources["text"] == "dom"


def test_a_source_can_choose_its_extractor() -> None:
    page = article_page(inside="".join(f"<p>{text}</p>" for text in LONG))
    assert read(page, ExtractionHints(extractor="trafilatura")).field_sources["text"] == "trafilatura"
    assert read(page, ExtractionHints(extractor="wirewatch")).field_sources["text"] == "dom"


def test_names_that_remove_most_of_the_main_text_are_doubtful() -> None:
    cards = "".join(f'<div class="card c{number}"><p>{text}</p></div>' for number, text in enumerate(LONG))
    rest = "".join(f"<p>{text} Nothing else was decided.</p>" for text in LONG[:6])
    page = document(markup(f"<article><h1>Pier</h1>{rest}{cards}</article>"))
    body = Body(tuple(Block(text=text) for text in LONG[:6]), None, "dom", 0.6)
    found = second_opinion(page, body, "Pier")
    assert found.doubt == "pruned"
    assert found.provenance in {"dom", "trafilatura"}


STATE = '{"props":{"pageProps":{"story":{"headline":"Pier closes","body":[%s]},"more":[{"headline":"Other","teaser":"%s"}]}}}'


def _data_script(paragraphs: list[str]) -> str:
    blocks = ",".join(f'{{"type":"paragraph","text":{json.dumps(text)}}}' for text in paragraphs)
    return STATE % (blocks, "Another report, about the fish market, which is not part of this one.")


def test_the_text_of_a_page_drawn_by_scripts_is_read_from_its_data() -> None:
    script = f'<script id="__NEXT_DATA__" type="application/json">{_data_script(LONG)}</script>'
    article = read(markup(f'<div id="__next"></div>{script}', head="<title>Pier closes</title>"))
    assert (article.status, article.text) == (Status.OK, "\n\n".join(LONG))
    assert article.field_sources["text"] == "script data"


LONG_HTML = "".join(f"<p>{text}</p>" for text in LONG)
BLOCKS = [{"type": "paragraph", "text": text} for text in LONG]
STORY = {
    "article": {"title": "Pier closes", "body": LONG_HTML},
    "more": {"teaser": "Another report, about the fish market."},
}
REFERENCES: dict[str, Any] = {
    "Article:1": {"title": "Pier closes", "body": [{"__ref": f"P:{n}"} for n in range(len(LONG))]}
}
REFERENCES |= {f"P:{number}": {"text": text} for number, text in enumerate(LONG)}
NUXT_DATA = [["Reactive", 1], {"data": 2}, {"title": 3, "body": 4}, "Pier closes", list(range(5, 5 + len(LONG))), *LONG]
FLIGHT = ["$", "article", None, {"children": [["$", "p", str(n), {"children": text}] for n, text in enumerate(LONG)]}]


def _next_data(body: Any) -> str:
    data = json.dumps({"props": {"pageProps": {"article": {"title": "Pier closes", "body": body}}}})
    return f'<script id="__NEXT_DATA__" type="application/json">{data}</script>'


def _pushed(lines: str) -> str:
    """React server components arrive in pieces that end anywhere."""
    return "".join(
        f"<script>self.__next_f.push({json.dumps([1, piece])})</script>" for piece in (lines[:300], lines[300:])
    )


@pytest.mark.parametrize(
    "script",
    [
        _next_data(BLOCKS),
        _next_data(LONG_HTML),
        _next_data([{"type": "p", "children": [{"text": text[:30]}, {"children": [{"text": text[30:]}]}]} for text in LONG]),
        _next_data([{"_type": "block", "style": "normal", "children": [{"text": text[:40]}, {"text": text[40:]}]} for text in LONG]),
        _next_data({"nodeType": "document", "content": [{"nodeType": "paragraph", "content": [{"value": text}]} for text in LONG]}),
        _next_data({"blocks": [{"type": "paragraph", "data": {"text": text}} for text in LONG]}),
        _pushed("5:" + json.dumps(FLIGHT) + "\n"),
        _pushed(f"6:T{len(LONG_HTML.encode()):x},{LONG_HTML}" + '7:["$","div",null,{"html":"$6"}]\n'),
        f"<script>window.__NUXT__={json.dumps({'data': [STORY]})};</script>",
        f"<script>window.__NUXT__=(function(a){{return {{data:[{{title:a,content:{json.dumps(LONG_HTML)}}}]}}}}(1));</script>",
        f'<script type="application/json" id="__NUXT_DATA__">{json.dumps(NUXT_DATA)}</script>',
        f"<script>window.__APOLLO_STATE__={json.dumps(STORY)};</script>",
        f"<script>window.__APOLLO_STATE__={json.dumps(REFERENCES)};</script>",
        f"<script>window.__PRELOADED_STATE__ = JSON.parse({json.dumps(json.dumps(STORY))});</script>",
        f"<script>window.Fusion=window.Fusion||{{}};Fusion.globalContent={json.dumps(STORY)};</script>",
        f"<script>window.__remixContext = {json.dumps({'state': STORY})};</script>",
        f'<script type="application/json" data-fetched>{json.dumps({"status": 200, "body": json.dumps(STORY)})}</script>',
    ],
    ids=["next", "next-html", "slate", "portable-text", "contentful", "editor-js", "flight", "flight-text", "nuxt", "nuxt-call",
         "nuxt-3", "apollo", "apollo-refs", "json-parse", "fusion", "remix", "json-in-json"],
)  # fmt: skip
def test_the_text_in_the_state_of_a_page_drawn_by_scripts_is_read(script: str) -> None:
    article = read(markup(f'<div id="app"></div>{script}', head="<title>Pier closes</title>"))
    assert (article.status, article.text, article.field_sources["text"]) == (
        Status.OK,
        "\n\n".join(LONG),
        "script data",
    )


def test_data_without_the_headline_and_without_the_name_of_a_state_is_not_the_article() -> None:
    settings = f'<script type="application/json">{json.dumps({"consent": {"text": LONG_HTML}})}</script>'
    article = read(markup(f"<h1>Pier closes</h1><p>{PARAGRAPHS[0]}</p>{settings}", head="<title>Pier closes</title>"))
    assert article.text == PARAGRAPHS[0]


def test_the_text_of_react_server_components_is_read() -> None:
    lines = "".join(
        f'{number:x}:["$","p",null,{{"children":{json.dumps(text)}}}]\n' for number, text in enumerate(LONG)
    )
    script = f"<script>self.__next_f.push({json.dumps([1, lines])})</script>"
    assert read(markup(f"<div></div>{script}", head="<title>Pier closes</title>")).text == "\n\n".join(LONG)


@pytest.mark.parametrize(
    "frame",
    [
        '<story-body><template shadowrootmode="open">{}</template></story-body>',
        '<story-body><template shadowroot="closed">{}</template></story-body>',
        '<app-root><template shadowrootmode="open"><p-page><template shadowrootmode="open">{}</template></p-page></template></app-root>',
        '<story-body><template shadowrootmode="open"><style>p {{}}</style><slot></slot></template>{}</story-body>',
    ],
    ids=["open", "old-name", "nested", "slot"],
)
def test_a_declarative_shadow_root_is_part_of_the_page(frame: str) -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    page = markup(frame.format(f"<h1>Pier closes</h1>{text}"))
    assert read(page).text == "\n\n".join(PARAGRAPHS)


def _references(value: object, values: list[object]) -> int:
    """Add a value to Nuxt 3's list, in which objects and lists hold numbers of values; return its number."""
    number = len(values)
    values.append(None)
    if isinstance(value, dict):
        values[number] = {key: _references(item, values) for key, item in value.items()}
    else:
        values[number] = [_references(item, values) for item in value] if isinstance(value, list) else value
    return number


def _nuxt() -> str:
    values: list[object] = []
    spans = [{"type": "paragraph", "children": [{"text": text[:40]}, {"text": text[40:]}]} for text in LONG]
    _references(
        {"latest": [{"title": "Team wins", "text": "x " * 90}], "story": {"title": TITLE, "body": spans}}, values
    )
    return f'<script type="application/json" id="__NUXT_DATA__">{json.dumps(values)}</script>'


TITLE = "Northern pier closes in June"
HTML = "".join(f"<p>{text}</p>" for text in LONG)
STATES = {
    "Nuxt 3": _nuxt(),
    "title in an object": f"<script>wp.post={json.dumps({'title': {'rendered': TITLE}, 'content': {'rendered': HTML}})}</script>",
    "other name": f"<script>var story = {json.dumps({'title': TITLE, 'html': HTML})};</script>",
    "escaped markup": f"<script>window.__DATA__={json.dumps({'title': TITLE, 'html': escape(HTML)})}</script>",
    "JavaScript": f"<script>kit.start(app, {{data: [{{title: {json.dumps(TITLE)}, body: {json.dumps(HTML)}}}]}})</script>",
    "attribute": f'<div data-page="{escape(json.dumps({"props": {"title": TITLE, "html": HTML}}))}"></div>',
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_each_kind_of_script_data_is_read(state: str) -> None:
    article = read(markup(f'<div id="app">Loading</div>{state}', head=f"<title>{TITLE}</title>"))
    assert [block.text for block in article.blocks] == list(LONG)
    assert article.field_sources["text"] == "script data"


def test_a_short_text_in_the_metadata_is_read_if_the_page_shows_none() -> None:
    body = "\n\n".join(PARAGRAPHS)
    article = read(markup("<h1>Pier closes</h1>", head=jsonld(news(headline="Pier closes", articleBody=body))))
    assert article.text == body


def test_a_further_article_is_no_second_opinion() -> None:
    other = "".join(f"<p>{text}</p>" for text in LONG)
    page = f"<main><div class=story><h1>Pier closes</h1>{''.join(f'<p>{text}</p>' for text in PARAGRAPHS[:3])}</div>"
    article = read(markup(f"{page}<div class=story><h1>Team wins the cup</h1>{other}</div></main>"))
    assert article.text == "\n\n".join(PARAGRAPHS[:3])


def test_the_captions_of_a_photo_essay_are_its_text() -> None:
    figures = "".join(
        f'<figure><img src="{number}.jpg"><figcaption>{text} <span class="credit">Photo: Jane Moor</span></figcaption></figure>'
        for number, text in enumerate(PARAGRAPHS)
    )
    article = read(markup(f"<main><h1>A day on the pier</h1><p>Photographs and text by Jane Moor</p>{figures}</main>"))
    assert (article.status, article.field_sources["text"]) == (Status.OK, "captions")
    assert [block.text for block in article.blocks][-len(PARAGRAPHS) :] == list(PARAGRAPHS)


def test_the_captions_of_a_text_with_pictures_are_not_added() -> None:
    figures = "".join(f"<figure><figcaption>{text}</figcaption></figure>" for text in PARAGRAPHS)
    article = read(
        markup(f"<main><h1>The pier</h1>{figures}<div>{''.join(f'<p>{text}</p>' for text in LONG)}</div></main>")
    )
    assert article.text == "\n\n".join(LONG)

from __future__ import annotations

import pytest

from crawler.models import Byline, Link
from tests.support.news_pages import PARAGRAPHS, article_page, jsonld, markup, meta, names, news, read


def test_json_ld_names_come_first() -> None:
    article = read(article_page(head=jsonld(news(author=[{"name": "Jane Moor"}])) + meta("author", "Web Desk")))
    assert (names(article), article.field_sources["byline"]) == (["Jane Moor"], "json-ld")


def test_a_person_in_a_later_candidate_wins_over_the_outlet_in_an_earlier_one() -> None:
    head = jsonld(news(author={"@type": "Organization", "name": "Harbour Gazette"})) + meta("author", "Jane Moor")
    assert names(read(article_page(head=head))) == ["Jane Moor"]


def test_the_outlet_is_the_byline_if_there_is_no_other_name() -> None:
    head = jsonld(news(author={"@type": "Organization", "name": "Harbour Gazette news desk"}))
    assert read(article_page(head=head)).bylines == (Byline(name="Harbour Gazette news desk", kind="organisation"),)


def test_the_outlets_name_next_to_a_person_is_not_a_second_author() -> None:
    head = meta("og:site_name", "Harbour Gazette")
    head += jsonld(news(author=[{"name": "Jane Moor"}, {"@type": "Organization", "name": "Harbour Gazette"}]))
    assert names(read(article_page(head=head))) == ["Jane Moor"]


def test_a_name_abbreviated_by_the_outlets_initials_is_the_outlet() -> None:
    head = meta("author", "Harbour Gazette")
    article = read(article_page(head=head), url="https://www.hg.example/a")
    assert article.bylines == (Byline(name="Harbour Gazette", kind="organisation"),)


def test_an_agency_is_not_a_person() -> None:
    article = read(article_page(head=jsonld(news(author={"@type": "Person", "name": "Jane Moor, Reuters"}))))
    assert article.bylines == (Byline(name="Jane Moor"), Byline(name="Reuters", kind="agency"))


@pytest.mark.parametrize(
    "markup",
    [
        '<p class="byline">By <a href="/x">Jane Moor</a></p>',
        '<span itemprop="author"><span itemprop="name">Jane Moor</span></span>',
        '<a rel="author" href="/x">Jane Moor</a>',
        '<div class="entry-meta"><span class="author vcard"><a class="fn" href="/author/jm">Jane Moor</a></span></div>',
        '<p>Von <a href="/autoren/jane-moor">Jane Moor</a></p>',
        "<p>By Jane Moor</p>",
        "<div>Par Jane Moor</div>",
        "<div>Автор: Jane Moor</div>",
        "<ul><li><strong>Autorin/Autor</strong> Jane Moor</li></ul>",
        "<div>Words of the day.<br>Автор:&nbsp;Jane Moor<br>Источник: the harbour</div>",
        "<div>Words of the day.<br>Аутор: <a href='/x'>Jane Moor</a><br>Weather</div>",
        '<div data-testid="byline-contributors"><div><span>Jane Moor</span><div><span>Harbour correspondent</span></div></div></div>',
    ],
)
def test_a_visible_byline_is_read(markup: str) -> None:
    article = read(article_page(before=markup))
    assert (names(article), article.field_sources["byline"]) == (["Jane Moor"], "visible")


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="related"><p class="author">Ivan Teaser</p></div>',
        '<div class="comments"><span class="author">Ivan Comment</span></div>',
        '<figure><span class="author">Ivan Camera</span></figure>',
        '<aside><a rel="author">Ivan Sidebar</a></aside>',
        '<div itemscope itemtype="https://schema.org/ImageObject"><meta itemprop="author" content="Ivan Camera"></div>',
    ],
)
def test_names_in_teasers_comments_and_pictures_are_not_the_byline(markup: str) -> None:
    assert names(read(article_page(inside=markup, after=markup))) == []


def test_a_byline_near_the_headline_is_preferred_to_an_earlier_one_elsewhere() -> None:
    far = '<div><p class="author">Ivan Teaser</p></div>' + "<p>Words of another story of the day.</p>" * 20
    page = article_page(before='<p class="author">Jane Moor</p>').replace("<main>", f"<main>{far}")
    assert names(read(page)) == ["Jane Moor"]


def test_a_second_author_that_only_the_page_shows_completes_the_list() -> None:
    head = jsonld(news(author={"name": "Jane Moor"}))
    both = '<p class="byline">By <a href="/a">Jane Moor</a> and <a href="/b">Piet Duin</a></p>'
    assert names(read(article_page(head=head, before=both))) == ["Jane Moor", "Piet Duin"]


def test_a_biography_that_links_to_a_newsletter_names_no_author() -> None:
    bio = (
        '<div class="author"><p>Jane Moor is an assistant editor and writes the <a href="/n">Quay Notes</a> newsletter '
        "every other Friday for everybody who lives by the harbour or would like to.</p></div>"
    )
    assert names(read(article_page(head=jsonld(news(author={"name": "Jane Moor"})), before=bio))) == ["Jane Moor"]


def test_the_feeds_author_is_used_if_the_page_has_none() -> None:
    article = read(article_page(), link=Link(url="https://x.example/", authors=("jane@x.example (Jane Moor)",)))
    assert article.field_sources["byline"] == "feed"


def test_a_page_without_names_has_no_byline() -> None:
    assert read(article_page()).bylines == ()


@pytest.mark.parametrize(("line", "name"), [("بقلم: ليلى حداد", "ليلى حداد"), ("מאת: דנה לוי", "דנה לוי")])
def test_names_written_from_right_to_left_are_read_in_their_own_script(line: str, name: str) -> None:
    assert names(read(article_page(before=f'<div class="author">{line}</div>'))) == [name]


def test_a_byline_next_to_the_headline_counts_in_any_box() -> None:
    page = markup(
        "<div class='story-share-sidebar'><h1>Northern pier closes in June</h1><p class='byline'>By Jane Moor</p></div>"
        + "".join(f"<p>{text}</p>" for text in PARAGRAPHS),
        head="<title>Northern pier closes in June</title>",
    )
    assert names(read(page)) == ["Jane Moor"]


@pytest.mark.parametrize("named", ["author-share-box", "writer-container writer-no-avatar"])
def test_a_box_of_the_byline_may_hold_the_writers_picture_and_links(named: str) -> None:
    byline = f'<div class="{named}"><span class="writer"><a href="/jane">Jane Moor</a></span></div>'
    assert names(read(article_page(before=byline))) == ["Jane Moor"]


def test_the_class_of_a_whole_article_names_no_author() -> None:
    page = article_page(inside="<p><a href='/x'>Ferry Sails Again</a> and <a href='/y'>Old Quay Burns</a></p>")
    assert names(read(page.replace("<article>", '<article class="post author-jane">'))) == []


def test_a_role_on_the_next_line_is_not_part_of_the_name() -> None:
    assert names(read(article_page(before="<span>By: <a href='/jm'>Jane Moor</a><br>Harbour Team Lead</span>"))) == [
        "Jane Moor"
    ]


def test_the_menu_of_a_logged_in_user_is_not_a_byline() -> None:
    menu = "<div class='username'><ul><li><a href='#'>Edit Profile</a></li><li><a href='#'>Log out</a></li></ul></div>"
    assert names(read(article_page(before=menu))) == []


def test_the_editor_is_named_if_there_is_no_author() -> None:
    editor = "<p>责任编辑：张岸</p>"
    assert names(read(article_page(after=editor))) == ["张岸"]
    reporter = '<div class="info">港湾报记者 林小海</div>'
    assert names(read(article_page(before=reporter, after=editor))) == ["林小海"]


def test_an_unnamed_reporter_wins_over_the_outlet() -> None:
    head = jsonld(news(author={"@type": "Person", "name": "Gazette staff reporter"}))
    page = article_page(head=head, before='<p class="byline">Associated Press in Washington</p>')
    assert names(read(page)) == ["Gazette staff reporter"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('By Jane Moor and <a href="/author/pd">Piet Duin</a>', ["Jane Moor", "Piet Duin"]),
        ('By <a href="/author/jm">Jane Moor</a> with AFP', ["Jane Moor", "AFP"]),
        ('Von <a href="/author/jm">Jane Moor</a> und Jörg Strand, Berlin', ["Jane Moor", "Jörg Strand"]),
        ('<a href="/author/jm">Jane Moor</a><br>Léa Quai et <a href="/author/pd">Piet Duin</a>', ["Léa Quai", "Piet Duin", "Jane Moor"]),
        ('<a href="/author/jm">Jane Moor</a> and <a href="/author/pd">Piet Duin</a>, Harbour Desk', ["Jane Moor", "Piet Duin"]),
        ('<a href="/author/jm">Jane Moor</a> | Harbour correspondent | 3 comments', ["Jane Moor"]),
    ],
)  # fmt: skip
def test_a_name_joined_to_a_linked_name_is_read(line: str, expected: list[str]) -> None:
    assert names(read(article_page(before=f'<div class="author">{line}</div>'))) == expected

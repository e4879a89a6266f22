"""Kinds of bylines as outlets write them, where the metadata has only the outlet or the wrong name."""

from __future__ import annotations

import pytest

from tests.support.news_pages import PARAGRAPHS, article_page, jsonld, markup, meta, names, news, read

OUTLET = jsonld(
    news(author={"@type": "Organization", "name": "Harbour Gazette"}, publisher={"name": "Harbour Gazette"})
)


@pytest.mark.parametrize(
    "below_headline",
    [
        "<p>11.12.2025 - Amelie Lund</p>",
        "<p>Amelie Lund | 14 February 2026</p>",
        "<div><span>14 February 2026</span> <span>Amelie Lund</span></div>",
        "<div>February 14, 2026 · Amelie Lund · 13:11</div>",
        "<p><span>14.02.2026</span> / Amelie Lund</p>",
        '<div><h5>Datum: </h5>03.11.2025 <br><h5>Autor: </h5>Amelie Lund/XP-T</div>',
        '<div class="infoAuthorDate"><span class="infoAuthorDateLabel">Datum:</span> 19.11.2025<br>'
        '<span class="infoAuthorDateLabel">Autor:</span> Amelie Lund<br></div>',
        '<div><span class="screen-reader-text">| By </span> <span>Amelie Lund</span> | <time>April 13, 2025</time></div>',
        '<nav class="article-meta"><ul><li>By Amelie Lund</li><li>14 Feb 2026</li></ul></nav>',
        '<nav><span class="byline">By <a href="/author/amelie-lund">Amelie Lund</a></span></nav>',
        '<div class="no-image"><span class="byline">By Amelie Lund</span></div>',
        '<p class="byline">By Amelie Lund | Harbour Desk</p>',
        '<p class="author">By Amelie Lund, Projektleiterin in Tunis</p>',
        '<p class="byline">Amelie Lund<br>Gazette Staff Writer</p>',
        '<p class="signature">Par Amelie Lund (avec AFP)<br>Publié le 14 février 2026 à 18h40</p>',
        '<p class="byline">By Amelie Lund, Staff Writer | amelie@gazette.example</p>',
        '<p class="byline">Amelie Lund. Translated by Ole Brandt</p>',
        "<div>Submitted by <span>Amelie Lund</span> on <span><time>Sat, 02/14/2026</time></span></div>",
        "<p>Words: Amelie Lund. Pictures: Ole Brandt</p>",
        '<div><span>Amelie Lund | Harbour desk</span> <span>Sat</span> <time datetime="2026-02-14">14 Feb</time></div>',
        "<p>Tekst: Amelie Lund<br>Foto: Ole Brandt</p>",
        '<p class="meta">Contributed by Amelie Lund</p>',
        "<div>Amelie Lund · 14 Feb 2026 · 3 min read</div>",
        "<div><span>Amelie Lund</span><span>2 hours ago</span></div>",
        "<div>Amelie Lund</div><div>14 February 2026</div>",
    ],
)  # fmt: skip
def test_the_person_below_the_headline_wins_over_the_outlet(below_headline: str) -> None:
    assert names(read(article_page(before=below_headline, head=OUTLET))) == ["Amelie Lund"]


@pytest.mark.parametrize(
    "below_headline",
    [
        "<p>Port Ellen, 14 February 2026</p>",
        '<p><a href="/middle-east">Middle East</a> | 14 February 2026</p>',
        "<p>Last Modified: 14 February 2026</p>",
        "<p>Northern Pier | 14 February 2026</p>",
        "<p>14 February 2026 - The Harbour Council Voted</p>",
        "<div>Harbour Council</div><div>14 February 2026</div>",
        "<div>Cargo Ships</div><div>14 February 2026</div>",
        '<div><a href="/middle-east">Middle East</a></div><div>14 February 2026</div>',
    ],
)
def test_other_words_beside_a_date_are_no_name(below_headline: str) -> None:
    assert names(read(article_page(before=below_headline, head=OUTLET))) == ["Harbour Gazette"]


@pytest.mark.parametrize("line", ["<strong>Amelie Lund</strong>", "<em>Amelie Lund</em>"])
@pytest.mark.parametrize("at_end", [True, False])
def test_a_line_of_names_alone_at_either_end_of_the_text_is_the_byline(line: str, at_end: bool) -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    lines = f"{text}<p>{line}</p>" if at_end else f"<p>{line}</p>{text}"
    article = read(markup(f"<main><article><h1>Northern pier closes</h1>{lines}</article></main>", head=OUTLET))
    assert (names(article), article.text) == (["Amelie Lund"], "\n\n".join(PARAGRAPHS))


def test_the_editor_in_json_ld_whom_the_page_labels_as_editor_is_no_author() -> None:
    head = jsonld(news(author={"@type": "Person", "name": "Ann Reed"}))
    page = article_page(head=head, before="<p>Editor: <a>Ann Reed</a></p><p class=byline>By Amelie Lund</p>")
    assert names(read(page)) == ["Amelie Lund"]


def test_who_translated_or_edited_is_no_author() -> None:
    lines = (
        "<div class=postAuthor><span>Von</span>: Amelie Lund</div><div class=postAuthor><span class=name>"
        "<span>Übersetzt von</span>: <span class=author>Roland Voss</span></span></div>"
        '<p>Edited by <a rel=author href="/author/b">Ann Reed</a></p>'
    )
    assert names(read(article_page(before=lines))) == ["Amelie Lund"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (jsonld(news(author={"@type": "Person", "givenName": "Amelie", "familyName": "Lund"})), ["Amelie Lund"]),
        (
            meta("og:author", "&lt;a href='/u/al'&gt;Amelie Lund&lt;/a&gt; &amp;amp; &lt;a&gt;Piet Duin&lt;/a&gt;"),
            ["Amelie Lund", "Piet Duin"],
        ),
        (meta("author", "Amelie Lund, PhD, Piet Duin, M.D."), ["Amelie Lund", "Piet Duin"]),
        (meta("author", "Amelie Lund | Metro Desk"), ["Amelie Lund"]),
    ],
)
def test_names_in_the_metadata_are_read_without_markup_degrees_and_desks(head: str, expected: list[str]) -> None:
    assert names(read(article_page(head=head))) == expected


@pytest.mark.parametrize("account", ["gazette_admin", "webeditor3", "Harbour Gazette"])
def test_an_account_and_the_outlet_yield_to_the_person_named_on_the_page(account: str) -> None:
    head = jsonld(news(author={"@type": "Person", "name": account})) + meta("og:site_name", "Harbour Gazette")
    assert names(read(article_page(head=head, before="<p class=byline>By Amelie Lund</p>"))) == ["Amelie Lund"]


@pytest.mark.parametrize("control", ["Sat", "Size", "Text Size", "Name Email Comment Submit"])
def test_weekdays_and_words_of_controls_are_no_names(control: str) -> None:
    assert names(read(article_page(before=f"<p class=byline>{control}</p>"))) == []


@pytest.mark.parametrize(
    ("below_headline", "name"),
    [
        ('<div class="writer">بقلم: مارا ليندكفيست</div>', "مارا ليندكفيست"),
        ("<div>نویسنده: مارا لیندکویست</div>", "مارا لیندکویست"),
        ('<div class="writer">文・和田恒一</div>', "和田恒一"),
        (
            '<div class="journalist"><span>이마라 기자</span> <a href="mailto:m@x.example">m@x.example</a></div>',
            "이마라",
        ),
        ("<div>Yazar: Amelie Lund</div>", "Amelie Lund"),
        (
            '<nav class="post-nav-meta"><ul><li>By <a rel="author" href="/a">Amelie Lund</a></li></ul></nav>',
            "Amelie Lund",
        ),
        ('<div><a href="https://letters.example/@amelie">Amelie Lund</a><div>Feb 14, 2026</div></div>', "Amelie Lund"),
    ],
)
def test_bylines_of_other_scripts_and_systems_are_read(below_headline: str, name: str) -> None:
    assert names(read(article_page(before=below_headline))) == [name]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('<p style="text-align: right">Amelie Lund</p>', "Amelie Lund"),
        ("<p>(Amelie Lund)</p>", "Amelie Lund"),
        ("<p>（和田恒一）</p>", "和田恒一"),
        ("<p>【和田恒一】</p>", "和田恒一"),
        ("<p>이마라 기자 mara@gazette.example</p>", "이마라"),
    ],
)
def test_a_line_of_names_that_is_set_apart_at_the_end_is_the_byline(line: str, name: str) -> None:
    text = "".join(f"<p>{text}</p>" for text in PARAGRAPHS) + line
    article = read(markup(f"<main><h1>Pier closes</h1>{text}</main>", head=OUTLET))
    assert names(article) == [name]
    assert name not in article.text


def test_names_in_teasers_are_not_authors() -> None:
    teasers = "".join(
        f'<div><h3><a href="/{name[:3]}">Story of {name} this week</a></h3><span class="author">{name}</span></div>'
        for name in ("Ana Prat", "Ben Moor")
    )
    bio = '<div class="about"><a href="/author/amelie-lund">Amelie Lund</a></div>'
    text = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    page = markup(f"<main><h1>Pier closes in June</h1>{text}</main><div>{teasers}</div>{bio}", head=OUTLET)
    assert names(read(page)) == ["Amelie Lund"]


def test_an_editor_in_one_line_with_the_label_is_no_author() -> None:
    line = '<p class="byline">By <a href="/author/ole-brandt">Ole Brandt</a></p>'
    after = "<p>Edited by: Amelie Lund</p>"
    page = article_page(before=line, after=after, head=jsonld(news(author={"@type": "Person", "name": "Amelie Lund"})))
    assert names(read(page)) == ["Ole Brandt"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("<span>記者和田恒／港報導</span>", "和田恒"),
        ("<span>文/王芳</span>", "王芳"),
        ("<p>取材・文＝和田恒一</p>", "和田恒一"),
        ("<p>Κείμενο: Μαρία Σταύρου</p>", "Μαρία Σταύρου"),
    ],
)
def test_a_label_without_a_space_is_followed_by_the_name(line: str, name: str) -> None:
    assert names(read(article_page(before=line, head=OUTLET))) == [name]


def test_who_reported_stands_at_the_end_of_an_agencys_report() -> None:
    last = "<p>(Reporting by Amelie Lund; Editing by Ole Brandt)</p>"
    assert names(read(article_page(after=last, head=OUTLET))) == ["Amelie Lund"]


@pytest.mark.parametrize(
    ("dateline", "expected"),
    [
        ("Port Ellen (dpa) - ", ["dpa"]),
        ("PORT ELLEN, Feb 14 (Reuters/AFP) — ", ["Reuters", "AFP"]),
        ("(서울=연합뉴스) 이마라 기자 = ", ["이마라", "연합뉴스"]),
        ("Port Ellen (population 4,000) is quiet. ", ["Harbour Gazette"]),
        ("A report of the agency in the town (Reuters) and of others. ", ["Harbour Gazette"]),
    ],
)
def test_the_agency_in_the_dateline_is_the_byline_if_no_person_is_named(dateline: str, expected: list[str]) -> None:
    first, *others = PARAGRAPHS
    text = "".join(f"<p>{paragraph}</p>" for paragraph in (dateline + first, *others))
    assert names(read(markup(f"<main><h1>Pier closes in June</h1>{text}</main>", head=OUTLET))) == expected

from __future__ import annotations

import pytest

from crawler.models import Article
from tests.support.news_pages import PARAGRAPHS, article_page, jsonld, markup, meta, news, read


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def kinds(body: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read(body).blocks]


def test_the_paragraphs_are_the_text() -> None:
    assert read(article_page()).text == "\n\n".join(PARAGRAPHS)


def test_subheads_quotes_lists_and_preformatted_lines_keep_their_kind() -> None:
    inside = (
        "<h2>What was said</h2><blockquote><p>We cannot wait for another winter of storms to find this out.</p></blockquote>"
        "<ul><li>The northern pier closes on the first of June.</li><li>The southern quay stays open to fishing boats.</li></ul>"
        "<pre>High water 06:12 and 18:40, low water at half past noon</pre>"
    )
    found = kinds(article_page(inside=inside))
    assert found[1:6] == [
        ("h", "What was said"),
        ("quote", "We cannot wait for another winter of storms to find this out."),
        ("li", "The northern pier closes on the first of June."),
        ("li", "The southern quay stays open to fishing boats."),
        ("pre", "High water 06:12 and 18:40, low water at half past noon"),
    ]


@pytest.mark.parametrize(
    "furniture",
    [
        "<div>Listen to this article</div>",
        "<p>Share this article on Facebook</p>",
        "<p>Updated 1 hour ago</p>",
        "<p>Last updated on Monday, 9 June, at 10:15 a.m.</p>",
        "<p>– Read also: Ferry sailings in the summer</p>",
        "<p>👉 Subscribe to our newsletter</p>",
        "<p>Підписуйтесь на наш канал</p>",
        "<p>Якщо ви знайшли помилку, виділіть її та натисніть Ctrl+Enter</p>",
        "<p>3 min de lecture</p>",
        '<div><h3>From the harbour</h3><ul><li><a href="/1">Ferry sails again on Monday</a></li></ul></div>',
        "<p>3 min read</p>",
        "<p>Lesezeit: 4 Minuten</p>",
        "<p>Read more: Ferry sailings in the summer</p>",
        "<p>Читайте також: Пором на острів</p>",
        "<p>Lire aussi : Le bac de l'île reprend</p>",
        "<p>Advertisement</p>",
        "<p>Sign up for our newsletter and get the tide tables every morning</p>",
        "<p>© 2026 Harbour Gazette. All rights reserved.</p>",
        '<p><a href="/other">Ferry to the island sails again after a winter in dock</a></p>',
        '<figure><img src="a.jpg"><figcaption>The northern pier, seen from the lighthouse.</figcaption></figure>',
        '<div class="caption">The northern pier on a calm morning, seen from the lighthouse. (Ed Kai/Picture Desk)</div>',
        '<div class="newsletter-box"><p>Every Friday the Quay Notes bring you the best of the week by the sea.</p></div>',
        '<div class="related-stories"><h3>Ferry sails again</h3><p>The island ferry sails again from Monday.</p></div>',
        "<aside><p>The island ferry will sail again from Monday after repairs that took the whole of the winter.</p></aside>",
        '<p style="display:none">The hidden words that no reader of this page was ever meant to see or to read.</p>',
        "<script>var words = 'that are no text of the article and were never meant to be read by people';</script>",
        "<button>Show all comments on this article about the northern pier and its closing</button>",
    ],
)
def test_prompts_and_notices_between_paragraphs_are_left_out(furniture: str) -> None:
    assert read(article_page(inside=furniture)).text == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    "sentence",
    [
        "Updated figures from the port authority put the toll at 41.",
        "Published in 1998, the report warned that the quay wall could fail.",
        "Related talks on compensation will resume on Monday, officials said.",
        "Join us, the harbour master shouted from the roof, and about forty people did.",
        "Ad spending fell by a fifth.",
        "Anzeige erstattete der Hafenmeister erst am Dienstag.",
        "Publicidad engañosa: multan a tres astilleros",
        "Partager l'eau devient un casse-tête pour les ports",
        "“Listen to this story,” said the captain, and everybody did.",
    ],
)
def test_a_sentence_that_begins_like_a_prompt_is_text(sentence: str) -> None:
    assert sentence in texts(read(article_page(inside=f"<p>{sentence}</p>")))


LONG = "The harbour master measured the quay wall at both ends and found it an inch lower than in the spring."


@pytest.mark.parametrize(
    "inside",
    [
        f'<p id="a3f1">{PARAGRAPHS[0]}</p><p id="3ad9">{LONG}</p>',
        f'<h2 class="sc-f98b1ad2-0">Measured twice</h2><p>{LONG}</p>',
        f'<div class="css-1ad0k9 e1kmz4x"><p>{LONG}</p></div>',
        f'<div class="kg-card kg-callout-card"><p>{LONG}</p></div>',
        f'<h2><span class="visually-hidden">Measured twice</span><span aria-hidden="true">Measured twice</span></h2><p>{LONG}</p>',
    ],
)
def test_a_generated_class_name_is_ignored(inside: str) -> None:
    found = texts(read(article_page(inside=inside)))
    assert LONG in found
    assert ("Measured twice" in inside) == ("Measured twice" in found)


def test_an_article_that_is_built_of_widgets_is_read_whole() -> None:
    widget = '<div class="elementor-element elementor-element-{0} elementor-widget elementor-widget-text-editor"><p>{1}</p></div>'
    hashes = ("1a2b3c4", "5d6e7f8", "9a8b7c6", "d5e4f3a")
    built = "".join(widget.format(name, text) for name, text in zip(hashes, (*PARAGRAPHS, LONG), strict=False))
    assert texts(read(markup(f"<main><h1>Council closes northern pier</h1>{built}</main>")))[: len(PARAGRAPHS)] == list(
        PARAGRAPHS
    )


def test_drupals_field_type_is_not_the_name_of_a_lead() -> None:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    field = f'<div class="field field--name-body field--type-text-with-summary">{body}</div>'
    assert read(markup(f"<main><h1>Council closes northern pier</h1>{field}</main>")).lead is None


def test_comments_below_the_article_are_left_out() -> None:
    comments = "".join(
        f"<p>I never liked the northern pier, and I said so in {year} already, at length.</p>"
        for year in range(1990, 2010)
    )
    assert read(article_page(after=f'<section id="comments">{comments}</section>')).text == "\n\n".join(PARAGRAPHS)


def test_teasers_of_other_articles_beside_the_text_are_left_out() -> None:
    card = (
        '<div class="story-card"><a href="/{0}"><h3>Story number {0}</h3><p>What happened in story {0}.</p></a></div>'
    )
    cards = "".join(card.format(number) for number in range(8))
    assert read(article_page(after=f"<section>{cards}</section>")).text == "\n\n".join(PARAGRAPHS)


def test_a_body_with_the_class_no_sidebar_is_the_article() -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    assert read(markup(f'<div class="no-sidebar widget">{text}</div>')).text == "\n\n".join(PARAGRAPHS)


def test_line_breaks_separate_paragraphs() -> None:
    page = markup("<div><h1>Pier</h1>" + "<br><br>".join(PARAGRAPHS) + "</div>")
    assert [block.text for block in read(page).blocks] == list(PARAGRAPHS)


def test_links_and_emphasis_do_not_break_a_paragraph() -> None:
    page = article_page(
        inside='<p>The harbour master, <a href="/x">Piet <b>Duin</b></a>, said that <i>nobody</i> had asked him.</p>'
    )
    assert "The harbour master, Piet Duin, said that nobody had asked him." in read(page).text


def test_a_repeated_paragraph_is_kept_once() -> None:
    assert read(article_page(inside=f"<p>{PARAGRAPHS[0]}</p>")).text.count(PARAGRAPHS[0]) == 1


def test_a_subhead_with_no_text_below_it_is_dropped() -> None:
    page = article_page().replace("</div></article>", "<h2>More from the harbour</h2></div></article>")
    assert kinds(page)[-1] == ("p", PARAGRAPHS[-1])


def test_the_headline_is_not_repeated_in_the_text() -> None:
    page = article_page(inside="<p>Northern pier closes in June</p>")
    assert "Northern pier closes in June" not in read(page).text


@pytest.mark.parametrize(
    "before",
    [
        '<p class="standfirst">The town loses its cargo berth for at least ten months.</p>',
        '<div class="article__lead"><p>The town loses its cargo berth for at least ten months.</p></div>',
        "<h2 class='subtitle'>The town loses its cargo berth for at least ten months.</h2>",
    ],
)
def test_the_lead_is_separate_from_the_text(before: str) -> None:
    article = read(article_page(before=before))
    assert (article.lead, article.text) == (
        "The town loses its cargo berth for at least ten months.",
        "\n\n".join(PARAGRAPHS),
    )


def test_a_text_that_repeats_the_description_is_the_lead() -> None:
    lead = "The town loses its cargo berth for at least ten months, and with it a fifth of its trade."
    article = read(article_page(head=meta("og:description", lead), before=f"<p>{lead}</p>"))
    assert article.lead == lead


def test_a_description_that_is_not_on_the_page_is_not_the_lead() -> None:
    head = meta("og:description", "Read all about the northern pier and its closing in our live report.")
    assert read(article_page(head=head)).lead is None


def test_text_in_a_script_without_spaces_is_read() -> None:
    first = "港の評議会は火曜日の夜、六月一日から北桟橋を貨物船に対して閉鎖することを決めた。修理は来年の冬まで続く見込みだ。"
    second = (
        "評議員九人のうち二人は閉鎖に反対し、町の貿易の五分の一が失われると述べた。漁船は南の岸壁に引き続き接岸できる。"
    )
    page = markup(f"<article><h1>北桟橋閉鎖へ</h1><p>{first}</p><p>{second}</p></article>", lang="ja")
    article = read(page)
    assert (article.text, article.language) == (f"{first}\n\n{second}", "ja")


def test_a_right_to_left_text_is_read() -> None:
    text = "صوّت مجلس الميناء مساء الثلاثاء على إغلاق الرصيف الشمالي أمام سفن الشحن اعتبارا من الأول من يونيو المقبل."
    article = read(
        markup(f"<article><h1>إغلاق الرصيف</h1><p>{text}</p><p>{text[:-20]} حتى الشتاء.</p></article>", lang="ar")
    )
    assert article.language == "ar"


def test_the_entries_of_a_live_blog_keep_their_times() -> None:
    entry = (
        '<div class="live-entry"><time datetime="2026-03-04T{0}:05:00+02:00">{0}:05</time><h3>{1}</h3><p>{2}</p></div>'
    )
    entries = "".join(
        entry.format(
            hour, f"Ship {hour} leaves", f"The cargo ship number {hour} has left the northern pier for the last time."
        )
        for hour in (15, 14, 13)
    )
    head = jsonld(news(**{"@type": "LiveBlogPosting", "headline": "Last ships leave the pier"}))
    article = read(
        markup(f'<main><h1>Last ships leave the pier</h1><div class="live">{entries}</div></main>', head=head)
    )
    assert [(block.kind, block.text) for block in article.blocks[:3]] == [
        ("entry", "2026-03-04 13:05 UTC · Ship 15 leaves"),
        ("p", "The cargo ship number 15 has left the northern pier for the last time."),
        ("entry", "2026-03-04 12:05 UTC · Ship 14 leaves"),
    ]


def test_the_time_of_an_entry_in_its_own_line_is_not_repeated() -> None:
    entry = '<div class="liveblog-entry"><div class="liveblog-entry__time">{0}:40 Uhr</div><h3>Ship {0} leaves</h3><p>{1}</p></div>'
    entries = "".join(entry.format(hour, f"{PARAGRAPHS[0]} ({hour})") for hour in (15, 14, 13))
    article = read(markup(f'<main><h1>Last ships leave the pier</h1><div class="liveblog">{entries}</div></main>'))
    assert [(block.kind, block.text) for block in article.blocks[:2]] == [
        ("entry", "15:40 Uhr · Ship 15 leaves"),
        ("p", f"{PARAGRAPHS[0]} (15)"),
    ]


def test_a_live_blog_drawn_by_scripts_is_read_from_json_ld() -> None:
    updates = [
        {"@type": "BlogPosting", "headline": f"Ship {hour} leaves", "datePublished": f"2026-03-04T{hour}:05:00Z",
         "articleBody": f"The cargo ship number {hour} has left the pier."}
        for hour in (15, 14, 13)
    ]  # fmt: skip
    head = jsonld(news(**{"@type": "LiveBlogPosting", "headline": "Last ships leave", "liveBlogUpdate": updates}))
    article = read(markup(f"<main><h1>Last ships leave</h1><p>{PARAGRAPHS[0]}</p><div id=app></div></main>", head=head))
    assert [block.text for block in article.blocks if block.kind == "entry"] == [
        f"2026-03-04 {hour}:05 UTC · Ship {hour} leaves" for hour in (15, 14, 13)
    ]


def test_an_article_with_dated_paragraphs_is_not_a_live_blog() -> None:
    inside = "".join(f"<div><time>1{n}:00</time><p>{PARAGRAPHS[n]} And {n} more.</p></div>" for n in range(3))
    assert all(block.kind != "entry" for block in read(article_page(inside=inside)).blocks)


@pytest.mark.parametrize("named", ["commentlinks", "discussion", "forum-navigation"])
def test_long_comments_of_readers_are_not_the_text(named: str) -> None:
    said = "".join(
        f"<div><h4>Reader {n}</h4><p>{' '.join(PARAGRAPHS)} And so on, {n} times.</p></div>" for n in range(9)
    )
    more = "".join(f"<p>{text[:-1]}, as it had in the year before.</p>" for text in PARAGRAPHS)
    page = article_page(inside=more, after=f'<div class="{named}">{said}</div>')
    assert len(texts(read(page))) == 2 * len(PARAGRAPHS)
    assert "Reader" not in read(page).text


def test_text_below_the_heading_of_the_comments_is_left_out() -> None:
    page = article_page().replace(
        "</div></article>",
        "<h3>Leserkommentare (2)</h3><p>I have read this with much pleasure, thank you.</p></div></article>",
    )
    assert texts(read(page)) == list(PARAGRAPHS)


def test_a_box_with_a_foreign_name_is_the_article_if_the_headline_has_no_other_text() -> None:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    page = markup(
        f'<header><h1>Northern pier closes in June</h1></header><div class="content with-sidebar">{body}</div>'
    )
    assert texts(read(page)) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("4 березня 2026, 13:11", "uk"),
        ("2026年3月4日 13時11分", "ja"),
        ("4 مارس 2026 13:11", "ar"),
        ("Miércoles, 4 de marzo de 2026, 13:11", "es"),
        ("Datum: 04.03.2026", "de"),
        ("By Jane Doe", "en"),
        ("Von Jane Doe und Max Müller", "de"),
        ("Автор: Олена Марченко", "uk"),
        ("This entry was posted in Trade", "en"),
        ("Explore further", "en"),
    ],
)
def test_a_line_that_is_only_a_date_a_byline_or_a_notice_is_not_the_text(line: str, language: str) -> None:
    page = markup("<article><h1>Pier</h1><p>" + "</p><p>".join([line, *PARAGRAPHS]) + "</p></article>", lang=language)
    assert texts(read(page)) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "line",
    ["Auction: 4 March 2026", "By then the quay was empty.", "By Tuesday the 4th of March 2026 two piers had closed."],
)
def test_a_sentence_that_begins_like_a_byline_or_has_a_date_stays(line: str) -> None:
    page = markup("<article><h1>Pier</h1><p>" + "</p><p>".join([line, *PARAGRAPHS]) + "</p></article>")
    assert texts(read(page))[0] == line


def test_numbers_in_a_table_are_text() -> None:
    table = "<table><tr><td>Cargo ships in a year</td><td>1911</td></tr></table>"
    assert "Cargo ships in a year | 1911" in texts(read(article_page(inside=table)))


def test_a_long_named_standfirst_is_the_lead() -> None:
    lead = " ".join(PARAGRAPHS * 2)
    assert read(article_page(before=f'<div class="chapo"><p>{lead}</p></div>')).lead == lead


def _sections(*texts: str) -> str:
    return "".join(f'<div class="section"><p>{"</p><p>".join(text.split("|"))}</p></div>' for text in texts)


def test_paragraphs_before_a_box_that_holds_the_rest_belong_to_the_text() -> None:
    rest = [f"{text[:-1]}, as it had in the year before, and in the year before that." for text in PARAGRAPHS * 4]
    numbered = [f"{number}. {text}" for number, text in enumerate(rest)]
    page = markup(
        f"<article><h1>Pier</h1><div class='lines'><p>{'</p><p>'.join(PARAGRAPHS[:2])}</p>"
        f"<div class='read-all'><p>{'</p><p>'.join(numbered)}</p></div></div></article>"
    )
    assert texts(read(page)) == [*PARAGRAPHS[:2], *numbered]


def test_a_text_in_sections_of_one_name_is_read_whole() -> None:
    first = [f"{text[:-1]}, it was said at noon." for text in PARAGRAPHS]
    rest = [f"{number}. {text}" for number in range(8) for text in PARAGRAPHS]
    page = markup(f"<article><h1>Pier</h1>{_sections('|'.join(first), '|'.join(rest))}</article>")
    assert texts(read(page)) == [*first, *rest]


def test_a_page_laid_out_with_list_items_or_cells_is_read() -> None:
    teasers = "".join(f"<h4>Teaser</h4><div><a href='/{n}'>Number {n} of many</a> seen 12</div>" for n in range(9))
    text = f"<div><p>{'</p><p>'.join(PARAGRAPHS)}</p></div><div><span>Print this page</span></div>"
    columns = f"<ul><li class='left'>{text}</li><li class='right'>{teasers}</li></ul>"
    cells = f"<table><tr><td>{text}</td><td>{teasers}</td></tr></table>"
    for body in (columns, cells):
        assert texts(read(markup(f"<h1>Pier</h1>{body}"))) == list(PARAGRAPHS)


def test_a_box_with_the_headline_and_its_text_is_the_article() -> None:
    other = "".join(f"<article><h2>Other {n}</h2><p>{' '.join(PARAGRAPHS)} And {n}.</p></article>" for n in range(9))
    text = f"<h1>Northern pier closes in June</h1><div><p>{'</p><p>'.join(PARAGRAPHS)}</p></div>"
    found = texts(read(markup(f'<main><div class="page with-sidebar">{text}</div>{other}</main>')))
    assert set(PARAGRAPHS) <= set(found)


def test_a_part_of_the_text_next_to_a_film_is_text() -> None:
    film = f'<div class="post-content video"><p>{"</p><p>".join(PARAGRAPHS)}</p></div>'
    rest = [[f"{number}. {text}" for text in PARAGRAPHS] for number in range(4)]
    parts = "".join(f'<div class="post-content text"><p>{"</p><p>".join(part)}</p></div>' for part in rest)
    found = texts(read(markup(f"<article><h1>Pier</h1>{film}{parts}</article>")))
    assert found == [*PARAGRAPHS, *(text for part in rest for text in part)]


@pytest.mark.parametrize(
    "line",
    [
        "Follow Jane Moor on Twitter.",
        "原标题：北码头六月关闭",
        "责任编辑：林海",
        "相关推荐",
    ],
)
def test_a_notice_above_or_below_the_text_is_left_out(line: str) -> None:
    assert texts(read(article_page(inside=f"<p>{line}</p>"))) == list(PARAGRAPHS)


LONGER = [f"{text} It was said for the {number}th time." for number in (4, 5, 6) for text in PARAGRAPHS]


def _boxes(count: int, target: str) -> str:
    return "".join(
        f'<div class="box"><h3><a href="{target}{number}">Ferry number {number} sails again</a></h3>'
        f"<p>The ferry of Monday morning sails again after {number} weeks in the dock of the yard.</p></div>"
        for number in range(count)
    )


def test_a_list_of_other_articles_of_the_site_is_left_out() -> None:
    teasers = f"<div>{_boxes(5, '/news/')}</div>"
    text = read(article_page(inside="".join(f"<p>{text}</p>" for text in LONGER) + teasers)).text
    assert (text.count("sails again"), text.count("time.")) == (0, len(LONGER))


def test_a_list_in_the_text_whose_headlines_lead_to_other_sites_is_text() -> None:
    places = f"<div>{_boxes(5, 'https://ferry.example/')}</div>"
    found = read(article_page(inside="".join(f"<p>{text}</p>" for text in LONGER) + places)).text
    assert found.count("sails again after") == 5


def test_a_page_that_is_a_list_keeps_its_entries() -> None:
    assert read(article_page(inside=f"<div>{_boxes(40, '/news/')}</div>")).text.count("sails again after") == 40


def test_a_row_of_a_table_is_one_line() -> None:
    rows = (("Berth", "Ships", "Tonnes"), ("Northern pier", "1,911", "88.5"), ("Southern quay", "", "12.0"))
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    found = texts(read(article_page(inside=f"<table>{table}</table>")))
    for line in ("Berth | Ships | Tonnes", "Northern pier | 1,911 | 88.5", "Southern quay | 12.0"):
        assert line in found


LABELS = {
    "kicker": "Seafaring",
    "byline": "Amelie Lund, Harbour Desk",
    "reading time, Spanish": "Tiempo de lectura: 3 minutos",
    "reading time, Ukrainian": "Час читання 3 хв",
    "reading time, Korean": "읽는 시간 3분",
}


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_a_label_above_the_first_paragraph_is_not_text(label: str) -> None:
    assert read(article_page(before=f"<p>{label}</p>")).text == "\n\n".join(PARAGRAPHS)
    flat = "".join(f"<p>{text}</p>" for text in (label, *PARAGRAPHS))
    assert read(markup(f"<main><h1>Northern pier closes in June</h1>{flat}</main>")).text == "\n\n".join(PARAGRAPHS)


def test_the_beginning_of_a_text_is_no_label() -> None:
    for beginning in ("KYIV —", "“Not again.”", "Port Ellen 2, Bowmore 1"):
        flat = "".join(f"<p>{text}</p>" for text in (beginning, *PARAGRAPHS))
        assert beginning in read(markup(f"<main><h1>Northern pier closes in June</h1>{flat}</main>")).text


OTHER = "".join(f"<p>{text}</p>" for text in (
    "The handball team of the town won the winter cup on Sunday night after a final that went to extra time.",
    "Coach Pavel Rindt praised the young goalkeeper, who saved three penalties in the second half of the match.",
))  # fmt: skip
OWN = f"<h1>Northern pier closes in June</h1>{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}"


@pytest.mark.parametrize(
    "body",
    [
        f'<main><div class="story">{OWN}</div><div class="story"><h1>Team wins the cup</h1>{OTHER}</div></main>',
        f'<main><section class="post">{OWN}</section><section class="post next"><h1>Team wins</h1>{OTHER}</section></main>',
        f"<main><div>{OWN}</div></main><article><h1>Team wins the cup</h1>{OTHER}</article>",
        f"<main><article>{OWN}</article><article><h2>Team wins the cup</h2>{OTHER}</article></main>",
        f"<article><article>{OWN}</article><article><h1>Team wins the cup</h1>{OTHER}</article></article>",
        f"<article><h1>Team wins the cup</h1>{OTHER}</article><main><article>{OWN}</article></main>",
    ],
)
def test_another_article_with_a_headline_of_its_own_is_not_text(body: str) -> None:
    page = markup(body, head=meta("og:title", "Northern pier closes in June"))
    assert read(page).text == "\n\n".join(PARAGRAPHS)


def test_sections_of_one_article_with_large_subheads_are_text() -> None:
    sections = f'<div class="text"><section><h1>What it costs</h1>{OTHER}</section></div>'
    text = read(
        markup(
            f'<main><header>{OWN[: OWN.index("<p>")]}</header><div class="text">{OWN[OWN.index("<p>") :]}</div>{sections}</main>'
        )
    ).text
    assert "handball" in text and PARAGRAPHS[0] in text


@pytest.mark.parametrize(
    "notice",
    [
        "(nouvelle fenêtre)",
        "Yeni sekmede açılır",
        "새 창에서 열림",
        "新しいウィンドウで開く",
        "Externer Link, öffnet neues Fenster",
    ],
)
def test_a_notice_about_a_new_window_is_not_part_of_a_sentence(notice: str) -> None:
    link = f'<a href="https://port.example/" target="_blank"><span>the port<span class="q7">{notice}</span></span></a>'
    assert (
        "read at the port before"
        in read(article_page(inside=f"<p>The plans can be read at {link} before the vote in June.</p>")).text
    )


@pytest.mark.parametrize(
    "hidden",
    [
        f'<div aria-hidden="true"><p>{PARAGRAPHS[0][:-1]} or later.</p></div>',
        f'<p><span aria-hidden="true">{PARAGRAPHS[0][:-1]} or later.</span></p>',
    ],
)
def test_running_text_that_is_hidden_from_screen_readers_only_is_text(hidden: str) -> None:
    assert "or later." in read(article_page(inside=hidden)).text


def test_a_list_of_linked_names_after_a_colon_is_text() -> None:
    names = "".join(f'<li><a href="/t/{name}">{name}</a></li>' for name in ("Bowmore", "Port Ellen"))
    assert "Port Ellen" in read(article_page(inside=f"<p>Ships also call at:</p><ul>{names}</ul>")).text
    assert "Port Ellen" not in read(article_page(inside=f"<ul>{names}</ul>")).text


def test_a_card_without_links_is_text() -> None:
    items = "".join(f"<li>{text}</li>" for text in ("200 g flour", "2 eggs", PARAGRAPHS[1][:-1] + " again."))
    assert "2 eggs" in read(article_page(inside=f'<div class="recipe-card"><ul>{items}</ul></div>')).text


def test_the_base_of_ruby_is_part_of_its_paragraph() -> None:
    ruby = "<ruby><rb>尹錫悦</rb><rp>（</rp><rt>ユンソンニョル</rt><rp>）</rp></ruby>"
    assert (
        "韓国の尹錫悦（ユンソンニョル）大統領"
        in read(article_page(inside=f"<p>韓国の{ruby}大統領は三日夜、緊急談話を出した。</p>")).text
    )


def test_entries_in_article_elements_of_their_own_are_text() -> None:
    entries = "".join(
        f"<article><h2>News at {hour} o'clock</h2><p>{text[:-1]}, again.</p></article>"
        for hour, text in zip((9, 10, 11), PARAGRAPHS, strict=False)
    )
    assert "at 11 o'clock" in read(markup(f"<main><article>{OWN}</article>{entries}</main>")).text


@pytest.mark.parametrize("closed", ['style="display:none"', "hidden"])
def test_the_closed_panels_of_an_accordion_are_text(closed: str) -> None:
    panels = "".join(
        f'<h3><button aria-controls="p{number}">Question {number}</button></h3><div id="p{number}" {closed}><p>{text}</p></div>'
        for number, text in enumerate(PARAGRAPHS)
    )
    texts = [block.text for block in read(markup(f"<main><h1>The pier</h1>{panels}</main>")).blocks]
    assert texts == [text for number, known in enumerate(PARAGRAPHS) for text in (f"Question {number}", known)]


def test_a_hidden_dialog_after_a_button_is_not_text() -> None:
    box = "<p>Please describe in a few words what is wrong in this report, and where you saw it on the page.</p>"
    dialog = f'<button>Report an error</button><div style="display:none">{box}</div>'
    assert read(article_page(inside=dialog)).text == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    "pointer",
    [
        "ये भी पढ़ें: <a href='/b'>फेरी का समय बदला</a>",
        "Baca juga: <a href='/b'>Jadwal Feri Berubah</a>",
        "<strong>Διαβάστε επίσης:</strong> <a href='/b'>Νέα δρομολόγια των πλοίων</a>",
    ],
)
def test_a_label_before_the_link_to_another_page_is_not_text_in_any_language(pointer: str) -> None:
    assert read(article_page(inside=f"<p>{pointer}</p>")).text == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    "line", ["Account: <a href='https://x.example/@pier'>@pier</a>", "1. 2019: <a href='/l'>The law of 2019</a>"]
)
def test_a_label_before_a_name_or_a_number_is_text(line: str) -> None:
    assert "ccount: @pier" in read(article_page(inside=f"<p>{line}</p>")).text or line.startswith("1.")


def test_the_heading_directly_below_the_headline_is_the_lead() -> None:
    below = "<header><h1>Northern pier closes</h1><h2>Engineers fear that the pilings will not last the winter</h2></header>"
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    article = read(markup(f"<article>{below}<div>By Jane Moor</div><div>{text}</div></article>"))
    assert (article.lead, article.text) == (
        "Engineers fear that the pilings will not last the winter",
        "\n\n".join(PARAGRAPHS),
    )


def test_a_custom_element_inside_a_paragraph_does_not_break_the_sentence() -> None:
    paragraph = 'The pilings are from 1911 (<trusted-source><a href="https://x.example/1">1</a></trusted-source>), engineers say.'
    assert "The pilings are from 1911 (1), engineers say." in read(article_page(inside=f"<p>{paragraph}</p>")).text


def test_a_notice_that_a_style_clips_is_not_part_of_a_sentence() -> None:
    notice = '<span style="border:0;clip:rect(0 0 0 0);position:absolute">, opens new tab</span>'
    paragraph = (
        f'<p>The <a href="https://x.example/r" target="_blank">report{notice}</a> by the engineers has forty pages.</p>'
    )
    assert "The report by the engineers has forty pages." in read(article_page(inside=paragraph)).text


@pytest.mark.parametrize(
    "notice",
    [
        "Externer Inhalt nicht verfügbar",
        "An dieser Stelle finden Sie einen externen Inhalt von Pierbook, der den Artikel ergänzt. Sie können ihn sich anzeigen lassen.",
        "Ce contenu externe est bloqué, car vous n’avez pas accepté les cookies.",
        "Get the latest updates right in your inbox. Subscribe to the newsletters of the Gazette.",
        "Puede suscribirse aquí a nuestra newsletter.",
        "Have a tip? Jane Moor may be reached at moor@gazette.example.",
        "Copyright 2026 Harbour Wire. All rights reserved. This material may not be published or rewritten.",
    ],
)
def test_a_notice_between_the_paragraphs_is_not_text(notice: str) -> None:
    assert read(article_page(inside=f"<p>{notice}</p>")).text == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    "sentence",
    [
        "The newsletter of the council was printed in nine languages, and nobody read it.",
        "External content experts were heard by the council before the vote on the pier.",
    ],
)
def test_a_sentence_about_a_newsletter_or_about_content_is_text(sentence: str) -> None:
    assert sentence in read(article_page(inside=f"<p>{sentence}</p>")).text

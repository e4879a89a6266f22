from __future__ import annotations

import pytest

from crawler.models import Status
from tests.support.news_pages import PARAGRAPHS, article_page, jsonld, markup, meta, news, read

REST = [f"{text[:-1]}, and the same was said in hall {hall}." for hall in range(3) for text in PARAGRAPHS]
FIRST = "The harbour master left the meeting early and said on the stairs that he would not sign the order."
LEAD = "The town loses its cargo berth for ten months, and with it a fifth of its trade."


def _paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def _texts(page: str) -> list[str]:
    article = read(page)
    return [*filter(None, [article.lead]), *(block.text for block in article.blocks)]


def test_a_paragraph_between_the_headline_and_the_main_text_is_kept() -> None:
    rows = f'<div class="row"><h1>Pier</h1></div><div class="row"><p>{FIRST}</p></div>'
    page = markup(f'<main>{rows}<div class="row"><div class="rest">{_paragraphs(REST)}</div></div></main>')
    assert _texts(page) == [FIRST, *REST]


def test_a_caption_or_an_offer_between_the_headline_and_the_text_is_left_out() -> None:
    offer = (
        '<div class="paywall-box"><p class="paywall-box__description">For two euros a week you can read all.</p></div>'
    )
    caption = (
        '<div class="caption"><p>The northern pier on the day before the meeting of the council took place.</p></div>'
    )
    page = markup(f"<main><h1>Pier</h1>{offer}{caption}<div>{_paragraphs(REST)}</div></main>")
    assert _texts(page) == REST


def test_the_element_that_repeats_the_description_is_the_lead_before_one_that_is_named_as_a_lead() -> None:
    named = '<p class="subtitle">Read on for two euros a week, and cancel at any time.</p>'
    page = markup(
        f'<main><h1>Pier</h1>{named}<div class="box"><p>{LEAD}</p></div><div>{_paragraphs(REST)}</div></main>',
        head=meta("og:description", LEAD),
    )
    assert read(page).lead == LEAD


def test_all_points_of_a_summary_above_the_text_are_kept() -> None:
    points = ["The northern pier closes in June.", "Cargo ships must use the south quay.", "Repairs last until winter."]
    summary = "".join(f"<li>{point}</li>" for point in points)
    page = markup(
        f'<article><h1>Pier</h1><div class="summary"><ul>{summary}</ul></div><div>{_paragraphs(REST)}</div></article>'
    )
    assert _texts(page) == [*points, *REST]


def test_parts_with_the_class_of_the_headlines_box_are_kept() -> None:
    part = '<div class="promo-row"><div class="promo-row__cell">{}{}</div></div>'
    parts = [part.format("<h1>Pier</h1>", _paragraphs(REST[:3])), part.format("", _paragraphs(REST[3:]))]
    assert _texts(markup(f"<article>{''.join(parts)}</article>")) == REST


def test_names_that_would_remove_all_of_the_text_are_ignored() -> None:
    boxes = [
        f'<div class="{name}">{_paragraphs(REST[start : start + 3])}</div>'
        for start, name in ((0, "widget-area"), (3, "advert-free-zone"), (6, "disclaimer-none"))
    ]
    page = markup(f'<div class="related-layout"><article><h1>Pier</h1>{"".join(boxes)}</article></div>')
    assert _texts(page) == REST[:9]


def test_an_opening_below_an_h2_that_no_metadata_repeat_is_kept() -> None:
    menu = f"<nav><ol>{'<li>Harbour news</li>' * 50}</ol></nav>"
    head = f"<header><h2>Berth lost</h2></header><div><p>{FIRST}</p></div>"
    page = markup(f"{menu}<article>{head}<div><div>{_paragraphs(REST)}</div></div></article>")
    assert _texts(page) == [FIRST, *REST]


def test_an_id_does_not_remove_most_of_the_text() -> None:
    page = markup(
        f'<h1>Pier</h1><div class="lines">{_paragraphs(REST[:4])}</div><div id="popular-7">{_paragraphs(REST[4:])}</div>'
    )
    assert set(REST) <= set(_texts(page))


def test_a_class_that_names_what_is_missing_is_ignored() -> None:
    page = markup(f'<article><h1>Pier</h1><div class="no-video">{_paragraphs(REST)}</div></article>')
    assert _texts(page) == REST


def test_a_second_article_with_its_own_headline_is_not_appended() -> None:
    other = [f"Number {number} of the handball side scored again on Sunday night in the hall." for number in range(20)]
    page = markup(
        f"<main><article><h1>Pier closes in June</h1>{_paragraphs(REST[:3])}</article>"
        f"<article><h1>Handball side wins the cup</h1>{_paragraphs(other)}</article></main>"
    )
    assert _texts(page) == REST[:3]


def test_paragraphs_that_are_hidden_from_screen_readers_only_are_text() -> None:
    hidden = f'<p class="locked" aria-hidden="true">{FIRST}</p>'
    assert FIRST in _texts(article_page(inside=hidden))


def test_a_box_of_the_class_of_its_neighbours_is_text_though_it_is_hidden_from_screen_readers() -> None:
    boxes = [f'<div class="part">{_paragraphs(REST[start : start + 3])}</div>' for start in (0, 3, 6)]
    hidden = boxes[1].replace("<div", '<div aria-hidden="true"')
    assert _texts(markup(f"<article><h1>Pier</h1>{boxes[0]}{hidden}{boxes[2]}</article>")) == REST[:9]


def test_a_table_in_a_figure_is_text_and_its_caption_is_not() -> None:
    table = "<table><tr><td>Cargo berth</td><td>1,911.50 €</td></tr></table>"
    found = _texts(article_page(inside=f"<figure>{table}<figcaption>Prices of berths</figcaption></figure>"))
    assert "Cargo berth | 1,911.50 €" in found
    assert "Prices of berths" not in found


def test_a_sentence_that_is_one_link_is_text_and_a_linked_headline_is_not() -> None:
    sentence = "The council published the minutes of the meeting on Friday."
    page = markup(
        f'<article><h1>Pier</h1>{_paragraphs(REST[:3])}<p><a href="/m">{sentence}</a></p>'
        f'<p><a href="/n">Fish market moves to the old town</a></p>{_paragraphs(REST[3:])}</article>'
    )
    assert sentence in _texts(page)
    assert "Fish market moves to the old town" not in _texts(page)


def test_a_line_of_linked_names_between_paragraphs_is_text() -> None:
    line = '<p><a href="/1">North quay</a>: <a href="/2">berth one</a>, <a href="/3">berth two</a></p>'
    page = markup(f"<article><h1>Pier</h1>{_paragraphs(REST[:3])}{line}{_paragraphs(REST[3:])}</article>")
    assert "North quay: berth one, berth two" in _texts(page)


def test_the_notice_of_a_new_window_is_not_part_of_the_sentence() -> None:
    link = '<a href="https://x.example" target="_blank">the operator<span class="x1">(opens in a new tab)</span></a>'
    assert "Nobody at the operator answered." in _texts(article_page(inside=f"<p>Nobody at {link} answered.</p>"))


def test_a_link_to_consent_settings_does_not_make_a_short_report_a_wall() -> None:
    text = "Two ships collided off the northern pier early on Tuesday, the harbour master said. Nobody was hurt."
    footer = '<footer><a href="#">Consent preferences</a> <button>Manage consent</button></footer>'
    head = meta("article:published_time", "2026-11-24T10:15:00+02:00")
    article = read(markup(f"<article><h1>Ships collide</h1><p>{text}</p></article>{footer}", head=head))
    assert (article.status, article.text) == (Status.OK, text)


def test_a_line_of_names_in_bold_is_the_byline_where_the_metadata_names_only_the_outlet() -> None:
    head = jsonld(news(author={"@type": "Organization", "name": "Harbour Gazette"}))
    page = markup(f"<article><h1>Pier</h1><p><b>Jane Moor/Max Linden</b></p>{_paragraphs(REST)}</article>", head=head)
    article = read(page)
    assert [byline.name for byline in article.bylines] == ["Jane Moor", "Max Linden"]
    assert article.text == "\n\n".join(REST)


def test_labels_above_the_headline_are_left_out() -> None:
    above = "<p>Harbour</p><p>Exclusive</p>"
    below = "<p>04.03.26 | 14:07 | By Jane Moor</p>"
    page = markup(f'<div class="article-body">{above}<h1>Pier closes in June</h1>{below}{_paragraphs(REST)}</div>')
    assert _texts(page) == REST


def test_parts_of_the_text_in_a_box_with_a_foreign_name_are_kept() -> None:
    parts = [f'<div class="story-body">{_paragraphs(texts)}</div>' for texts in (REST[:3], REST[3:])]
    page = markup(f'<article><h1>Pier</h1><div class="teaser-part">{parts[0]}</div>{parts[1]}</article>')
    assert _texts(page) == REST


def test_a_caption_that_ends_with_its_credit_is_left_out() -> None:
    assert "Image" not in read(article_page(inside="<p>The northern pier in March (Image: Getty)</p>")).text


@pytest.mark.parametrize(
    "opening",
    [
        "島々には約四千人が暮らし、その多くが食料や薬、対岸の学校への通学をこの船に頼っている。",
        "The council has published what the owners of boats should know before the first of June, when the pier closes:",
    ],
)
def test_a_paragraph_in_a_box_of_its_own_below_the_headline_is_text(opening: str) -> None:
    assert opening in read(article_page(before=f"<div><p>{opening}</p></div>")).text


def test_items_without_links_below_the_headline_are_text() -> None:
    bullets = "<ul><li>Two members spoke against the closure</li><li>Repairs last until the end of winter</li></ul>"
    article = read(article_page(before=bullets))
    assert "spoke against the closure" in f"{article.lead} {article.text}"
    assert "Repairs last until" in f"{article.lead} {article.text}"


TEXT = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)


@pytest.mark.parametrize(
    "below_headline",
    [
        '<p>The council closes the pier at last.</p><p data-name="teaser">Cargo ships have to move, and soon, says the council.</p>',
        '<div class="summary">The council closes the pier at last.</div><h2 class="deck">Cargo ships have to move, and soon</h2>',
        '<div class="excerpt"><p>Cargo ships have to move, and soon, says the council.</p></div><div>By Jane Moor</div>',
    ],
)
def test_each_standfirst_below_the_headline_is_kept(below_headline: str) -> None:
    head = meta("description", "The council closes the pier at last.")
    page = f"<h1>Northern pier closes</h1>{below_headline}<div class=text>{TEXT}</div>"
    article = read(markup(page, head=head))
    whole = "\n".join(filter(None, (article.lead, article.text)))
    assert "Cargo ships have to move, and soon" in whole
    assert whole.endswith("\n\n".join(PARAGRAPHS))


def test_a_repeated_headline_does_not_hide_the_standfirst_below_the_first_one() -> None:
    standfirst = (
        "The council closes the pier to cargo ships in June, and the fishing boats may stay at the southern quay."
    )
    again = "<div><h1>Northern pier closes in June</h1></div>"
    page = f"<h1>Northern pier closes in June</h1><div class=excerpt>{standfirst}</div>{again}<div>{TEXT}</div>"
    assert read(markup(page, head=meta("og:title", "Northern pier closes in June"))).lead == standfirst


@pytest.mark.parametrize(
    "line",
    [
        "Sign up to our newsletter for the news of the harbour.",
        "Already a reader of ours? Log in to read on.",
        "Listen to the story of the day in our podcast now.",
    ],
)
def test_a_short_prompt_below_the_headline_is_not_the_opening(line: str) -> None:
    page = f"<h1>Northern pier closes</h1><p>{line}</p><div class=text>{TEXT}</div>"
    article = read(markup(page))
    assert "\n".join(filter(None, (article.lead, article.text))) == "\n\n".join(PARAGRAPHS)

from __future__ import annotations

import pytest

from crawler.models import ExtractionHints, Link
from tests.support.news_pages import article_page, jsonld, markup, meta, news, read


@pytest.mark.parametrize(
    "shown",
    [
        "Pier closes in June | Harbour Gazette",
        "Pier closes in June - Harbour Gazette",
        "Pier closes in June — harbour-gazette.example",
        "Harbour Gazette: Pier closes in June".replace(": ", " : "),
        "Pier closes in June – HARBOUR GAZETTE",
    ],
)
def test_the_sites_name_is_cut_off(shown: str) -> None:
    head = meta("og:title", shown) + meta("og:site_name", "Harbour Gazette")
    assert read(article_page(head=head, title="Pier closes in June")).title == "Pier closes in June"


def test_the_name_of_the_source_is_removed() -> None:
    page = markup("<p>text</p>", head="<title>Pier closes in June | The Quay</title>")
    assert read(page, ExtractionHints(site_name="The Quay")).title == "Pier closes in June"


def test_a_dash_within_a_headline_stays() -> None:
    head = meta("og:title", "Pier closes - council splits") + meta("og:site_name", "Harbour Gazette")
    assert read(article_page(head=head, title="x")).title == "Pier closes - council splits"


def test_open_graph_wins_and_is_recorded() -> None:
    article = read(article_page(head=meta("og:title", "Pier closes in June, says council"), title="Pier shuts"))
    assert (article.title, article.field_sources["title"]) == ("Pier closes in June, says council", "og")


@pytest.mark.parametrize("confirmed_by", ["h1", "json-ld"])
@pytest.mark.parametrize(
    ("shown", "headline"),
    [
        ("Ports | Northern pier closes in June", "Northern pier closes in June"),
        ("Northern pier closes in June (Published 2016)", "Northern pier closes in June"),
        ("북쪽 부두 6월에 폐쇄 결정-정치ㅣ항구일보", "북쪽 부두 6월에 폐쇄 결정"),
    ],
)
def test_an_addition_that_the_h1_or_json_ld_does_not_have_is_removed(
    shown: str, headline: str, confirmed_by: str
) -> None:
    head = meta("og:title", shown) + (jsonld(news(headline=headline)) if confirmed_by == "json-ld" else "")
    assert read(article_page(head=head, title=headline if confirmed_by == "h1" else "Ports")).title == headline


def test_the_h1_and_json_ld_together_win_over_open_graph() -> None:
    head = meta("og:title", "You won't believe what the council did") + jsonld(news(headline="Northern pier closes"))
    article = read(article_page(head=head, title="Northern pier closes"))
    assert (article.title, article.field_sources["title"]) == ("Northern pier closes", "h1")


def test_a_headline_cut_by_an_unescaped_quote_is_ignored() -> None:
    torn = '<meta name="t" property="og:title" content="Council calls pier "a ruin" and shuts it" data-x="1">'
    article = read(article_page(head=torn, title="Council calls pier “a ruin” and shuts it"))
    assert article.title == "Council calls pier “a ruin” and shuts it"


def test_entities_and_white_space_are_resolved() -> None:
    head = meta("og:title", "Fish &amp;amp; chips:\n  the quay&#39;s choice")
    assert read(article_page(head=head)).title == "Fish & chips: the quay's choice"


def test_the_feeds_title_is_used_for_a_page_without_one() -> None:
    link = Link(url="https://x.example/", title="Pier closes in June")
    article = read(markup("<p>text</p>"), link=link)
    assert (article.title, article.field_sources["title"]) == ("Pier closes in June", "feed")


def test_a_logo_in_the_first_h1_is_not_the_headline() -> None:
    head = meta("og:site_name", "Harbour Gazette") + "<title>Pier closes in June</title>"
    assert (
        read(markup("<h1>Harbour Gazette</h1><h1>Pier closes in June</h1>", head=head)).title == "Pier closes in June"
    )


def test_a_page_without_any_title_has_none() -> None:
    assert read(markup("<p>text</p>")).title is None


def test_a_heading_that_links_to_the_front_page_is_the_sites_name() -> None:
    logo = '<h1><a href="https://www.harbour-gazette.example/">News from the Quay</a></h1>'
    head = "<title>Northern pier closes in June » News from the Quay</title>"
    article = read(markup(f"{logo}<h2>Northern pier closes in June</h2><p>text</p>", head=head))
    assert (article.title, article.field_sources["title"]) == ("Northern pier closes in June", "title")


def test_a_heading_that_links_to_its_own_page_is_the_headline() -> None:
    own = '<h1><a href="/news/2026/03/pier-closes">Northern pier closes in June</a></h1>'
    assert read(markup(f"{own}<p>text</p>")).title == "Northern pier closes in June"


def test_of_the_title_tag_the_part_that_a_heading_repeats_is_the_headline() -> None:
    head = "<title>Quay Anglers e.V. - Northern pier closes in June - Press - News</title>"
    assert (
        read(markup("<h3>Northern pier closes in June</h3><p>text</p>", head=head)).title
        == "Northern pier closes in June"
    )


def test_the_common_ending_of_two_titles_is_the_sites_name() -> None:
    head = meta("og:title", "Council closes pier | HG News") + "<title>Why the pier has to go | HG News</title>"
    assert read(markup("<p>text</p>", head=head)).title == "Council closes pier"


def test_a_site_name_that_is_the_whole_title_is_a_headline() -> None:
    head = meta("application-name", "Northern pier closes in June") + "<title>Northern pier closes in June</title>"
    assert read(markup("<h1>Northern pier closes in June</h1>", head=head)).title == "Northern pier closes in June"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("Council shuts the northern pier for a year", "Council shuts the northern pier for a year"),
        ("Trade Northern pier closes: what to know", "Northern pier closes: what to know"),  # a kicker before it
        ("Weather for the coming weekend", "Northern pier closes: what to know"),  # another article's
    ],
)
def test_the_h1_wins_over_an_og_title_that_repeats_the_title_tag(shown: str, expected: str) -> None:
    head = meta("og:title", "Northern pier closes: what to know") + "<title>Northern pier closes: what to know</title>"
    assert read(article_page(head=head, title=shown)).title == expected


@pytest.mark.parametrize(
    "shown", ["北码头六月关闭_港湾报", "北码头六月关闭-港湾报", "北码头六月关闭：港湾报", "北码头六月关闭——港湾报"]
)
def test_the_sites_name_is_removed_without_a_space_before_it(shown: str) -> None:
    head = f"<title>{shown}</title>" + meta("og:site_name", "港湾报")
    assert read(markup("<p>text</p>", head=head)).title == shown.removesuffix("港湾报").rstrip("_-：—")


def test_a_line_break_in_a_headline_separates_words() -> None:
    assert read(article_page(title="Northern pier<br>closes in June")).title == "Northern pier closes in June"


def test_an_og_title_cut_off_by_a_quotation_mark_is_ignored() -> None:
    head = '<meta property="og:title" content="Prize of a million!" pier"wins the vote?">'
    article = read(article_page(head=head, title='Prize of a million! "Pier" wins the vote?'))
    assert article.title == 'Prize of a million! "Pier" wins the vote?'


TWO = markup(
    "<article><h1>Dockers win their long fight</h1></article>", head=meta("og:title", "Council: northern pier to close")
)


def test_the_headline_that_was_learned_from_the_feed_is_the_title_of_a_page_with_two() -> None:
    for learned, title in (("h1", "Dockers win their long fight"), ("og", "Council: northern pier to close")):
        article = read(TWO, ExtractionHints(headline=learned))
        assert (article.title, article.field_sources["title"]) == (title, f"{learned} (as in the feed)")
        assert dict(article.headlines) == {
            "og": "Council: northern pier to close",
            "h1": "Dockers win their long fight",
        }


def test_a_learned_headline_changes_no_page_with_one_headline_and_no_selected_title() -> None:
    one = markup("<h1>Northern pier to close</h1>", head=meta("og:title", "Northern pier to close | The Gazette"))
    article = read(one, ExtractionHints(headline="h1", site_name="The Gazette"))
    assert (article.field_sources["title"], dict(article.headlines)) == ("og", {})
    selected = read(TWO, ExtractionHints(headline="h1", selectors={"title": "title, h1"}))
    assert (selected.field_sources["title"], dict(selected.headlines)) == ("selector", {})


def test_a_shortened_title_yields_to_the_whole_headline() -> None:
    whole = "Northern pier closes in June for repairs"
    for shortened in ("Northern pier closes in…", "Northern pier closes in..."):
        assert read(article_page(title=whole, head=meta("og:title", shortened))).title == whole


def test_the_path_of_sections_after_a_headline_is_not_part_of_it() -> None:
    head = meta("og:title", "북쪽 부두 6월부터 화물선 통제 &lt; 사회 &lt; 기사본문 - 항구일보")
    assert read(article_page(title="북쪽 부두 6월부터 화물선 통제", head=head)).title == "북쪽 부두 6월부터 화물선 통제"


def test_a_kicker_inside_the_h1_is_not_part_of_the_title() -> None:
    title = "Northern pier closes in June"
    head = (
        f"<title>{title} | Harbour Gazette</title>{jsonld(news(headline=title, publisher={'name': 'Harbour Gazette'}))}"
    )
    assert read(article_page(title=f"<span>Harbour</span> {title}", head=head)).title == title


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("Northern pier closes in June | News | Harbour Gazette", "Northern pier closes in June"),
        ("北码头将于六月关闭给货船使用-港湾网", "北码头将于六月关闭给货船使用"),
        ("Harbour | Northern pier closes in June for repairs", "Harbour | Northern pier closes in June for repairs"),
        (
            "Pier: the harbour master – a portrait of a patient man",
            "Pier: the harbour master – a portrait of a patient man",
        ),
    ],
)
def test_a_title_that_only_the_title_element_has_ends_before_the_names_of_section_and_site(
    tag: str, expected: str
) -> None:
    assert read(markup("<p>The harbour council voted.</p>", head=f"<title>{tag}</title>")).title == expected


def test_the_heading_that_microdata_names_the_headline_is_the_title() -> None:
    body = '<div itemscope><h3 itemprop="headline">Northern pier closes in June</h3><p>The harbour council voted.</p></div>'
    assert read(markup(body, head="<title>Port Ellen: Pier</title>")).title == "Northern pier closes in June"

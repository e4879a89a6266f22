from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.models import ExtractionHints, Status
from pipelines.extract import extract
from tests.support.corpus import corpus_or_skip
from tests.support.news_pages import PARAGRAPHS, article_page, jsonld, markup, meta, news, page, read


def test_each_field_records_its_provenance() -> None:
    head = jsonld(
        news(headline="Pier", author="Jane Moor", datePublished="2026-03-04T10:00:00Z", articleSection="Town")
    )
    assert read(article_page(head=head)).field_sources == {
        "title": "h1",
        "byline": "json-ld",
        "published": "json-ld",
        "language": "text",
        "section": "json-ld",
        "text": "dom",
    }


def test_section_tags_image_and_canonical_address_are_read() -> None:
    head = (
        jsonld(news(articleSection="Town", keywords=["harbour", "pier", "harbour"], image=["/img/pier.jpg"]))
        + '<link rel="canonical" href="/news/pier">'
    )
    article = read(article_page(head=head))
    assert (article.section, article.tags, article.image, article.canonical_url) == (
        "Town",
        ("harbour", "pier"),
        "https://www.harbour-gazette.example/img/pier.jpg",
        "https://www.harbour-gazette.example/news/pier",
    )


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        (
            "en",
            "Der Hafenrat stimmte am Dienstagabend dafür, den nördlichen Pier ab Juni für Frachtschiffe zu schließen.",
            "de",
        ),
        (
            "uk",
            "Рада порту у вівторок увечері проголосувала за закриття північного пірсу для вантажних суден з червня.",
            "uk",
        ),
        (
            "",
            "Le conseil du port a voté mardi soir la fermeture de la jetée nord aux cargos à partir du premier juin.",
            "fr",
        ),
    ],
)
def test_the_language_is_read_from_the_text_and_not_from_what_is_declared(lang: str, text: str, expected: str) -> None:
    assert read(markup(f"<article><h1>x</h1><p>{text}</p><p>{text}!</p></article>", lang=lang)).language == expected


def test_the_declared_language_decides_between_close_relatives() -> None:
    text = "Havnerådet stemte tirsdag kveld for å stenge den nordlige brygga for lasteskip fra første juni i år."
    assert read(markup(f"<article><p>{text}</p><p>{text}!</p></article>", lang="nb-NO")).language in {"nb", "no"}


def test_a_wrongly_declared_encoding_does_not_garble_the_text() -> None:
    text = "Рада порту у вівторок увечері проголосувала за закриття північного пірсу для вантажних суден з червня."
    body = markup(f"<article><h1>Пірс закривають</h1><p>{text}</p></article>", head='<meta charset="utf-8">')
    article = read(body.encode("cp1251"))
    assert (article.title, article.text) == ("Пірс закривають", text)


def test_one_parse_gives_the_same_article_every_time() -> None:
    body = article_page(head=jsonld(news(author="Jane Moor")))
    assert read(body) == read(body)


def test_an_article_can_be_sent_to_another_process_and_back() -> None:
    article = read(article_page(head=jsonld(news(author="Jane Moor", datePublished="2026-03-04"))))
    assert pickle.loads(pickle.dumps(article)) == article


@pytest.mark.parametrize("tag", ["div", "span", "b", "ul", "section"])
def test_a_thousand_nested_elements_do_not_hide_the_text(tag: str) -> None:
    inner = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    article = read(markup(f"<{tag}>" * 1000 + inner + f"</{tag}>" * 1000))
    assert article.status is Status.OK
    assert PARAGRAPHS[0] in article.text


@pytest.mark.parametrize("tag", ["div", "i", "blockquote", "table", "a href=x"])
def test_extremely_deep_nesting_gives_a_status_and_no_error(tag: str) -> None:
    assert read(markup(f"<{tag}>" * 60_000 + "words")).reason


def test_ten_megabytes_are_read_to_the_limit_without_an_error() -> None:
    paragraphs = (
        f"<p>{f'Ship {n} came in and left again before the tide had turned. ' * 16}</p>" for n in range(10_500)
    )
    article = read(markup("<article>" + "".join(paragraphs)))
    assert article.status is Status.OK


@settings(max_examples=60)
@given(st.binary(max_size=2_000))
def test_arbitrary_bytes_raise_no_error(body: bytes) -> None:
    assert extract(page(b"<html><body>" + body), ExtractionHints()).status in set(Status)


def test_real_pages_are_read_as_articles() -> None:
    folder = corpus_or_skip("articles/fundus")
    import gzip

    paths = sorted((folder / "pages").iterdir())[::20]
    statuses = [read(gzip.decompress(path.read_bytes())).status for path in paths]
    assert statuses.count(Status.OK) + statuses.count(Status.TEASER) == len(paths)


def test_spellings_of_a_meta_name_are_equal() -> None:
    article = read(article_page(head=meta("article:published:time", "2026-03-04T10:00:00Z")))
    assert article.published is not None

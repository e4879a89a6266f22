"""Parsing HTML as publishers write it."""

from __future__ import annotations

import html as escaping

from pipelines.html.document import element_text, parse_html

URL = "https://harbour-gazette.example/news/pier"


def test_a_page_without_a_body_tag_gets_a_body() -> None:
    html = "<html><head><title>Pier</title><meta name=author content='Mara Voss'></head><article><h1>Pier</h1><p>It closes.</p></article></html>"
    body = parse_html(html, URL).root.find("body")
    assert body is not None
    assert [element.tag for element in body.iter()] == ["body", "article", "h1", "p"]


def test_a_page_with_its_own_body_is_left_as_it_is() -> None:
    root = parse_html("<html><head><title>Pier</title></head><body><p>It closes.</p></body></html>", URL).root
    assert [element.tag for element in root] == ["head", "body"]


def test_escaped_markup_in_a_noscript_is_not_text() -> None:
    pixel = escaping.escape(f'<p><img src="https://count.example/?page={"x" * 3_000}" alt=""></p>', quote=False)
    assert "count.example" not in element_text(parse_html(f"<p>Words</p><noscript>{pixel}</noscript>", URL).root)

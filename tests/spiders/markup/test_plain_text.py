"""Plain text from titles and summaries."""

from __future__ import annotations

import time

import pytest

from spiders.feeds.common import person
from spiders.markup.plain_text import markup_to_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<Live> Convoy reaches <Sumy> at noon", "<Live> Convoy reaches <Sumy> at noon"),
        ("Is p<q and q>r?", "Is p<q and q>r?"),
        ("Why &lt;Kherson&gt; matters", "Why <Kherson> matters"),
        ("<p>One</p><p>two <b class='x'>three</b><br/>four</p>", "One two three four"),
        ("&lt;b&gt;Bold&lt;/b&gt; claim", "Bold claim"),
        ("A <amp-img src=x></amp-img><o:p></o:p><!-- note -->picture", "A picture"),
        ("<script>let a = 1</script>Text<STYLE>p {}</STYLE>", "Text"),
        ("5 < 6 &amp; 7 > 6", "5 < 6 & 7 > 6"),
        ("<i>", None),
    ],
)
def test_html_tags_are_removed_and_other_words_in_angle_brackets_are_kept(markup: str, text: str | None) -> None:
    assert markup_to_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<Video> Shelling of the port", "<Video> Shelling of the port"),
        ("&lt;Map&gt; The front line; &lt;Audio&gt; a speech", "<Map> The front line; <Audio> a speech"),
        ("What the <script> and <table> tags do", "What the <script> and <table> tags do"),
        ("Why &amp;lt;title&amp;gt; matters", "Why <title> matters"),
        ("<b>Bold</b> and <a href='/x'>linked", "Bold and linked"),
        ("First line<br>second", "First line second"),
        ("<style>p {}</style>Text", "Text"),
    ],
)
def test_in_a_title_a_tag_without_its_other_half_is_a_word(markup: str, text: str) -> None:
    assert markup_to_text(markup, is_title=True) == text


@pytest.mark.parametrize("text", ["<script>" * 25_000, ("<a " + "=" * 1990) * 100, "<p" + " " * 190_000])
def test_hostile_markup_is_converted_in_linear_time(text: str) -> None:
    started = time.process_time()
    markup_to_text(text)
    markup_to_text(text, is_title=True)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["x" + " " * 60_000, "desk@x.example" + " " * 60_000, "(" * 60_000])
def test_a_hostile_author_is_parsed_in_linear_time(text: str) -> None:
    started = time.process_time()
    person(text)
    assert time.process_time() - started < 1

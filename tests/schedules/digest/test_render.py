"""Rendering a digest: subject, text and HTML, escaping, and limits of length."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import lxml.html
import pytest

from crawler.archive.delivery.digest_queries import Pickup
from schedules.delivery.mime import RenderedDigest
from schedules.digest.content import DigestContent, Health, HealthLine, TopicRef, sections_of, subject
from schedules.digest.render import MAX_MAIL_BYTES, render
from schedules.formatting.plain_text import LINE_WIDTH, columns, one_line, plain
from tests.support.corpus import CORPUS
from tests.support.digest_factories import NOW, TALKS, TROOPS, content, entry, hours_ago, pickup, sentence

EVIL = [
    "<script>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    "</style><style>@import 'http://evil.example/x.css';body{display:none}",
    "<img src=x onerror=alert(1)>",
    "--><svg/onload=alert(1)>",
    "<!--",
    "]]><![CDATA[<b>x</b>",
    '"><a href="javascript:alert(1)">click</a>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% for x in y %}${7*7}",
    "&lt;script&gt;&#x3c;script&#62;",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<plaintext><xmp><noscript><textarea></p>",
    '<math><mi//xlink:href="data:x,<script>alert(4)</script>">',
    "<base href=http://evil.example/>",
    "pay\u202egnp.exe",
    "\u2066\u2069\u2069\u202c isolate \u2067 more",
    "=?utf-8?q?ok=0ABcc:_evil@x?=",
    "line\r\nBcc: evil@example.com\r\n\r\nbody",
    "tab\tand\x0bvertical\x0cfeed\x00nul\x1b[31mred\x9b31m\x85next\u2028line\u2029para",
    "\ud800 lone \udfff surrogates \ufffe \uffff",
    "\ufeffbom",
    "Z̴̡̢̛̹͎̪̲a̵̧̛̗̺l̶̢̙g̸̜̃o̴",
    "*stars* [+plus+] [-minus-] _under_ > quote",
    "a" * 5_000,
    "漢" * 3_000,
    " ",
    "",
]
GOOD_TAGS = frozenset("html head meta title style body table tbody tr td h1 h2 p div span a b bdi mark ins del".split())


def naughty() -> list[str]:
    path = CORPUS / "hostile" / "naughty_strings.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def text_in(html: str) -> str:
    """The text of the body, with single spaces."""
    return " ".join(lxml.html.document_fromstring(html).body.text_content().split())


def hostile(text: str) -> DigestContent:
    """A digest with `text` everywhere that an outlet or a server can put text."""
    whole = sentence(text, spans=((0, 3), (2, 10**6), (-5, 1), (7, 7), (9, 4)))
    edit = sentence(text, change="added", replaces=text[::-1] + "x", spans=((1, 4),))
    own_title = sentence(text, field="title", spans=((0, 4),))
    shown = entry(
        1,
        title=text,
        outlet=text,
        byline=text,
        url=text,
        language=text,
        sentences=(own_title, whole, edit, sentence(text, change="removed"), sentence("x " + text, outlet=text)),
        others=(Pickup(article_id=9, source="x", outlet=text, url=text),),
        topics=(TALKS, TROOPS),
    )
    short = one_line(text, most=80)
    line = HealthLine(outlet=short, what="silent for 2 days", detail=short, advice=short, source="wire")
    health = Health(phrase="1 of 2 sources silent", last_polled_at=NOW, lines=(line,), resolved=(short,))
    link = "https://x.example/?q=" + text
    second = entry(2, url=link, story_id=None)
    return content(shown, second, changes=(entry(3, title=text, kind="edited"),), health=health)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_inert(rendered: RenderedDigest) -> None:
    """Two parsers find only expected tags and attributes, and no control characters are left."""
    parser = Tags()
    parser.feed(rendered.html)
    parsed = [
        (el.tag, dict(el.attrib))
        for el in lxml.html.document_fromstring(rendered.html).iter()
        if isinstance(el.tag, str)
    ]
    for tags in (parser.found, parsed):
        for tag, attributes in tags:
            assert tag in GOOD_TAGS, tag
            assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcset", "action")]
            href = attributes.get("href")
            if href is not None:
                assert href.startswith(("https://", "http://"))
                assert href.isascii()
    assert rendered.html.count("<style>") == 1
    for part in (rendered.subject, rendered.text, rendered.html):
        part.encode("utf-8")
        assert not [sign for sign in part if sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u0085\u2028\u2029"]
        assert not [sign for sign in part if unicodedata.category(sign) == "Cc" and sign != "\n"]
    assert "\n" not in rendered.subject
    for line in rendered.text.split("\n"):
        assert line.count("\u2068") == line.count("\u2069"), line


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_text_of_outlets_is_escaped(text: str) -> None:
    rendered = render(hostile(text))
    assert_inert(rendered)
    shown = " ".join(one_line(text, most=80).split())
    assert shown in text_in(rendered.html)


def test_the_known_naughty_strings_are_escaped() -> None:
    strings = naughty()
    if not strings:
        pytest.skip(f"no corpus at {CORPUS} (set WIREWATCH_CORPUS to run this)")
    for text in strings:
        rendered = render(hostile(text))
        assert_inert(rendered)
        assert " ".join(one_line(text, most=80).split()) in text_in(rendered.html), text


def test_topics_and_digest_titles_are_escaped() -> None:
    for text in EVIL:
        topic = TopicRef(id="t", title=text)
        rendered = render(content(entry(1, topics=(topic,)), title=text, archive_url=text))
        assert_inert(rendered)


# --- The subject ------------------------------------------------------------------------------------------------------


def test_the_subject_has_the_number_of_stories_and_their_topics() -> None:
    found = content(entry(1), entry(2), entry(3, topics=(TROOPS,)))
    assert subject(found) == "3 stories: Ceasefire talks (2), Troop deployments"


def test_one_story_is_singular() -> None:
    assert subject(content(entry(1))) == "1 story: Ceasefire talks"


def test_the_subject_of_an_empty_digest_has_the_health_of_the_sources() -> None:
    assert subject(content()) == "No new stories; all 14 sources OK"


def test_the_subject_of_changes_alone_has_their_topics() -> None:
    changes = (entry(1, kind="edited"), entry(2, kind="removed", topics=(TROOPS,)))
    assert subject(content(changes=changes)) == "2 updates: Ceasefire talks, Troop deployments"


def test_the_subject_of_a_late_digest_has_its_day() -> None:
    assert subject(content(entry(1), late=True)) == "Late, for Sun 22 Nov: 1 story: Ceasefire talks"


def test_the_subject_has_the_problems_of_sources() -> None:
    health = Health(phrase="1 of 14 sources silent", lines=(HealthLine(outlet="Wire", what="silent", detail=""),))
    assert subject(content(health=health)) == "No new stories; 1 of 14 sources silent"
    assert subject(content(entry(1), health=health)) == "1 story: Ceasefire talks; 1 of 14 sources silent"


def test_topics_that_do_not_fit_the_subject_are_counted() -> None:
    topics = [TopicRef(id=f"t{number}", title=f"A topic with a name of its own {number}") for number in range(50)]
    title = subject(content(*(entry(i, topics=(topic,)) for i, topic in enumerate(topics, 1))))
    assert title.startswith("50 stories: A topic with a name of its own 0")
    assert title.endswith("more topics")
    assert len(title) <= 110


def troubled(number: int = 1) -> Health:
    lines = tuple(
        HealthLine(
            outlet=f"Outlet {index}",
            what="silent for 2 days",
            detail="Five articles a day are usual.",
            advice="Look at its home page.",
            source="wire",
        )
        for index in range(1, number + 1)
    )
    return Health(phrase=f"{number} of 14 sources silent", lines=lines, last_polled_at=NOW)


# --- Both parts -------------------------------------------------------------------------------------------------------


def both(found: DigestContent) -> tuple[str, str]:
    """Text and HTML with single spaces, without isolate characters."""
    rendered = render(found)
    text = rendered.text.replace("\u2068", "").replace("\u2069", "")
    return " ".join(text.split()), text_in(rendered.html)


def test_both_parts_have_headline_outlet_byline_local_time_and_sentence() -> None:
    for part in both(content(entry(1, published_at=NOW - timedelta(hours=1)))):
        for expected in ("Headline 1", "The Harbour Gazette", "Mara Voss", "Mon 23 Nov, 07:00", "resume on Monday."):
            assert expected in part
    rendered = render(content(entry(1)))
    assert "https://harbour-gazette.example/news/1" in rendered.text
    assert 'href="https://harbour-gazette.example/news/1"' in rendered.html


def test_matching_words_are_highlighted_in_both_parts() -> None:
    rendered = render(content(entry(1, sentences=(sentence("No peace talks today.", hits="peace talks"),))))
    assert "No *peace talks* today." in rendered.text
    mark = lxml.html.document_fromstring(rendered.html).find(".//mark")
    assert mark is not None
    assert mark.text_content() == "peace talks"
    assert "background-color" in mark.get("style", "")


def test_an_edit_shows_added_and_removed_words() -> None:
    edit = sentence(
        "Some 4,700 men were lost.", change="added", replaces="Some 4,000 men were lost.", hits="men were lost"
    )
    rendered = render(content(changes=(entry(1, kind="edited", sentences=(edit,)),)))
    assert "Some [-4,000-][+4,700+] *men were lost*." in " ".join(rendered.text.split())
    assert "were added by an edit" in rendered.text
    tree = lxml.html.document_fromstring(rendered.html)
    assert [el.text_content() for el in tree.iterfind(".//del")] == ["4,000"]
    assert [el.text_content() for el in tree.iterfind(".//ins")] == ["4,700"]
    assert [el.text_content() for el in tree.iterfind(".//mark")] == ["men were lost"]


def test_an_edit_of_japanese_shows_the_characters_that_changed() -> None:
    edit = sentence("兵士は四千七百人が死亡した。", change="added", replaces="兵士は四千人が死亡した。")
    rendered = render(content(changes=(entry(1, kind="edited", sentences=(edit,)),)))
    assert "兵士は四千[+七百+]人が死亡した。" in rendered.text


def test_a_removed_sentence_is_struck_through_with_its_words_highlighted() -> None:
    gone = sentence("Talks are off.", change="removed", hits="Talks")
    rendered = render(content(changes=(entry(1, kind="removed", sentences=(gone,)),)))
    assert "[-*Talks* are off.-]" in rendered.text
    assert "Removed, " in rendered.text


def test_an_edited_headline_is_highlighted_in_the_headline() -> None:
    own = sentence("Talks on Friday", field="title", change="added", replaces="Talks on Monday", hits="Talks")
    rendered = render(content(changes=(entry(1, kind="edited", title="Talks on Friday", sentences=(own,)),)))
    assert "* *Talks* on [-Monday-][+Friday+]" in rendered.text
    assert "> " not in rendered.text


def test_other_outlets_are_named_and_linked() -> None:
    found = content(entry(1, others=(pickup(1, "wire", "Coastline Wire"),)))
    for part in both(found):
        assert "Also in Coastline Wire" in part.replace("in:", "in")
    assert 'href="https://wire.example/1"' in render(found).html


def test_a_story_of_two_topics_is_listed_once_and_referred_to_from_the_other() -> None:
    shared = entry(1, topics=(TALKS, TROOPS))
    for part in both(content(shared)):
        assert "Troop deployments (1)" in part
        assert "Also matches Troop deployments" in part
        assert "listed under Ceasefire talks" in part


def test_an_edit_of_another_outlet_does_not_label_the_story_as_edited() -> None:
    another = sentence("The pier is shut.", change="removed", outlet="Coastline Wire")
    for part in both(content(entry(sentences=(sentence(), another)))):
        assert "Edited" not in part
    for part in both(content(entry(sentences=(sentence(change="added"),)))):
        assert "Edited since" in part


def test_an_edit_that_was_changed_back_has_its_own_label() -> None:
    for kind in ("edited", "removed"):
        for part in both(content(changes=(entry(kind=kind),))):
            assert "Edited and changed back, " in part


def test_a_story_is_listed_under_the_first_of_its_topics_with_a_section() -> None:
    rare, third = TopicRef(id="rare", title="Rare words"), TopicRef(id="third", title="Third topic")
    of_three = entry(1, topics=(rare, TALKS, third))
    stories = (of_three, entry(2), entry(3), entry(4, topics=(third,)))
    (talks, other), (folded,) = sections_of(stories, 2)
    assert [one.article_id for one in talks.entries] == [1, 2, 3]
    assert not talks.elsewhere
    assert [(one.article_id, home.id) for one, home in other.elsewhere] == [(1, "talks")]
    assert (talks.stories, other.stories) == (3, 2)
    assert folded.topic == rare


@pytest.mark.parametrize("topics", [30, 150, 300])
def test_no_story_refers_to_a_topic_without_a_section(topics: int) -> None:
    watched = [TopicRef(id=f"t{number}", title=f"Topic {number}") for number in range(topics)]
    entries = [
        entry(n, topics=(watched[n % topics], watched[(n * 7 + 1) % topics], watched[n % 5])) for n in range(900)
    ]
    entries = [one for one in entries if len(set(one.topics)) == 3]
    for most in (100, 40, 8, 1):
        sections, _ = sections_of(entries, most)
        homes = {section.topic for section in sections}
        assert {home for section in sections for _, home in section.elsewhere} <= homes


def test_each_entry_links_to_the_archive() -> None:
    found = content(
        entry(1, article_id=7, alert_ids=(30, 31), shown_alert_id=31, others=(pickup(8, "lantern"),)),
        changes=(entry(2, kind="edited", revision_id=9, revision_number=3, shown_alert_id=32),),
        health=troubled(),
        archive_url="https://archive.example/db/",
    )
    rendered = render(found)
    for part in (rendered.text, rendered.html):
        assert "https://archive.example/db/article/7/1#alert-31" in part
        assert "https://archive.example/db/article/2/3#alert-32" in part
        assert "https://archive.example/db/story/1" in part
        assert "https://archive.example/db/source/wire" in part


def test_many_topics_are_listed_at_the_top_and_few_are_not() -> None:
    topics = [TopicRef(id=f"t{number}", title=f"Subject {number}") for number in range(4)]
    stories = [entry(number, topics=(topic,)) for number, topic in enumerate(topics)]
    for part in both(content(*stories)):
        assert "Subject 0, Subject 1, Subject 2, Subject 3" in part.split("Subject 0 (1)")[0]
    for part in both(content(*stories[:3])):
        assert "Subject 0, Subject 1" not in part.split("</title>")[-1]


def test_removed_and_added_words_do_not_run_together() -> None:
    edit = sentence("About 4,700 men.", change="added", replaces="About 4,000 men.")
    html = render(content(entry(sentences=(edit,)))).html
    assert re.search(r"4,000</del>\u2009<ins[^>]*>4,700</ins>", html)


def test_without_an_archive_url_entries_show_ids() -> None:
    for part in both(content(entry(1, article_id=7))):
        assert "Archive: article 7" in part


def test_an_article_without_a_date_shows_when_it_was_first_seen() -> None:
    for part in both(content(entry(1, time_kind="first_seen"))):
        assert "first seen Mon 23 Nov, 07:00" in part


def test_a_date_without_a_time_shows_none() -> None:
    text, _ = both(content(entry(1, time_kind="day")))
    assert "Mara Voss | Mon 23 Nov " in text


def test_health_is_one_line_without_problems() -> None:
    rendered = render(content())
    assert rendered.text.endswith("Sources\n-------\nAll 14 sources OK, last polled Mon 23 Nov, 07:50.\n")


def test_health_shows_each_problem_with_advice() -> None:
    for part in both(content(health=troubled())):
        assert "1 of 14 sources silent, last polled" in part
        assert "Outlet 1: silent for 2 days" in part
        assert "Look at its home page." in part


def test_a_late_digest_says_so_inside() -> None:
    for part in both(content(entry(1), late=True)):
        assert "This digest is late" in part


def test_the_same_content_gives_the_same_bytes() -> None:
    found = hostile(EVIL[3])
    assert render(found) == render(found)


# --- Scripts ----------------------------------------------------------------------------------------------------------

ARABIC = "أعلنت الحكومة نشر قوات إضافية قرب الحدود الشمالية بعد محادثات طويلة استمرت أربعة أيام في العاصمة"
HEBREW = "הממשלה הודיעה על הצבת כוחות נוספים"
JAPANESE = "北朝鮮の兵士がクルスク州に追加配備されたと大統領が会議で指摘し、さらに数千人が移動中であると述べた。"


def _is_right_to_left(line: str) -> bool:
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in line)


def test_right_to_left_lines_are_isolated_each_by_itself() -> None:
    text = render(content(entry(1, title=HEBREW, sentences=(sentence(ARABIC),)))).text
    lines = [line for line in text.splitlines() if _is_right_to_left(line)]
    assert len(lines) >= 3
    for line in lines:
        assert line.lstrip("*> ").startswith("\u2068")
        assert line.endswith("\u2069")
        assert line.count("\u2068") == line.count("\u2069")


def test_a_right_to_left_outlet_does_not_turn_the_byline_and_the_time_around() -> None:
    text = render(content(entry(1, outlet=HEBREW * 3, byline=ARABIC))).text
    lines = [line for line in text.splitlines() if _is_right_to_left(line)]
    assert all(line.count("\u2068") == line.count("\u2069") >= 2 for line in lines)


def test_html_sets_direction_and_language_of_each_text() -> None:
    html = render(content(entry(1, title=HEBREW, language="he", sentences=(sentence(ARABIC),)))).html
    quotes = [el for el in lxml.html.document_fromstring(html).iter("p") if el.get("class") in ("title", "quote")]
    assert len(quotes) == 2
    assert all(el.get("dir") == "auto" and el.get("lang") == "he" for el in quotes)
    # dir="auto" ignores <bdi>: a paragraph inside of one would be left-to-right.
    assert not any(el.findall(".//bdi") for el in quotes)


def test_no_line_is_wider_than_72_columns_except_urls() -> None:
    many = [
        entry(number, title=text, byline=text, outlet=text, sentences=(sentence(text, spans=((2, 5),)),))
        for number, text in enumerate([ARABIC, JAPANESE * 3, "word " * 60, HEBREW, "ไทย" * 60], 1)
    ]
    for line in render(content(*many, archive_url="https://archive.example")).text.splitlines():
        assert columns(line) <= LINE_WIDTH or "https://" in line or " " not in line.strip("> *|"), line
        assert line == line.rstrip()


def test_japanese_is_broken_without_spaces_and_never_before_a_full_stop() -> None:
    lines = render(content(entry(1, title=JAPANESE * 2))).text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("* "))
    assert "".join(line.strip("* ") for line in lines[first : first + 3]).startswith(JAPANESE * 2)
    assert not any(line.strip().startswith(("。", "、")) for line in lines)


def test_a_very_long_sentence_is_cut_around_its_matching_words() -> None:
    long = "Filler words here. " * 200 + "Ceasefire at last. " + "More filler. " * 200
    rendered = render(content(entry(1, sentences=(sentence(long, hits="Ceasefire"),))))
    text = " ".join(rendered.text.split())
    assert "*Ceasefire* at last." in text
    assert "> … " in text
    assert len(text) < 1_200


# --- Folding ----------------------------------------------------------------------------------------------------------


def accounted(rendered: RenderedDigest) -> int:
    """Stories that are shown, and stories that are counted."""
    shown = len(set(re.findall(r"harbour-gazette\.example/news/(\d+)", rendered.text)))
    folded = sum(
        int(count.replace(",", "")) for count in re.findall(r"and ([\d,]+) more stor(?:y|ies)(?! under)", rendered.text)
    )
    listed = sum(
        int(count.replace(",", ""))
        for count in re.findall(r"(?:: |with )([\d,]+) stor(?:y|ies):", " ".join(rendered.text.split()))
    )
    return shown + folded + listed


@pytest.mark.parametrize("stories", [1, 30, 76, 500, 10_000])
def test_a_long_digest_counts_the_stories_that_it_does_not_show(stories: int) -> None:
    found = content(*(entry(number) for number in range(1, stories + 1)), archive_url="https://archive.example")
    rendered = render(found)
    assert len(rendered.html.encode()) <= MAX_MAIL_BYTES
    assert accounted(rendered) == stories
    assert subject(found).startswith(f"{stories:,} stor")


@pytest.mark.parametrize("topics", [90, 400])
def test_with_many_topics_every_story_is_shown_or_counted(topics: int) -> None:
    stories = [
        entry(number * 10 + index + 1, topics=(TopicRef(id=f"t{number}", title=f"Topic {number}"),))
        for number in range(topics)
        for index in range(10)
    ]
    rendered = render(content(*stories))
    assert len(rendered.html.encode()) <= MAX_MAIL_BYTES
    assert accounted(rendered) == topics * 10


def test_stories_that_are_counted_are_one_click_away() -> None:
    found = content(*(entry(number) for number in range(1, 501)), archive_url="https://archive.example")
    rendered = render(found)
    more = [el for el in lxml.html.document_fromstring(rendered.html).iter("a") if "more stories" in (el.text or "")]
    assert len(more) == 1
    assert more[0].get("href", "").startswith("https://archive.example/archive/alert_list?topic_id__exact=talks&")


def test_without_an_archive_url_counted_stories_have_their_alert_ids() -> None:
    text, html = both(content(*(entry(number) for number in range(1, 501))))
    for part in (text, html):
        assert "alert_list in the archive, alerts" in part


def test_older_articles_have_a_section_of_their_own_and_are_counted() -> None:
    older = tuple(entry(number, published_at=hours_ago(24 * 900)) for number in range(2, 402))
    found = content(entry(1), older=older)
    assert subject(found) == "1 story, 400 older articles: Ceasefire talks"
    rendered = render(found)
    for part in (*both(found), rendered.chat):
        assert "Older articles, found now (400)" in part
        assert "more older articles" in part
        assert "2024" in part
    assert len(rendered.html.encode()) <= MAX_MAIL_BYTES


def test_chat_text_has_one_paragraph_per_story_without_hard_wraps_and_marks() -> None:
    long = "Talks resume " + "again and " * 30 + "on Monday."
    found = content(entry(1, sentences=(sentence(long, hits="Talks"),)), entry(2, others=(pickup(3, "lantern"),)))
    assert render(found).chat.split("\n\n") == [
        "Ceasefire talks (2)",
        f"Headline 1\nThe Harbour Gazette · Mara Voss · Mon 23 Nov, 07:00\n“{long}”\nhttps://harbour-gazette.example/news/1",
        "Headline 2\nThe Harbour Gazette · Mara Voss · Mon 23 Nov, 06:00\n“Talks resume on Monday.”\nAlso in Lantern"
        "\nhttps://harbour-gazette.example/news/2",
        "Sources: All 14 sources OK, last polled Mon 23 Nov, 07:50.\n",
    ]


def test_many_changes_and_problems_are_counted() -> None:
    changes = tuple(entry(number, kind="edited") for number in range(1, 401))
    text, html = both(content(changes=changes, health=troubled(100)))
    for part in (text, html):
        assert "Changed in stories already reported (400)" in part
        assert "325 more updates" in part
        assert "more: run scrapy health" in part
        assert "100 of 14 sources silent" in part


def test_further_sentences_and_outlets_are_counted() -> None:
    many = tuple(sentence(f"Talks number {number} began.") for number in range(9))
    others = tuple(pickup(number, f"s{number}", f"Outlet {number}") for number in range(30))
    for part in both(content(entry(1, sentences=many, others=others))):
        assert "and 5 more matching sentences" in part
        assert "and 18 others" in part


# --- Text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\u202eb", "ab"),
        ("a\r\nb", "a b"),
        ("a\x00b", "ab"),
        ("\ud83d", "\ufffd"),
        ("שלום\u200f!", "שלום\u200f!"),
        ("👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
    ],
)
def test_control_characters_and_overrides_are_removed(text: str, cleaned: str) -> None:
    assert plain(text) == cleaned


def test_only_unambiguous_http_urls_are_links() -> None:
    from schedules.formatting.links import safe_link

    bad: Sequence[Any] = [
        "javascript:alert(1)", "data:text/html,x", " JaVaScRiPt:x", "//evil.example", "/path", "ftp://a.example", "",
        None, "https://", "https://user@evil.example/", "http://[::1", "https://a b.example/", "https://a.example:x/",
        "https://a.example\\@evil.example/", "https://a\u202e.example/", "https://" + "a" * 3000,
    ]  # fmt: skip
    assert [safe_link(url) for url in bad] == [None] * len(bad)
    assert safe_link("HTTPS://a.example/a?b=c&d=é#f") == "https://a.example/a?b=c&d=%C3%A9#f"
    assert safe_link("https://bücher.example/") == "https://xn--bcher-kva.example/"
    assert safe_link("https://a.example/%D0%B0'\"<") == "https://a.example/%D0%B0%27%22%3C"

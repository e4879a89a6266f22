from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import lxml.html
import pytest

from schedules.digest.content import DigestContent, Health, MissedInterval, OtherOutlet, SourceProblem, TopicRef
from schedules.digest.render import MAX_MAIL_BYTES, Rendered, render
from schedules.digest.subject import subject
from schedules.digest.view import LEVELS, build_view
from schedules.formatting.plain_text import LINE_WIDTH, columns, one_line, plain
from tests.support.corpus import CORPUS
from tests.support.digest_factories import NOW, TALKS, TROOPS, content, entry, hours_ago, section, sentence

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
    """What is read in the body, white space made single spaces."""
    return " ".join(lxml.html.document_fromstring(html).body.text_content().split())


def hostile(text: str) -> DigestContent:
    """A digest in which a stranger wrote `text` wherever strangers write."""
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
        others=(OtherOutlet(outlet=text, title=text, url=text),),
        topics=(TALKS, TROOPS),
    )
    trouble = SourceProblem(
        problem_id=1,
        source="wire",
        outlet=text,
        kind="silent",
        what=text,
        since=hours_ago(20),
        evidence=text,
        advice=text,
    )
    missed = MissedInterval(
        source="wire", outlet=text, from_at=hours_ago(3), until_at=hours_ago(2), missed=None, is_open=False, why=text
    )
    health = Health(
        sources=2, troubles=(trouble,), resolved=(trouble,), missed=(missed,), never_read=(text,), last_read_at=NOW
    )
    link = "https://x.example/?q=" + text
    return content(
        section(shown, entry(2, url=link, story_id=None)), changes=(entry(3, title=text, kind="edited"),), health=health
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_inert(rendered: Rendered) -> None:
    """Two parsers agree that nothing in it can do anything."""
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
def test_what_strangers_write_is_text_and_nothing_else(text: str) -> None:
    rendered = render(hostile(text))
    assert_inert(rendered)
    shown = " ".join(one_line(text, most=80).split())
    assert shown in text_in(rendered.html)


def test_the_known_naughty_strings_are_text_and_nothing_else() -> None:
    strings = naughty()
    if not strings:
        pytest.skip(f"no corpus at {CORPUS} (set WIREWATCH_CORPUS to run this)")
    for text in strings:
        rendered = render(hostile(text))
        assert_inert(rendered)
        assert " ".join(one_line(text, most=80).split()) in text_in(rendered.html), text


def test_topics_and_titles_of_digests_are_escaped_too() -> None:
    for text in EVIL:
        topic = TopicRef(id="t", title=text)
        rendered = render(content(section(entry(1, topics=(topic,)), topic=topic), title=text, archive_url=text))
        assert_inert(rendered)


# --- The subject ------------------------------------------------------------------------------------------------------


def test_the_subject_says_how_many_stories_and_of_what() -> None:
    found = content(section(entry(1), entry(2)), section(entry(3, topics=(TROOPS,)), topic=TROOPS))
    assert subject(found) == "3 stories: Ceasefire talks (2), Troop deployments"


def test_one_story_is_one_story() -> None:
    assert subject(content(section(entry(1)))) == "1 story: Ceasefire talks"


def test_a_day_with_nothing_to_tell_says_that_all_is_well() -> None:
    assert subject(content()) == "Nothing new; all 14 sources healthy"


def test_changes_alone_are_told_by_their_topics() -> None:
    changes = (entry(1, kind="edited"), entry(2, kind="removed", topics=(TROOPS,)))
    assert subject(content(changes=changes)) == "2 updates: Ceasefire talks, Troop deployments"


def test_a_late_digest_says_so_and_for_when() -> None:
    assert subject(content(section(entry(1)), late=True)) == "Late, for Sun 22 Nov: 1 story: Ceasefire talks"


def test_the_subject_says_what_is_wrong_with_sources() -> None:
    assert subject(content(health=troubled("silent"))) == "Nothing new; 1 of 14 sources silent"
    assert subject(content(health=troubled("silent", "blocked"))) == "Nothing new; 2 of 14 sources in trouble"
    assert subject(content(section(entry(1)), health=troubled("extraction"))) == (
        "1 story: Ceasefire talks; 1 of 14 sources unreadable"
    )


def test_no_sources_are_not_called_healthy() -> None:
    assert subject(content(health=Health(sources=0))) == "Nothing new; no sources are watched"


def test_topics_that_do_not_fit_the_subject_are_counted() -> None:
    topics = [TopicRef(id=f"t{number}", title=f"A topic with a name of its own {number}") for number in range(50)]
    title = subject(content(*(section(entry(i, topics=(topic,)), topic=topic) for i, topic in enumerate(topics, 1))))
    assert title.startswith("50 stories: A topic with a name of its own 0")
    assert title.endswith("more topics")
    assert len(title) <= 110


def troubled(*kinds: str) -> Health:
    troubles = tuple(
        SourceProblem(
            problem_id=number,
            source="wire",
            outlet=f"Outlet {number}",
            kind=kind,
            what="",
            since=hours_ago(50),
            evidence="Five articles a day are usual, and none came.",
            advice="Look at its home page.",
        )
        for number, kind in enumerate(kinds, 1)
    )
    return Health(sources=14, troubles=troubles, last_read_at=NOW)


# --- Both parts -------------------------------------------------------------------------------------------------------


def both(found: DigestContent) -> tuple[str, str]:
    """Text and HTML as they are read, in single spaces; isolates aside."""
    rendered = render(found)
    text = rendered.text.replace("\u2068", "").replace("\u2069", "")
    return " ".join(text.split()), text_in(rendered.html)


def test_both_parts_tell_headline_outlet_byline_local_time_and_sentence() -> None:
    for part in both(content(section(entry(1, at=NOW - timedelta(hours=1))))):
        for relevant in ("Headline 1", "The Harbour Gazette", "Mara Voss", "Mon 23 Nov, 07:00", "resume on Monday."):
            assert relevant in part
    rendered = render(content(section(entry(1))))
    assert "https://harbour-gazette.example/news/1" in rendered.text
    assert 'href="https://harbour-gazette.example/news/1"' in rendered.html


def test_words_that_hit_are_marked_in_both_parts() -> None:
    rendered = render(content(section(entry(1, sentences=(sentence("No peace talks today.", hits="peace talks"),)))))
    assert "No *peace talks* today." in rendered.text
    mark = lxml.html.document_fromstring(rendered.html).find(".//mark")
    assert mark is not None
    assert mark.text_content() == "peace talks"
    assert "background-color" in mark.get("style", "")


def test_an_edit_shows_the_words_that_came_and_those_that_went() -> None:
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


def test_what_was_taken_out_is_struck_with_its_words_marked() -> None:
    gone = sentence("Talks are off.", change="removed", hits="Talks")
    rendered = render(content(changes=(entry(1, kind="removed", sentences=(gone,)),)))
    assert "[-*Talks* are off.-]" in rendered.text
    assert "Taken out" in rendered.text


def test_an_edited_headline_is_told_in_the_headline() -> None:
    own = sentence("Talks on Friday", field="title", change="added", replaces="Talks on Monday", hits="Talks")
    rendered = render(content(changes=(entry(1, kind="edited", title="Talks on Friday", sentences=(own,)),)))
    assert "* *Talks* on [-Monday-][+Friday+]" in rendered.text
    assert "> " not in rendered.text


def test_other_outlets_are_named_and_linked() -> None:
    others = (OtherOutlet(outlet="Coastline Wire", title="Same", url="https://wire.example/1"),)
    found = content(section(entry(1, others=others)))
    for part in both(found):
        assert "Also in Coastline Wire" in part.replace("in:", "in")
    assert 'href="https://wire.example/1"' in render(found).html


def test_a_story_under_another_topic_is_a_note_there() -> None:
    shared = entry(1, topics=(TALKS, TROOPS))
    for part in both(content(section(shared), section(topic=TROOPS, elsewhere=(shared,)))):
        assert "Troop deployments (1)" in part
        assert "Also matches Troop deployments" in part
        assert "told under Ceasefire talks" in part


def test_only_an_edit_of_its_own_article_makes_a_story_edited() -> None:
    another = sentence("The pier is shut.", change="removed", outlet="Coastline Wire")
    for part in both(content(section(entry(sentences=(sentence(), another))))):
        assert "Edited" not in part
    for part in both(content(section(entry(sentences=(sentence(change="added"),))))):
        assert "Edited since" in part


def test_a_told_story_that_was_edited_and_put_back_says_so() -> None:
    for kind in ("edited", "removed"):
        for part in both(content(changes=(entry(kind=kind),))):
            assert "Edited and put back, seen" in part


def test_a_story_is_told_under_the_first_of_its_topics_that_has_room() -> None:
    """Its first topic is folded away: where it also matches, it is told as a story, and its other topics name that one."""
    rare, third = TopicRef(id="rare", title="Rare words"), TopicRef(id="third", title="Third topic")
    of_three = entry(1, topics=(rare, TALKS, third))
    sections = (
        section(entry(2), topic=TALKS, elsewhere=(of_three,)),
        section(entry(3, topics=(third,)), topic=third, elsewhere=(of_three,)),
        section(of_three, topic=rare),
    )
    reported = build_view(content(*sections), replace(LEVELS[0], topics=2), subject="")
    talks, other = reported.sections
    assert [one.title for one in talks.entries] == ["Headline 1", "Headline 2"]
    assert talks.entries[0].topics == "Rare words, Third topic"
    assert not talks.elsewhere
    assert [one.topic for one in other.elsewhere] == ["Ceasefire talks"]
    assert (talks.count, other.count) == (2, 2)
    assert [one.text for one in reported.listed] == ["Rare words: 1 story"]


@pytest.mark.parametrize("topics", [30, 150, 300])
def test_no_story_is_said_to_be_told_under_a_topic_that_has_no_section(topics: int) -> None:
    watched = [TopicRef(id=f"t{number}", title=f"Topic {number}") for number in range(topics)]
    entries = [
        entry(n, topics=(watched[n % topics], watched[(n * 7 + 1) % topics], watched[n % 5])) for n in range(900)
    ]
    entries = [one for one in entries if len(set(one.topics)) == 3]
    sections = [
        section(
            *(one for one in entries if one.topics[0] == topic),
            topic=topic,
            elsewhere=tuple(one for one in entries if topic in one.topics[1:]),
        )
        for topic in watched
    ]
    sections.sort(key=lambda one: -one.stories)
    for level in LEVELS:
        reported = build_view(content(*sections), level, subject="")
        homes = {section.title for section in reported.sections}
        assert {one.topic for section in reported.sections for one in section.elsewhere} <= homes


def test_each_entry_leads_to_the_archive() -> None:
    found = content(
        section(
            entry(
                1,
                article_id=7,
                alert_ids=(30, 31),
                shown_alert_id=31,
                others=(OtherOutlet(outlet="Lantern", title="", url=""),),
            )
        ),
        changes=(entry(2, kind="edited", revision_id=9, revision_number=3, shown_alert_id=32),),
        health=troubled("silent"),
        archive_url="https://archive.example/db/",
    )
    rendered = render(found)
    for part in (rendered.text, rendered.html):
        assert "https://archive.example/db/article/7/1#alert-31" in part
        assert "https://archive.example/db/article/2/3#alert-32" in part
        assert "https://archive.example/db/story/1" in part, "all who carry it"
        assert "https://archive.example/db/source/wire" in part, "what is wrong with an outlet"


def test_many_topics_are_named_at_the_top_and_few_are_not() -> None:
    topics = [TopicRef(id=f"t{number}", title=f"Subject {number}") for number in range(4)]
    sections = [section(entry(number, topics=(topic,)), topic=topic) for number, topic in enumerate(topics)]
    for part in both(content(*sections)):
        assert "Subject 0, Subject 1, Subject 2, Subject 3" in part.split("Subject 0 (1)")[0]
    for part in both(content(*sections[:3])):
        assert "Subject 0, Subject 1" not in part.split("</title>")[-1]


def test_what_was_struck_and_what_came_in_its_place_do_not_run_together() -> None:
    edit = sentence("About 4,700 men.", change="added", replaces="About 4,000 men.")
    html = render(content(section(entry(sentences=(edit,))))).html
    assert re.search(r"4,000</del>\u2009<ins[^>]*>4,700</ins>", html)


def test_without_a_datasette_entries_name_ids() -> None:
    for part in both(content(section(entry(1, article_id=7)))):
        assert "Archive: article 7" in part


def test_a_time_that_the_page_did_not_give_is_said_as_first_seen() -> None:
    for part in both(content(section(entry(1, at_is="seen")))):
        assert "first seen Mon 23 Nov, 07:00" in part


def test_a_date_without_a_time_shows_none() -> None:
    text, _ = both(content(section(entry(1, at_is="day"))))
    assert "Mara Voss | Mon 23 Nov " in text


def test_health_is_one_line_when_all_is_well() -> None:
    rendered = render(content())
    assert rendered.text.endswith("Sources\n-------\nAll 14 sources healthy, last read Mon 23 Nov, 07:50.\n")


def test_health_says_what_is_wrong_since_when_and_what_to_do() -> None:
    missed = MissedInterval(
        source="wire",
        outlet="Coastline Wire",
        from_at=hours_ago(9),
        until_at=hours_ago(7),
        missed=2.4,
        is_open=True,
        why=None,
    )
    health = Health(sources=3, troubles=troubled("blocked").troubles, missed=(missed,), unmatched=1, last_read_at=NOW)
    for part in both(content(health=health)):
        assert "Outlet 1: blocked for 2 days" in part
        assert "Look at its home page." in part
        assert "Coastline Wire: gap" in part
        assert "22:00" not in part  # UTC; the reader is in Kyiv
        assert "Sun 22 Nov, 23:00 – Mon 23 Nov, 01:00" in part
        assert "about 2 articles" in part
        assert "1 text not matched" in part


def test_nothing_read_lately_is_never_called_healthy() -> None:
    health = Health(sources=14, last_read_at=hours_ago(60), is_stale=True)
    found = content(health=health)
    assert subject(found) == "Nothing new; no source was read lately"
    for part in both(found):
        assert "healthy" not in part


def test_a_late_digest_says_so_inside() -> None:
    for part in both(content(section(entry(1)), late=True)):
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
    text = render(content(section(entry(1, title=HEBREW, sentences=(sentence(ARABIC),))))).text
    lines = [line for line in text.splitlines() if _is_right_to_left(line)]
    assert len(lines) >= 3
    for line in lines:
        assert line.lstrip("*> ").startswith("\u2068")
        assert line.endswith("\u2069")
        assert line.count("\u2068") == line.count("\u2069")


def test_a_right_to_left_outlet_does_not_turn_the_byline_and_the_time_around() -> None:
    text = render(content(section(entry(1, outlet=HEBREW * 3, byline=ARABIC)))).text
    lines = [line for line in text.splitlines() if _is_right_to_left(line)]
    assert all(line.count("\u2068") == line.count("\u2069") >= 2 for line in lines)


def test_html_lets_each_text_find_its_direction_and_font() -> None:
    html = render(content(section(entry(1, title=HEBREW, language="he", sentences=(sentence(ARABIC),))))).html
    quotes = [el for el in lxml.html.document_fromstring(html).iter("p") if el.get("class") in ("title", "quote")]
    assert len(quotes) == 2
    assert all(el.get("dir") == "auto" and el.get("lang") == "he" for el in quotes)
    # dir="auto" passes over <bdi>: a paragraph all in it would be read from the left.
    assert not any(el.findall(".//bdi") for el in quotes)


def test_no_line_is_wider_than_72_columns_but_for_addresses() -> None:
    many = [
        entry(number, title=text, byline=text, outlet=text, sentences=(sentence(text, spans=((2, 5),)),))
        for number, text in enumerate([ARABIC, JAPANESE * 3, "word " * 60, HEBREW, "ไทย" * 60], 1)
    ]
    for line in render(content(section(*many), archive_url="https://archive.example")).text.splitlines():
        assert columns(line) <= LINE_WIDTH or "https://" in line or " " not in line.strip("> *|"), line
        assert line == line.rstrip()


def test_japanese_is_broken_without_spaces_and_never_before_a_full_stop() -> None:
    lines = render(content(section(entry(1, title=JAPANESE * 2)))).text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("* "))
    assert "".join(line.strip("* ") for line in lines[first : first + 3]).startswith(JAPANESE * 2)
    assert not any(line.strip().startswith(("。", "、")) for line in lines)


def test_a_very_long_sentence_is_cut_around_its_words_and_says_so() -> None:
    long = "Filler words here. " * 200 + "Ceasefire at last. " + "More filler. " * 200
    rendered = render(content(section(entry(1, sentences=(sentence(long, hits="Ceasefire"),)))))
    text = " ".join(rendered.text.split())
    assert "*Ceasefire* at last." in text
    assert "> … " in text
    assert len(text) < 1_200


# --- Folding ----------------------------------------------------------------------------------------------------------


def accounted(rendered: Rendered) -> int:
    """Stories shown, and stories told by their number."""
    import re

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
def test_a_long_digest_folds_with_a_count_and_loses_nothing(stories: int) -> None:
    found = content(
        section(*(entry(number) for number in range(1, stories + 1))), archive_url="https://archive.example"
    )
    rendered = render(found)
    assert len(rendered.html.encode()) <= MAX_MAIL_BYTES
    assert accounted(rendered) == stories
    assert subject(found).startswith(f"{stories:,} stor")


@pytest.mark.parametrize("topics", [90, 400, 1_000])
def test_many_topics_fold_and_every_story_is_accounted_for(topics: int) -> None:
    sections = []
    for number in range(topics):
        topic = TopicRef(id=f"t{number}", title=f"Topic {number}")
        own = [entry(number * 10 + index + 1, topics=(topic,)) for index in range(10)]
        sections.append(section(*own, topic=topic))
    rendered = render(content(*sections))
    assert len(rendered.html.encode()) <= MAX_MAIL_BYTES
    assert accounted(rendered) == topics * 10


def test_what_is_folded_is_one_click_away() -> None:
    found = content(section(*(entry(number) for number in range(1, 501))), archive_url="https://archive.example")
    rendered = render(found)
    more = [el for el in lxml.html.document_fromstring(rendered.html).iter("a") if "more stories" in (el.text or "")]
    assert len(more) == 1
    assert more[0].get("href", "").startswith("https://archive.example/archive/alert_list?topic_id__exact=talks&")


def test_folded_stories_without_a_datasette_say_where_they_are() -> None:
    text, html = both(content(section(*(entry(number) for number in range(1, 501)))))
    for part in (text, html):
        assert "alert_list in the archive, alerts" in part


def test_many_changes_and_problems_fold_with_their_counts() -> None:
    changes = tuple(entry(number, kind="edited") for number in range(1, 401))
    text, html = both(content(changes=changes, health=troubled(*["silent"] * 100)))
    for part in (text, html):
        assert "Changed in stories already told (400)" in part
        assert "325 more updates" in part
        assert "more: scrapy health" in part
        assert "100 of 14 sources silent" in part


def test_more_sentences_and_outlets_than_there_is_room_for_are_counted() -> None:
    many = tuple(sentence(f"Talks number {number} began.") for number in range(9))
    others = tuple(OtherOutlet(outlet=f"Outlet {number}", title="", url="https://a.example/") for number in range(30))
    for part in both(content(section(entry(1, sentences=many, others=others)))):
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
def test_controls_and_overrides_go_and_letters_stay(text: str, cleaned: str) -> None:
    assert plain(text) == cleaned


def test_links_that_are_not_of_the_web_are_no_links() -> None:
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

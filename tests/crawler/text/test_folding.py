"""Letters that are equal in topics, in the archive's search and in the index."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from crawler.config.topics import topic_of_query
from crawler.sqlite.connection import memory
from crawler.text.tokenizer import TOKENIZER, fold, has_words, normalize_token, offset_map, to_index_form, tokenize
from crawler.topics.match import MatchableText
from crawler.topics.matcher import match
from tests.support.factories import NOW, Archive, article, page, record

SAME = {
    "apostrophe U+02BC": ("об'єкт", "обʼєкт"),
    "apostrophe U+2019": ("об’єкт", "обʼєкт"),
    "ё as е": ("ещё", "еще"),
    "й and ї, decomposed": ("їхній", unicodedata.normalize("NFD", "їхній")),
    "stress": ("україна", "украї\u0301на"),
    "Greek final sigma": ("ΠΟΛΕΜΟΣ", "πολεμος"),
    "Greek accents": ("πόλεμος", "ΠΟΛΕΜΟΣ"),
    "older Greek accents": ("πόλεμος", "πό\u0345λεμος"),
    "Turkish ı": ("ışık", "IŞIK"),
    "Turkish ı as a capital": ("ışık", "Işık"),
    "Turkish İ": ("istanbul", "İSTANBUL"),
    "ß": ("straße", "STRASSE"),
    "Polish ł": ("lodz", "Łódź"),
    "Danish ø and æ": ("øl", "OL"),
    "Vietnamese đ": ("quan doi", "quân đội"),
    "full width": ("nato", "ＮＡＴＯ"),
    "half width": ("ロシア", "ﾛｼｱ"),
    "half width with a voice mark": ("ドア", "ﾄﾞｱ"),
    "ligature": ("office", "oﬃce"),
    "Arabic vowel signs": ("كتاب", "كِتَابٌ"),
    "Arabic tatweel": ("الحرب", "الحــرب"),
    "Arabic hamza": ("أخبار", "اخبار"),
    "Arabic madda": ("آخر", "اخر"),
    "Arabic alef maqsura": ("على", "علي"),
    "Arabic teh marbuta": ("مدرسة", "مدرسه"),
    "Arabic letters by their place": ("سلام", "ﺳﻼﻡ"),
    "Persian yeh and kaf": ("کی", "كي"),
    "Hebrew points": ("שלום", "שָׁלוֹם"),
    "soft hyphen": ("deployment", "deploy\u00adment"),
    "zero-width joiner": ("क्ष", "क्\u200dष"),
    "Georgian capitals": ("ომი", "ᲝᲛᲘ"),
    "Korean, decomposed": ("군인", unicodedata.normalize("NFD", "군인")),
}
APART = {
    "й is not и": ("мой", "мои"),
    "ї is not і": ("її", "іі"),
    "Hindi's vowel signs": ("सेना", "सोना"),
    "Hindi's vowel signs, left out": ("कतब", "किताब"),
    "Thai's vowel signs": ("ที่", "ทั่"),
}


def hits(query: str, text: str) -> list[str]:
    found = match(
        [topic_of_query(query, {})], [MatchableText(id=1, text=text)], found_by_pattern=lambda pattern, text: False
    )
    return [hit for one in found.values() for sentence in one.sentences for hit in sentence.hits]


def both_directions(pairs: dict[str, tuple[str, str]]) -> list[object]:
    return [
        pytest.param(*words, id=name + " (back)" * back)
        for name, pair in pairs.items()
        for back, words in enumerate((pair, pair[::-1]))
    ]


@pytest.mark.parametrize(("asked", "written"), both_directions(SAME))
def test_a_topic_finds_a_word_in_every_spelling_and_shows_it_as_written(asked: str, written: str) -> None:
    joined = " ".join(hits(f'"{asked}"', f"⚡\ufe0f{written}: die Maße, {written}."))
    assert joined == f"{written} {written}"
    assert hits(f'"{asked}" *', f"Ein ﬂacher Weg, {written}.")


@pytest.mark.parametrize(("asked", "written"), both_directions(APART))
def test_letters_that_distinguish_words_are_not_folded(asked: str, written: str) -> None:
    assert not hits(f'"{asked}"', f"⚡\ufe0f{written}: {written}.")


def search_hits(archive: Archive, words: str) -> list[Any]:
    from schedules.datasette_plugin.pages.search import search_context
    from schedules.datasette_plugin.reader import Reader
    from schedules.datasette_plugin.responses import PageRequest

    request = PageRequest(key="", number=None, args={"q": words}, now=NOW, reader=Reader(zone=ZoneInfo("UTC")))
    return list(search_context(archive.store.db, request)["hits"])


@pytest.mark.parametrize(("asked", "written"), both_directions(SAME))
def test_the_search_page_also_finds_every_spelling_and_shows_it_as_written(
    tmp_path: Path, asked: str, written: str
) -> None:
    archive = Archive(tmp_path)
    archive.record_fetch(record(article(f"Vor der ﬂachen Maße {written} danach.", title=f"{written}: ß"), page()))
    (found,) = search_hits(archive, f'"{asked}"')
    assert found["title"] == Markup("<mark>{}</mark>: ß").format(unicodedata.normalize("NFC", written))
    archive.store.db.execute("INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")


def test_a_snippet_from_the_middle_of_a_text_shows_its_original_letters(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    long = "Große Füße, weiß und süß, gießen Soße. " * 30
    archive.record_fetch(record(article(f"{long}Die Straße ist gesperrt. {long}"), page()))
    (found,) = search_hits(archive, "STRASSE")
    assert " … Die <mark>Straße</mark> ist gesperrt. Große Füße," in found["snippet"]
    assert found["snippet"].endswith(" … ")


def test_patterns_and_case_sensitive_topics_use_the_text_as_written() -> None:
    text = MatchableText(id=1, text="Die Maße sind GROSS. Die Maße sind groß.")
    gross = replace(topic_of_query("groß", {}), case_sensitive=("groß",))
    (found,) = match([gross], [text], found_by_pattern=lambda pattern, text: False).values()
    assert [sentence.text for sentence in found.sentences] == ["Die Maße sind groß."]
    asked: list[str] = []
    match(
        [replace(gross, case_sensitive=(), pattern="x")],
        [text],
        found_by_pattern=lambda pattern, text: bool(asked.append(text)),
    )
    assert asked == ["Die Maße sind GROSS.", "Die Maße sind groß."]


@pytest.mark.parametrize("sign", ["ʼ", "ـ", "\u00ad", "\ufe0f", "\u0301", "…", "_", "ِ"])
def test_a_sign_alone_is_not_a_word(sign: str) -> None:
    assert not has_words(sign)


_LETTERS = st.text(alphabet="aßﬃﾄﾞıйё\u0306\u0308\u0301\u00adｎكِآ\u0653ـשׁ\ufe0f한ᄒ\u1161\u11abκό兵の que", max_size=12)


@given(_LETTERS)
def test_positions_in_the_folded_text_map_to_the_original_text(text: str) -> None:
    found = offset_map(text)
    assert len(found) == len(fold(text)) + 1
    assert found == sorted(found)
    assert found[-1] == len(text)
    assert all(text[place] == letter for place, letter in zip(found, fold(text), strict=False) if letter in "aque ")


_SCRIPTS = "".join(
    chr(code)
    for first, last in ((0xC0, 0x17E), (0x386, 0x3CE), (0x400, 0x52F), (0x5D0, 0x5EA), (0x620, 0x6D3), (0x904, 0x939))
    for code in range(first, last)
    if chr(code).isalpha() and chr(code) not in "ԨԪԬԮ"  # capitals that are younger than unicode61
)


@given(st.text(alphabet=_SCRIPTS + "eΣиिा\u0301\u0306 '’ʼ-_1", max_size=12))
def test_text_is_split_into_the_same_words_as_in_the_index(text: str) -> None:
    text = " ".join(word.lstrip("\u0301\u0306") for word in re.split(r"[ '’ʼ_-]", text))
    db = memory()
    db.execute(f'CREATE VIRTUAL TABLE t USING fts5(text, tokenize="{TOKENIZER}")')
    db.execute("CREATE VIRTUAL TABLE words USING fts5vocab(t, instance)")
    db.execute("INSERT INTO t VALUES (?)", (to_index_form(text),))
    theirs = [row[0] for row in db.execute("SELECT term FROM words ORDER BY offset")]
    assert [normalize_token(word) for word in tokenize(text)] == theirs

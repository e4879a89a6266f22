"""Text is decoded in its actual encoding, whatever is declared."""

from __future__ import annotations

import pytest

from crawler.encodings.charset import decode, readable_charset

UKRAINIAN = (
    "<p>Міська рада Заріччя ухвалила бюджет на наступний рік після тривалих дебатів про ремонт мосту і шкіл.</p>" * 6
)
JAPANESE = "<p>市議会は月曜日、橋の修理のための予算を承認した。工事は春に始まる予定である。</p>" * 6
GERMAN = "<p>Die Brücke über die Wörnach wird für zwölf Monate gesperrt, sagte die Bürgermeisterin.</p>" * 6


@pytest.mark.parametrize(
    ("text", "codec", "header"),
    [
        (UKRAINIAN, "utf-8", "text/html; charset=utf-8"),
        (UKRAINIAN, "cp1251", "text/html; charset=windows-1251"),
        (UKRAINIAN, "utf-8", "text/html; charset=ISO-8859-1"),
        (UKRAINIAN, "utf-8", "text/html; charset=zlib_codec"),
        (UKRAINIAN, "utf-8", "text/html; charset=utf-7"),
        (UKRAINIAN, "utf-8", "text/html; charset=no-such-thing"),
        (UKRAINIAN, "utf-8-sig", "text/html; charset=koi8-r"),
        (UKRAINIAN, "utf-16", None),
        (JAPANESE, "gb18030", "text/html; charset=gb2312"),
        (JAPANESE, "shift_jis", "text/html; charset=Shift_JIS"),
        (JAPANESE, "euc_jp", "text/html; charset=euc-jp"),
        (JAPANESE, "iso2022_jp", "text/html; charset=iso-2022-jp"),
        (GERMAN, "latin-1", "text/html; charset=iso-8859-1"),
        (GERMAN, "latin-1", "text/html; charset=us-ascii"),
    ],
)
def test_a_declared_encoding_is_used_only_if_it_is_right(text: str, codec: str, header: str | None) -> None:
    assert decode(text.encode(codec), header) == text


def test_a_multi_byte_text_declared_as_utf8_is_recognised() -> None:
    body = JAPANESE.encode("shift_jis")
    assert decode(body, "text/html; charset=utf-8") == JAPANESE


def test_cyrillic_without_any_declaration_is_recognised() -> None:
    assert decode(UKRAINIAN.encode("cp1251"), "text/html") == UKRAINIAN


def test_the_meta_tag_is_used_if_the_header_declares_nothing() -> None:
    text = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=koi8-u"></head>' + UKRAINIAN
    assert decode(text.encode("koi8-u"), "text/html") == text


def test_the_xml_declaration_is_used() -> None:
    text = '<?xml version="1.0" encoding="windows-1251"?><rss><title>Заріччя</title></rss>'
    assert decode(text.encode("cp1251"), "application/xml") == text


def test_a_body_cut_inside_a_character_stays_utf8() -> None:
    body = UKRAINIAN.encode()
    cut = body[: body.rindex("ї".encode() if "ї" in UKRAINIAN else "а".encode()) + 1]
    assert decode(cut).startswith("<p>Міська рада")
    assert "\ufffd" not in decode(cut)


def test_a_stray_byte_does_not_change_the_encoding() -> None:
    body = UKRAINIAN.encode() + b"<i>caf\xe9</i>"
    assert decode(body, "text/html; charset=utf-8").startswith(UKRAINIAN)


def test_a_headline_cut_inside_a_character_does_not_change_the_encoding_of_a_short_document() -> None:
    body = '<?xml version="1.0" encoding="UTF-8"?><title>Fähre für '.encode() + b"M\xc3</title>"
    assert decode(body).endswith("<title>Fähre für M\ufffd</title>")


def test_a_few_invalid_bytes_do_not_make_utf8_the_wrongly_declared_charset() -> None:
    body = UKRAINIAN.encode() + "міст".encode()[:-1] + b"</p>"
    assert decode(body, "text/html; charset=windows-1251").startswith(UKRAINIAN)


def test_codecs_that_are_not_text_encodings_are_ignored() -> None:
    assert [
        readable_charset(name) for name in ("zlib_codec", "rot13", "unicode_escape", "utf-7", "idna", "\x00", "")
    ] == [None] * 7


@pytest.mark.parametrize("body", [b"", b"\xff", b"\x00" * 50, bytes(range(256)) * 4, b"\xff\xfe", b"<\x00p\x00"])
def test_arbitrary_bytes_raise_no_error(body: bytes) -> None:
    assert isinstance(decode(body, "text/html; charset=\x00"), str)
